//! The secrets that a request carries.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use super::{Secret, is_secret_name};

/// Something with secrets that a request carries.
pub(crate) trait Carries: Send + Sync {
    /// The secrets, each in one form. A mask knows their encoded forms.
    fn secrets(&self) -> Vec<Secret>;
}

impl Carries for Vec<Secret> {
    fn secrets(&self) -> Vec<Secret> {
        self.clone()
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

/// The secrets in the value of a header: all of it, and what it contains besides its scheme, such as the token of `Bearer t0k3n`.
pub(crate) fn header_secrets(name: &HeaderName, value: &HeaderValue) -> Vec<Secret> {
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

/// The secrets that a request carries. A clone is cheap.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    /// Those of two parts, usually the headers and the credential.
    parts: [Option<Arc<dyn Carries>>; 2],
    /// Those of others, which few requests have.
    others: Option<Arc<Vec<Arc<dyn Carries>>>>,
}

impl Carried {
    /// Adds the secrets of another part of the request.
    pub(crate) fn add(&mut self, part: Arc<dyn Carries>) {
        match self.parts.iter_mut().find(|other| other.is_none()) {
            Some(free) => *free = Some(part),
            None => Arc::make_mut(self.others.get_or_insert_default()).push(part),
        }
    }

    /// The secrets, each in one form.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let others = self.others.iter().flat_map(|others| others.iter());
        self.parts.iter().flatten().chain(others).flat_map(|part| part.secrets()).collect()
    }
}
