//! Adds a credential to a request, checks where it may be sent, and lists the secrets that errors mask.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use super::Credential;
use crate::encode::Query;
use crate::message::{Request, cookie_header};
use crate::redact::{Carries, Secret, is_secret_name};

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
            || self.in_body.is_some()
            || self.scheme.as_ref().is_some_and(|scheme| scheme.needs_https());
        is_readable && !self.over_http
    }
}

/// What the headers of a request authenticate it with before a credential is added: cookies, those whose names tell it, and those
/// that are marked as sensitive.
impl Carries for HeaderMap {
    fn secrets(&self) -> Vec<Secret> {
        let is_secret = |(name, value): &(&HeaderName, &HeaderValue)| {
            value.is_sensitive() || *name == header::COOKIE || is_secret_name(name.as_str())
        };
        let secrets = self.iter().filter(is_secret);
        secrets.flat_map(|(name, value)| header_secrets(name, value)).collect()
    }
}

/// The secrets that a server may repeat. A mask knows their encoded forms.
impl Carries for Credential {
    fn secrets(&self) -> Vec<Secret> {
        let headers = self.headers.iter().flat_map(|(name, value)| header_secrets(name, value));
        let mut secrets: Vec<_> = headers.collect();
        secrets.extend(self.query.iter().chain(&self.cookies).map(|(_, value)| value.clone()));
        secrets.extend(self.in_body.iter().flatten().cloned());
        secrets.extend(self.scheme.iter().flat_map(|scheme| scheme.secrets()));
        secrets
    }
}

/// The secrets in the value of a header: all of it, and what it contains besides its scheme, such as the token of `Bearer t0k3n`.
fn header_secrets(name: &HeaderName, value: &HeaderValue) -> Vec<Secret> {
    let Ok(text) = std::str::from_utf8(value.as_bytes()) else { return Vec::new() };
    let mut secrets = vec![Secret::from(text)];
    if *name == header::COOKIE {
        let values = text.split(';').filter_map(|pair| pair.split_once('='));
        secrets.extend(values.map(|(_, value)| Secret::from(value.trim())));
        return secrets;
    }
    let Some((scheme, rest)) = text.split_once(' ') else { return secrets };
    secrets.extend([rest, rest.rsplit(' ').next().unwrap_or_default()].map(Secret::from));
    if scheme.eq_ignore_ascii_case("basic") {
        // Without the padding, which a server may leave out, and in the other alphabet of base64.
        let encoded = rest.trim_end_matches('=');
        secrets.extend([encoded.into(), encoded.replace('+', "-").replace('/', "_").into()]);
        secrets.extend(password(rest));
    }
    secrets
}

/// The secret in the value of a basic credential: the password, or without one the user, which is a key then.
fn password(encoded: &str) -> Option<Secret> {
    let pair = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some(Secret::from(if password.is_empty() { user } else { password }))
}
