//! AWS's Signature Version 4: requests that prove who sent them, and URLs that anybody may use for a while.

mod canonical;
mod scope;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

use self::canonical::{Canonical, PathStyle, encoded};
use super::scheme::AuthScheme;
use super::{Credential, hex};
use crate::error::{Error, ErrorKind, Result};
use crate::request::Request;
use crate::secret::Secret;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const AMZ_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const AMZ_PAYLOAD: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// The services that read paths as they are, and want the hash of the body in a header.
const OBJECTS: [&str; 4] = ["s3", "s3express", "s3-outposts", "s3-object-lambda"];

/// Headers that change on the way, or are written after the signature.
const NOT_SIGNED: [&str; 7] = [
    "accept-encoding",
    "authorization",
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// AWS takes a signature that is five minutes off.
const TOLERATED: Duration = Duration::from_secs(4 * 60);

/// How long a presigned URL may be good: seven days.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// AWS's Signature Version 4, over headers or in a presigned URL.
///
/// It is made last of all, for each attempt and each hop, of the request as it goes out. Region and service are those of an AWS
/// host unless they are said; a body in memory is signed, of a stream nothing can be. The time is AWS's: a refusal whose
/// `Date` is more than four minutes off sets the clock, and the request is signed and sent once more.
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
    /// Signs with an access key: its id, and the secret part.
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

    /// Sends the token of a temporary access key along. When that ends is for a
    /// [`CredentialProvider`](crate::CredentialProvider) to say.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sends the session token along unsigned, as AWS IoT wants it. Default: signed.
    #[must_use]
    pub fn unsigned_token(mut self) -> Self {
        self.signs_token = false;
        self
    }

    /// Signs for this region, such as `eu-west-1`. Default: that of the host.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Signs for this service, such as `s3`. Default: that of the host.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Signs the path as it is on the wire. Default: without empty segments, as AWS reads it; S3 reads it as it is.
    #[must_use]
    pub fn unnormalized_path(mut self) -> Self {
        self.normalizes = false;
        self
    }

    /// Leaves the body unsigned, which S3 takes over HTTPS, and a body that is a stream needs. Default: signed.
    #[must_use]
    pub fn unsigned_payload(mut self) -> Self {
        self.signs_payload = false;
        self
    }

    /// A URL by which anybody can make this request until it expires, by our own clock, after one second to seven days. It is a
    /// secret.
    ///
    /// Method, path and query are those of the request, the body of S3 is anybody's, and no header but `host` has to be sent.
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
    /// [`ErrorKind::Configuration`] if neither the host nor `self` says the region, [`ErrorKind::Argument`] if the time is too
    /// short or too long.
    pub fn presign(&self, request: &Request, expires: Duration) -> Result<Url> {
        let seconds = expires.as_secs();
        if expires < Duration::from_secs(1) || expires > LONGEST {
            let message = format!("a presigned URL is good for a second to seven days, not for {expires:?}");
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

    /// The query of a presigned URL.
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

    /// What is signed for, at this time.
    fn scope<'a>(&'a self, url: &'a Url, now: SystemTime) -> Result<Scope<'a>> {
        let host = url.host_str().unwrap_or_default();
        let found = scope::of(host);
        let missing = |what: &str| {
            let message = format!(
                "the {what} that a request to `{host}` is signed for is not known; say it by `SigV4::{what}`"
            );
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

    /// The hash of the body, or what stands for it.
    fn payload(&self, request: &Request) -> Result<String> {
        if !self.signs_payload {
            return Ok(UNSIGNED.to_owned());
        }
        let body = request.body.as_bytes().ok_or_else(|| {
            let message =
                "a body that is a stream can't be signed; `SigV4::unsigned_payload` leaves it unsigned";
            Error::new(ErrorKind::Argument, message)
        })?;
        Ok(hex(&Sha256::digest(body)))
    }

    /// What goes into `Authorization`.
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

    /// A signature is good for one request and some minutes; a token is not signed away by it.
    fn needs_https(&self) -> bool {
        self.token.is_some()
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
        // Some of its services say 400.
        let refusals = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        refusals.contains(&refused).then_some(TOLERATED)
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
        Self::scheme(signer)
    }
}

/// Shows the id of the key, and nothing that is secret.
impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4")
            .field("key_id", &self.key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// What a signature is good for.
#[derive(Debug)]
struct Scope<'a> {
    /// `20150830T123600Z`
    time: String,
    region: &'a str,
    service: &'a str,
    path_style: PathStyle,
}

impl<'a> Scope<'a> {
    fn new(time: String, region: &'a str, service: &'a str, normalizes: bool) -> Self {
        let path_style = match normalizes {
            _ if OBJECTS.contains(&service) => PathStyle::Object,
            true => PathStyle::Normalized,
            false => PathStyle::Wire,
        };
        Self { time, region, service, path_style }
    }

    fn date(&self) -> &str {
        &self.time[..8]
    }

    fn name(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date(), self.region, self.service)
    }

    /// Whether it is S3, which wants the hash of the body in a header, and reads paths as they are.
    fn is_object(&self) -> bool {
        self.path_style == PathStyle::Object
    }

    fn string_to_sign(&self, canonical: &str) -> String {
        format!("{ALGORITHM}\n{}\n{}\n{}", self.time, self.name(), hex(&Sha256::digest(canonical)))
    }
}

/// `20150830T123600Z`.
fn time(now: SystemTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Between the years that have a date of HTTP's.
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().min(Duration::from_secs(253_370_764_800));
    // `Sun, 30 Aug 2015 12:36:00 GMT`, always of this length.
    let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
    let month = MONTHS.iter().position(|month| *month == &date[8..11]).unwrap_or_default() + 1;
    format!("{}{month:02}{}T{}{}{}Z", &date[12..16], &date[5..7], &date[17..19], &date[20..22], &date[23..25])
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
        Error::new(ErrorKind::Argument, "an access key or a session token of AWS holds a control character")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;

    use super::*;

    /// AWS's published test vectors for Signature Version 4, their common parts taken out: the key, region, service and
    /// time are the same for all. Those without a signature were published with the canonical request alone.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        request: String,
        token: Option<String>,
        #[serde(default)]
        normalize: bool,
        /// Whether the hash of the body is a header.
        #[serde(default)]
        sign_body: bool,
        #[serde(default)]
        omit_token: bool,
        header: Option<Expected>,
        query: Option<Expected>,
    }

    #[derive(Deserialize)]
    struct Expected {
        canonical: String,
        string_to_sign: Option<String>,
        signature: Option<String>,
    }

    struct Parsed {
        method: String,
        path: String,
        query: String,
        headers: Vec<(String, String)>,
        body: String,
    }

    /// A request as the vectors write it: the target may hold spaces, a value may go on in the next line.
    fn parsed(text: &str) -> Parsed {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            match (line.strip_prefix(' '), line.split_once(':')) {
                (Some(more), _) => headers.last_mut().unwrap().1 += &format!(" {more}"),
                (None, Some((name, value))) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                (None, None) => assert_eq!(line, ""),
            }
        }
        let [method, path, query, body] = [method, path, query, body].map(str::to_owned);
        Parsed { method, path, query, headers, body }
    }

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("vectors.json")).unwrap()
    }

    fn signer(vector: &Vector) -> SigV4 {
        let mut signer = SigV4::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        signer.token = vector.token.clone().map(Secret::new);
        signer.signs_token = !vector.omit_token;
        signer
    }

    fn scope(vector: &Vector) -> Scope<'static> {
        Scope::new("20150830T123600Z".to_owned(), "us-east-1", "service", vector.normalize)
    }

    #[test]
    fn signatures_in_headers_are_as_published() {
        let mut count = HashMap::new();
        for vector in &vectors() {
            let Parsed { method, path, query, mut headers, body } = parsed(&vector.request);
            let expected = vector.header.as_ref().unwrap();
            let (signer, scope) = (signer(vector), scope(vector));
            let payload = hex(&Sha256::digest(body.as_bytes()));
            // Two are of another day.
            let date = expected.canonical.split("x-amz-date:").nth(1).unwrap().lines().next().unwrap();
            headers.retain(|(name, _)| name != "x-amz-date");
            headers.push(("x-amz-date".to_owned(), date.to_owned()));
            if vector.sign_body {
                headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
            }
            if let Some(token) = signer.token.as_ref().filter(|_| signer.signs_token) {
                headers.push(("x-amz-security-token".to_owned(), token.expose().to_owned()));
            }
            let canonical = || Canonical {
                method: &method,
                path: &path,
                path_style: scope.path_style,
                query: &query,
                headers: headers.clone(),
                payload: &payload,
            };
            let (text, names) = canonical().text();
            assert_eq!(text, expected.canonical, "{}", vector.name);
            *count.entry("canonical").or_insert(0) += 1;
            if let (Some(to_sign), Some(signature)) = (&expected.string_to_sign, &expected.signature) {
                assert_eq!(scope.string_to_sign(&text), *to_sign, "{}", vector.name);
                let authorization = format!(
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders={names}, Signature={signature}"
                );
                assert_eq!(signer.authorization(&scope, canonical()), authorization, "{}", vector.name);
                *count.entry("signature").or_insert(0) += 1;
            }
        }
        assert_eq!((count["canonical"], count["signature"]), (40, 38));
    }

    #[test]
    fn signatures_in_queries_are_as_published() {
        let mut count = 0;
        for vector in &vectors() {
            let Some(expected) = &vector.query else { continue };
            let Parsed { method, path, query, headers, body } = parsed(&vector.request);
            let (signer, scope) = (signer(vector), scope(vector));
            let payload = hex(&Sha256::digest(body.as_bytes()));
            let signed = signer.presigned(&scope, &method, (&path, Some(&query)), headers, &payload, 3_600);
            let (_, signature) = signed.rsplit_once("&X-Amz-Signature=").unwrap();
            assert_eq!(
                Some(signature),
                expected.signature.as_deref(),
                "{}\n{}",
                vector.name,
                expected.canonical
            );
            assert_eq!(signed.contains("&X-Amz-Security-Token="), vector.token.is_some(), "{}", vector.name);
            count += 1;
        }
        assert_eq!(count, 38);
    }

    /// The examples of the S3 user guide, "Signature Calculations for the Authorization Header" and "Authenticating Requests:
    /// Using Query Parameters".
    #[test]
    fn s3_is_signed_as_its_guide_says() {
        let signer = SigV4::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let scope =
            Scope::new(time(UNIX_EPOCH + Duration::from_secs(1_369_353_600)), "us-east-1", "s3", true);
        assert_eq!(scope.time, "20130524T000000Z");
        let nothing = hex(&Sha256::digest(b""));
        let host = || ("host".to_owned(), "examplebucket.s3.amazonaws.com".to_owned());
        let mut headers = vec![host(), ("range".to_owned(), "bytes=0-9".to_owned())];
        headers.push(("x-amz-content-sha256".to_owned(), nothing.clone()));
        headers.push(("x-amz-date".to_owned(), scope.time.clone()));
        let path_style = scope.path_style;
        let canonical =
            Canonical { method: "GET", path: "/test.txt", path_style, query: "", headers, payload: &nothing };
        let authorization = signer.authorization(&scope, canonical);
        let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert!(authorization.ends_with(expected), "{authorization}");
        let query = signer.presigned(&scope, "GET", ("/test.txt", None), vec![host()], UNSIGNED, 86_400);
        let expected = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(query.ends_with(&format!("X-Amz-Signature={expected}")), "{query}");
    }

    #[test]
    fn the_keys_of_objects_stay_as_they_are() {
        let path = |path_style| {
            let canonical = Canonical {
                method: "GET",
                path: "/a//b%20c/@%2F/../d",
                path_style,
                query: "",
                headers: vec![],
                payload: "",
            };
            canonical.text().0.lines().nth(1).unwrap().to_owned()
        };
        assert_eq!(path(PathStyle::Object), "/a//b%20c/%40//../d");
        assert_eq!(path(PathStyle::Wire), "/a//b%2520c/%40%252F/../d");
        assert_eq!(path(PathStyle::Normalized), "/a/b%2520c/d");
        let style = |service| Scope::new(String::new(), "us-east-1", service, true).path_style;
        assert_eq!(["s3", "s3express"].map(style), [PathStyle::Object; 2]);
        assert_eq!(["s3tables", "s3vectors", "dynamodb"].map(style), [PathStyle::Normalized; 3]);
    }

    #[test]
    fn no_time_is_a_panic() {
        assert_eq!(time(UNIX_EPOCH), "19700101T000000Z");
        assert_eq!(time(UNIX_EPOCH - Duration::from_secs(1)), "19700101T000000Z");
        assert_eq!(time(UNIX_EPOCH + Duration::from_secs(1 << 40)), "99990101T000000Z");
    }
}
