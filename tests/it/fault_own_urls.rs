//! URLs of the server at the own origin.

use apisession::http::Method;
use apisession::prelude::*;
use apisession::{AllowedOrigins, RawCall};
use apisession_tests::{recording, respond, tokio};

#[endpoint(path = "/lists", query("of-endpoint" = 1), headers("x-endpoint" = "1"))]
struct Lists;

#[endpoint]
impl Lists {}

/// A session with defaults of each kind.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", base_path = "/rest", query("of-session" = 1), headers("x-session" = "1"), hooks)]
struct Linked {
    session: Session,
    #[endpoint]
    lists: Lists,
}

impl APISession for Linked {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("t0k3n")
    }
}

#[tokio::test]
async fn fault_e5_a_url_of_the_server_at_the_own_origin_is_the_sessions() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "[]")));
    let admin = Credential::bearer("4dm1n").unwrap();
    let api = Linked::builder().transport(transport).add_credential("admin", admin).build().unwrap();
    let (raw, lists) = (api.raw(), api.lists().raw());
    const SESSION: (&str, &str) = ("Bearer t0k3n", "1");
    const NOTHING: (&str, &str) = ("", "");
    let odd = "https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7";
    let elsewhere = |method: Method, url: &str| raw.elsewhere(method, url);
    type Arrives = Result<(&'static str, (&'static str, &'static str)), &'static str>;
    let rows: [(&str, RawCall, Arrives); 38] = [
        // Any verb takes an absolute URL.
        ("get", raw.get("https://api.test/x?a=1"), Ok(("GET https://api.test/x?a=1", SESSION))),
        ("post", raw.post("https://api.test/x"), Ok(("POST https://api.test/x", SESSION))),
        ("put", raw.put("https://api.test/x?a").json(&1), Ok(("PUT https://api.test/x?a", SESSION))),
        ("patch", raw.patch("https://api.test/x"), Ok(("PATCH https://api.test/x", SESSION))),
        ("delete", raw.delete("https://api.test/x"), Ok(("DELETE https://api.test/x", SESSION))),
        ("head", raw.head("https://api.test/x"), Ok(("HEAD https://api.test/x", SESSION))),
        ("options", raw.options("https://api.test/x"), Ok(("OPTIONS https://api.test/x", SESSION))),
        (
            "request",
            raw.request(Method::QUERY, "https://api.test/x"),
            Ok(("QUERY https://api.test/x", SESSION)),
        ),
        ("of an endpoint", lists.get("https://api.test/x"), Ok(("GET https://api.test/x", SESSION))),
        (
            "below the base",
            raw.get("https://api.test/v1/rest/x"),
            Ok(("GET https://api.test/v1/rest/x", SESSION)),
        ),
        ("the default port", raw.get("https://api.test:443/x"), Ok(("GET https://api.test/x", SESSION))),
        ("upper case", raw.get("HTTPS://API.test/X"), Ok(("GET https://api.test/X", SESSION))),
        ("a fragment", raw.get("https://api.test/x?a#b"), Ok(("GET https://api.test/x?a", SESSION))),
        ("a user", raw.get("https://ana:pw@api.test/x"), Ok(("GET https://api.test/x", SESSION))),
        (
            "an odd query",
            raw.get(odd),
            Ok(("GET https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7", SESSION)),
        ),
        ("an empty query", raw.get("https://api.test/x?"), Ok(("GET https://api.test/x?", SESSION))),
        (
            "a parameter of the call",
            raw.get("https://api.test/x?a=%7e").query("b", "c"),
            Ok(("GET https://api.test/x?a=%7e&b=c", SESSION)),
        ),
        (
            "without a credential",
            raw.get("https://api.test/x").without_credential(),
            Ok(("GET https://api.test/x", ("", "1"))),
        ),
        ("another origin", raw.get("https://evil.test/x"), Err("another origin")),
        ("another port", raw.get("https://api.test:8443/x"), Err("another origin")),
        ("not encrypted", raw.get("http://api.test/x"), Err("another origin")),
        ("a user like the host", raw.get("https://api.test@evil.test/x"), Err("another origin")),
        (
            "an allowed origin",
            raw.get("https://cdn.test/x").with_allowed_origins(&["https://cdn.test"]),
            Err("use `follow`"),
        ),
        ("no URL", raw.get("https://["), Err("is not a URL")),
        ("without a scheme", raw.get("//api.test/x"), Err("is an absolute URL")),
        ("another scheme", raw.get("ftp://api.test/x"), Err("is an absolute URL")),
        // A link can have any method.
        ("a link", raw.follow(odd), Ok(("GET https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7", SESSION))),
        (
            "a relative link",
            lists.follow("?a=%7e"),
            Ok(("GET https://api.test/v1/rest/lists/?a=%7e", SESSION)),
        ),
        (
            "a link with a body",
            raw.follow_with(Method::PUT, "/up?state=%7e").body("a/b", "x"),
            Ok(("PUT https://api.test/up?state=%7e", SESSION)),
        ),
        (
            "a link to delete",
            raw.follow_with(Method::DELETE, "https://api.test/x?a"),
            Ok(("DELETE https://api.test/x?a", SESSION)),
        ),
        (
            "a link to another origin",
            raw.follow_with(Method::POST, "https://evil.test/"),
            Err("another origin"),
        ),
        (
            "a body to an origin of reads",
            raw.follow_with(Method::PUT, "https://cdn.test/x").with_allowed_origins(&["https://cdn.test"]),
            Err("bodies"),
        ),
        (
            "a body to an origin of bodies",
            raw.follow_with(Method::PUT, "https://cdn.test/x?a=%7e")
                .with_allowed_origins(AllowedOrigins::new().allow_bodies("https://cdn.test")),
            Ok(("PUT https://cdn.test/x?a=%7e", NOTHING)),
        ),
        // What the SDK names itself gets the credential at the own origin if the call asks for it.
        (
            "elsewhere",
            elsewhere(Method::POST, "https://api.test/x"),
            Ok(("POST https://api.test/x", NOTHING)),
        ),
        (
            "elsewhere with the credential",
            elsewhere(Method::POST, "https://api.test/x?a=%7e").with_session_credential(),
            Ok(("POST https://api.test/x?a=%7e", ("Bearer t0k3n", ""))),
        ),
        (
            "elsewhere with a named one",
            elsewhere(Method::GET, "https://api.test/x").with_credential_named("admin"),
            Ok(("GET https://api.test/x", ("Bearer 4dm1n", ""))),
        ),
        (
            "elsewhere at another origin",
            elsewhere(Method::GET, "https://evil.test/x").with_session_credential(),
            Err("is sent to its origin alone"),
        ),
        (
            "elsewhere at another port",
            elsewhere(Method::GET, "https://api.test:8443/x").with_credential_named("admin"),
            Err("is sent to its origin alone"),
        ),
    ];
    for (what, call, expected) in rows {
        let before = sent.all().len();
        let end = call.await;
        match expected {
            Ok((line, (authorization, header))) => {
                end.unwrap_or_else(|error| panic!("{what}: {}", error.report()));
                let seen = sent.all().pop().unwrap();
                assert_eq!(format!("{} {}", seen.method, seen.url), line, "{what}");
                assert_eq!(
                    (seen.header("authorization"), seen.header("x-session")),
                    (authorization, header),
                    "{what}"
                );
                assert_eq!(
                    seen.header("x-endpoint").is_empty(),
                    !matches!(what, "of an endpoint" | "a relative link"),
                    "{what}"
                );
            }
            Err(expected) => {
                let error = end.unwrap_err();
                assert_eq!(
                    (error.kind(), sent.all().len()),
                    (ErrorKind::Argument, before),
                    "{what}: {error}"
                );
                assert!(error.to_string().contains(expected), "{what}: {error}");
            }
        }
    }

    // A redirect from there takes the credential along as far as it is the session's.
    let (transport, sent) = recording(|number, _| {
        let place = ["https://api.test/b?c=%7e", "https://evil.test/"][(number - 1).min(1)];
        Ok(respond(302, "").with_header("location", place))
    });
    let api = Linked::builder().transport(transport).build().unwrap();
    let call = api.raw().elsewhere(Method::GET, "https://api.test/a").with_session_credential();
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Redirect);
    let carried: Vec<_> =
        sent.all().iter().map(|seen| format!("{} {}", seen.line(), seen.header("authorization"))).collect();
    assert_eq!(carried, ["GET /a Bearer t0k3n", "GET /b?c=%7e Bearer t0k3n"]);
}
