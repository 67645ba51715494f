//! Adds a credential to a request, checks where it may be sent, and lists the secrets that errors mask.

use http::header::Entry;
use url::form_urlencoded;

use super::{Credential, cookie};
use crate::message::Request;
use crate::redact::Secret;

impl Credential {
    /// Adds the credential to a request, except for headers, parameters and cookies that the request already has.
    /// Returns whether all of it was added.
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

    /// Whether the credential must not be sent where others can read it. A credential that a source fetches is checked
    /// separately.
    pub(crate) fn needs_privacy(&self) -> bool {
        let is_readable = !(self.headers.is_empty() && self.query.is_empty() && self.cookies.is_empty())
            || self.in_body.is_some()
            || self.scheme.as_ref().is_some_and(|scheme| scheme.needs_https());
        is_readable && !self.over_http
    }

    /// The secrets that the credential adds, in the forms in which a server may repeat them. Texts of less than 6 bytes
    /// are left out: they would mask unrelated text.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        const MIN_LENGTH: usize = 6;
        let headers = self.headers.iter().filter_map(|(_, value)| value.to_str().ok());
        // Both `Bearer t0k3n` and `t0k3n`.
        let headers = headers.flat_map(|value| [value, value.rsplit(' ').next().unwrap_or_default()]);
        let mut secrets: Vec<_> = headers.map(Secret::from).collect();
        for (_, value) in self.query.iter().chain(&self.cookies) {
            let encoded: String = form_urlencoded::byte_serialize(value.expose().as_bytes()).collect();
            secrets.extend([value.clone(), Secret::from(encoded)]);
        }
        secrets.extend(self.in_body.iter().flatten().cloned());
        secrets.extend(self.scheme.iter().flat_map(|scheme| scheme.secrets()));
        secrets.retain(|secret| secret.expose().len() >= MIN_LENGTH);
        secrets
    }
}
