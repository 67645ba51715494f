//! Who is calling, in the form that restfly gave it.

/// `Integration/1.0 (vendor; product; Build/build) apisession/version (os/architecture)`.
pub(crate) fn user_agent(vendor: &str, product: &str, build: &str) -> String {
    let (vendor, product, build) = (token(vendor), token(product), token(build));
    let (version, os, arch) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    format!("Integration/1.0 ({vendor}; {product}; Build/{build}) apisession/{version} ({os}/{arch})")
}

/// The text without what would end a comment or a header (RFC 9110 §5.6.5).
fn token(text: &str) -> String {
    let allowed = |c: char| (c.is_ascii_graphic() || c == ' ') && !"();\\".contains(c);
    let text: String = text.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::user_agent;

    #[test]
    fn names_can_not_break_out_of_the_comment() {
        let agent = user_agent("Acme (EU); evil\r\n", "calendár", "");
        assert!(
            agent.starts_with("Integration/1.0 (Acme -EU-- evil--; calend-r; Build/unknown) apisession/")
        );
    }
}
