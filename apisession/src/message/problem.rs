//! The error document of a server: the document of RFC 9457, and the message in other documents.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::encode::without_bom;

/// A problem document (RFC 9457, `application/problem+json`).
///
/// A member that is missing or of another type is `None`. Members that the RFC does not define are in `extensions`. Its
/// `Debug` shows no text of the document, which can repeat a secret.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The URI of the kind of problem: the member `type`.
    pub kind: Option<String>,
    /// A summary of the kind of problem.
    pub title: Option<String>,
    /// The status in the document.
    pub status: Option<u16>,
    /// An explanation of this occurrence.
    pub detail: Option<String>,
    /// The URI of this occurrence.
    pub instance: Option<String>,
    /// The members that the RFC does not define.
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

/// Shows the status, and which members there are: a server may repeat a secret in any of them. The error that the document belongs to
/// shows its title and its detail, masked.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, title, status, detail, instance, extensions } = self;
        let members = [("type", kind), ("title", title), ("detail", detail), ("instance", instance)];
        let members = members.into_iter().filter_map(|(name, member)| member.as_ref().map(|_| name));
        f.debug_struct("Problem")
            .field("status", status)
            .field("members", &members.collect::<Vec<_>>())
            .field("extensions", &extensions.len())
            .finish()
    }
}

/// Finds the message in an error body: problem+json (RFC 9457), `message`, `error.message`, `error`, or the list that
/// FastAPI returns in `detail`.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(without_bom(body)).ok()?;
    let text = |pointer: &str| document.pointer(pointer)?.as_str().filter(|text| !text.is_empty());
    if let (Some(title), Some(detail)) = (text("/title"), text("/detail")) {
        return Some(format!("{title}: {detail}"));
    }
    let found = ["/detail", "/title", "/message", "/error/message", "/error"].into_iter().find_map(text);
    found
        .map(str::to_owned)
        .or_else(|| document.pointer("/detail")?.as_array().and_then(|list| join_details(list)))
}

/// Joins the list that FastAPI returns, which names the invalid parts of a request: `body.title: field required;
/// query.limit: …`.
fn join_details(details: &[Value]) -> Option<String> {
    let messages = details.iter().filter_map(|detail| {
        let message = detail.get("msg")?.as_str()?;
        let Some(location) = detail.get("loc").and_then(Value::as_array) else {
            return Some(message.to_owned());
        };
        let steps = location.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        Some(format!("{}: {message}", steps.collect::<Vec<_>>().join(".")))
    });
    let messages: Vec<_> = messages.collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn the_message_is_found_in_the_documents_of_common_vendors() {
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
