//! The errors of GraphQL, which a response has beside its data or instead of them.

use std::collections::HashMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::model::RawJson;

/// The errors in a response of GraphQL, and the data beside them: the body of the error of such a call.
///
/// [`Error::graphql_errors`](crate::Error::graphql_errors) returns them, and a variant of a typed error can have them. Its `Debug` shows
/// no text of the server, which can repeat a secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct GraphQlErrors {
    /// The errors, of which there is at least one.
    pub errors: Vec<GraphQlError>,
    /// The data, if there are any. Null is `None`.
    pub data: Option<RawJson>,
}

/// One error of GraphQL (§7.1.2 of its specification). A member that is missing or of another type is empty.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct GraphQlError {
    /// What is wrong, in the words of the server.
    pub message: String,
    /// Where in the data the error is, as a pointer (RFC 6901): `/user/posts/3`. It is `None` for an error of the request.
    pub path: Option<String>,
    /// Where in the document it is.
    pub locations: Vec<GraphQlLocation>,
    /// What the vendor adds, such as the code.
    pub extensions: Map<String, Value>,
    /// The member `type`, in which some vendors have the code.
    kind: Option<String>,
}

/// A place in a document of GraphQL. Both numbers begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphQlLocation {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl GraphQlError {
    /// Returns the code: the text `code` in the extensions, or else the member `type` of the error. An
    /// [`ErrorMap`](crate::ErrorMap::code) sets what it means.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.extensions.get("code").and_then(Value::as_str).or(self.kind.as_deref())
    }
}

impl GraphQlErrors {
    /// The message for an error: that of the first, and how many others there are.
    pub(crate) fn summary(&self) -> String {
        let Some(first) = self.errors.first() else { return String::new() };
        let mut summary = first.message.clone();
        if let Some(path) = &first.path {
            summary.push_str(&format!(" (at `{path}`)"));
        }
        match self.errors.len() - 1 {
            0 => {}
            1 => summary.push_str("; and 1 more error"),
            others => summary.push_str(&format!("; and {others} more errors")),
        }
        summary
    }
}

impl<'de> Deserialize<'de> for GraphQlErrors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members: HashMap<String, RawJson> = HashMap::deserialize(deserializer)?;
        let errors = members.remove("errors").ok_or_else(|| de::Error::missing_field("errors"))?;
        let errors: Vec<GraphQlError> = serde_json::from_str(errors.get()).map_err(de::Error::custom)?;
        if errors.is_empty() {
            return Err(de::Error::invalid_length(0, &"errors of GraphQL"));
        }
        let data = members.remove("data").filter(|data| data.get() != "null");
        Ok(Self { errors, data })
    }
}

impl<'de> Deserialize<'de> for GraphQlError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let mut text = |name: &str| match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (message, kind) = (text("message").unwrap_or_default(), text("type"));
        let path = members.get("path").and_then(Value::as_array).map(|path| pointer(path));
        let locations = members.get("locations").and_then(Value::as_array);
        let locations = locations.into_iter().flatten().filter_map(|location| {
            let number = |name| location.get(name).and_then(Value::as_u64);
            Some(GraphQlLocation { line: number("line")?, column: number("column")? })
        });
        let locations = locations.collect();
        let extensions = match members.remove("extensions") {
            Some(Value::Object(extensions)) => extensions,
            _ => Map::new(),
        };
        Ok(Self { message, path, locations, extensions, kind })
    }
}

/// A path of names and indices as a pointer.
fn pointer(path: &[Value]) -> String {
    let tokens = path.iter().map(|token| match token {
        Value::String(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        other => format!("/{other}"),
    });
    tokens.collect()
}

/// Shows how many there are: a server may repeat a secret in any of them. The error that they belong to shows the first message, masked.
impl fmt::Debug for GraphQlErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphQlErrors")
            .field("errors", &self.errors)
            .field("has_data", &self.data.is_some())
            .finish()
    }
}

/// Shows where in the document it is, and no text.
impl fmt::Debug for GraphQlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphQlError").field("locations", &self.locations).finish_non_exhaustive()
    }
}
