//! Checks the names of headers.

/// The headers that the transport sets.
const FRAMING: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// Checks that a declaration can set a header of this name.
pub(crate) fn check(name: &str) -> Result<(), String> {
    if !is_token(name) {
        return Err(format!("`{name}` is not a valid header name; write one like `x-name`"));
    }
    if FRAMING.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("the transport sets the header `{name}`; remove it"));
    }
    Ok(())
}

/// Whether the text is a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    let is_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_char)
}
