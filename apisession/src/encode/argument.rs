//! Why an argument can't be sent.

/// Why an argument can't be sent; the name of the parameter is added by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("is empty, and an empty segment would address another resource; pass a value")]
    Empty,
    #[error("is a dot segment, which every URL parser resolves away; it can't be sent as a path segment")]
    Dots,
    #[error("holds the control character {0:?}; take it out")]
    Control(char),
    #[error("is `None`, and a path can't leave a segment out; pass a value")]
    Absent,
    #[error("is a list, and a path segment is one value; pass a single one")]
    List,
    #[error("is not a finite number")]
    NotFinite,
    #[error("can't be written as text: {0}; pass a string, number, boolean or list of them")]
    Shape(String),
    #[error(
        "is {0}; say how its fields are written: `#[query(flatten)]`, `#[query(nested = \"dots\")]` or \
         `#[query(nested = \"brackets\")]`"
    )]
    Nested(String),
    #[error("has {0} in it, which `flatten` can't write; use `nested` instead")]
    Deep(String),
    #[error("has an empty segment, which would address another resource; take out the slash")]
    EmptySegment,
    #[error("can't be written as JSON: {0}")]
    Json(String),
    #[error("would be changed by URL parsing; write it percent-encoded")]
    Path,
}
