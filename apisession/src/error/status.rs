//! A status as errors show it.

use http::StatusCode;

/// A status as errors show it: `404 Not Found`, or the number alone for a status without a registered name.
pub(crate) fn status_text(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(name) => format!("{} {name}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}
