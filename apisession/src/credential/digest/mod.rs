//! Digest (RFC 7616): the server asks, and the answer proves the password without sending it.

mod challenge;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, StatusCode, header};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};
use url::Position;
use zeroize::Zeroizing;

use self::challenge::{Challenge, challenges};
use super::{AuthScheme, Credential};
use crate::encode::hex::hex;
use crate::encode::random;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Request, Response};
use crate::redact::Secret;

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// A user's name and password, and what the server has asked for.
struct Digest {
    user: String,
    password: Secret,
    asked: Mutex<Option<Asked>>,
}

impl Credential {
    /// Creates a digest credential (RFC 7616): MD5, SHA-256 and SHA-512-256, the strongest that the server offers.
    ///
    /// The first request is sent without it, and once more after the server's challenge. Later requests carry it at once. The password
    /// itself is never sent, so it may be used over plain HTTP.
    #[must_use]
    pub fn digest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::scheme(Digest::new(user.into(), password.into()))
    }
}

/// A challenge that can be answered.
#[derive(Clone, Debug)]
struct Asked {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// Whether the key of a session is hashed in: `MD5-sess`.
    is_session: bool,
    /// Both nonces of the first answer, which that key is made of until the next challenge.
    first: Option<(String, String)>,
    /// What it has to say about the algorithm, as the server wrote it.
    named: Option<String>,
    /// What is protected; `None` is what RFC 2069 had.
    quality: Option<Quality>,
    hashes_user: bool,
    /// How often the nonce was used.
    count: u32,
}

/// From the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
    Sha512_256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quality {
    /// Method and URL.
    Auth,
    /// The body as well.
    AuthInt,
}

impl Algorithm {
    fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sha512_256 => hex(&Sha512_256::digest(bytes)),
        }
    }

    fn of(&self, parts: &[&str]) -> String {
        self.hash(Zeroizing::new(parts.join(":")).as_bytes())
    }
}

impl Asked {
    fn read(challenge: &Challenge) -> Option<Self> {
        if challenge.scheme != "digest" {
            return None;
        }
        let named = challenge.get("algorithm");
        let name = named.unwrap_or("MD5").to_ascii_uppercase();
        let (name, is_session) = match name.strip_suffix("-SESS") {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        let algorithm = match name {
            "MD5" => Algorithm::Md5,
            "SHA-256" => Algorithm::Sha256,
            "SHA-512-256" => Algorithm::Sha512_256,
            _ => return None,
        };
        let quality = match challenge.get("qop") {
            None => None,
            Some(offered) => {
                let offers = |quality| offered.split(',').any(|one| one.trim().eq_ignore_ascii_case(quality));
                Some(if offers("auth") {
                    Quality::Auth
                } else if offers("auth-int") {
                    Quality::AuthInt
                } else {
                    return None;
                })
            }
        };
        Some(Self {
            realm: challenge.get("realm")?.to_owned(),
            nonce: challenge.get("nonce")?.to_owned(),
            opaque: challenge.get("opaque").map(str::to_owned),
            algorithm,
            is_session,
            first: None,
            named: named.map(str::to_owned),
            quality,
            hashes_user: challenge.is("userhash", "true"),
            count: 0,
        })
    }

    /// What it is once it is answered once more.
    fn again(&mut self, client_nonce: &str) -> Self {
        self.count = self.count.saturating_add(1);
        if self.is_session {
            self.first.get_or_insert_with(|| (self.nonce.clone(), client_nonce.to_owned()));
        }
        self.clone()
    }

    /// The answer, for the time that `count` says (RFC 7616 §3.4).
    fn answer(&self, user: &str, password: &Secret, request: &Request, client_nonce: &str) -> Result<String> {
        let Self { realm, nonce, algorithm, .. } = self;
        let uri = &request.url[Position::BeforePath..Position::AfterQuery];
        let count = format!("{:08x}", self.count);
        let mut secret = Zeroizing::new(algorithm.of(&[user, realm, password.expose()]));
        if let Some((nonce, client_nonce)) = &self.first {
            *secret = algorithm.of(&[&secret, nonce, client_nonce]);
        }
        let method = request.method.as_str();
        let what = match self.quality {
            Some(Quality::AuthInt) => {
                let body = request.body.as_bytes().ok_or_else(|| {
                    let message =
                        "the server wants a digest of the body (`auth-int`), which a stream has none of";
                    Error::new(ErrorKind::Argument, message)
                })?;
                algorithm.of(&[method, uri, &algorithm.hash(body)])
            }
            _ => algorithm.of(&[method, uri]),
        };
        let quality = self.quality.map(|quality| match quality {
            Quality::Auth => "auth",
            Quality::AuthInt => "auth-int",
        });
        let proof = match quality {
            Some(quality) => algorithm.of(&[&secret, nonce, &count, client_nonce, quality, &what]),
            None => algorithm.of(&[&secret, nonce, &what]),
        };
        let mut said = vec![self.user(user)];
        said.push(format!("realm={}, nonce={}, uri={}", quoted(realm), quoted(nonce), quoted(uri)));
        said.push(format!("response=\"{proof}\""));
        said.extend(self.named.as_ref().map(|name| format!("algorithm={name}")));
        said.extend(self.opaque.as_ref().map(|opaque| format!("opaque={}", quoted(opaque))));
        said.extend(quality.map(|quality| format!("qop={quality}, nc={count}")));
        if quality.is_some() || self.is_session {
            said.push(format!("cnonce={}", quoted(client_nonce)));
        }
        if self.hashes_user {
            said.push("userhash=true".to_owned());
        }
        Ok(format!("Digest {}", said.join(", ")))
    }

    /// Who it is; a name beyond ASCII is written as RFC 8187 has it.
    fn user(&self, user: &str) -> String {
        if self.hashes_user {
            return format!("username=\"{}\"", self.algorithm.of(&[user, &self.realm]));
        }
        if user.is_ascii() {
            return format!("username={}", quoted(user));
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
        let coded = user
            .bytes()
            .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
        format!("username*=UTF-8''{}", coded.collect::<String>())
    }
}

impl Digest {
    fn new(user: String, password: Secret) -> Self {
        Self { user, password, asked: Mutex::default() }
    }

    fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The challenge, to be answered once more, and the nonce to do that with.
    fn next(&self, client_nonce: String) -> Option<(Asked, String)> {
        let mut asked = self.asked();
        let asked = asked.as_mut()?;
        Some((
            asked.again(&client_nonce),
            asked.first.as_ref().map_or(client_nonce, |(_, first)| first.clone()),
        ))
    }
}

impl AuthScheme for Digest {
    fn applies(&self, request: &Request) -> bool {
        !request.headers.contains_key(header::AUTHORIZATION)
    }

    /// The password is not sent, and an answer is good for one request.
    fn needs_https(&self) -> bool {
        false
    }

    fn sign(&self, request: &mut Request, _: SystemTime) -> Result<()> {
        let client_nonce = random::uuid()?;
        // Before the first challenge nobody knows what to answer.
        let Some((asked, client_nonce)) = self.next(client_nonce) else { return Ok(()) };
        let answer = asked.answer(&self.user, &self.password, request, &client_nonce)?;
        let mut answer = HeaderValue::from_bytes(answer.as_bytes()).map_err(|_| {
            Error::new(ErrorKind::Argument, "the user name of a digest credential holds a control character")
        })?;
        answer.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, answer);
        Ok(())
    }

    fn clock_tolerance(&self, _: StatusCode) -> Option<Duration> {
        None
    }

    fn name(&self) -> &str {
        "a digest"
    }

    fn on_challenge(&self, error: &Error, before: u32) -> bool {
        let Some(headers) = error.headers().filter(|_| error.status() == Some(StatusCode::UNAUTHORIZED))
        else {
            return false;
        };
        let challenges = challenges(headers, &header::WWW_AUTHENTICATE);
        let read = challenges.iter().filter_map(|challenge| Some((Asked::read(challenge)?, challenge)));
        // Of two that are equally strong the first, which the server prefers.
        let strongest =
            read.reduce(|best, other| if other.0.algorithm > best.0.algorithm { other } else { best });
        let Some((mut fresh, challenge)) = strongest else { return false };
        if before > 0 && !challenge.is("stale", "true") {
            return false;
        }
        let mut asked = self.asked();
        if let Some(known) = asked.as_ref().filter(|known| known.nonce == fresh.nonce) {
            fresh.count = known.count;
        }
        *asked = Some(fresh);
        true
    }

    /// Takes the nonce that the server wants next.
    fn on_response(&self, response: &Response) {
        let said = challenges(response.headers(), &AUTHENTICATION_INFO);
        let Some(nonce) = said.first().and_then(|said| said.get("nextnonce")) else { return };
        if let Some(asked) = self.asked().as_mut().filter(|asked| asked.nonce != nonce) {
            (asked.nonce, asked.count) = (nonce.to_owned(), 0);
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;
    use crate::message::Body;

    fn answer(
        user: &str,
        password: &str,
        challenge: &str,
        (method, url, body): (Method, &str, &str),
        client_nonce: &str,
    ) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_bytes(challenge.as_bytes()).unwrap());
        let mut asked = Asked::read(&challenges(&headers, &header::WWW_AUTHENTICATE)[0]).unwrap();
        let asked = asked.again(client_nonce);
        let url = Url::parse(url).unwrap();
        let request = Request {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::from(body.to_owned()),
            operation: None,
        };
        asked.answer(user, &Secret::new(password), &request, client_nonce).unwrap()
    }

    /// RFC 7616 §3.9.1 and §3.9.2, the latter as its erratum 4897 has it: the RFC's own hashes are those of a SHA-512 cut short.
    #[test]
    fn the_examples_of_the_standard_are_met() {
        let mufasa = |algorithm: &str| {
            let challenge = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let request = (Method::GET, "http://www.example.org/dir/index.html", "");
            let client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            answer("Mufasa", "Circle of Life", &challenge, request, client_nonce)
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
        let jason = answer("J\u{e4}s\u{f8}n Doe", "Secret, or not?", challenge, request, client_nonce);
        for part in [
            "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"",
            "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\"",
            "userhash=true",
        ] {
            assert!(jason.contains(part), "{jason}");
        }
    }

    /// The key of a session is made once for each challenge (RFC 7616 §3.4.2).
    #[test]
    fn the_key_of_a_session_lasts_until_the_next_challenge() {
        let digest = Digest::new("ana".into(), "s3cret".into());
        let mut headers = HeaderMap::new();
        let challenge = "Digest realm=\"r\", nonce=\"one\", algorithm=SHA-256-sess, qop=\"auth\"";
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        let read = || Asked::read(&challenges(&headers, &header::WWW_AUTHENTICATE)[0]);
        *digest.asked() = read();
        let (first, nonce) = digest.next("a".into()).unwrap();
        assert_eq!((nonce.as_str(), first.count, &first.first), ("a", 1, &Some(("one".into(), "a".into()))));
        digest.asked().as_mut().unwrap().nonce = "two".into();
        let (second, nonce) = digest.next("b".into()).unwrap();
        assert_eq!((nonce.as_str(), second.count, &second.first), ("a", 2, &first.first));
        *digest.asked() = read();
        assert_eq!(digest.next("c".into()).unwrap().1, "c");
    }

    /// Computed with Python's hashlib from the formulas of RFC 7616 §3.4 and RFC 2069 §2.1.2.
    #[test]
    fn older_and_rarer_forms_are_met_too() {
        let body = "{\"a\":1}";
        let rows = [
            ("algorithm=MD5-sess, qop=\"auth\"", "3402ecb842f22210b072dd15358dbbf0"),
            ("qop=\"auth-int\"", "b4f2e311e67ec8549b31db083c4d2735"),
            ("", "4d5d189a9e8f182beb57f47fbaa630a5"),
        ];
        for (more, expected) in rows {
            let challenge = format!("Digest realm=\"r\", nonce=\"n\", {more}");
            let said =
                answer("Zo\u{eb}", "pa:ss", &challenge, (Method::POST, "http://a.test/x?y=%20", body), "c");
            assert!(said.contains(&format!("response=\"{expected}\"")), "{said}");
            assert!(said.starts_with("Digest username*=UTF-8''Zo%C3%AB, "), "{said}");
            assert_eq!(said.contains("nc="), !more.is_empty(), "{said}");
        }
    }
}
