//! What methods mean (RFC 9110 §9, and RFC 10008 for QUERY).

use http::Method;

/// Whether the method only reads, so that its redirects are followed.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::QUERY)
}

/// Whether the method defines a meaning for content, so that a request without any states its length (RFC 9110 §8.6).
pub(crate) fn has_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::QUERY)
}
