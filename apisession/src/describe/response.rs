//! What is known of a response by its type.

use super::case::Cases;

/// How a response is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseKind {
    /// By its status, each as another type ([`derive@ApiResponse`](macro@crate::ApiResponse)).
    ByStatus,
    /// As bytes.
    Bytes,
    /// As data and errors of GraphQL: [`GraphQl`](crate::GraphQl).
    GraphQl,
    /// By serde, from JSON.
    Json,
    /// As the URL in the header `location`.
    Location,
    /// Not at all.
    Nothing,
    /// By a [`FromResponse`](crate::FromResponse) of the SDK.
    Other,
    /// Item by item, as they arrive: [`Mode`](crate::Mode) states of which kind.
    Stream,
    /// As text.
    Text,
    /// It is the whole response.
    Whole,
    /// By serde, from XML.
    Xml,
}

/// What is known of an operation by the types of its response and its error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Returned {
    pub(crate) accept: &'static str,
    pub(crate) redirects: bool,
    pub(crate) kind: ResponseKind,
    pub(crate) responses: Cases,
    pub(crate) errors: Cases,
}

impl Returned {
    pub(super) const UNKNOWN: Self = Self {
        accept: "*/*",
        redirects: false,
        kind: ResponseKind::Other,
        responses: Cases::new(""),
        errors: Cases::new(""),
    };
}
