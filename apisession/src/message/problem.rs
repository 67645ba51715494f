//! The error document of a server: the document of RFC 9457, and the message in other documents.

use std::fmt;

use http::HeaderValue;
use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{charset, headers};
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

/// The most characters of a text that is shown as it is.
const SHORT: usize = 300;
/// The most errors of a list that are shown.
const MAX_ERRORS: usize = 8;

/// Finds the message in an error body: in a JSON document, or else in a short text, or in the title of a page, by the type of the body.
pub(crate) fn message(content_type: Option<&HeaderValue>, body: &[u8]) -> Option<String> {
    let body = without_bom(body);
    match serde_json::from_slice(body) {
        Ok(document @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => sentence(&document),
        _ => {
            let text = charset::text(body, content_type).ok()?;
            match &*headers::essence(content_type?) {
                b"text/plain" => short(&text),
                b"text/html" | b"application/xhtml+xml" => title(&text),
                _ => None,
            }
        }
    }
}

/// The message in a JSON document: problem+json (RFC 9457), OAuth 2 (RFC 6749 §5.2), and the members that are common among vendors.
/// A list of errors follows a summary.
fn sentence(document: &Value) -> Option<String> {
    let list = ["/errors", "/detail", "/error/errors", "/errorMessages"].into_iter().find_map(|pointer| {
        errors(document.pointer(pointer).filter(|list| list.is_array() || list.is_object())?)
    });
    match (summary(document), list) {
        (Some(summary), Some(list)) if list != summary => Some(format!("{summary}: {list}")),
        (summary, list) => summary.or(list),
    }
}

fn summary(document: &Value) -> Option<String> {
    /// Where vendors write the message.
    const MESSAGES: [&str; 16] = [
        "/detail",
        "/title",
        "/message",
        "/Message",
        "/error/message",
        "/error/Message",
        "/error_description",
        "/error",
        "/errorMessage",
        "/error_message",
        "/errors",
        "/msg",
        "/reason",
        "/detail/message",
        "/detail/msg",
        "",
    ];
    let text = |pointer: &str| document.pointer(pointer).and_then(text);
    let pairs = [("/title", "/detail"), ("/error", "/error_description")];
    let pair = pairs.into_iter().find_map(|(name, about)| Some(format!("{}: {}", text(name)?, text(about)?)));
    pair.or_else(|| MESSAGES.into_iter().find_map(text).map(str::to_owned)).or_else(|| match document {
        Value::Array(_) => errors(document).filter(|_| document.get(0).is_some_and(Value::is_object)),
        _ => None,
    })
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Joins a list of errors, which name the invalid parts of a request: `name: too long; age: …`. They are texts or objects, in an array
/// or by the names of the parts.
fn errors(list: &Value) -> Option<String> {
    let messages: Vec<_> = match list {
        Value::Array(list) => list.iter().filter_map(error).take(MAX_ERRORS).collect(),
        Value::Object(parts) if parts.values().all(|part| part.is_array()) => {
            let part = |(name, list): (&String, &Value)| {
                let texts: Vec<_> = list.as_array()?.iter().filter_map(text).take(MAX_ERRORS).collect();
                (!texts.is_empty()).then(|| format!("{name}: {}", texts.join(", ")))
            };
            parts.iter().filter_map(part).take(MAX_ERRORS).collect()
        }
        _ => return None,
    };
    (!messages.is_empty()).then(|| messages.join("; "))
}

/// One error of a list: a text, or an object such as FastAPI's, which has the place in `loc`.
fn error(error: &Value) -> Option<String> {
    if let Some(text) = text(error) {
        return Some(text.to_owned());
    }
    let member = |name: &str| error.get(name).and_then(text);
    let code = || error.get("code").filter(|code| code.is_number()).map(Value::to_string);
    let why = ["message", "Message", "detail", "msg", "error", "description", "reason"]
        .into_iter()
        .find_map(member);
    let message = match (member("title"), why) {
        (Some(title), Some(why)) => format!("{title}: {why}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => member("code").map(str::to_owned).or_else(code)?,
    };
    let place = error.get("loc").and_then(Value::as_array).map(|steps| {
        let steps = steps.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        steps.collect::<Vec<_>>().join(".")
    });
    Some(match place.or_else(|| member("field").map(str::to_owned)) {
        Some(place) => format!("{place}: {message}"),
        None => message,
    })
}

/// A text on one line, if it is short.
fn short(text: &str) -> Option<String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(words).filter(|words| !words.is_empty() && words.chars().count() <= SHORT)
}

/// The title of a page.
fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let title = page.get(start..end)?.to_owned();
    short(&entities.into_iter().fold(title, |title, (entity, character)| title.replace(entity, character)))
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
            assert_eq!(message(None, body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
}
