//! JSON Web Tokens (RFC 7519): how long one is good, and assertions of one's own.

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
use crate::encode::random;
use crate::error::{Error, ErrorKind, Result};
use crate::redact::Secret;
use crate::transport::tls::SigningKey;

/// The remaining lifetime of a JWT (RFC 7519 §4.1.4), if the token is one. Only the server checks its signature.
pub(crate) fn remaining(token: &str) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let end = Duration::try_from_secs_f64(claims.get("exp")?.as_f64()?).ok()?;
    Some(end.saturating_sub(now()))
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A signed assertion (RFC 7519, RFC 7515), made afresh each time it is shown: by
/// [`OAuth2::jwt_bearer`](crate::OAuth2::jwt_bearer), [`OAuth2::client_assertion`](crate::OAuth2::client_assertion).
///
/// Each has `iat`, `exp` and a `jti` of its own besides what is said here.
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
    /// The first claim that can't be written.
    failed: Option<String>,
    lifetime: Duration,
}

#[derive(Clone)]
enum Key {
    Shared(Secret),
    Private(SigningKey),
}

impl Jwt {
    /// Signs with a secret that both sides know: HS256.
    #[must_use]
    pub fn hs256(secret: impl Into<Secret>) -> Self {
        Self::signed_by(Key::Shared(secret.into()))
    }

    /// Signs with a private key in PEM: RS256, ES256, ES384 or `EdDSA`, as the key is. It needs one of the features of TLS.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the text holds no such key, or TLS is not built in.
    pub fn private_key(pem: impl AsRef<[u8]>) -> Result<Self> {
        let key = SigningKey::from_pem(pem.as_ref());
        let key =
            key.map_err(|why| Error::new(ErrorKind::Configuration, format!("the key of a JWT {why}")))?;
        Ok(Self::signed_by(Key::Private(key)))
    }

    fn signed_by(key: Key) -> Self {
        Self { key, key_id: None, claims: Map::new(), failed: None, lifetime: Duration::from_secs(300) }
    }

    /// Who makes it: `iss`.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Of whom it speaks: `sub`.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// For whom it is: `aud`.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// Any claim. One that can't be JSON is reported when the assertion is made.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.claims.insert(name.to_owned(), value);
            }
            Err(error) => {
                self.failed.get_or_insert(format!("the claim `{name}` can't be JSON: {error}"));
            }
        }
        self
    }

    /// Which of the issuer's keys it is: `kid`.
    #[must_use]
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.key_id = Some(id.into());
        self
    }

    /// How long each is good. Default: 5 minutes.
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
    /// An assertion, made now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if a claim can't be JSON.
    pub fn sign(&self) -> Result<Secret> {
        if let Some(why) = &self.failed {
            return Err(Error::new(ErrorKind::Argument, why.clone()));
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
        let coded = |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
        let text = format!("{}.{}", coded(header), coded(claims));
        let signature = match &self.key {
            Key::Shared(secret) => {
                let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
                let mut mac = mac.expect("HMAC takes keys of any length");
                mac.update(text.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Key::Private(key) => key
                .sign(text.as_bytes())
                .map_err(|why| Error::new(ErrorKind::Configuration, format!("the key of a JWT {why}")))?,
        };
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// Shows which claims there are, and nothing that is secret.
impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.claims.keys().map(String::as_str).collect();
        write!(f, "Jwt({})", names.join(", "))
    }
}
