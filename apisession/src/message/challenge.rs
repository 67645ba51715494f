//! Challenges: the headers `WWW-Authenticate` and `Proxy-Authenticate` (RFC 9110 §11.6.1), and `Authentication-Info`.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName, header};

use super::Response;

/// A challenge of a server: which scheme it wants, and the parameters for it (RFC 9110 §11.3).
///
/// [`Response::challenges`](crate::Response::challenges) returns those of a response, and a [challenged](crate::Credential::challenged)
/// credential gets the one that it responds to. Names are compared without case. A value is UTF-8, or else Latin-1.
///
/// ```
/// use apisession::Challenge;
/// use apisession::http::{HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// let value = r#"Negotiate, Bearer realm="https://auth.acme.example/token",scope="shelf:a:read""#;
/// headers.insert("www-authenticate", HeaderValue::from_static(value));
/// let challenges = Challenge::all(&headers);
/// assert_eq!(challenges[1].scheme(), "bearer");
/// assert_eq!(challenges[1].get("scope").as_deref(), Some("shelf:a:read"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    token68: Option<String>,
    /// The values are bytes, since a realm may be in any encoding, and a response repeats its bytes.
    parameters: Vec<(String, Vec<u8>)>,
}

/// How many challenges are read from the headers of a response.
const MAX_CHALLENGES: usize = 64;

impl Challenge {
    /// A challenge that no server has made, with these parameters.
    pub(crate) fn of<'a>(scheme: &str, parameters: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { scheme: scheme.to_ascii_lowercase(), token68: None, parameters }
    }

    /// Returns all challenges in `WWW-Authenticate`, in their order, from one header or several: at most 64.
    ///
    /// What can't be read is left out up to the next comma, and hides nothing after it.
    #[must_use]
    pub fn all(headers: &HeaderMap) -> Vec<Self> {
        challenges(headers, &header::WWW_AUTHENTICATE)
    }

    /// Returns the name of the scheme, in lower case: `bearer`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns the first parameter of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.bytes(name)?;
        Some(match std::str::from_utf8(value) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
        })
    }

    /// Returns the first parameter of this name as the server sent it.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        let parameter = self.parameters.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        parameter.map(|(_, value)| value.as_slice())
    }

    /// Returns the `realm`. In a challenge for a token of another server it is the URL of that server, to which
    /// [`Raw::follow`](crate::Raw::follow) makes a request.
    #[must_use]
    pub fn realm(&self) -> Option<Cow<'_, str>> {
        self.get("realm")
    }

    /// Returns the `scope`, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> Option<Cow<'_, str>> {
        self.get("scope")
    }

    /// Returns the data that stand in place of parameters, as after `Negotiate`.
    #[must_use]
    pub fn token68(&self) -> Option<&str> {
        self.token68.as_deref()
    }

    /// The challenge as a server sends it.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn written(&self) -> Vec<u8> {
        let parameters = self.parameters.iter().map(|(name, value)| {
            let escaped = value.iter().flat_map(|byte| [b'\\', *byte]);
            [name.as_bytes(), b"=\"", &escaped.collect::<Vec<_>>(), b"\""].concat()
        });
        let data = self.token68.iter().map(|data| data.clone().into_bytes());
        let items: Vec<_> = data.chain(parameters).collect();
        [self.scheme.as_bytes(), b" ", &items.join(&b", "[..])].concat()
    }

    /// Whether a parameter has this value, ignoring case.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.bytes(name).is_some_and(|actual| actual.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// Shows the scheme and the names of the parameters, not their values.
impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Challenge").field("scheme", &self.scheme).field("parameters", &names).finish()
    }
}

impl Response {
    /// Returns the challenges in the headers `WWW-Authenticate` (RFC 9110 §11.6.1), in order.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge> {
        Challenge::all(self.headers())
    }
}

/// Returns the challenges of a header.
pub(crate) fn challenges(headers: &HeaderMap, name: &HeaderName) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for value in headers.get_all(name) {
        let mut rest = value.as_bytes();
        while let Some(item) = next(&mut rest) {
            match item {
                Item::Scheme(_) if all.len() == MAX_CHALLENGES => return all,
                Item::Scheme(scheme) => {
                    let token68 = take_token68(&mut rest);
                    all.push(Challenge { token68, ..Challenge::of(scheme, []) });
                }
                Item::Parameter(name, value) => {
                    // `Authentication-Info` has parameters without a scheme.
                    if all.is_empty() {
                        all.push(Challenge::default());
                    }
                    if let Some(last) = all.last_mut() {
                        last.parameters.push((name.to_ascii_lowercase(), value));
                    }
                }
                Item::Unreadable => {}
            }
        }
    }
    all
}

enum Item<'a> {
    Scheme(&'a str),
    Parameter(&'a str, Vec<u8>),
    Unreadable,
}

/// Takes the next scheme or parameter, or what is neither. Returns `None` at the end.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Item<'a>> {
    *rest = without_leading(rest, b" \t,");
    if rest.is_empty() {
        return None;
    }
    let Some((name, after)) = split_token(rest) else {
        *rest = after_item(rest);
        return Some(Item::Unreadable);
    };
    let Some(value) = without_leading(after, b" \t").strip_prefix(b"=") else {
        // A name is followed by a space, a comma or the end.
        let is_name = after.first().is_none_or(|byte| b" \t,".contains(byte));
        *rest = if is_name { after } else { after_item(after) };
        return Some(if is_name { Item::Scheme(name) } else { Item::Unreadable });
    };
    let value = without_leading(value, b" \t");
    match split_value(value) {
        Some((value, after)) => {
            *rest = after;
            Some(Item::Parameter(name, value))
        }
        None => {
            *rest = after_item(value);
            Some(Item::Unreadable)
        }
    }
}

fn without_leading<'a>(text: &'a [u8], skipped: &[u8]) -> &'a [u8] {
    let start = text.iter().position(|byte| !skipped.contains(byte)).unwrap_or(text.len());
    &text[start..]
}

/// The text from the next comma on that is not in a quoted string.
fn after_item(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match first {
            b',' => return rest,
            b'"' => rest = split_quoted(after).map_or(&[][..], |(_, after)| after),
            _ => rest = after,
        }
    }
    rest
}

/// Splits a token off the start of a text.
fn split_token(text: &[u8]) -> Option<(&str, &[u8])> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let end = text.iter().position(|byte| !is_token(byte)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end).filter(|_| end > 0)?;
    Some((std::str::from_utf8(token).ok()?, rest))
}

/// Splits the value of a parameter off the start of a text: a quoted string, or what some servers forget to quote, such as a URL.
fn split_value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if let Some(quoted) = text.strip_prefix(b"\"") {
        return split_quoted(quoted);
    }
    let end = text.iter().position(|byte| b" \t,\"".contains(byte)).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    (end > 0 && !rest.starts_with(b"\"")).then(|| (value.into(), rest))
}

/// Splits a quoted string off the start of a text, which is after its opening quote (RFC 9110 §5.6.4).
fn split_quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut value = Vec::new();
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((value, &text[at + 1..])),
            b'\\' => value.push(*bytes.next()?.1),
            byte => value.push(*byte),
        }
    }
    None
}

/// Takes a token68 after a scheme, which takes the place of parameters: `Negotiate YII=`.
fn take_token68(rest: &mut &[u8]) -> Option<String> {
    let text = without_leading(rest, b" \t");
    let is_token68 = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let end = text.iter().position(|byte| !is_token68(byte)).unwrap_or(text.len());
    let padding = text[end..].iter().take_while(|byte| **byte == b'=').count();
    let (token68, after) = text.split_at(end + padding);
    let is_whole = end > 0 && without_leading(after, b" \t").first().is_none_or(|byte| *byte == b',');
    if !is_whole {
        return None;
    }
    *rest = after;
    String::from_utf8(token68.into()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::WWW_AUTHENTICATE;

    use super::*;

    /// Schemes with their data and parameters: `basic realm=a|negotiate <YII=>`.
    fn shown(all: &[Challenge]) -> String {
        let shown = all.iter().map(|challenge| {
            let mut text = challenge.scheme.clone();
            text.extend(challenge.token68.iter().map(|data| format!(" <{data}>")));
            let names = challenge.parameters.iter().map(|(name, _)| name.as_str());
            // Of two parameters of one name, the first is found.
            text.extend(names.map(|name| format!(" {name}={}", challenge.get(name).unwrap_or_default())));
            text
        });
        shown.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn challenges_are_parsed_from_one_header_or_several() {
        let rows: &[(&[&[u8]], &str)] = &[
            // RFC 9110 §11.6.1, and what its grammar allows.
            (
                &[br#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#],
                "basic realm=simple|newauth realm=apps type=1 title=Login to \"apps\"",
            ),
            (&[b"Basic"], "basic"),
            (
                &[br#"Basic realm="a, b", Digest nonce=x , QOP = "auth,auth-int""#],
                "basic realm=a, b|digest nonce=x qop=auth,auth-int",
            ),
            (&[br#"Negotiate YII=, Digest nonce="a\"b\\""#], "negotiate <YII=>|digest nonce=a\"b\\"),
            (&[b"Negotiate, NTLM TlRMTVNTUAA==,Basic realm=x"], "negotiate|ntlm <TlRMTVNTUAA==>|basic realm=x"),
            (&[b"Hawk a.b-c_d~e+f/g"], "hawk <a.b-c_d~e+f/g>"),
            (&[b"Digest nonce=1, nonce=2", b"Bearer"], "digest nonce=1 nonce=1|bearer"),
            (&[br#",, Digest realm="r",,stale=TRUE,"#], "digest realm=r stale=TRUE"),
            (&[b"BEARER Realm=\"r\"\t,\tSCOPE=\"a  b\""], "bearer realm=r scope=a  b"),
            (&[br#"Bearer realm="""#], "bearer realm="),
            (&[b"", b" , ", b"Basic"], "basic"),
            // Tokens of container registries (RFC 6750 §3, and the Docker registry's specification).
            (
                &[br#"Bearer realm="https://auth.test/token?a=1,2",service="r.test",scope="repository:a/b:pull,push c:d:e",error="insufficient_scope""#],
                "bearer realm=https://auth.test/token?a=1,2 service=r.test scope=repository:a/b:pull,push c:d:e error=insufficient_scope",
            ),
            // The field: no quotes around a URL, no commas, a comma without a parameter, single quotes.
            (
                &[b"Bearer realm=https://auth.test/token?a=b,service=r.test"],
                "bearer realm=https://auth.test/token?a=b service=r.test",
            ),
            (&[br#"Bearer realm="a" service="b" Basic realm="c""#], "bearer realm=a service=b|basic realm=c"),
            (&[b"Bearer realm='a'"], "bearer realm='a'"),
            (&[br#"Bearer, realm="a""#], "bearer realm=a"),
            (&[br#"Bearer authorization_uri="https://login.test/t", "#], "bearer authorization_uri=https://login.test/t"),
            // `Authentication-Info`, and servers that forget the scheme.
            (&[br#"nextnonce="n", qop=auth"#], " nextnonce=n qop=auth"),
            // What can't be read hides nothing after it.
            (&[br#"Digest nonce="open"#], "digest"),
            (&[br#"Digest nonce="a\"#, b"Basic"], "digest|basic"),
            (&[br#"Digest realm="a", nonce="open, Basic realm="b""#], "digest realm=a nonce=open, Basic realm="),
            (&[b"Bearer realm=, scope=x"], "bearer <realm=> scope=x"),
            (&[br#"Bearer scope=a"b", realm=c"#], "bearer realm=c"),
            (&[br#""quoted, Digest nonce=1" x, Basic"#], "basic"),
            (&[b"@, Bearer realm=a"], "bearer realm=a"),
            (&[b"a/b c, Bearer realm=a"], "bearer realm=a"),
            (&[b"=, ==, Bearer realm=a"], "bearer realm=a"),
            (&[b"\xff\xfe, Bearer realm=a"], "bearer realm=a"),
            // UTF-8, and Latin-1.
            (&[b"Basic realm=\"caf\xc3\xa9\""], "basic realm=caf\u{e9}"),
            (&[b"Basic realm=\"caf\xe9\""], "basic realm=caf\u{e9}"),
        ];
        for (values, expected) in rows {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(value).unwrap());
            }
            let values: Vec<_> = values.iter().map(|value| value.escape_ascii().to_string()).collect();
            assert_eq!(shown(&Challenge::all(&headers)), *expected, "{values:?}");
        }
    }

    /// A header is read in one pass, also if each byte could begin a challenge.
    #[test]
    fn a_long_header_is_read_in_time() {
        for part in ["a ", "a=", "a b=\"", "\",", "a=\"\\", ", "] {
            let mut headers = HeaderMap::new();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(&part.repeat(200_000)).unwrap());
            assert!(Challenge::all(&headers).len() <= MAX_CHALLENGES, "{part:?}");
        }
    }
}
