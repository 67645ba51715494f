//! The names of spans and the classes of errors, as the semantic conventions of OpenTelemetry have them.

use http::Method;

use crate::error::{Error, ErrorKind};

/// The target of the spans and events of calls.
pub(crate) const TARGET: &str = "apisession";

/// The methods that the conventions know: those of RFC 9110 and RFC 5789, and QUERY.
const METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// The method, or `_OTHER` for one that the conventions don't know, so that there are few.
pub(crate) fn known_method(method: &Method) -> &str {
    if METHODS.contains(&method.as_str()) { method.as_str() } else { "_OTHER" }
}

/// The name of the span of a request: `{method} {template}`, or the method alone.
pub(crate) fn span_name(method: &Method, template: Option<&str>) -> String {
    let method = match known_method(method) {
        "_OTHER" => "HTTP",
        known => known,
    };
    template.map_or_else(|| method.to_owned(), |template| format!("{method} {template}"))
}

/// The class of an error: the status of the response, or else the kind in lower case, as `timeout`.
pub(crate) fn error_type(error: &Error) -> String {
    match error.status().filter(|status| status.is_client_error() || status.is_server_error()) {
        Some(status) => status.as_str().to_owned(),
        None => kind_name(error.kind()),
    }
}

/// The kind in words: `certificate_expired`.
fn kind_name(kind: ErrorKind) -> String {
    let mut name = String::new();
    for c in format!("{kind:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_named_by_method_and_template() {
        let purge = Method::from_bytes(b"PURGE").unwrap();
        let rows = [
            (Method::GET, Some("/events/{id}"), "GET /events/{id}"),
            (Method::GET, None, "GET"),
            (purge.clone(), Some("/cache"), "HTTP /cache"),
            (purge, None, "HTTP"),
        ];
        for (method, template, expected) in rows {
            assert_eq!(span_name(&method, template), expected);
        }
    }

    #[test]
    fn a_kind_is_written_in_words() {
        assert_eq!(kind_name(ErrorKind::CertificateExpired), "certificate_expired");
        assert_eq!(kind_name(ErrorKind::Timeout), "timeout");
    }
}
