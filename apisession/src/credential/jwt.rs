//! JSON Web Tokens (RFC 7519): the lifetime of a received one, and signed assertions.

use std::fmt;
use std::future::ready;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_core::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::Sha256;

use super::token_source::TokenSource;
use crate::encode::{ArgumentError, random};
use crate::error::{Error, ErrorKind, Result};
use crate::message::json_duration;
use crate::redact::Secret;
use crate::transport::tls::SigningKey;

/// The remaining lifetime of a JWT (RFC 7519 §4.1.4). Returns `None` if the token is not a JWT or does not expire. A time that
/// can't be read has passed. The signature is not checked: the server does that.
pub(crate) fn remaining(token: &str) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let end = claims.get("exp").filter(|end| !end.is_null())?;
    Some(json_duration::of_json(end).unwrap_or_default().saturating_sub(now()))
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A signed assertion (RFC 7519, RFC 7515), for [`OAuth2::jwt_bearer`](crate::OAuth2::jwt_bearer) and
/// [`OAuth2::client_assertion`](crate::OAuth2::client_assertion). It is signed anew for each token request.
///
/// An assertion contains the claims that are set here. Unless they are set, it also contains `iat`, the current time,
/// `exp`, the end of its [`lifetime`](Self::lifetime), and `jti`, a random UUID.
///
/// ```
/// use apisession::Jwt;
///
/// let jwt = Jwt::hs256("s3cret").issuer("reports").subject("ana").audience("https://login.acme.example/token");
/// let token = jwt.sign()?;
/// assert_eq!(token.expose().split('.').count(), 3);
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone)]
pub struct Jwt {
    key: Key,
    key_id: Option<String>,
    claims: Map<String, Value>,
    /// The error of the first claim that is not JSON.
    invalid_claim: Option<String>,
    lifetime: Duration,
}

#[derive(Clone)]
enum Key {
    /// For HMAC.
    Shared(Secret),
    Private(SigningKey),
}

impl Jwt {
    /// Creates an assertion that is signed with a shared secret, by HS256.
    #[must_use]
    pub fn hs256(secret: impl Into<Secret>) -> Self {
        Self::new(Key::Shared(secret.into()))
    }

    /// Creates an assertion that is signed with a private key in PEM, by RS256, ES256, ES384 or `EdDSA`, depending on
    /// the key.
    ///
    /// It requires the feature `tls` or `tls-ring`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the text does not contain such a key, or TLS is not built in.
    pub fn private_key(pem: impl AsRef<[u8]>) -> Result<Self> {
        let key = SigningKey::from_pem(pem.as_ref());
        let key =
            key.map_err(|reason| Error::new(ErrorKind::Configuration, format!("the key of a JWT {reason}")))?;
        Ok(Self::new(Key::Private(key)))
    }

    fn new(key: Key) -> Self {
        Self {
            key,
            key_id: None,
            claims: Map::new(),
            invalid_claim: None,
            lifetime: Duration::from_secs(300),
        }
    }

    /// Sets the issuer: the claim `iss` (RFC 7519 §4.1.1).
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets the subject: the claim `sub` (RFC 7519 §4.1.2).
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets the audience: the claim `aud` (RFC 7519 §4.1.3).
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// Sets a claim. A value that can't be JSON is an error of [`sign`](Self::sign).
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.claims.insert(name.to_owned(), value);
            }
            Err(error) => {
                let why = ArgumentError::json(&error);
                self.invalid_claim.get_or_insert(format!("the claim `{name}` {why}"));
            }
        }
        self
    }

    /// Sets the id of the key: the header parameter `kid` (RFC 7515 §4.1.4).
    #[must_use]
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.key_id = Some(id.into());
        self
    }

    /// Sets the lifetime of each assertion, from which `exp` is computed. Default: 5 minutes.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }
}

impl TokenSource for Jwt {
    fn token(&self) -> BoxFuture<'_, Result<Secret>> {
        Box::pin(ready(self.sign()))
    }
}

impl Jwt {
    /// Signs an assertion that is issued now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if a claim can't be JSON or a shared secret is empty, [`ErrorKind::Configuration`] if the key can't sign.
    pub fn sign(&self) -> Result<Secret> {
        if let Some(message) = &self.invalid_claim {
            return Err(Error::new(ErrorKind::Argument, message.clone()));
        }
        if matches!(&self.key, Key::Shared(secret) if secret.expose().is_empty()) {
            return Err(Error::argument("the secret of a JWT is empty; set it"));
        }
        let algorithm = match &self.key {
            Key::Shared(_) => "HS256",
            Key::Private(key) => key.algorithm(),
        };
        let mut header =
            Map::from_iter([("alg".to_owned(), algorithm.into()), ("typ".to_owned(), "JWT".into())]);
        header.extend(self.key_id.clone().map(|id| ("kid".to_owned(), id.into())));
        let (issued, id) = (now().as_secs(), random::uuid()?);
        let mut claims = self.claims.clone();
        claims.entry("iat").or_insert_with(|| issued.into());
        claims.entry("exp").or_insert_with(|| issued.saturating_add(self.lifetime.as_secs()).into());
        claims.entry("jti").or_insert_with(|| id.into());
        let encoded = |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
        let text = format!("{}.{}", encoded(header), encoded(claims));
        let signature = match &self.key {
            Key::Shared(secret) => {
                let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
                let mut mac = mac.expect("HMAC takes keys of any length");
                mac.update(text.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Key::Private(key) => key.sign(text.as_bytes()).map_err(|reason| {
                Error::new(ErrorKind::Configuration, format!("the key of a JWT {reason}"))
            })?,
        };
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// Shows the names of the claims, never their values or the key.
impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.claims.keys().map(String::as_str).collect();
        write!(f, "Jwt({})", names.join(", "))
    }
}
