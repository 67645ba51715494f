//! Adds a credential to a request, checks where it may be sent, and lists the secrets that errors mask.

use http::HeaderName;
use http::header::Entry;

use super::Credential;
use crate::encode::Query;
use crate::message::{Request, cookie_header};
use crate::redact::{Carries, Secret, header_secrets};

impl Credential {
    /// Adds the credential to a request, except for headers, parameters and cookies that the request already has.
    /// Returns whether all of it was added.
    pub(crate) fn attach(&self, request: &mut Request) -> bool {
        self.lifetime.used();
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
            whole &= cookie_header::add(&mut request.headers, name, value);
        }
        whole
    }

    /// Its query parameters, without their values.
    pub(crate) fn parameters(&self) -> Query {
        let mut names = Query::default();
        for (name, _) in &self.query {
            // The name of a parameter can always be encoded.
            names.flag(name);
        }
        names
    }

    /// Whether it has a header of this name.
    pub(crate) fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(own, _)| own == name)
    }

    /// Whether the credential must not be sent where others can read it. A credential that a source fetches is checked
    /// separately.
    pub(crate) fn needs_privacy(&self) -> bool {
        let is_readable = !(self.headers.is_empty() && self.query.is_empty() && self.cookies.is_empty())
            || self.scheme.as_ref().is_some_and(|scheme| scheme.needs_https());
        is_readable && !self.over_http
    }
}

/// The secrets that a server may repeat. A mask knows their encoded forms.
impl Carries for Credential {
    fn secrets(&self) -> Vec<Secret> {
        let headers = self.headers.iter().flat_map(|(name, value)| header_secrets(name, value));
        let mut secrets: Vec<_> = headers.collect();
        secrets.extend(self.query.iter().chain(&self.cookies).map(|(_, value)| value.clone()));
        secrets.extend(self.scheme.iter().flat_map(|scheme| scheme.secrets()));
        secrets
    }
}
