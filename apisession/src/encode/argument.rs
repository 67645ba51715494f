//! Why an argument can't be sent.

use super::messages::messages;
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

messages! {
    /// Why an argument can't be sent. The caller puts the name of the parameter before it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum ArgumentError {
        Empty = "is empty, and an empty segment would address another resource; pass a value",
        Dots = "is a dot segment, which no URL can contain, not even percent-encoded: every parser removes it; pass another value",
        Control(found: char) = "contains the control character {found:?}; remove it",
        Absent = "is `None`, but a path segment can't be omitted; pass a value",
        List = "is a list, but a path segment is a single value; pass one value",
        NoItems = "is an empty list, but a path segment can't be omitted; pass a value",
        EmptyItem = "contains an empty item; leave it out",
        CookieList = "is a list, but a cookie is a single value; pass one value",
        Null = "is null, which only JSON can express; pass a value, or leave it unset",
        NotFinite = "is not a finite number",
        Shape(found: String) = "can't be converted to text: {found}; pass a string, a number, a boolean, or a list of these",
        Nested(found: String) =
            "is {found}; declare how its fields are encoded, by `nested = \"dots\"` or `nested = \"brackets\"` in its attribute, or in a query by \
         `flatten` or `json`",
        Deep(found: String) = "contains {found}, which `flatten` can't encode; use `nested` instead",
        Inner(found: String) = "contains {found}; declare how its fields are encoded: `nested = \"dots\"` or `nested = \"brackets\"`",
        Nameless(found: String) = "is {found}, and no struct or map, whose fields have names; pass a struct or a map",
        Items(found: String, name: &'static str) =
            "contains {found} in a list; declare how the items are encoded: `list = \"indices\"`{name}",
        Merged(found: String) =
            "has an item that servers read as a part of the item before it, which doesn't have its first field, `{found}`; give all items \
         the same first field, or use `list = \"indices\"`",
        Separator(name: &'static str) =
            "contains an item with {name}, which separates the items; use another style of lists if the server knows one",
        Clash(found: String, other: String) = "has the field `{found}`, which belongs to {other}; rename the field, or leave it out",
        HeaderClash(found: String, other: String) = "has the header `{found}`, which {other} sets; leave it out",
        NamelessHeader(found: String) = "has a header without a name after `{found}`; leave it out",
        EmptySegment =
            "contains an empty segment, which would address another resource; remove the extra slash, or allow it by \
         `#[path(empty_segments)]`",
        NotAnObject = "must be a struct or a map, since the operation adds fields to it",
        Encoding(name: &'static str, found: String) = "can't be encoded as {name}: {found}",
        Path = "would be changed by URL parsing; percent-encode it",
        DotSegment =
            "would be changed by URL parsing: it has a dot segment, which no URL can contain, not even percent-encoded; write the path \
         without it",
    }
}
