//! Digest authentication (RFC 7616): the response to a challenge proves that the client has the password, without
//! sending it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, StatusCode, header};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512, Sha512_256};
use tokio::sync::Semaphore;
use url::{Origin, Position, Url};
use zeroize::Zeroizing;

use super::{AuthScheme, Credential, check_login};
use crate::encode::hex::hex;
use crate::encode::messages;
use crate::encode::random;
use crate::error::{Error, ErrorKind, Result};
use crate::message::challenge::{Challenge, challenges};
use crate::message::{Request, Response};
use crate::redact::Secret;

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// A user name and password, and what is known of each server.
struct Digest {
    user: String,
    password: Secret,
    /// By the origin of the server. A server gets no response to the challenge of another one.
    servers: Mutex<HashMap<Origin, Server>>,
}

/// What is known of a server.
#[derive(Debug)]
struct Server {
    /// Those of the last challenge; `None` before the first.
    parameters: Option<Parameters>,
    /// How many requests were sent before the first challenge, and have no response yet.
    unsigned: u32,
    /// How many of these were challenged. With more than one, each may have replaced the nonce of another.
    challenged: u32,
    /// Whether the server has accepted the password.
    is_proven: bool,
    /// Whether the server refuses requests that arrive in another order than that of their counts (`nc`), without a `stale`.
    is_strict: bool,
    /// The turn of the one request that is sent at a time, until the password is proven or if the server is strict.
    turn: Arc<Semaphore>,
}

impl Default for Server {
    fn default() -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { parameters: None, unsigned: 0, challenged: 0, is_proven: false, is_strict: false, turn }
    }
}

impl Credential {
    /// Creates a digest credential (RFC 7616): MD5, SHA-256, SHA-512-256 and SHA-512, the strongest that the server offers.
    /// SHA-512 is not in the standard, and some servers use it.
    ///
    /// The first request is sent without it, and once more after the server's challenge. Later requests carry it at
    /// once. The password itself is never sent, so it may be used over plain HTTP.
    ///
    /// Until the server has accepted the password, requests to it are sent one at a time. So they are also once it has refused one without
    /// a `stale` that was valid, as servers do that require the count (`nc`) to grow with each request that arrives.
    ///
    /// A user name or a password with a control character or an invisible one, or none of both, is an error of the call.
    #[must_use]
    pub fn digest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        let (user, password) = (user.into(), password.into());
        let checked = check_login("digest", &user, &password);
        Self::scheme(Digest::new(user, password)).checked(checked)
    }
}

/// The parameters of a supported challenge, and those of the responses to it.
#[derive(Clone, Debug)]
struct Parameters {
    realm: Vec<u8>,
    nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    algorithm: Algorithm,
    /// Whether the algorithm derives a session key: `MD5-sess`.
    is_session: bool,
    /// The server's and the client's nonce of the first response. The session key is derived from them until the next
    /// challenge.
    session_nonces: Option<(Vec<u8>, String)>,
    /// The name of the algorithm as the server wrote it, which the response repeats.
    algorithm_name: Option<String>,
    /// The quality of protection (`qop`). `None` is the older form of RFC 2069.
    quality: Option<Quality>,
    /// Whether the response contains a hash of the user name (`userhash`).
    hashes_user: bool,
    /// How often the nonce was used (`nc`).
    count: u32,
}

/// The hash algorithms, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
    Sha512_256,
    /// It is not in RFC 7616.
    Sha512,
}

/// What a response protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quality {
    /// The method and the URL.
    Auth,
    /// The method, the URL and the body.
    AuthInt,
}

impl Algorithm {
    fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sha512_256 => hex(&Sha512_256::digest(bytes)),
            Self::Sha512 => hex(&Sha512::digest(bytes)),
        }
    }

    /// Hashes parts that are joined by colons.
    fn hash_parts(self, parts: &[&[u8]]) -> String {
        self.hash(&Zeroizing::new(parts.join(&b':')))
    }
}

messages! {
    /// Why there is no response to a challenge. It continues a sentence: "a challenge of the server …".
    #[derive(Debug)]
    enum Unsupported {
        Scheme(found: String) = "has the scheme `{found}`, and the credential is a digest",
        Algorithm(found: String) =
            "has the algorithm `{found}`; supported are MD5, SHA-256, SHA-512-256 and SHA-512, also with `-sess`",
        Quality(found: String) = "has the quality of protection `{found}`; supported are `auth` and `auth-int`",
        Missing(name: &'static str) = "has no `{name}`",
    }
}

/// A name of a server as messages show it. What can't be a name is not shown.
fn shown(name: &str) -> String {
    const MAX_LENGTH: usize = 40;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,/ ".contains(&byte);
    let is_shown = name.len() <= MAX_LENGTH && name.bytes().all(is_name);
    if is_shown { name.to_owned() } else { "[redacted]".to_owned() }
}

impl Parameters {
    /// Reads a challenge, if it is a digest challenge that is supported.
    fn read(challenge: &Challenge) -> Result<Self, Unsupported> {
        if challenge.scheme() != "digest" {
            return Err(Unsupported::Scheme(shown(challenge.scheme())));
        }
        let required = |name| challenge.bytes(name).map(<[u8]>::to_owned).ok_or(Unsupported::Missing(name));
        let algorithm_name = challenge.get("algorithm");
        let name = algorithm_name.as_deref().unwrap_or("MD5").to_ascii_uppercase();
        let (name, is_session) = match name.strip_suffix("-SESS") {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        let algorithm = match name {
            "MD5" => Algorithm::Md5,
            "SHA-256" => Algorithm::Sha256,
            "SHA-512-256" => Algorithm::Sha512_256,
            "SHA-512" => Algorithm::Sha512,
            _ => return Err(Unsupported::Algorithm(shown(algorithm_name.as_deref().unwrap_or_default()))),
        };
        let quality = match challenge.get("qop") {
            None => None,
            Some(offered) => {
                let offers =
                    |quality| offered.split(',').any(|item| item.trim().eq_ignore_ascii_case(quality));
                Some(if offers("auth") {
                    Quality::Auth
                } else if offers("auth-int") {
                    Quality::AuthInt
                } else {
                    return Err(Unsupported::Quality(shown(&offered)));
                })
            }
        };
        Ok(Self {
            realm: required("realm")?,
            nonce: required("nonce")?,
            opaque: challenge.bytes("opaque").map(<[u8]>::to_owned),
            algorithm,
            is_session,
            session_nonces: None,
            algorithm_name: algorithm_name.map(Cow::into_owned),
            quality,
            hashes_user: challenge.is("userhash", "true"),
            count: 0,
        })
    }

    /// Counts one more use of the nonce, and returns a copy of the parameters for this response.
    fn next(&mut self, client_nonce: &str) -> Self {
        self.count = self.count.saturating_add(1);
        if self.is_session {
            self.session_nonces.get_or_insert_with(|| (self.nonce.clone(), client_nonce.to_owned()));
        }
        self.clone()
    }

    /// Computes the value of `Authorization`, with `count` as the nonce count (RFC 7616 §3.4).
    fn authorization(
        &self,
        user: &str,
        password: &Secret,
        request: &Request,
        client_nonce: &str,
    ) -> Result<Vec<u8>> {
        let Self { realm, nonce, algorithm, .. } = self;
        let hash = |parts: &[&[u8]]| algorithm.hash_parts(parts);
        let uri = request.url[Position::BeforePath..Position::AfterQuery].as_bytes();
        let count = format!("{:08x}", self.count);
        let mut secret = Zeroizing::new(hash(&[user.as_bytes(), realm, password.expose().as_bytes()]));
        if let Some((nonce, client_nonce)) = &self.session_nonces {
            *secret = hash(&[secret.as_bytes(), nonce, client_nonce.as_bytes()]);
        }
        let method = request.method.as_str().as_bytes();
        let protected = match self.quality {
            Some(Quality::AuthInt) => {
                let body = request.body.as_bytes().ok_or_else(|| {
                    let message =
                        "the server requires a digest of the body (`auth-int`), which a stream does not have; send the body as bytes";
                    Error::new(ErrorKind::Argument, message)
                })?;
                hash(&[method, uri, algorithm.hash(body).as_bytes()])
            }
            _ => hash(&[method, uri]),
        };
        let quality = self.quality.map(|quality| match quality {
            Quality::Auth => "auth",
            Quality::AuthInt => "auth-int",
        });
        let (secret, protected) = (secret.as_bytes(), protected.as_bytes());
        let proof = match quality.map(str::as_bytes) {
            Some(quality) => {
                hash(&[secret, nonce, count.as_bytes(), client_nonce.as_bytes(), quality, protected])
            }
            None => hash(&[secret, nonce, protected]),
        };
        let mut fields = vec![self.username(user)];
        fields.extend([field("realm", realm), field("nonce", nonce), field("uri", uri)]);
        fields.push(field("response", proof.as_bytes()));
        fields.extend(self.algorithm_name.as_ref().map(|name| format!("algorithm={name}").into_bytes()));
        fields.extend(self.opaque.as_ref().map(|opaque| field("opaque", opaque)));
        fields.extend(quality.map(|quality| format!("qop={quality}, nc={count}").into_bytes()));
        if quality.is_some() || self.is_session {
            fields.push(field("cnonce", client_nonce.as_bytes()));
        }
        if self.hashes_user {
            fields.push(b"userhash=true".to_vec());
        }
        Ok([b"Digest ".as_slice(), &fields.join(b", ".as_slice())].concat())
    }

    /// The field `username`, or `username*` (RFC 8187) for a name that is not ASCII.
    fn username(&self, user: &str) -> Vec<u8> {
        if self.hashes_user {
            let hash = self.algorithm.hash_parts(&[user.as_bytes(), &self.realm]);
            return field("username", hash.as_bytes());
        }
        if user.is_ascii() {
            return field("username", user.as_bytes());
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
        let encoded = user
            .bytes()
            .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
        format!("username*=UTF-8''{}", encoded.collect::<String>()).into_bytes()
    }
}

impl Digest {
    fn new(user: String, password: Secret) -> Self {
        Self { user, password, servers: Mutex::default() }
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<Origin, Server>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parameters of the next response to the server of `url`, and its client nonce. Returns `None` before the first
    /// challenge.
    ///
    /// With a session key, the client nonce is that of the first response. Otherwise it is `client_nonce`.
    fn next(&self, url: &Url, client_nonce: String) -> Option<(Parameters, String)> {
        let mut servers = self.servers();
        let server = servers.entry(url.origin()).or_default();
        let Some(parameters) = &mut server.parameters else {
            server.unsigned = server.unsigned.saturating_add(1);
            return None;
        };
        Some((
            parameters.next(&client_nonce),
            parameters.session_nonces.as_ref().map_or(client_nonce, |(_, first)| first.clone()),
        ))
    }
}

impl AuthScheme for Digest {
    fn applies(&self, request: &Request) -> bool {
        !request.headers.contains_key(header::AUTHORIZATION)
    }

    /// Not needed: the password is not sent, and a response is valid for one request only.
    fn needs_https(&self) -> bool {
        false
    }

    fn sign(&self, request: &mut Request, _: SystemTime) -> Result<()> {
        let client_nonce = random::uuid()?;
        // Before the first challenge, the request is sent without `Authorization`.
        let Some((parameters, client_nonce)) = self.next(&request.url, client_nonce) else {
            return Ok(());
        };
        let authorization = parameters.authorization(&self.user, &self.password, request, &client_nonce)?;
        // The user name was checked, but a realm may have any byte after a backslash.
        let mut authorization = HeaderValue::from_bytes(&authorization).map_err(|_| {
            Error::new(ErrorKind::Argument, "the challenge of the server contains a control character")
        })?;
        authorization.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, authorization);
        Ok(())
    }

    fn clock_tolerance(&self, _: StatusCode) -> Option<Duration> {
        None
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.password.clone()]
    }

    fn name(&self) -> &str {
        "a digest"
    }

    fn on_challenge(&self, error: &Error, earlier: u32) -> bool {
        let headers = error.headers().filter(|_| error.status() == Some(StatusCode::UNAUTHORIZED));
        let (Some(headers), Some(exchange)) = (headers, error.exchange()) else { return false };
        let challenges = challenges(headers, &header::WWW_AUTHENTICATE);
        let supported =
            challenges.iter().filter_map(|challenge| Some((Parameters::read(challenge).ok()?, challenge)));
        // Of two equally strong challenges, the server prefers the first.
        let strongest =
            supported.reduce(|best, other| if other.0.algorithm > best.0.algorithm { other } else { best });
        let Some((mut fresh, challenge)) = strongest else { return false };
        let is_stale = challenge.is("stale", "true");
        let mut servers = self.servers();
        let server = servers.entry(exchange.url.origin()).or_default();
        let is_unsigned = earlier == 0 && server.unsigned > 0;
        if is_unsigned {
            server.unsigned -= 1;
            server.challenged = server.challenged.saturating_add(1);
        }
        // A second challenge means that the password is wrong, unless it only replaces a nonce that has expired. A server may not tell
        // that from a count that has not grown, or from a nonce that the challenge of another request has replaced.
        if earlier > 0 && !is_stale && !server.is_proven && server.challenged < 2 {
            return false;
        }
        if is_stale {
            server.is_strict = false;
        } else if !is_unsigned && server.is_proven {
            server.is_strict = true;
        }
        if let Some(known) = server.parameters.as_ref().filter(|known| known.nonce == fresh.nonce) {
            fresh.count = known.count;
        }
        server.parameters = Some(fresh);
        true
    }

    fn turn(&self, url: &Url) -> Option<Arc<Semaphore>> {
        let servers = self.servers();
        let server = servers.get(&url.origin())?;
        let is_ordered = server.parameters.is_some() && (server.is_strict || !server.is_proven);
        is_ordered.then(|| Arc::clone(&server.turn))
    }

    fn unsupported_challenge(&self, response: &Response) -> Option<String> {
        const MAX_SHOWN: usize = 4;
        if response.status() != StatusCode::UNAUTHORIZED {
            return None;
        }
        let challenges = challenges(response.headers(), &header::WWW_AUTHENTICATE);
        let mut unsupported: Vec<_> =
            challenges.iter().map(|challenge| Parameters::read(challenge).err()).collect::<Option<_>>()?;
        unsupported.truncate(MAX_SHOWN);
        if unsupported.is_empty() {
            return Some(
                "the server sent no challenge (`WWW-Authenticate`) for the digest credential".to_owned(),
            );
        }
        let shown = unsupported.iter().map(|why| format!("a challenge of the server {why}"));
        Some(shown.collect::<Vec<_>>().join("; "))
    }

    /// Remembers that the password was accepted. Replaces the nonce with the `nextnonce` of the response, if it has one.
    fn on_response(&self, response: &Response) {
        let info = challenges(response.headers(), &AUTHENTICATION_INFO);
        let nonce = info.first().and_then(|info| info.bytes("nextnonce"));
        let Some(url) = response.url() else { return };
        let mut servers = self.servers();
        let Some(server) = servers.get_mut(&url.origin()) else { return };
        if response.status().is_success() {
            match server.parameters {
                Some(_) => server.is_proven = true,
                None => server.unsigned = server.unsigned.saturating_sub(1),
            }
        }
        let (Some(nonce), Some(known)) = (nonce, &mut server.parameters) else { return };
        if known.nonce != nonce {
            (known.nonce, known.count) = (nonce.to_owned(), 0);
        }
    }
}

/// A field with a quoted string (RFC 9110 §5.6.4).
fn field(name: &str, value: &[u8]) -> Vec<u8> {
    let mut field = [name.as_bytes(), b"=\""].concat();
    for byte in value {
        if matches!(byte, b'"' | b'\\') {
            field.push(b'\\');
        }
        field.push(*byte);
    }
    field.push(b'"');
    field
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;
    use crate::message::Body;
    use crate::redact::Redaction;

    fn authorization(
        user: &str,
        password: &str,
        challenge: &str,
        (method, url, body): (Method, &str, &str),
        client_nonce: &str,
    ) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_bytes(challenge.as_bytes()).unwrap());
        let mut parameters = Parameters::read(&challenges(&headers, &header::WWW_AUTHENTICATE)[0]).unwrap();
        let parameters = parameters.next(client_nonce);
        let url = Url::parse(url).unwrap();
        let request = Request {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::from(body.to_owned()),
            operation: None,
            redaction: Redaction::default(),
        };
        let value = parameters.authorization(user, &Secret::new(password), &request, client_nonce).unwrap();
        String::from_utf8(value).unwrap()
    }

    /// RFC 7616 §3.9.1 and §3.9.2, the latter with the hashes of its erratum 4897: those in the RFC are of a truncated
    /// SHA-512.
    #[test]
    fn responses_match_the_examples_of_the_rfc() {
        let mufasa = |algorithm: &str| {
            let challenge = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let request = (Method::GET, "http://www.example.org/dir/index.html", "");
            let client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            authorization("Mufasa", "Circle of Life", &challenge, request, client_nonce)
        };
        let expected = |algorithm: &str, response: &str| {
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", response=\"{response}\", \
                 algorithm={algorithm}, opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", qop=auth, nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\""
            )
        };
        assert_eq!(mufasa("MD5"), expected("MD5", "8ca523f5e9506fed4657c9700eebdbec"));
        let sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(mufasa("SHA-256"), expected("SHA-256", sha256));

        let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
             nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", \
             charset=UTF-8, userhash=true";
        let request = (Method::GET, "http://api.example.org/doe.json", "");
        let client_nonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
        let jason = authorization("J\u{e4}s\u{f8}n Doe", "Secret, or not?", challenge, request, client_nonce);
        for part in [
            "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"",
            "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\"",
            "userhash=true",
        ] {
            assert!(jason.contains(part), "{jason}");
        }
    }

    /// A session key is derived once for each challenge (RFC 7616 §3.4.2).
    #[test]
    fn a_session_key_lasts_until_the_next_challenge() {
        let digest = Digest::new("ana".into(), "s3cret".into());
        let mut headers = HeaderMap::new();
        let challenge = "Digest realm=\"r\", nonce=\"one\", algorithm=SHA-256-sess, qop=\"auth\"";
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        let read = || Parameters::read(&challenges(&headers, &header::WWW_AUTHENTICATE)[0]).ok();
        let url = Url::parse("http://a.test/x").unwrap();
        let challenge = || digest.servers().entry(url.origin()).or_default().parameters = read();
        challenge();
        let (first, nonce) = digest.next(&url, "a".into()).unwrap();
        assert_eq!(
            (nonce.as_str(), first.count, &first.session_nonces),
            ("a", 1, &Some(("one".into(), "a".into())))
        );
        digest.servers().get_mut(&url.origin()).unwrap().parameters.as_mut().unwrap().nonce = "two".into();
        let (second, nonce) = digest.next(&url, "b".into()).unwrap();
        assert_eq!((nonce.as_str(), second.count, &second.session_nonces), ("a", 2, &first.session_nonces));
        challenge();
        assert_eq!(digest.next(&url, "c".into()).unwrap().1, "c");
    }

    /// Computed with Python's hashlib from the formulas of RFC 7616 §3.4 and RFC 2069 §2.1.2.
    #[test]
    fn responses_of_older_and_rarer_forms_match_their_formulas() {
        let body = "{\"a\":1}";
        let rows = [
            ("algorithm=MD5-sess, qop=\"auth\"", "3402ecb842f22210b072dd15358dbbf0"),
            ("qop=\"auth-int\"", "b4f2e311e67ec8549b31db083c4d2735"),
            ("", "4d5d189a9e8f182beb57f47fbaa630a5"),
        ];
        for (more, expected) in rows {
            let challenge = format!("Digest realm=\"r\", nonce=\"n\", {more}");
            let value = authorization(
                "Zo\u{eb}",
                "pa:ss",
                &challenge,
                (Method::POST, "http://a.test/x?y=%20", body),
                "c",
            );
            assert!(value.contains(&format!("response=\"{expected}\"")), "{value}");
            assert!(value.starts_with("Digest username*=UTF-8''Zo%C3%AB, "), "{value}");
            assert_eq!(value.contains("nc="), !more.is_empty(), "{value}");
        }
    }

    /// Computed with Python's hashlib, as above.
    #[test]
    fn a_realm_that_is_not_utf_8_is_hashed_and_repeated_as_its_bytes() {
        let mut headers = HeaderMap::new();
        let challenge = HeaderValue::from_bytes(b"Digest realm=\"\xfc\", nonce=\"n\"").unwrap();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
        let parameters = Parameters::read(&challenges(&headers, &header::WWW_AUTHENTICATE)[0]).unwrap();
        let (method, url) = (Method::GET, Url::parse("http://a.test/x").unwrap());
        let request = Request {
            method,
            url,
            headers,
            body: Body::empty(),
            operation: None,
            redaction: Redaction::default(),
        };
        let value = parameters.authorization("ana", &Secret::new("s3cret"), &request, "c").unwrap();
        let expected =
            b"realm=\"\xfc\", nonce=\"n\", uri=\"/x\", response=\"d274d7365baf0ed7ce1f8d8745bf0e9e\"";
        assert!(value.windows(expected.len()).any(|part| part == expected), "{}", value.escape_ascii());
    }
}
