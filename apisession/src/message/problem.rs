//! A server's error document: the one of RFC 9457, and the sentence in any other, wherever the vendor put it.

use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A problem document (RFC 9457, `application/problem+json`).
///
/// A member that is missing or of another type is `None`; what the vendor adds is in `extensions`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// A URI that names the kind of problem: the member `type`.
    pub kind: Option<String>,
    /// What kind of problem it is, in words.
    pub title: Option<String>,
    /// The status, as the document has it.
    pub status: Option<u16>,
    /// What happened this time.
    pub detail: Option<String>,
    /// A URI that names this occurrence.
    pub instance: Option<String>,
    /// The members that the RFC does not name.
    pub extensions: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let mut text = |name: &str| match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (kind, title) = (text("type"), text("title"));
        let (detail, instance) = (text("detail"), text("instance"));
        let status = members.remove("status").and_then(|status| status.as_u64()?.try_into().ok());
        Ok(Self { kind, title, status, detail, instance, extensions: members })
    }
}

/// Finds the message in an error body: problem+json (RFC 9457), `message`, `error.message`, `error`, and FastAPI's
/// list in `detail`.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let text = |pointer: &str| document.pointer(pointer)?.as_str().filter(|text| !text.is_empty());
    if let (Some(title), Some(detail)) = (text("/title"), text("/detail")) {
        return Some(format!("{title}: {detail}"));
    }
    let found = ["/detail", "/title", "/message", "/error/message", "/error"].into_iter().find_map(text);
    found.map(str::to_owned).or_else(|| document.pointer("/detail")?.as_array().and_then(|list| listed(list)))
}

/// `body.title: field required; query.limit: …`, as FastAPI says what is wrong with which part of a request.
fn listed(details: &[Value]) -> Option<String> {
    let sentences = details.iter().filter_map(|detail| {
        let message = detail.get("msg")?.as_str()?;
        let Some(place) = detail.get("loc").and_then(Value::as_array) else {
            return Some(message.to_owned());
        };
        let place = place.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        Some(format!("{}: {message}", place.collect::<Vec<_>>().join(".")))
    });
    let sentences: Vec<_> = sentences.collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
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
            (
                r#"{"detail":[{"loc":["body","tags",0],"msg":"no text","type":"string_type"},{"msg":"bad"}]}"#,
                Some("body.tags.0: no text; bad"),
            ),
            (r#"{"detail":[]}"#, None),
            (r#"{"detail":[7]}"#, None),
            ("<html>no</html>", None),
            ("", None),
        ];
        for (body, expected) in rows {
            assert_eq!(message(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
}
