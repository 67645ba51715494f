//! AWS's Signature Version 4: signed requests, and presigned URLs.

mod canonical;
mod scope;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

use self::canonical::{Canonical, encoded};
use self::scope::{ALGORITHM, Scope, time};
use super::{AuthScheme, Credential, check};
use crate::encode::hex::hex;
use crate::error::{Error, ErrorKind, Result};
use crate::message::Request;
use crate::redact::Secret;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const AMZ_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const AMZ_PAYLOAD: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Headers that are not signed, since a proxy may change them, or they are set after the signature is computed.
const NOT_SIGNED: [&str; 7] = [
    "accept-encoding",
    "authorization",
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// AWS accepts a signature whose time is up to five minutes off. The tolerance is one minute less.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(4 * 60);

/// The longest lifetime of a presigned URL: seven days.
const MAX_EXPIRES: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// AWS's Signature Version 4, over headers or in a presigned URL.
///
/// Each attempt, and each redirect within the session's origin, is signed last, as it is sent. The region and the
/// service are read from the name of an AWS host, unless they are set. The signature covers a body in memory; a body
/// that is a stream requires [`unsigned_payload`](Self::unsigned_payload).
///
/// The time is AWS's. If a 400, 401 or 403 has a `Date` that is more than four minutes off, the session sets its clock
/// by it, and the request is signed and sent once more.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::SigV4;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://abc123.execute-api.eu-west-1.amazonaws.com")]
/// # pub struct Acme { session: Session }
/// let api = Acme::builder().credential(SigV4::new("AKIDEXAMPLE", "wJalrXUtnFEMI")).build()?;
/// # let _ = api;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone)]
pub struct SigV4 {
    key_id: String,
    key: Secret,
    token: Option<Secret>,
    signs_token: bool,
    region: Option<String>,
    service: Option<String>,
    signs_payload: bool,
    normalizes: bool,
}

impl SigV4 {
    /// Creates a signature with an access key: its id, and its secret.
    ///
    /// A key that is empty, or has a quote, a space, or a character that is not visible ASCII, is an error of the call.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self {
            key_id: access_key_id.into(),
            key: secret_access_key.into(),
            token: None,
            signs_token: true,
            region: None,
            service: None,
            signs_payload: true,
            normalizes: true,
        }
    }

    /// Sets the session token of a temporary access key, which is sent with each request.
    ///
    /// The lifetime of a temporary key is not known here. A [`CredentialProvider`](crate::CredentialProvider) can set
    /// it and renew the key.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Leaves the session token out of the signature, as AWS IoT requires. Default: the token is signed.
    #[must_use]
    pub fn unsigned_token(mut self) -> Self {
        self.signs_token = false;
        self
    }

    /// Sets the region, such as `eu-west-1`. Default: the region of the host.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the service, such as `s3`. Default: the service of the host.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Signs the path as it is sent. Default: without `.`, `..` and empty segments, which most services of AWS remove.
    /// For S3 the path is always signed as it is sent.
    #[must_use]
    pub fn unnormalized_path(mut self) -> Self {
        self.normalizes = false;
        self
    }

    /// Leaves the body out of the signature, which S3 accepts over HTTPS, and a body that is a stream requires.
    /// Default: the body is signed.
    #[must_use]
    pub fn unsigned_payload(mut self) -> Self {
        self.signs_payload = false;
        self
    }

    /// Creates a URL with which anybody can send this request until the URL expires, after one second to seven days.
    ///
    /// The URL is a secret. It is valid for the method, path and query of the request. For S3 it is valid with any
    /// body; for other services, with the body of the request. No header except `host` has to be sent. The lifetime
    /// starts now, by the clock of this machine.
    ///
    /// ```
    /// use std::time::Duration;
    /// # use apisession::prelude::*;
    /// use apisession::SigV4;
    /// # #[derive(Clone, APISession)]
    /// # #[session(base_url = "https://bucket.s3.amazonaws.com")]
    /// # pub struct Acme { session: Session }
    /// # let api = Acme::builder().build()?;
    ///
    /// let key = SigV4::new("AKIDEXAMPLE", "wJalrXUtnFEMI");
    /// let url = key.presign(&api.raw().get("/photo.jpg").build()?, Duration::from_secs(600))?;
    /// assert!(url.query().is_some_and(|query| query.contains("X-Amz-Expires=600")));
    /// # Ok::<(), apisession::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the region or the service is neither set nor in the name of the host,
    /// [`ErrorKind::Argument`] if `expires` is too short or too long, or if a body that has to be signed is a stream.
    pub fn presign(&self, request: &Request, expires: Duration) -> Result<Url> {
        self.checked().map_err(Error::argument)?;
        let seconds = expires.as_secs();
        if expires < Duration::from_secs(1) || expires > MAX_EXPIRES {
            let message =
                format!("the lifetime of a presigned URL is one second to seven days, not {expires:?}");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let scope = self.scope(&request.url, SystemTime::now())?;
        let payload = if scope.is_object() { UNSIGNED.to_owned() } else { self.payload(request)? };
        let mut url = request.url.clone();
        let headers = vec![("host".to_owned(), host(&url))];
        let query = self.presigned(
            &scope,
            request.method.as_str(),
            (url.path(), url.query()),
            headers,
            &payload,
            seconds,
        );
        url.set_query(Some(&query));
        url.set_fragment(None);
        Ok(url)
    }

    /// Checks the access key and the session token. The error is a complete message.
    fn checked(&self) -> Result<(), String> {
        let values = [
            ("id of an access key", Some(self.key_id.as_str())),
            ("secret of an access key", Some(self.key.expose())),
            ("session token of an access key", self.token.as_ref().map(Secret::expose)),
        ];
        let mut values = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        values.try_for_each(|(name, value)| check::token(value).map_err(|why| format!("the {name} {why}")))
    }

    /// Computes the query of a presigned URL.
    fn presigned(
        &self,
        scope: &Scope<'_>,
        method: &str,
        (path, query): (&str, Option<&str>),
        headers: Vec<(String, String)>,
        payload: &str,
        seconds: u64,
    ) -> String {
        let mut names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let credential = format!("{}/{}", self.key_id, scope.name());
        let mut all =
            query.filter(|query| !query.is_empty()).map(|query| format!("{query}&")).unwrap_or_default();
        all.push_str(&format!(
            "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={}",
            encoded(credential.as_bytes(), false)
        ));
        all.push_str(&format!("&X-Amz-Date={}&X-Amz-Expires={seconds}", scope.time));
        all.push_str(&format!("&X-Amz-SignedHeaders={}", encoded(names.join(";").as_bytes(), false)));
        let token = self.token.as_ref();
        let token =
            token.map(|token| format!("&X-Amz-Security-Token={}", encoded(token.expose().as_bytes(), false)));
        let token = token.unwrap_or_default();
        if self.signs_token {
            all.push_str(&token);
        }
        let canonical =
            Canonical { method, path, path_style: scope.path_style, query: &all, headers, payload };
        let signature = self.signature(scope, &canonical.text().0);
        if !self.signs_token {
            all.push_str(&token);
        }
        all.push_str(&format!("&X-Amz-Signature={signature}"));
        all
    }

    /// The scope of a signature at the time `now`.
    fn scope<'a>(&'a self, url: &'a Url, now: SystemTime) -> Result<Scope<'a>> {
        let host = url.host_str().unwrap_or_default();
        let found = scope::service_and_region(host);
        let missing = |part: &str| {
            let message =
                format!("the AWS {part} of the host `{host}` is unknown; set it by `SigV4::{part}`");
            Error::new(ErrorKind::Configuration, message)
        };
        let service = self
            .service
            .as_deref()
            .or(found.map(|(service, _)| service))
            .ok_or_else(|| missing("service"))?;
        let region =
            self.region.as_deref().or(found.map(|(_, region)| region)).ok_or_else(|| missing("region"))?;
        Ok(Scope::new(time(now), region, service, self.normalizes))
    }

    /// The hash of the body, or `UNSIGNED-PAYLOAD`.
    fn payload(&self, request: &Request) -> Result<String> {
        if !self.signs_payload {
            return Ok(UNSIGNED.to_owned());
        }
        let body = request.body.as_bytes().ok_or_else(|| {
            let message = "a body that is a stream can't be signed; use `SigV4::unsigned_payload`";
            Error::new(ErrorKind::Argument, message)
        })?;
        Ok(hex(&Sha256::digest(body)))
    }

    /// Computes the value of `Authorization`.
    fn authorization(&self, scope: &Scope<'_>, canonical: Canonical<'_>) -> String {
        let (text, names) = canonical.text();
        let signature = self.signature(scope, &text);
        let (key_id, scope) = (&self.key_id, scope.name());
        format!("{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    fn signature(&self, scope: &Scope<'_>, canonical: &str) -> String {
        let text = scope.string_to_sign(canonical);
        let mut key = Zeroizing::new(format!("AWS4{}", self.key.expose()).into_bytes());
        for part in [scope.date(), scope.region, scope.service, "aws4_request"] {
            key = Zeroizing::new(hmac(&key, part));
        }
        hex(&hmac(&key, &text))
    }
}

impl AuthScheme for SigV4 {
    fn applies(&self, request: &Request) -> bool {
        !request.headers.contains_key(header::AUTHORIZATION)
    }

    fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()> {
        let url = request.url.clone();
        let scope = self.scope(&url, now)?;
        let payload = self.payload(request)?;
        request.headers.insert(AMZ_DATE, value(&scope.time)?);
        if scope.is_object() || !self.signs_payload {
            request.headers.insert(AMZ_PAYLOAD, value(&payload)?);
        }
        let token = self.token.as_ref().map(|token| value(token.expose())).transpose()?;
        if let Some(token) = token.clone().filter(|_| self.signs_token) {
            request.headers.insert(AMZ_TOKEN, token);
        }
        let signed = request.headers.iter().filter(|(name, _)| !NOT_SIGNED.contains(&name.as_str()));
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<_> =
            signed.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        headers.push(("host".to_owned(), host(&url)));
        let canonical = Canonical {
            method: request.method.as_str(),
            path: url.path(),
            path_style: scope.path_style,
            query: url.query().unwrap_or_default(),
            headers,
            payload: &payload,
        };
        let authorization = value(&self.authorization(&scope, canonical))?;
        request.headers.insert(header::AUTHORIZATION, authorization);
        if let Some(token) = token {
            request.headers.insert(AMZ_TOKEN, token);
        }
        Ok(())
    }

    fn clock_tolerance(&self, refused: StatusCode) -> Option<Duration> {
        // Some services of AWS return 400 for a wrong time.
        let refusals = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        refusals.contains(&refused).then_some(CLOCK_TOLERANCE)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.token.iter().chain([&self.key]).cloned().collect()
    }

    fn name(&self) -> &str {
        ALGORITHM
    }
}

impl From<SigV4> for Credential {
    fn from(signer: SigV4) -> Self {
        let checked = signer.checked();
        Self::scheme(signer).checked(checked)
    }
}

/// Shows the id of the access key, the region and the service, never a secret.
impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4")
            .field("key_id", &self.key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn value(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        Error::new(
            ErrorKind::Argument,
            "an access key or a session token of AWS contains a control character",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
