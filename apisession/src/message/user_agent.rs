//! The `user-agent` header, in the format of restfly.

use http::HeaderValue;

/// Returns `Integration/1.0 (vendor; product; Build/build) library (apisession/version; os/architecture)`. Without a
/// library, `apisession/version` is in its place.
pub(crate) fn user_agent(vendor: &str, product: &str, build: &str, lib: Option<&str>) -> HeaderValue {
    let (vendor, product, build) = (token(vendor), token(product), token(build));
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let this = concat!("apisession/", env!("CARGO_PKG_VERSION"));
    let library = match lib {
        Some(lib) => format!("{} ({this}; {os}/{arch})", token(lib)),
        None => format!("{this} ({os}/{arch})"),
    };
    let agent = format!("Integration/1.0 ({vendor}; {product}; Build/{build}) {library}");
    HeaderValue::try_from(agent).expect("a user agent is visible ASCII")
}

/// A product that can be added to a user agent, such as `plugin/1.2`; `None` if the text is blank.
pub(crate) fn product(text: &str) -> Option<HeaderValue> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    HeaderValue::try_from(token(text)).ok()
}

/// Appends a product to a user agent that does not contain it.
pub(crate) fn with(agent: Option<&HeaderValue>, product: &HeaderValue) -> HeaderValue {
    let Some(agent) = agent else { return product.clone() };
    let spaced = |value: &HeaderValue| [b" ", value.as_bytes(), b" "].concat();
    let (present, name) = (spaced(agent), spaced(product));
    if present.windows(name.len()).any(|part| part == name) {
        return agent.clone();
    }
    let all = [agent.as_bytes(), b" ", product.as_bytes()].concat();
    HeaderValue::from_bytes(&all).unwrap_or_else(|_| agent.clone())
}

/// Replaces the characters that would end a comment or a header (RFC 9110 §5.6.5). An empty text is `unknown`.
fn token(text: &str) -> String {
    let allowed = |c: char| (c.is_ascii_graphic() || c == ' ') && !"();\\".contains(c);
    let text: String = text.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_end_the_comment_or_the_header() {
        let agent = user_agent("Acme (EU); evil\r\n", "calendár", "", None);
        let agent = agent.to_str().unwrap();
        assert!(
            agent.starts_with("Integration/1.0 (Acme -EU-- evil--; calend-r; Build/unknown) apisession/")
        );
    }

    #[test]
    fn a_product_is_appended_unless_the_same_product_is_there() {
        let rows = [
            ("a/1", "b/2", "a/1 b/2"),
            ("a/1 b/2", "b/2", "a/1 b/2"),
            ("a/1", "a", "a/1 a"),
            ("Foo/1", "oo/1", "Foo/1 oo/1"),
            ("a/1", "evil\r\nx: y", "a/1 evil--x: y"),
            ("Zo\u{eb}/1", "b/2", "Zo\u{eb}/1 b/2"),
        ];
        for (agent, added, expected) in rows {
            let agent = HeaderValue::from_str(agent).unwrap();
            assert_eq!(with(Some(&agent), &product(added).unwrap()), expected, "{added}");
        }
    }
}
