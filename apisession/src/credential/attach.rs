//! A credential on a request: what it adds, where it may be sent, and what errors then mask.

use http::header::Entry;
use url::{Url, form_urlencoded};

use super::{Credential, cookie};
use crate::encode::origin::is_plain_remote;
use crate::message::Request;
use crate::redact::Secret;

impl Credential {
    /// Adds the credential to a request, except for what the caller has set itself. Returns whether all of it was added.
    pub(crate) fn attach(&self, request: &mut Request) -> bool {
        let mut whole = true;
        for (name, value) in &self.headers {
            match request.headers.entry(name) {
                Entry::Vacant(vacant) => {
                    vacant.insert(value.clone());
                }
                Entry::Occupied(_) => whole = false,
            }
        }
        for (name, value) in &self.query {
            let is_set = request.url.query_pairs().any(|(other, _)| other == name.as_str());
            if is_set {
                whole = false;
            } else {
                request.url.query_pairs_mut().append_pair(name, value.expose());
            }
        }
        for (name, value) in &self.cookies {
            whole &= cookie::add(&mut request.headers, name, value);
        }
        whole
    }

    /// Whether anybody on the way to `url` could read it. A credential that is fetched is checked by itself.
    pub(crate) fn is_exposed_to(&self, url: &Url) -> bool {
        let is_readable = !(self.headers.is_empty() && self.query.is_empty() && self.cookies.is_empty())
            || self.scheme.as_ref().is_some_and(|scheme| scheme.needs_https());
        is_readable && is_plain_remote(url) && !self.over_http
    }

    /// The secrets that the credential adds, as a server may repeat them. Shorter texts are not masked: they occur in any text.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        const SHORTEST: usize = 6;
        let headers = self.headers.iter().filter_map(|(_, value)| value.to_str().ok());
        // `Bearer t0k3n`, and the token alone.
        let headers = headers.flat_map(|value| [value, value.rsplit(' ').next().unwrap_or_default()]);
        let mut secrets: Vec<_> = headers.map(Secret::from).collect();
        for (_, value) in self.query.iter().chain(&self.cookies) {
            let encoded: String = form_urlencoded::byte_serialize(value.expose().as_bytes()).collect();
            secrets.extend([value.clone(), Secret::from(encoded)]);
        }
        secrets.extend(self.scheme.iter().flat_map(|scheme| scheme.secrets()));
        secrets.retain(|secret| secret.expose().len() >= SHORTEST);
        secrets
    }
}
