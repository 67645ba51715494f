//! What can be the name of a header.

/// The headers that the transport writes.
const FRAMING: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// Why a text is no name for a header that can be set.
pub(crate) fn check(name: &str) -> Result<(), String> {
    if !is_token(name) {
        return Err(format!("`{name}` is no name for a header; write one like `x-name`"));
    }
    if FRAMING.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("the header `{name}` is written by the transport; leave it out"));
    }
    Ok(())
}

/// Whether the text is a token of RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let is_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_char)
}
