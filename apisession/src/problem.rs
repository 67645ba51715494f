//! The sentence in a server's error document, wherever the vendor put it.

use serde_json::Value;

/// Finds the message in an error body: problem+json (RFC 9457), `message`, `error.message`, `error`.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let text = |pointer: &str| document.pointer(pointer)?.as_str().filter(|text| !text.is_empty());
    if let (Some(title), Some(detail)) = (text("/title"), text("/detail")) {
        return Some(format!("{title}: {detail}"));
    }
    ["/detail", "/title", "/message", "/error/message", "/error"]
        .into_iter()
        .find_map(text)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn the_message_is_found_where_vendors_put_it() {
        let rows = [
            (r#"{"title":"Not Found","detail":"no event 7","status":404}"#, Some("Not Found: no event 7")),
            (r#"{"title":"Not Found"}"#, Some("Not Found")),
            (r#"{"message":"no"}"#, Some("no")),
            (r#"{"error":{"message":"no","code":7}}"#, Some("no")),
            (r#"{"error":"no"}"#, Some("no")),
            (r#"{"error":7}"#, None),
            (r#"["no"]"#, None),
            ("<html>no</html>", None),
            ("", None),
        ];
        for (body, expected) in rows {
            assert_eq!(message(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
}
