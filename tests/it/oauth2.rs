//! OAuth 2 grants without a browser, compared with the examples of the RFCs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{Jwt, OAuth2, Secret};
use apisession_tests::{Seen, Sent, recording, respond, tokio};
use tokio::task::JoinSet;
use tokio::time::sleep;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", headers("x-acme-version" = "2026-11"), query("v" = 1))]
struct Acme {
    session: Session,
}

const TOKENS: &str = "https://login.test/oauth/token?realm=acme";
const SECOND: Duration = Duration::from_secs(1);

/// The body of RFC 6749 §5.1.
const GRANTED: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,
    "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"example_value"}"#;

fn is_for_token(seen: &Seen) -> bool {
    seen.url.host_str() == Some("login.test")
}

/// A session with these tokens, and a token endpoint that responds by `endpoint`, which gets the number of the request.
fn acme<F>(tokens: OAuth2, endpoint: F) -> (Acme, Sent)
where
    F: Fn(usize) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let count = AtomicUsize::new(0);
    let (transport, sent) = recording(move |_, seen| {
        if is_for_token(seen) {
            endpoint(count.fetch_add(1, Ordering::SeqCst) + 1)
        } else {
            Ok(respond(200, ""))
        }
    });
    (Acme::builder().transport(transport).credential(tokens).build().unwrap(), sent)
}

fn granted(number: usize) -> String {
    format!(r#"{{"access_token":"token-{number}","token_type":"bearer","expires_in":"600"}}"#)
}

fn token_requests(sent: &Sent) -> Vec<Seen> {
    sent.all().into_iter().filter(is_for_token).collect()
}

fn form(seen: &Seen) -> Vec<(String, String)> {
    let url = apisession::Url::parse(&format!("https://form.test/?{}", seen.body)).unwrap();
    url.query_pairs().into_owned().collect()
}

fn client_credentials() -> OAuth2 {
    OAuth2::client_credentials(TOKENS, "s6BhdRkqt3", "gX1fBat3bV")
}

#[tokio::test(start_paused = true)]
async fn a_token_request_follows_rfc_6749_and_has_no_session_settings() {
    let (api, sent) = acme(client_credentials(), |_| Ok(respond(200, GRANTED)));
    api.raw().get("/x").await.unwrap();
    let all = sent.all();
    let lines: Vec<_> = all.iter().map(Seen::line).collect();
    assert_eq!(lines, ["POST /oauth/token?realm=acme", "GET /x?v=1"]);
    let token = &all[0];
    assert_eq!(token.body, "grant_type=client_credentials");
    assert_eq!(token.header("authorization"), "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert!(token.headers["authorization"].is_sensitive());
    assert_eq!(token.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!((token.header("accept"), token.header("x-acme-version")), ("application/json", ""));
    assert_eq!(all[1].header("authorization"), "Bearer 2YotnFZFEjr1zCsicMWpAA");
}

#[tokio::test(start_paused = true)]
async fn the_form_of_a_token_request_has_the_configured_fields() {
    let pairs = |tokens: OAuth2| async {
        let (api, sent) = acme(tokens, |_| Ok(respond(200, GRANTED)));
        api.raw().get("/x").await.unwrap();
        let token = token_requests(&sent).remove(0);
        let fields: Vec<_> =
            form(&token).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (fields.join("&"), token.header("authorization").to_owned())
    };
    // RFC 6749 §2.3.1 codes both parts as in a form.
    let odd = OAuth2::client_credentials(TOKENS, "a:b", "s & \u{20ac}").scope("events.read events.write");
    let (body, basic) = pairs(odd.clone().parameter("audience", "https://api.test")).await;
    assert_eq!(
        body,
        "grant_type=client_credentials&scope=events.read events.write&audience=https://api.test"
    );
    assert_eq!(basic, "Basic YSUzQWI6cyslMjYrJUUyJTgyJUFD");
    let (body, basic) = pairs(odd.secret_in_body()).await;
    let expected = "grant_type=client_credentials&scope=events.read events.write&client_id=a:b&client_secret=s & \u{20ac}";
    assert_eq!((body.as_str(), basic.as_str()), (expected, ""));
    // RFC 6749 §6.
    let refresh = OAuth2::refresh_token(TOKENS, "tGzv3JOkF0XG5Qx2TlKWIA");
    let (body, basic) = pairs(refresh.client("s6BhdRkqt3", "gX1fBat3bV")).await;
    assert_eq!(body, "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
    assert_eq!(basic, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    // RFC 7523 §2.1 and §2.2.
    let assertion = || Ok(Secret::new("eyJhbGciOiJFUzI1NiJ9.e30.c2ln"));
    let (body, basic) = pairs(OAuth2::jwt_bearer(TOKENS, assertion).public_client("app")).await;
    let expected = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=eyJhbGciOiJFUzI1NiJ9.e30.c2ln&client_id=app";
    assert_eq!((body.as_str(), basic.as_str()), (expected, ""));
    let (body, _) = pairs(client_credentials().client_assertion(Secret::new("a.b.c"))).await;
    let expected = "grant_type=client_credentials&\
                    client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=a.b.c";
    assert_eq!(body, expected);
    // RFC 8693 §2.1.
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    let exchange =
        OAuth2::token_exchange(TOKENS, Secret::new("subject"), jwt).actor(Secret::new("actor"), jwt);
    let (body, _) =
        pairs(exchange.parameter("resource", "https://a.test").parameter("resource", "https://b.test")).await;
    let expected = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=subject&subject_token_type={jwt}\
         &actor_token=actor&actor_token_type={jwt}&resource=https://a.test&resource=https://b.test"
    );
    assert_eq!(body, expected);
}

#[tokio::test(start_paused = true)]
async fn k1_a_thousand_callers_cause_one_token_request_and_one_renewal() {
    let (api, sent) = acme(client_credentials(), |number| Ok(respond(200, &granted(number))));
    for round in 1..=2 {
        let mut calls = JoinSet::new();
        for _ in 0..1_000 {
            calls.spawn(api.raw().get("/x").send());
        }
        while let Some(end) = calls.join_next().await {
            end.unwrap().unwrap();
        }
        assert_eq!(token_requests(&sent).len(), round);
        sleep(600 * SECOND).await;
    }
    assert_eq!(sent.all().last().unwrap().header("authorization"), "Bearer token-2");
}

/// The lifetime of a token is counted from its arrival, independently of the clocks of both sides.
#[tokio::test(start_paused = true)]
async fn x5_a_token_expires_independently_of_the_system_clock() {
    for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 06 Nov 2099 08:49:37 GMT"] {
        let endpoint = move |number| Ok(respond(200, &granted(number)).with_header("date", date));
        let (api, sent) = acme(client_credentials(), endpoint);
        api.raw().get("/x").await.unwrap();
        sleep(400 * SECOND).await;
        api.raw().get("/x").await.unwrap();
        assert_eq!(token_requests(&sent).len(), 1);
        sleep(200 * SECOND).await;
        api.raw().get("/x").await.unwrap();
        assert_eq!(token_requests(&sent).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_refresh_token_is_not_sent_again() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&kept);
    let keep = move |next: &Secret| keeps.lock().unwrap().push(next.expose().to_owned());
    let tokens = OAuth2::refresh_token(TOKENS, "first").public_client("app").on_rotation(keep);
    let (api, sent) = acme(tokens, |number| {
        let next =
            ["second", "second", "third"].get(number - 1).map(|next| format!(r#","refresh_token":"{next}""#));
        let next = next.unwrap_or_default();
        Ok(respond(
            200,
            &format!(r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":10{next}}}"#),
        ))
    });
    for _ in 0..5 {
        api.raw().get("/x").await.unwrap();
        sleep(20 * SECOND).await;
    }
    let shown: Vec<_> = token_requests(&sent).iter().map(|seen| form(seen)[1].1.clone()).collect();
    assert_eq!(shown, ["first", "second", "second", "third", "third"]);
    assert_eq!(*kept.lock().unwrap(), ["second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_token_endpoint_has_its_description_once() {
    let refusal = r#"{"error":"invalid_client","error_description":"unknown client s6Bh\u0007dRkqt3"}"#;
    for status in [400, 401] {
        let (api, sent) = acme(client_credentials(), move |_| Ok(respond(status, refusal)));
        let error = api.raw().get("/x").await.unwrap_err();
        let message =
            "the token endpoint refused the request: `invalid_client`, unknown client s6Bh\\u{7}dRkqt3";
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Authentication, Some(apisession::Outcome::NotSent))
        );
        assert_eq!(sent.all().len(), 1);
        let report = error.report();
        assert!(
            !report.contains("gX1fBat3bV") && !report.contains("czZC") && !report.contains("realm=acme"),
            "{report}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_the_token_endpoint_echoes_is_masked_in_the_error() {
    let tokens = OAuth2::refresh_token(TOKENS, "r3fresh").client("app", "s3cret");
    let refusal =
        r#"{"error":"invalid_grant","error_description":"Invalid refresh token: r3fresh of app:s3cret"}"#;
    let (api, _) = acme(tokens, move |_| Ok(respond(400, refusal)));
    let report = api.raw().get("/x").await.unwrap_err().report();
    assert!(
        report.contains("`invalid_grant`, Invalid refresh token: [redacted] of app:[redacted]"),
        "{report}"
    );
    assert!(!report.contains("r3fresh") && !report.contains("s3cret"), "{report}");
}

/// One that is shown twice may be taken for a stolen one, and the next is what the server gave for the first.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_sent_by_one_request_at_a_time() {
    let tokens = OAuth2::refresh_token(TOKENS, "r0");
    let tokens = tokens.on_rotation(|next| assert_ne!(next.expose(), "r2", "the disk is full"));
    let count = Arc::new(AtomicUsize::new(0));
    let transport = apisession::transport::Memory::new(move |request| {
        let count = Arc::clone(&count);
        async move {
            if request.url.host_str() != Some("login.test") {
                return Ok(respond(200, ""));
            }
            let shown = String::from_utf8_lossy(request.body.as_bytes().unwrap()).into_owned();
            let number = count.fetch_add(1, Ordering::SeqCst);
            assert!(shown.contains(&format!("refresh_token=r{number}&")), "{shown}");
            sleep(10 * SECOND).await;
            let next = number + 1;
            let granted =
                format!(r#"{{"access_token":"t","token_type":"Bearer","refresh_token":"r{next}"}}"#);
            Ok(respond(200, &granted))
        }
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    // Two for different rights, which share the refresh token and no access token.
    let call =
        |scope: &str| tokio::spawn(api.raw().get("/x").with_credential(tokens.clone().scope(scope)).send());
    let (one, other) = (call("a"), call("b"));
    let ends = [one.await.unwrap().is_ok(), other.await.unwrap().is_ok()];
    // The callback for the second token panics. The token is kept nevertheless.
    assert_eq!(ends.iter().filter(|is_ok| **is_ok).count(), 1);
    call("c").await.unwrap().unwrap();
}

/// The hooks of the session check responses of the vendor, not those of the token endpoint.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Strict {
    session: Session,
}

impl APISession for Strict {
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        match response.headers().contains_key("x-ok") {
            true => Ok(response),
            false => Err(response.into_error(ErrorKind::BadGateway, "not ok")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_response_is_not_checked_by_the_hooks_of_the_session() {
    let (transport, sent) = recording(|_, seen| {
        Ok(if is_for_token(seen) { respond(200, GRANTED) } else { respond(200, "").with_header("x-ok", "1") })
    });
    let api = Strict::builder().transport(transport).credential(client_credentials()).build().unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.all().len(), 2);
    let misplaced = client_credentials().actor(Secret::new("a"), "t");
    let error = api.raw().get("/x").with_credential(misplaced).await.unwrap_err();
    assert!(
        error.report().contains("`OAuth2::actor` applies to a token exchange only"),
        "{}",
        error.report()
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_request_is_retried_only_if_that_is_safe() {
    type End = fn() -> Result<Response, Failure>;
    use ErrorKind::{Connect, ServiceUnavailable, Transport};
    let rows: [(OAuth2, End, usize, ErrorKind); 5] = [
        (client_credentials(), || Ok(respond(503, "")), 3, ServiceUnavailable),
        (client_credentials(), || Err(Failure::unknown("reset")), 3, Transport),
        // The server may remember the assertion, or have replaced the refresh token already.
        (OAuth2::jwt_bearer(TOKENS, Secret::new("a.b.c")), || Ok(respond(503, "")), 1, ServiceUnavailable),
        (OAuth2::refresh_token(TOKENS, "r"), || Err(Failure::unknown("reset")), 1, Transport),
        (OAuth2::refresh_token(TOKENS, "r"), || Err(Failure::not_sent("refused")), 3, Connect),
    ];
    for (tokens, end, expected, kind) in rows {
        let (api, sent) = acme(tokens.clone(), move |_| end());
        let error = api.raw().get("/x").await.unwrap_err();
        assert_eq!((error.kind(), sent.all().len()), (kind, expected), "{tokens:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_response_without_a_valid_token_is_an_error() {
    let rows = [
        (r#"{"access_token":"t","token_type":"DPoP"}"#, "of the type `DPoP`; only bearer tokens"),
        (r#"{"token_type":"Bearer","id_token":"s3cret"}"#, "has no `access_token`"),
        ("<html>s3cret</html>", "can't be decoded"),
    ];
    for (body, expected) in rows {
        let (api, _) = acme(client_credentials(), move |_| Ok(respond(200, body)));
        let error = api.raw().get("/x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(
            error.report().contains(expected) && !error.report().contains("s3cret"),
            "{}",
            error.report()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_request_is_not_sent_over_plain_http() {
    let rows = [
        (
            "http://login.test/token?k=s3cret",
            "POST http://login.test/token?[restricted]: a credential would be sent over plain HTTP",
        ),
        ("https://ana:s3cret@login.test/token", "user name or password"),
        ("login.test/s3cret", "the URL of the token endpoint is not a URL"),
        ("ftp://login.test/token", "only `http` and `https` can be called"),
    ];
    for (url, expected) in rows {
        let (api, sent) =
            acme(OAuth2::client_credentials(url, "id", "s3cret"), |_| Ok(respond(200, GRANTED)));
        let error = api.raw().get("/x").await.unwrap_err();
        assert!(
            error.report().contains(expected) && !error.report().contains("s3cret"),
            "{}",
            error.report()
        );
        assert_eq!(sent.all().len(), 0);
        assert!(!format!("{:?}", OAuth2::client_credentials(url, "id", "s3cret")).contains("s3cret"));
    }
    let here = OAuth2::client_credentials("http://login.test/token", "id", "s3cret").danger_allow_http();
    let (api, _) = acme(here, |_| Ok(respond(200, GRANTED)));
    api.raw().get("/x").await.unwrap();
    // A redirect would take the secrets along.
    let (transport, sent) =
        recording(|_, _| Ok(respond(307, "").with_header("location", "https://api.test/token")));
    let api = Acme::builder().transport(transport).credential(client_credentials().secret_in_body());
    let api = api.redirects(5).allowed_origins(&["https://login.test"]).build().unwrap();
    assert!(api.raw().get("/x").await.is_err());
    assert_eq!(sent.all().len(), 1);
    assert_eq!(
        format!("{:?}", client_credentials()),
        "OAuth2(client credentials at https://login.test/oauth/token?[restricted])"
    );
}

/// The parts of a JWT, as values, and what was signed.
fn parts(token: &Secret) -> (serde_json::Value, serde_json::Value, String, Vec<u8>) {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (signed, signature) = token.expose().rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let value = |part| serde_json::from_slice(&decoded(part)).unwrap();
    (value(header), value(claims), signed.to_owned(), decoded(signature))
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let coded = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{coded}\n-----END PRIVATE KEY-----\n")
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[test]
fn a_jwt_is_signed_with_the_algorithm_of_its_key() {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair as Rsa, KeySize};
    use aws_lc_rs::signature::{
        self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, UnparsedPublicKey, VerificationAlgorithm,
    };
    let random = SystemRandom::new();
    let ecdsa = |algorithm| {
        let der = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let public =
            EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).unwrap().public_key().as_ref().to_vec();
        (pem(der.as_ref()), public)
    };
    let edwards = || {
        let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap().public_key().as_ref().to_vec();
        (pem(der.as_ref()), public)
    };
    let rsa = || {
        let key = Rsa::generate(KeySize::Rsa2048).unwrap();
        (
            pem(AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref()),
            key.public_key().as_ref().to_vec(),
        )
    };
    type Row = (&'static str, (String, Vec<u8>), &'static dyn VerificationAlgorithm);
    let rows: [Row; 4] = [
        ("RS256", rsa(), &signature::RSA_PKCS1_2048_8192_SHA256),
        ("ES256", ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING), &signature::ECDSA_P256_SHA256_FIXED),
        ("ES384", ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING), &signature::ECDSA_P384_SHA384_FIXED),
        ("EdDSA", edwards(), &signature::ED25519),
    ];
    for (algorithm, (pem, public), verifies) in rows {
        let jwt = Jwt::private_key(pem).unwrap().key_id("k1").issuer("me").subject("ana").audience("you");
        // Numbers of an ECDSA signature are shorter once in a while.
        for _ in 0..if algorithm.starts_with("ES") { 300 } else { 1 } {
            let (header, claims, signed, signature) = parts(&jwt.sign().unwrap());
            assert_eq!(header, serde_json::json!({ "alg": algorithm, "typ": "JWT", "kid": "k1" }));
            assert_eq!(
                (&claims["iss"], &claims["sub"], &claims["aud"]),
                (&"me".into(), &"ana".into(), &"you".into())
            );
            UnparsedPublicKey::new(verifies, &public).verify(signed.as_bytes(), &signature).unwrap();
        }
    }
    for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        let error = Jwt::private_key(pem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with("the key of a JWT "), "{error}");
    }
}

#[test]
fn each_token_request_has_a_new_assertion() {
    use aws_lc_rs::hmac;
    let jwt = Jwt::hs256("s3cret").claim("scope", ["a", "b"]).lifetime(60 * SECOND);
    let (header, claims, signed, signature) = parts(&jwt.sign().unwrap());
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, b"s3cret"), signed.as_bytes(), &signature).unwrap();
    assert_eq!(header, serde_json::json!({ "alg": "HS256", "typ": "JWT" }));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(claims["iat"].as_u64().unwrap()) < 30);
    let (_, again, _, _) = parts(&jwt.sign().unwrap());
    assert_ne!(claims["jti"], again["jti"]);
    assert_eq!(format!("{jwt:?}"), "Jwt(scope)");
    let odd = Jwt::hs256("s3cret").claim("map", std::collections::HashMap::from([((1, 2), 3)]));
    assert!(
        odd.sign()
            .unwrap_err()
            .to_string()
            .contains("the claim `map` can't be encoded as JSON: key must be a string")
    );
}

/// The session's settings for statuses of the vendor don't apply to the identity provider.
#[tokio::test(start_paused = true)]
async fn settings_of_the_session_do_not_apply_to_token_requests() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let (transport, sent) = recording(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(respond(503, ""))
    });
    let tokens = OAuth2::refresh_token(TOKENS, "r");
    let builder = Acme::builder().transport(transport).credential(tokens).rejected_on(&[503]);
    let api = builder.header("accept", "application/vnd.acme+json").build().unwrap();
    api.raw().get("/x").await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(sent.only().header("accept"), "application/json");
}

/// Adds to the query of each call.
struct Traced;

impl apisession::middleware::Middleware for Traced {
    fn handle<'a>(
        &'a self,
        mut request: apisession::Request,
        next: apisession::middleware::Next<'a>,
    ) -> apisession::BoxFuture<'a, Result<Response>> {
        request.url.query_pairs_mut().append_pair("trace", "1");
        next.run(request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_middleware_wraps_token_requests() {
    for token_url in ["https://login.test/token", "https://api.test/token"] {
        let (transport, sent) =
            recording(|_, seen| Ok(respond(200, if seen.url.path() == "/token" { GRANTED } else { "" })));
        let tokens = OAuth2::client_credentials(token_url, "id", "s3cret");
        let api = Acme::builder().transport(transport).credential(tokens).per_call(Traced).build().unwrap();
        api.raw().get("/x").await.unwrap();
        let token = &sent.all()[0];
        assert_eq!(
            (token.url.query(), token.header("authorization")),
            (Some("trace=1"), "Basic aWQ6czNjcmV0")
        );
    }
}
