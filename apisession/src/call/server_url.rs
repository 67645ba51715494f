//! The URL of an operation that is at a URL of the server: which types are one, and what of them must not be shown.

use std::sync::Arc;

use url::Url;

use super::arguments::{Arguments, Target};
use crate::message::{Link, Location};
use crate::redact::{Secret, masked};

/// A URL that the server gave.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a URL that the server gave",
    label = "`at` needs a `&Location`, a `&Link` or a `&Url`",
    note = "for a text, such as a field of a body, take a `&Location`, which the caller makes by `text.parse()`"
)]
pub trait ServerUrl {
    /// The URL, absolute or relative to the endpoint.
    #[doc(hidden)]
    fn reference(&self) -> &str;

    /// The secrets of the call that returned it, which it can repeat.
    #[doc(hidden)]
    fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        None
    }
}

impl ServerUrl for Location {
    fn reference(&self) -> &str {
        self.expose()
    }

    fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        self.redaction().secrets()
    }
}

impl ServerUrl for Link {
    fn reference(&self) -> &str {
        &self.target
    }

    fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        self.redaction().secrets()
    }
}

impl ServerUrl for Url {
    fn reference(&self) -> &str {
        self.as_str()
    }
}

impl<T: ServerUrl + ?Sized> ServerUrl for &T {
    fn reference(&self) -> &str {
        (**self).reference()
    }

    fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        (**self).secrets()
    }
}

impl Arguments {
    /// Sets the URL of the request.
    pub(super) fn at(&mut self, url: &(impl ServerUrl + ?Sized)) {
        let reference = url.reference();
        // Only those that are in it: each response of an upload adds the secrets of its own URL.
        let is_in_it = |secret: &&Secret| masked(reference, std::slice::from_ref(*secret)) != reference;
        let secrets = url.secrets().map(|secrets| secrets.as_slice()).unwrap_or_default();
        self.secrets.extend(secrets.iter().filter(is_in_it).cloned());
        self.target = Target::Link { url: reference.to_owned(), has_whole_query: false };
    }
}
