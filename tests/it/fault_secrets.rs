//! What never leaves: credentials on the way and at other origins, and secrets in what is shown. Names begin with the
//! number of a fault.

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory, Transport};
use apisession::{BoxFuture, OAuth2, Outcome, Proxies, RawCall, Request, Response, Secret, SigV4, Url};
use apisession_tests::{Seen, Server, recording, respond, tokio, watched};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
}

fn sigv4() -> SigV4 {
    SigV4::new("id", "s3cret").region("r").service("s")
}

/// A credential of each kind that an eavesdropper can read, or whose request is refused all the same.
fn readable(token_url: &str) -> Vec<(&'static str, Credential)> {
    let client = || OAuth2::client_credentials(token_url, "id", "s3cret");
    vec![
        ("bearer", Credential::bearer("s3cret").unwrap()),
        ("basic", Credential::basic("ana", "s3cret").unwrap()),
        ("header", Credential::header("x-api-key", "s3cret").unwrap()),
        ("query", Credential::query("key", "s3cret")),
        ("cookie", Credential::cookie("sid", "s3cret").unwrap()),
        ("signing", Credential::signing(|_, _| Ok(()))),
        ("sigv4", sigv4().into()),
        ("sigv4 with a token", sigv4().session_token("s3cret").into()),
        ("digest with a key", Credential::digest("ana", "s3cret").and("x-api-key", "s3cret").unwrap()),
        ("provider", Credential::provided_by(|_: Session| async { Credential::bearer("s3cret") })),
        ("client", client().into()),
        ("client in the body", client().secret_in_body().into()),
        ("refresh token", OAuth2::refresh_token(token_url, "s3cret").public_client("id").into()),
        ("public client", OAuth2::jwt_bearer(token_url, Secret::new("a.b.c")).into()),
    ]
}

/// A transport over which others can read what is sent to this machine.
struct Relay(Memory);

impl Transport for Relay {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        self.0.send(request)
    }

    fn is_exposed(&self, url: &Url) -> bool {
        url.scheme() == "http"
    }
}

/// How requests get to their server.
enum Way {
    Default,
    Through(Proxies),
    #[cfg(feature = "reqwest")]
    Client,
    Relay,
}

const GRANTED: &str = r#"{"access_token":"t0k3n","token_type":"Bearer"}"#;

#[tokio::test]
async fn fault_b1_no_credential_is_sent_where_others_can_read_it() {
    let server =
        Server::start(|_| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{GRANTED}", GRANTED.len()))
            .await;
    let proxy = Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned()).await;
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let by_name = format!("http://api.localhost:{port}");
    let dotted = format!("http://a.b.LOCALHOST.:{port}");
    let (all, direct) = (Proxies::new().all(proxy.url()), server.url());
    let rows = [
        ("direct", &direct, Way::Default, true),
        ("by name", &by_name, Way::Default, true),
        ("by name with a dot", &dotted, Way::Default, true),
        ("a proxy", &direct, Way::Through(all.clone()), false),
        ("a proxy for http", &direct, Way::Through(Proxies::new().http(proxy.url())), false),
        (
            "a proxy and a name",
            &by_name,
            Way::Through(Proxies::new().host("api.localhost", proxy.url())),
            false,
        ),
        ("an exception", &direct, Way::Through(all.no_proxy("127.0.0.0/8")), true),
        ("a proxy for https", &direct, Way::Through(Proxies::new().https(proxy.url())), true),
        #[cfg(feature = "reqwest")]
        ("a client", &direct, Way::Client, true),
        #[cfg(feature = "reqwest")]
        ("a client that may look up", &by_name, Way::Client, false),
        ("a relay", &direct, Way::Relay, false),
    ];
    for (name, base_url, way, is_sent) in rows {
        for (kind, credential) in readable(&format!("{base_url}/token")) {
            let builder = Acme::builder().base_url(base_url).credential(credential);
            let builder = match &way {
                Way::Default => builder,
                Way::Through(proxies) => builder.proxies(proxies.clone()),
                #[cfg(feature = "reqwest")]
                Way::Client => builder.client(reqwest::Client::builder),
                Way::Relay => builder.transport(Relay(Memory::new(|_| async { Ok(respond(200, "")) }))),
            };
            let api = builder.build().unwrap();
            let end = watched(api.raw().get("/x")).await;
            assert_eq!(end.is_ok(), is_sent, "{name}: {kind}: {end:?}");
            if let Err(error) = end {
                let shown = error.report();
                assert!(
                    shown.contains("over plain HTTP") && !shown.contains("s3cret"),
                    "{name}: {kind}: {shown}"
                );
                assert_eq!((error.attempts(), error.outcome()), (0, Some(Outcome::NotSent)), "{shown}");
            }
        }
    }
    assert_eq!(proxy.connections(), 0);
}

/// The value of a parameter of a digest, or all of another header.
fn parameter<'s>(seen: &'s Seen, name: &str) -> &'s str {
    let rest = seen.header("authorization").split(&format!("{name}=\"")).nth(1);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// A challenge, and the next nonce after it, which name the server.
fn challenging(seen: &Seen) -> Response {
    let server = seen.url.origin().ascii_serialization();
    match parameter(seen, "nonce") {
        "" => {
            let challenge =
                format!("Digest realm=\"{server}\", nonce=\"{server} 1\", algorithm=SHA-256, qop=\"auth\"");
            respond(401, "").with_header("www-authenticate", &challenge)
        }
        _ => respond(200, "").with_header("authentication-info", &format!("nextnonce=\"{server} 2\"")),
    }
}

#[tokio::test(start_paused = true)]
async fn fault_b3_what_one_server_sent_is_not_used_for_another() {
    let home = "https://api.test";
    for other in ["https://b.test", "https://api.test:8443", "http://api.test", "http://127.0.0.1"] {
        let (transport, sent) = recording(|_, seen| Ok(challenging(seen)));
        let transport = std::sync::Arc::new(transport);
        let digest = Credential::digest("ana", "s3cret");
        let build = |base_url: &str| {
            let transport = std::sync::Arc::clone(&transport);
            let transport = Memory::new(move |request| {
                let transport = std::sync::Arc::clone(&transport);
                async move { transport.send(request).await }
            });
            let builder = Acme::builder().base_url(base_url).transport(transport);
            builder.credential(digest.clone()).build().unwrap()
        };
        let (a, b) = (build(home), build(other));
        for _ in 0..2 {
            a.raw().get("/x").await.unwrap();
            b.raw().get("/x").await.unwrap();
            let elsewhere = a.raw().elsewhere(Method::GET, &format!("{other}/y"));
            elsewhere.with_credential(digest.clone()).await.unwrap();
        }
        let all = sent.all();
        for seen in &all {
            let server = seen.url.origin().ascii_serialization();
            for name in ["realm", "nonce"] {
                let found = parameter(seen, name);
                assert!(found.is_empty() || found.starts_with(&server), "{other}: {}: {found}", seen.url);
            }
        }
        let nonces = |origin: &str| {
            let own = all.iter().filter(|seen| seen.url.origin().ascii_serialization() == origin);
            own.map(|seen| parameter(seen, "nonce").to_owned()).collect::<Vec<_>>()
        };
        let [first, second] = [1, 2].map(|number| format!("{home} {number}"));
        assert_eq!(nonces(home), [String::new(), first, second]);
        assert_eq!(nonces(other).len(), 5, "one challenge for both sessions");
    }

    // The token of one server's login is not sent to another server.
    let (transport, sent) = recording(|_, seen| {
        let server = seen.url.origin().ascii_serialization();
        Ok(respond(200, &serde_json::json!(format!("of-{server}")).to_string()))
    });
    let transport = std::sync::Arc::new(transport);
    let login = Credential::provided_by(|session: Session| async move {
        let token: String = session.raw().post("/login").json_as().await?;
        Credential::bearer(token)
    });
    for base_url in ["https://a.test", "https://b.test", "https://a.test/v2", "https://a.test:8443"] {
        let transport = std::sync::Arc::clone(&transport);
        let transport = Memory::new(move |request| {
            let transport = std::sync::Arc::clone(&transport);
            async move { transport.send(request).await }
        });
        let builder = Acme::builder().base_url(base_url).transport(transport).credential(login.clone());
        builder.build().unwrap().raw().get("/x").await.unwrap();
    }
    let all = sent.all();
    for seen in all.iter().filter(|seen| seen.method == Method::GET) {
        let own = format!("Bearer of-{}", seen.url.origin().ascii_serialization());
        assert_eq!(seen.header("authorization"), own);
    }
    assert_eq!(all.iter().filter(|seen| seen.method == Method::POST).count(), 3, "one login for each origin");

    // The clock of an identity provider is not that of the session's server.
    const THEN: &str = "Sun, 30 Aug 2015 12:36:00 GMT";
    let (transport, sent) = recording(|_, seen| {
        Ok(match seen.url.host_str() {
            Some("sts.test") => respond(403, "").with_header("date", THEN),
            _ => respond(200, ""),
        })
    });
    let signing = Credential::signing(|request, now| {
        let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
        request.headers.insert("x-time", seconds.into());
        Ok(())
    });
    let api = Acme::builder().transport(transport).credential(signing.clone()).build().unwrap();
    let call = api.raw().elsewhere(Method::GET, "https://sts.test/x").with_credential(signing);
    call.await.unwrap_err();
    api.raw().get("/x").await.unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let is_now = |seen: &Seen| seen.header("x-time").parse::<u64>().unwrap().abs_diff(now) < 60;
    assert_eq!(sent.all().iter().map(is_now).collect::<Vec<_>>(), [true, false, true]);
}

/// Everything that an error shows.
fn shown(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    format!("{error} {error:#} {error:?} {error:#?} {} {}", error.report(), causes.join(" "))
}

/// The forms in which a server may repeat a text.
fn forms(secret: &str) -> Vec<String> {
    let percent = |is_plain: &dyn Fn(u8) -> bool| {
        let byte =
            |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        secret.bytes().map(byte).collect::<String>()
    };
    let lower = |text: &str| {
        let mut parts = text.split('%');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| format!("{all}%{}{}", part[..2].to_lowercase(), &part[2..]))
    };
    let all = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let component = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._~!*'()".contains(&byte));
    let form = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._* ".contains(&byte)).replace(' ', "+");
    let json = serde_json::to_string(secret).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let slashes = json.replace('/', "\\/");
    vec![secret.to_owned(), lower(&all), lower(&form), all, component, form, json, slashes]
}

#[tokio::test(start_paused = true)]
async fn fault_b4_what_a_server_repeats_is_masked_in_every_form() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    const SECRET: &str = "c4nary &+/\"%é?=~x";
    let base64 =
        |pair: &str| vec![STANDARD.encode(pair), STANDARD_NO_PAD.encode(pair), URL_SAFE_NO_PAD.encode(pair)];
    let with = |mut all: Vec<String>, more: Vec<String>| {
        all.extend(more);
        all
    };
    let cookie = "c4nary/+%x=";
    let header = "c4nary &+/%?=~x";
    let token = "c4nary&+/%?=~x";
    let key = "c4nary &+/%é?=~x";
    let rows: Vec<(&str, Credential, Vec<String>)> = vec![
        ("bearer", Credential::bearer(token).unwrap(), forms(token)),
        (
            "basic",
            Credential::basic("ana", SECRET).unwrap(),
            with(forms(SECRET), base64(&format!("ana:{SECRET}"))),
        ),
        ("short", Credential::basic("ana", "p4n5").unwrap(), with(vec!["p4n5".into()], base64("ana:p4n5"))),
        (
            "key as the user",
            Credential::basic(SECRET, "").unwrap(),
            with(forms(SECRET), base64(&format!("{SECRET}:"))),
        ),
        ("header", Credential::header("x-key", header).unwrap(), forms(header)),
        ("query", Credential::query("key", key), forms(key)),
        ("cookie", Credential::cookie("sid", cookie).unwrap(), forms(cookie)),
        ("sigv4", SigV4::new("id", token).region("r").service("s").into(), forms(token)),
        ("digest", Credential::digest("ana", SECRET), forms(SECRET)),
        (
            "provider",
            Credential::provided_by(move |_: Session| async move { Credential::bearer(token) }),
            forms(token),
        ),
    ];
    // What an error shows of a response that repeats a text.
    async fn repeated(text: &str, call: impl FnOnce(Acme) -> RawCall, status: u16) -> String {
        let document =
            serde_json::json!({ "message": format!("<{text}> is not known"), text: 7 }).to_string();
        let id = text.to_owned();
        let (transport, sent) = recording(move |_, _| {
            let response = respond(status, &document);
            Ok(if id.is_ascii() { response.with_header("x-request-id", &id) } else { response })
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let call = call(api).json_as::<std::collections::HashMap<String, String>>();
        let shown = shown(&call.await.unwrap_err());
        assert!(shown.contains("[redacted]"), "{text}: {shown}");
        assert!(!sent.all().is_empty());
        shown
    }
    for (name, credential, texts) in rows {
        for text in texts {
            for status in [200, 400] {
                let credential = credential.clone();
                let shown =
                    repeated(&text, |api| api.raw().get("/x").with_credential(credential), status).await;
                assert!(!shown.contains(&text), "{name}: {text}: {shown}");
            }
        }
    }
    // What the caller sets itself.
    let basic = format!("Basic {}", STANDARD.encode("ana:c4nary!"));
    for (header, value, text) in [
        ("authorization", "Bearer c4nary", "c4nary"),
        ("authorization", &basic, "c4nary!"),
        ("authorization", &basic, &basic[6..]),
        ("cookie", "a=b; sid=c4nary; c=d", "c4nary"),
    ] {
        let shown = repeated(text, |api| api.raw().get("/x").header(header, value), 400).await;
        assert!(!shown.contains(text), "{text}: {shown}");
    }

    // A token endpoint.
    let client = || OAuth2::client_credentials("https://login.test/t?x=c4nary", "a:b", SECRET);
    let encoded = STANDARD.encode("a%3Ab:c4nary+%26%2B%2F%22%25%C3%A9%3F%3D%7Ex");
    let token = Secret::new("c4nary.e30.c2ln/+");
    let rows = [
        (client(), with(forms(SECRET), vec![encoded.trim_end_matches('=').to_owned(), encoded])),
        (client().secret_in_body(), forms(SECRET)),
        (client().parameter("assertion", token.clone()), forms(token.expose())),
        (OAuth2::refresh_token("https://login.test/t", token.clone()), forms(token.expose())),
        (OAuth2::jwt_bearer("https://login.test/t", token.clone()), forms(token.expose())),
        (client().client_assertion(token.clone()), forms(token.expose())),
        (OAuth2::token_exchange("https://login.test/t", token.clone(), "k"), forms(token.expose())),
    ];
    for (tokens, texts) in rows {
        assert!(!format!("{tokens:?}").contains("c4nary"), "{tokens:?}");
        for text in texts {
            let refusals = [
                (400, serde_json::json!({ "error": &text, "error_description": &text })),
                (
                    401,
                    serde_json::json!({ "error": "invalid_client", "error_description": format!("no {text}.") }),
                ),
                (500, serde_json::json!({ "message": &text })),
                (
                    200,
                    serde_json::json!({ "access_token": "t0ken-1", "token_type": format!("{text} t0ken-1") }),
                ),
                (
                    200,
                    serde_json::json!({ "access_token": "t", "refresh_token": "t0ken-1", "token_type": "t0ken-1" }),
                ),
                (200, serde_json::json!([&text])),
            ];
            for (status, refusal) in refusals {
                let refusal = refusal.to_string();
                let (transport, sent) = recording(move |_, _| Ok(respond(status, &refusal)));
                let api = Acme::builder().transport(transport).credential(tokens.clone()).build().unwrap();
                // Clones share a failure for a second.
                tokio::time::sleep(Duration::from_secs(2)).await;
                let shown = shown(&api.raw().get("/x").await.unwrap_err());
                assert!(!shown.contains(&text) && !shown.contains("c4nary"), "{text}: {shown}");
                assert!(!shown.contains("t0ken-1"), "{shown}");
                assert_eq!(sent.lines().first().map(|line| line.starts_with("POST /t")), Some(true));
            }
        }
    }
    // A message that an author takes from a body, and the origin of a redirect.
    let (transport, _) =
        recording(|_, _| Ok(respond(302, "").with_header("location", "https://s3cret.evil.test/")));
    let api = Acme::builder().transport(transport).credential(Credential::bearer("s3cret").unwrap());
    let error = api.build().unwrap().raw().get("/x").await.unwrap_err();
    assert!(!shown(&error).contains("s3cret"), "{error}");
    let response = Checked::builder().transport(recording(|_, _| Ok(respond(200, "s3cret"))).0);
    let error = response.build().unwrap().raw().get("/x").await.unwrap_err();
    assert!(!shown(&error).contains("s3cret") && error.to_string().contains("[redacted]"), "{error}");
}

/// A session whose every response is an error with the text of the body.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Checked {
    session: Session,
}

impl APISession for Checked {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("s3cret")
    }

    fn resp_error_check(&self, response: Response) -> Result<Response> {
        let message = format!("the vendor returned: {}", response.text()?);
        Err(response.into_error(ErrorKind::Other, message))
    }
}

/// A text whose `Deserialize` and `Serialize` fail with it, in the way that the const names.
#[derive(Debug)]
struct Failing<const WAY: usize>;

impl<'de, const WAY: usize> serde::Deserialize<'de> for Failing<WAY> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, Unexpected};
        let text = String::deserialize(deserializer)?;
        Err(match WAY {
            0 => D::Error::custom(&text),
            1 => D::Error::custom(format!("missing field `{text}`")),
            2 => D::Error::custom(format!("duplicate field `{text}`")),
            3 => D::Error::custom(format!("unknown field `x`, expected `{text}`")),
            4 => D::Error::custom(format!("unknown variant `x`, expected one of `{text}`, `y`")),
            5 => D::Error::custom(format!("invalid type: string \"x\", expected {text}")),
            6 => D::Error::custom(format!("invalid value: integer `7`, expected {text}")),
            7 => D::Error::custom(format!("invalid length 7, expected {text}")),
            8 => D::Error::custom(format!("missing field `{}`", text.to_uppercase())),
            9 => D::Error::invalid_value(Unexpected::Str(&text), &text.as_str()),
            10 => D::Error::invalid_type(Unexpected::Other(&text), &format!("not <{text}>").as_str()),
            11 => D::Error::invalid_length(7, &format!("less than {text}").as_str()),
            12 => D::Error::unknown_variant(&text, &["a", "b"]),
            _ => D::Error::unknown_field(&text, &[]),
        })
    }
}

impl<const WAY: usize> serde::Serialize for Failing<WAY> {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("c4nary"))
    }
}

/// What is expected of a body, and the types that can't be decoded from it.
mod models {
    use std::collections::HashMap;

    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    pub(super) struct Card {
        pub(super) number: u64,
        pub(super) kind: Option<Kind>,
        #[serde(default)]
        pub(super) pair: (u8, u8),
        #[serde(default)]
        pub(super) by_year: HashMap<u16, bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    pub(super) enum Kind {
        Gold,
        Paid(u8),
        Free { days: u8 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    pub(super) enum Either {
        Number(u64),
        Card(Box<Card>),
    }
}

#[tokio::test(start_paused = true)]
async fn fault_b5_text_that_can_hold_anything_is_not_shown() {
    async fn undecodable<T: serde::de::DeserializeOwned + std::fmt::Debug>(body: &str) -> String {
        let body = body.to_owned();
        let (transport, _) = recording(move |_, _| Ok(respond(200, &body)));
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.raw().get("/x").json_as::<T>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        shown(&error)
    }
    async fn hides<T: serde::de::DeserializeOwned + std::fmt::Debug>(name: &str) {
        for value in ["c4nary", "c4nary, expected x", "c4"] {
            let shown = undecodable::<Vec<T>>(&format!(r#"["{value}"]"#)).await;
            let is_shown = shown.to_lowercase().contains("c4");
            assert!(!is_shown, "{name}: {shown}");
        }
    }
    macro_rules! ways {
        ($($way:literal)*) => {
            $(hides::<Failing<$way>>(stringify!($way)).await;
            hides::<Option<Failing<$way>>>(stringify!($way)).await;)*
        };
    }
    ways!(0 1 2 3 4 5 6 7 8 9 10 11 12 13);
    // The words of serde itself stay.
    for (body, expected) in [
        (r#"{"number":"c4nary"}"#, "number: another type or value where u64 is expected"),
        (r#"{"number":-4}"#, "number: another type or value where u64 is expected"),
        (r#"{"number":1,"kind":"c4nary"}"#, "a name where one of `gold`, `paid`, `free` is expected"),
        (r#"{"number":1,"kind":{"paid":"c4nary"}}"#, "another type or value where u8 is expected"),
        (r#"{"number":1,"kind":{"free":{}}}"#, "missing field `days`"),
        (r#"{"number":1,"pair":[1]}"#, "another type or value where a tuple of size 2 is expected"),
        (r#"{"number":1,"by_year":{"c4nary":true}}"#, "expected key to be a number in quotes"),
        (r#"{"number":1,"by_year":{"1999":true,"2000":"c4nary"}}"#, "where a boolean is expected"),
        (r#"{"c4nary":1}"#, "a name where one of `number`, `kind`, `pair`, `by_year` is expected"),
        (r#"{}"#, "missing field `number`"),
        (r#"{"number":1,"number":2}"#, "duplicate field `number`"),
        (r#"["c4nary"]"#, "another type or value where u64 is expected"),
        ("c4nary", "expected value at line 1 column 1"),
    ] {
        let shown = undecodable::<models::Card>(body).await;
        assert!(shown.contains(expected), "{body}: {shown}");
        // A key leads to the place.
        assert!(body.contains("\"c4nary\":") || !shown.contains("c4nary"), "{body}: {shown}");
    }
    let either = undecodable::<models::Either>(r#""c4nary""#).await;
    assert!(
        either.contains("a value that the type does not accept") && !either.contains("c4nary"),
        "{either}"
    );

    // An argument whose `Serialize` fails.
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    for call in [
        api.raw().get("/x").query("q", &Failing::<0>),
        api.raw().post("/x").json(&Failing::<0>),
        api.raw().post("/x").json(&[Failing::<0>]),
    ] {
        let shown = shown(&call.await.unwrap_err());
        assert!(shown.contains("its `Serialize` failed") && !shown.contains("c4nary"), "{shown}");
    }
    let claim = apisession::Jwt::hs256("k").claim("c", Failing::<0>).sign().unwrap_err();
    assert!(!shown(&claim).contains("c4nary"), "{claim}");
    assert_eq!(sent.all().len(), 0);

    // A query whose value has no name.
    for query in ["c4nary", "a=1&c4nary", "c4nary&a=1", "YzRuYXJ5c4nary=", "c4nary==", "=c4nary", "c4nary&"] {
        let (transport, _) = recording(|_, _| Ok(respond(500, "")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let link = format!("https://api.test/x?{query}");
        for is_link in [true, false] {
            let call = || match is_link {
                true => api.raw().follow(&link),
                false => api.raw().elsewhere(Method::GET, &link),
            };
            let request = format!("{:?}", call().build().unwrap());
            let shown = shown(&call().await.unwrap_err());
            assert!(!shown.contains("c4nary") && !request.contains("c4nary"), "{query}: {shown} {request}");
        }
    }

    // Headers that describe a body.
    for (name, value, expected) in [
        ("content-type", "text/html; c4nary", "content type: text/html"),
        ("content-type", "application/c4nary", "content type: another"),
        ("content-type", "c4nary", "content type: another"),
        ("content-encoding", "c4nary", "an unknown content coding"),
        ("content-encoding", "gzip, c4nary", "an unknown content coding"),
        ("content-encoding", "compress", "the content coding `compress`"),
        ("content-encoding", "x-compress", "the content coding `compress`"),
        ("content-encoding", "gzip, br", "the content codings `gzip, br`"),
    ] {
        let response = move || Response::new(apisession::http::StatusCode::OK).with_header(name, value);
        let (transport, _) = recording(move |_, _| Ok(response().with_body("<p>")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let shown = shown(&api.raw().get("/x").json_as::<u64>().await.unwrap_err());
        assert!(shown.contains(expected) && !shown.contains("c4nary"), "{value}: {shown}");
    }

    // The message of a panic.
    for at in ["authenticate", "deauthenticate", "provider"] {
        let (transport, _) = recording(|_, _| Ok(respond(200, "")));
        let builder = Panicking::builder(at).transport(transport);
        let builder = match at {
            "provider" => {
                builder.credential(Credential::provided_by(|_: Session| async { panic!("c4nary") }))
            }
            _ => builder,
        };
        let api = builder.build().unwrap();
        let end = api.scope(async |api| api.raw().get("/x").await.map(drop)).await;
        let shown = shown(&end.unwrap_err());
        assert!(shown.contains("panic") && !shown.contains("c4nary"), "{at}: {shown}");
    }
}

/// A session one of whose hooks panics.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Panicking {
    session: Session,
    hook: &'static str,
}

impl APISession for Panicking {
    async fn authenticate(&self) -> Result<Credential> {
        if self.hook == "authenticate" {
            panic!("c4nary");
        }
        Credential::bearer("t0k3n")
    }

    async fn deauthenticate(&self, _: &Credential) -> Result<()> {
        panic!("c4nary")
    }
}

/// Where the author's code sets a header.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Setter {
    PerCall,
    PerAttempt,
    Retry,
    Signing,
}

/// Sets a header in the way that it names.
struct Framing(&'static str, &'static str);

impl apisession::middleware::Middleware for Framing {
    fn handle<'a>(
        &'a self,
        mut request: Request,
        next: apisession::middleware::Next<'a>,
    ) -> BoxFuture<'a, Result<Response>> {
        request.headers.insert(self.0, self.1.parse().unwrap());
        next.run(request)
    }
}

/// A session whose `retry_request` sets a header.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks, retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Retrying {
    session: Session,
    header: Option<(&'static str, &'static str)>,
}

impl APISession for Retrying {
    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        if let Some((name, value)) = self.header {
            retry.request().headers.insert(name, value.parse().unwrap());
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn fault_b7_the_frame_of_a_request_and_the_base_path_are_not_the_callers() {
    for (name, value) in [
        ("content-length", "0"),
        ("content-length", "7"),
        ("transfer-encoding", "chunked"),
        ("host", "evil.test"),
        ("host", "api.test"),
        ("connection", "x-api-key"),
    ] {
        for setter in [Setter::PerCall, Setter::PerAttempt, Setter::Retry, Setter::Signing] {
            let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
            let header = (setter == Setter::Retry).then_some((name, value));
            let builder = Retrying::builder(header).transport(transport);
            let builder = match setter {
                Setter::PerCall => builder.per_call(Framing(name, value)),
                Setter::PerAttempt => builder.per_attempt(Framing(name, value)),
                Setter::Retry => builder,
                Setter::Signing => builder.credential(Credential::signing(move |request, _| {
                    request.headers.insert(name, value.parse().unwrap());
                    Ok(())
                })),
            };
            let error = builder.build().unwrap().raw().post("/x").retry_on(&[503]);
            let error = error.with_idempotent(true).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Argument, "{setter:?}: {error}");
            let expected = format!("the header `{name}` is written by the transport");
            assert!(error.to_string().contains(&expected), "{setter:?}: {error}");
            assert_eq!(sent.all().len(), usize::from(setter == Setter::Retry), "{setter:?}");
        }
    }

    let rows = [
        ("/rest", Some("https://api.test/v1/rest/x")),
        ("rest/", Some("https://api.test/v1/rest/x")),
        ("//rest", Some("https://api.test/v1/rest/x")),
        ("/a%20b;c=d/..e/...", Some("https://api.test/v1/a%20b;c=d/..e/.../x")),
        ("../admin", None),
        ("/../admin", None),
        ("rest/../../admin", None),
        ("rest/..", None),
        ("./rest", None),
        ("%2e%2e/admin", None),
        (".%2E/admin", None),
        ("%2E./admin", None),
        ("%2e/admin", None),
        ("%2e%2e%2fadmin", None),
        ("..%5Cadmin", None),
        ("..;/admin", None),
        ("..;a=b/admin", None),
        ("..\\admin", None),
        ("\\..\\admin", None),
        ("\\\\evil.test", None),
        ("rest\\", None),
        ("..\t/admin", None),
        (".\n./admin", None),
        ("rest?x=1", None),
        ("rest#x", None),
        ("a b", None),
        ("caf\u{e9}", None),
    ];
    for (base_path, expected) in rows {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let built = Acme::builder().base_url("https://api.test/v1").base_path(base_path).transport(transport);
        match (built.build(), expected) {
            (Ok(api), Some(expected)) => {
                api.raw().get("/x").await.unwrap();
                assert_eq!(sent.only().url.as_str(), expected);
            }
            (Err(error), None) => {
                assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
                assert!(error.to_string().contains("`base_path`"), "{error}");
            }
            (built, _) => panic!("{base_path:?}: {:?}", built.is_ok()),
        }
    }
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
mod known_hosts {
    use std::sync::Arc;

    use apisession::http::Method;
    use apisession::prelude::*;
    use apisession::tls::Tls;
    use apisession_tests::{tokio, watched};
    use faults::tls::{Issued, TlsServer, parameters, self_signed};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
    use tokio_rustls::rustls::sign::CertifiedKey;
    use tokio_rustls::rustls::version::{TLS12, TLS13};
    use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};

    use super::Acme;

    /// Presents a certificate whose key it does not have.
    #[derive(Debug)]
    struct Impostor(Arc<CertifiedKey>);

    impl ResolvesServerCert for Impostor {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }

    /// The port of a server that presents the certificate of `issued` with another key.
    async fn impostor(issued: &Issued, version: &'static SupportedProtocolVersion) -> u16 {
        let other = self_signed(&parameters("server", &["localhost"]));
        let chain = vec![CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap()];
        let key = any_supported_type(&PrivateKeyDer::from_pem_slice(other.key.as_bytes()).unwrap()).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_protocol_versions(&[version]).unwrap().with_no_client_auth();
        let config = builder.with_cert_resolver(Arc::new(Impostor(Arc::new(CertifiedKey::new(chain, key)))));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = acceptor.accept(stream).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn fault_b8_a_name_is_known_after_its_own_handshake_alone() {
        for version in [&TLS12, &TLS13] {
            let issued = self_signed(&parameters("server", &["localhost"]));
            let server = TlsServer::with_versions(&issued, None, &[version]).await;
            let port = server.url().rsplit(':').next().unwrap().to_owned();
            let false_port = impostor(&issued, version).await;
            let folder = tempfile::TempDir::new().unwrap();
            let file = folder.path().join("known_hosts");
            let api = Acme::builder().tls(Tls::new().trust_on_first_use(&file)).build().unwrap();
            let get = |url: String| {
                let call = api.raw().elsewhere(Method::GET, &url);
                async move { watched(call.with_max_attempts(1)).await.map_err(|error| error.kind()) }
            };
            let known = || std::fs::read_to_string(&file).unwrap_or_default();
            // It does not have the key, so its name is not stored, neither now nor when another host proves the key.
            for _ in 0..2 {
                assert_eq!(
                    get(format!("https://a.localhost:{false_port}/")).await.err(),
                    Some(ErrorKind::Tls)
                );
            }
            assert_eq!(known(), "", "{version:?}");
            get(format!("https://b.localhost:{port}/")).await.unwrap();
            let line = known();
            let key = line.strip_prefix("b.localhost ").unwrap().trim().to_owned();
            assert_eq!(line.lines().count(), 1, "{version:?}: {line}");
            // Nor does a host that is known make another one known with its key.
            assert_eq!(get(format!("https://b.localhost:{false_port}/")).await.err(), Some(ErrorKind::Tls));
            assert_eq!(get(format!("https://a.localhost:{false_port}/")).await.err(), Some(ErrorKind::Tls));
            assert_eq!(known(), line);
            // Another host with the same key has a line of its own.
            get(format!("https://c.localhost:{port}/")).await.unwrap();
            assert_eq!(known(), format!("{line}c.localhost {key}\n"));
            // A host can have several keys, and the key of another host is not its own.
            let other = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
            let two = format!("d.localhost {other}\nd.localhost {key}\ne.localhost {other}\nf {key}\n");
            std::fs::write(&file, &two).unwrap();
            get(format!("https://d.localhost:{port}/")).await.unwrap();
            let end = get(format!("https://e.localhost:{port}/")).await;
            assert_eq!(end.err(), Some(ErrorKind::CertificateNotPinned));
            assert_eq!(known(), two);
            assert_eq!(server.requests(), 3);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn fault_b8_handshakes_at_the_same_time_store_each_name_once() {
        let server = TlsServer::start(&self_signed(&parameters("server", &["localhost"])), None).await;
        let port = server.url().rsplit(':').next().unwrap().to_owned();
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("known_hosts");
        let api = Acme::builder().tls(Tls::new().trust_on_first_use(&file)).build().unwrap();
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..40 {
            let url = format!("https://h{}.localhost:{port}/", number % 10);
            calls.spawn(api.raw().elsewhere(Method::GET, &url).send());
        }
        while let Some(end) = watched(calls.join_next()).await {
            end.unwrap().unwrap();
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let mut names: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, (0..10).map(|number| format!("h{number}.localhost")).collect::<Vec<_>>());
    }
}

/// A struct whose fields become parameters.
#[derive(serde::Serialize)]
struct Window {
    from: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "max.size")]
    size: Option<u8>,
}

type Map<'a> = std::collections::BTreeMap<&'a str, u8>;

#[endpoint(path = "/things", query("tenant" = 7))]
struct Things;

#[endpoint]
impl Things {
    #[get]
    fn flat(
        &self,
        #[query] page: u8,
        #[query(flatten)] filter: &Map<'_>,
        #[query(rename = "limit")] max: Option<u8>,
        #[query(list = "brackets")] ids: Option<&[u8]>,
        #[query(flag)] dry: Option<bool>,
        #[query(flatten)] window: Option<&Window>,
    ) -> Call<()>;

    #[get]
    fn nested(
        &self,
        #[query(rename = "f.a")] first: u8,
        #[query(nested = "dots")] f: &Map<'_>,
        #[query(nested = "brackets")] g: Option<&Map<'_>>,
        #[query(rename = "g[b]")] second: Option<u8>,
    ) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", query("v" = 1))]
struct Filtered {
    session: Session,
    #[endpoint]
    things: Things,
}

#[tokio::test(start_paused = true)]
async fn fault_b9_a_field_replaces_no_other_parameter() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let key = Credential::query("api_key", "s3cret").and_query("k[x]", "s3cret2");
    let api = Filtered::builder().transport(transport).credential(key).build().unwrap();
    let map = |names: &[&'static str]| names.iter().map(|name| (*name, 9)).collect::<Map<'static>>();
    let window = |size| Window { from: 1, size };
    let flat = |names: &[&'static str]| api.things().flat(2, &map(names));
    let nested = |f: &[&'static str], g: &[&'static str]| api.things().nested(2, &map(f)).g(&map(g));
    let rows: Vec<(Call<()>, &str, &str)> = vec![
        (flat(&["page"]).to_call(), "filter", "the parameter `page`"),
        // Whether it is set or not, before or after.
        (flat(&["limit"]).to_call(), "filter", "the parameter `limit`"),
        (flat(&["limit"]).max(3).to_call(), "filter", "the parameter `limit`"),
        (flat(&["ids"]).to_call(), "filter", "the parameter `ids`"),
        (flat(&["ids[]"]).ids(&[1]).to_call(), "filter", "the parameter `ids`"),
        (flat(&["ids[7]"]).to_call(), "filter", "the parameter `ids`"),
        (flat(&["dry"]).dry(true).to_call(), "filter", "the parameter `dry`"),
        (flat(&["page[x]"]).to_call(), "filter", "the parameter `page`"),
        (flat(&["page.x"]).to_call(), "filter", "the parameter `page`"),
        (flat(&["from"]).window(&window(None)).to_call(), "window", "the parameter `filter`"),
        (flat(&["max.size"]).window(&window(Some(1))).to_call(), "window", "the parameter `filter`"),
        (flat(&["v"]).to_call(), "filter", "the parameter `v` of an outer level"),
        (flat(&["tenant"]).to_call(), "filter", "the parameter `tenant` of an outer level"),
        (flat(&["api_key"]).to_call(), "filter", "the parameter `api_key` of the credential"),
        (flat(&["api_key[]"]).to_call(), "filter", "the parameter `api_key` of the credential"),
        (flat(&["k[x]"]).to_call(), "filter", "the parameter `k[x]` of the credential"),
        (nested(&["a"], &[]).to_call(), "f", "the parameter `f.a`"),
        (nested(&["a.b"], &[]).to_call(), "f", "the parameter `f.a`"),
        (nested(&["x"], &["b"]).to_call(), "g", "the parameter `g[b]`"),
        (nested(&["x"], &["b"]).second(1).to_call(), "g", "the parameter `g[b]`"),
    ];
    for (call, parameter, other) in rows {
        let error = call.await.unwrap_err();
        let text = error.to_string();
        assert_eq!(
            (error.kind(), error.outcome().is_some_and(|it| it != Outcome::NotSent)),
            (ErrorKind::Argument, false)
        );
        assert!(text.contains(&format!("the query parameter `{parameter}` has the field `")), "{text}");
        assert!(text.contains(other) && !text.contains("s3cret"), "{text}");
    }
    assert_eq!(sent.all().len(), 0);
    let rows: Vec<(Call<()>, &str)> = vec![
        // The name of a flattened argument is not sent, so a field can have it; so can one that only begins so.
        (
            flat(&["filter", "window", "pages", "limit_"]).to_call(),
            "page=2&filter=9&limit_=9&pages=9&window=9",
        ),
        (flat(&[]).window(&window(Some(3))).window(&window(None)).to_call(), "page=2&from=1"),
        (
            flat(&["to"]).max(3).max(4).ids(&[1, 2]).dry(true).to_call(),
            "page=2&to=9&limit=4&ids[]=1&ids[]=2&dry",
        ),
        (nested(&["b"], &["a"]).second(1).to_call(), "f.a=2&f.b=9&g[a]=9&g[b]=1"),
        (nested(&["b"], &["a"]).g(&map(&["c"])).to_call(), "f.a=2&f.b=9&g[c]=9"),
    ];
    for (call, expected) in rows {
        call.await.unwrap();
        let url = sent.all().pop().unwrap().url;
        let query =
            percent_encoding::percent_decode_str(url.query().unwrap()).decode_utf8().unwrap().into_owned();
        let own = query.replace("v=1&tenant=7&", "").replace("&api_key=s3cret&k[x]=s3cret2", "");
        assert_eq!(own, expected);
    }
    // What the caller names itself is meant.
    api.raw().get("/x").query("api_key", &"own").await.unwrap();
    api.things().flat(1, &map(&[])).with_query("tenant", &8).await.unwrap();
    let urls: Vec<_> = sent.all().iter().rev().take(2).map(|seen| seen.url.clone()).collect();
    assert!(urls[0].as_str().contains("tenant=8") && urls[1].as_str().contains("api_key=own"), "{urls:?}");
}

/// Adds headers, beside those that there are.
struct Appending(&'static [(&'static str, &'static str)]);

impl apisession::middleware::Middleware for Appending {
    fn handle<'a>(
        &'a self,
        mut request: Request,
        next: apisession::middleware::Next<'a>,
    ) -> BoxFuture<'a, Result<Response>> {
        for (name, value) in self.0 {
            request.headers.append(*name, value.parse().unwrap());
        }
        next.run(request)
    }
}

#[tokio::test(start_paused = true)]
async fn fault_b10_a_cookie_is_added_to_all_cookies_of_the_caller() {
    type Headers = &'static [(&'static str, &'static str)];
    let rows: [(Headers, &[&str]); 9] = [
        (&[], &["sid=s3cret; t=2"]),
        (&[("cookie", "a=1")], &["a=1; sid=s3cret; t=2"]),
        (&[("cookie", "a=1"), ("cookie", "b=2; c=3")], &["a=1; b=2; c=3; sid=s3cret; t=2"]),
        (&[("cookie", "a=1; "), ("cookie", ""), ("cookie", "b=\"2\";")], &["a=1; b=\"2\"; sid=s3cret; t=2"]),
        (&[("cookie", "a=1"), ("cookie", "a=2"), ("cookie", "a=1")], &["a=1; a=2; a=1; sid=s3cret; t=2"]),
        // The caller's own cookie of the name stays, wherever it is.
        (&[("cookie", "sid=own")], &["sid=own; t=2"]),
        (&[("cookie", "a=1"), ("cookie", "b=2;sid=own")], &["a=1; b=2; sid=own; t=2"]),
        (&[("cookie", "sid=own; t=own"), ("cookie", "a=1")], &["sid=own; t=own; a=1"]),
        (&[("cookie", "sid2=x"), ("cookie", "xsid=y")], &["sid2=x; xsid=y; sid=s3cret; t=2"]),
    ];
    for (headers, expected) in rows {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let credential = Credential::cookie("sid", "s3cret").unwrap().and_cookie("t", "2").unwrap();
        let builder =
            Acme::builder().transport(transport).credential(credential).per_call(Appending(headers));
        builder.build().unwrap().raw().get("/x").await.unwrap();
        let seen = sent.only();
        let found: Vec<_> =
            seen.headers.get_all("cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(found, expected, "{headers:?}");
    }
    // A credential without a cookie leaves the headers as they are.
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let builder =
        Acme::builder().transport(transport).per_call(Appending(&[("cookie", "a=1"), ("cookie", "b=2")]));
    builder.credential(Credential::bearer("t").unwrap()).build().unwrap().raw().get("/x").await.unwrap();
    assert_eq!(sent.only().headers.get_all("cookie").iter().count(), 2);
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[test]
fn fault_b10_key_material_is_secret() {
    use apisession::tls::{ClientCertificate, Tls};

    let issued = faults::tls::Authority::new("authority").local();
    let folder = tempfile::TempDir::new().unwrap();
    let (pkcs12, pem) = (folder.path().join("ana.p12"), folder.path().join("both.pem"));
    std::fs::write(&pkcs12, crate::tls::to_pkcs12(&issued, "pa55word")).unwrap();
    std::fs::write(&pem, issued.combined()).unwrap();
    let password = Secret::new("pa55word");
    let rows = [
        ClientCertificate::pkcs12_file(&pkcs12, password.clone()),
        ClientCertificate::pkcs12_file(&pkcs12, &password),
        ClientCertificate::pkcs12_file(&pkcs12, "pa55word"),
        ClientCertificate::pem(issued.combined()),
        ClientCertificate::pem(issued.combined().into_bytes()),
        ClientCertificate::pem(Secret::new(issued.combined()).expose()),
        // A comment in another encoding.
        ClientCertificate::pem([b"caf\xe9\n", issued.combined().as_bytes()].concat()),
        ClientCertificate::file(&pem),
    ];
    let key = issued.key.lines().nth(1).unwrap();
    for certificate in rows {
        let tls = Tls::new().client_certificate(certificate.clone());
        let builder = Acme::builder().tls(tls.clone());
        let shown = format!("{certificate:?} {certificate} {tls:?} {builder:?}");
        for secret in ["pa55word", "PRIVATE KEY", key] {
            assert!(!shown.contains(secret), "{shown}");
        }
        builder.build().unwrap();
        assert!(certificate == certificate.clone());
    }
}

#[tokio::test]
async fn fault_b4_the_password_of_a_proxy_is_masked() {
    // A proxy that repeats what it was sent, also as an error of the server's.
    let proxy = Server::start(|request| {
        let credential =
            request.split("proxy-authorization: ").nth(1).and_then(|rest| rest.split('\r').next());
        let encoded = credential.unwrap_or("none").to_owned();
        let body = serde_json::json!({
            "message": format!("{encoded}: c4nary+/&, c4nary%2B%2f%26 and {} are refused", &encoded[6..])
        });
        let (body, status) = (body.to_string(), "403 Forbidden");
        let length = body.len();
        let id = &encoded[6..];
        format!("HTTP/1.1 {status}\r\nx-request-id: {id}\r\ncontent-length: {length}\r\n\r\n{body}")
    })
    .await;
    for user in ["ana:c4nary+%2F%26", "c4nary+%2F%26"] {
        let url = proxy.url().replace("http://", &format!("http://{user}@"));
        let api =
            Acme::builder().base_url("http://vendor.test").proxies(Proxies::new().all(url)).build().unwrap();
        let error = watched(api.raw().get("/x")).await.unwrap_err();
        let shown = shown(&error);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(403), "{shown}");
        assert!(
            !shown.contains("c4nary") && !shown.contains("YW5hO") && !shown.contains("YzRuYX"),
            "{shown}"
        );
        assert!(shown.contains("[redacted], [redacted] and [redacted]"), "{shown}");
    }
}

#[test]
fn fault_b5_a_link_is_shown_without_its_query() {
    let link = "<https://api.test/x?cursor=c4nary&c4nary>; rel=next, <?c4nary>; rel=a, <//ana:c4nary@b.test/y#c4nary>; rel=b";
    let response = Response::new(apisession::http::StatusCode::OK).with_header("link", link);
    assert_eq!(response.links().len(), 3);
    let shown = format!("{:?} {response:?}", response.links());
    assert!(
        !shown.contains("c4nary") && shown.contains("https://api.test/x?cursor=[redacted]&[redacted]"),
        "{shown}"
    );
}
