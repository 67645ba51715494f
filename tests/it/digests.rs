//! Digest authentication: challenges, nonces and algorithms.

use apisession::BoxFuture;
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession_tests::{Seen, Sent, recording, respond, tokio};

#[derive(Clone, APISession)]
#[session(base_url = "http://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
}

/// A session whose user is `ana`, and whose server responds by `server`.
fn acme(server: impl Fn(usize, &Seen) -> Response + Send + Sync + 'static) -> (Acme, Sent) {
    let (transport, sent) = recording(move |number, seen| Ok(server(number, seen)));
    let credential = Credential::digest("ana", "s3cret");
    assert_eq!(format!("{credential:?}"), "Credential(a digest)");
    (Acme::builder().transport(transport).credential(credential).build().unwrap(), sent)
}

fn asking(challenge: &str) -> Response {
    respond(401, "").with_header("www-authenticate", challenge)
}

const CHALLENGE: &str = "Digest realm=\"acme\", qop=\"auth\", algorithm=SHA-256, nonce=\"one\"";

/// A parameter of the `Authorization` header.
fn parameter<'s>(seen: &'s Seen, name: &str) -> &'s str {
    let header = seen.header("authorization");
    let rest = header.split(&format!(" {name}=")).nth(1).unwrap_or_default();
    rest.split(',').next().unwrap_or_default().trim_matches('"')
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_remembered_for_later_requests() {
    let (api, sent) = acme(|_, seen| match seen.header("authorization") {
        "" => asking(CHALLENGE),
        _ => respond(200, ""),
    });
    // A write, too, since what was refused was not processed; and although a call has one attempt.
    api.raw().post("/x").json(&7).await.unwrap();
    api.raw().get("/y").query("a", "b c").await.unwrap();
    let all = sent.all();
    let lines: Vec<_> = all.iter().map(Seen::line).collect();
    assert_eq!(lines, ["POST /x", "POST /x", "GET /y?a=b%20c"]);
    assert_eq!((&all[0].body[..], &all[1].body[..]), ("7", "7"));
    let counted: Vec<_> = all.iter().map(|seen| (parameter(seen, "uri"), parameter(seen, "nc"))).collect();
    assert_eq!(counted, [("", ""), ("/x", "00000001"), ("/y?a=b%20c", "00000002")]);
    assert_ne!(parameter(&all[1], "cnonce"), parameter(&all[2], "cnonce"));
    assert!(all[1].headers["authorization"].is_sensitive());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_fails_after_one_response_to_the_challenge() {
    let (api, sent) = acme(|_, _| asking(CHALLENGE));
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), sent.all().len()), (ErrorKind::Unauthorized, 2, 2));
    assert!(!error.report().contains("s3cret"));
}

#[tokio::test(start_paused = true)]
async fn a_stale_or_replaced_nonce_is_not_reused() {
    let (api, sent) = acme(|number, _| match number {
        1 => asking(CHALLENGE),
        2 => respond(200, ""),
        // The password is right, but both the nonce and its replacement are stale.
        3 => asking("Digest realm=\"acme\", qop=\"auth\", nonce=\"two\", stale=true"),
        4 => asking("Digest realm=\"acme\", qop=\"auth\", nonce=\"three\", stale=TRUE"),
        5 => respond(200, "").with_header("authentication-info", "qop=auth, nextnonce=\"four\""),
        _ => respond(200, ""),
    });
    for _ in 0..3 {
        api.raw().get("/x").await.unwrap();
    }
    let all = sent.all();
    let nonces: Vec<_> =
        all.iter().map(|seen| format!("{} {}", parameter(seen, "nonce"), parameter(seen, "nc"))).collect();
    let expected = [" ", "one 00000001", "one 00000002", "two 00000001", "three 00000001", "four 00000001"];
    assert_eq!(nonces, expected);
    // A server for which every nonce is stale ends the call.
    let (api, sent) =
        acme(|number, _| asking(&format!("Digest realm=\"acme\", nonce=\"{number}\", stale=true")));
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Unauthorized, 3));
}

#[tokio::test(start_paused = true)]
async fn the_strongest_supported_algorithm_is_used() {
    let rows = [
        (
            "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, Digest realm=\"r\", nonce=\"m\", algorithm=SHA-256",
            "SHA-256",
        ),
        ("Basic realm=\"r\", Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256", "SHA-512-256"),
        (
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, Digest realm=\"r\", nonce=\"m\", algorithm=SHA-512",
            "SHA-512",
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-256, Digest realm=\"r\", nonce=\"n\", algorithm=md5",
            "md5",
        ),
    ];
    for (challenge, algorithm) in rows {
        let (api, sent) = acme(move |_, seen| match seen.header("authorization") {
            "" => asking(challenge),
            _ => respond(200, ""),
        });
        api.raw().get("/x").await.unwrap();
        assert_eq!(parameter(&sent.all()[1], "algorithm"), algorithm);
    }
    // A challenge with an unknown algorithm gets no response.
    for challenge in
        ["Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-256", "Basic realm=\"r\"", "Digest realm=\"r\""]
    {
        let (api, sent) = acme(move |_, _| asking(challenge));
        assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::Unauthorized);
        assert_eq!(sent.all().len(), 1, "{challenge}");
    }
}

#[tokio::test(start_paused = true)]
async fn h3_an_authorization_header_of_the_caller_is_kept() {
    let (api, sent) = acme(|number, _| if number == 1 { asking(CHALLENGE) } else { respond(200, "") });
    api.raw().get("/x").await.unwrap();
    api.raw().get("/x").header("authorization", "Basic mine").await.unwrap();
    let last = sent.all().pop().unwrap();
    let values: Vec<_> = last.headers.get_all("authorization").iter().collect();
    assert_eq!(values, ["Basic mine"]);
    // The session doesn't respond to a challenge to it.
    let (api, sent) = acme(|_, _| asking(CHALLENGE));
    api.raw().post("/x").header("authorization", "Basic mine").await.unwrap_err();
    assert_eq!(sent.all().len(), 1);
}

/// Adds to the query of each attempt.
struct Traced;

impl Middleware for Traced {
    fn handle<'a>(
        &'a self,
        mut request: apisession::Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response>> {
        request.url.query_pairs_mut().append_pair("trace", "1");
        next.run(request)
    }
}

#[tokio::test(start_paused = true)]
async fn each_redirect_has_its_own_response_to_a_challenge() {
    let (transport, sent) = recording(|number, _| {
        Ok(match number {
            1 => asking(CHALLENGE),
            2 => respond(302, "").with_header("location", "/there"),
            _ => respond(200, ""),
        })
    });
    let api = Acme::builder().transport(transport).per_attempt(Traced);
    let api = api.credential(Credential::digest("ana", "s3cret")).build().unwrap();
    api.raw().get("/x").await.unwrap();
    let all = sent.all();
    let uris: Vec<_> = all.iter().map(|seen| (parameter(seen, "uri"), parameter(seen, "nc"))).collect();
    assert_eq!(uris, [("", ""), ("/x?trace=1", "00000001"), ("/there?trace=1", "00000002")]);
}

/// A response to a credential of the caller does not judge the credential of the session.
#[tokio::test(start_paused = true)]
async fn a_401_to_a_request_without_the_credential_does_not_renew_it() {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&count);
    let vault = Credential::provided_by(move |_: Session| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async { Ok(Credential::digest("ana", "s3cret")) }
    });
    let (transport, sent) = recording(|_, _| Ok(asking(CHALLENGE)));
    let api = Acme::builder().transport(transport).credential(vault).build().unwrap();
    for _ in 0..2 {
        api.raw().post("/x").header("authorization", "Basic mine").await.unwrap_err();
    }
    assert_eq!((sent.all().len(), count.load(std::sync::atomic::Ordering::SeqCst)), (2, 0));
}
