//! Why an argument can't be sent.

use crate::model::patch;

impl ArgumentError {
    /// Why a value can't be JSON. The text of an author's type can hold the value, so it is not shown.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        let is_own = error.is_data();
        let text = error.to_string();
        let is_shown = !is_own || text == patch::UNSET;
        Self::Encoding("JSON", if is_shown { text } else { "its `Serialize` failed".to_owned() })
    }
}

/// Why an argument can't be sent. The caller puts the name of the parameter before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("is empty, and an empty segment would address another resource; pass a value")]
    Empty,
    #[error(
        "is a dot segment, which no URL can contain, not even percent-encoded: every parser removes it; pass another value"
    )]
    Dots,
    #[error("contains the control character {0:?}; remove it")]
    Control(char),
    #[error("is `None`, but a path segment can't be omitted; pass a value")]
    Absent,
    #[error("is a list, but a path segment is a single value; pass one value")]
    List,
    #[error("is an empty list, but a path segment can't be omitted; pass a value")]
    NoItems,
    #[error("contains an empty item; leave it out")]
    EmptyItem,
    #[error("is a list, but a cookie is a single value; pass one value")]
    CookieList,
    #[error("is null, which only JSON can express; pass a value, or leave it unset")]
    Null,
    #[error("is not a finite number")]
    NotFinite,
    #[error("can't be converted to text: {0}; pass a string, a number, a boolean, or a list of these")]
    Shape(String),
    #[error(
        "is {0}; declare how its fields are encoded, by `nested = \"dots\"` or `nested = \"brackets\"` in its attribute, or in a query by \
         `flatten` or `json`"
    )]
    Nested(String),
    #[error("contains {0}, which `flatten` can't encode; use `nested` instead")]
    Deep(String),
    #[error(
        "contains {0}; declare how its fields are encoded: `nested = \"dots\"` or `nested = \"brackets\"`"
    )]
    Inner(String),
    #[error("is {0}, and no struct or map, whose fields have names; pass a struct or a map")]
    Nameless(String),
    #[error("contains {0} in a list; declare how the items are encoded: `list = \"indices\"`{1}")]
    Items(String, &'static str),
    #[error(
        "has an item that servers read as a part of the item before it, which doesn't have its first field, `{0}`; give all items \
         the same first field, or use `list = \"indices\"`"
    )]
    Merged(String),
    #[error(
        "contains an item with {0}, which separates the items; use another style of lists if the server knows one"
    )]
    Separator(&'static str),
    #[error("has the field `{0}`, which belongs to {1}; rename the field, or leave it out")]
    Clash(String, String),
    #[error("has the header `{0}`, which {1} sets; leave it out")]
    HeaderClash(String, String),
    #[error("has a header without a name after `{0}`; leave it out")]
    NamelessHeader(String),
    #[error(
        "contains an empty segment, which would address another resource; remove the extra slash, or allow it by \
         `#[path(empty_segments)]`"
    )]
    EmptySegment,
    #[error("must be a struct or a map, since the operation adds fields to it")]
    NotAnObject,
    #[error("can't be encoded as {0}: {1}")]
    Encoding(&'static str, String),
    #[error("would be changed by URL parsing; percent-encode it")]
    Path,
    #[error(
        "would be changed by URL parsing: it has a dot segment, which no URL can contain, not even percent-encoded; write the path \
         without it"
    )]
    DotSegment,
}
