//! Secrets among the arguments: they are sent, and shown nowhere.

use std::sync::{Arc, Mutex};

use apisession::Secret;
use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};
use serde_json::json;

#[endpoint]
struct Bot;

#[endpoint]
impl Bot {
    #[get("/getMe")]
    fn me(&self) -> Call<String>;
    #[post("/send")]
    fn send(&self, #[json] text: &str) -> Call<String>;
}

#[endpoint(path = "/hooks")]
struct Hooks;

#[endpoint]
impl Hooks {
    #[post("/{team}/{token}")]
    fn post(&self, team: u32, token: Secret) -> Call<String>;
    #[get("/files/{path+}")]
    fn file(&self, path: &Secret) -> Call<String>;
    #[get("/q")]
    fn query(&self, #[query] key: Secret, later: Option<Secret>) -> Call<String>;
    #[get("/h")]
    fn header(&self, #[header("x-key")] key: &Secret) -> Call<String>;
    #[post("/j")]
    fn body(&self, #[json] key: &Secret) -> Call<String>;
    #[get("/r/{id}/{token}", restricted_paths)]
    fn restricted(&self, id: u32, token: &Secret) -> Call<String>;
}

#[endpoint(path = "/private", restricted_paths("/{id}/keys/**"))]
struct Private;

#[endpoint]
impl Private {
    #[get("/{id}/keys/{name}")]
    fn key(&self, id: u32, name: &str) -> Call<String>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", restricted_paths("/login/*"), redirects = 3)]
struct Acme {
    session: Session,
    #[endpoint]
    hooks: Hooks,
    #[endpoint]
    private: Private,
}

#[endpoint]
impl Acme {
    #[graft("/bot{token}")]
    fn bot(&self, token: &Secret) -> Bot;
    #[graft("/of/{name}")]
    fn of(&self, name: &str) -> Private;
}

/// With characters that are encoded differently in each place.
const CANARY: &str = "12345:c4n4ry/_é x";
const ENCODED: &str = "12345%3Ac4n4ry%2F_%C3%A9%20x";
/// In a path, a colon stays as it is.
const IN_PATH: &str = "12345:c4n4ry%2F_%C3%A9%20x";

/// Fails if a part of the canary is in the text.
fn assert_masked(text: &str, what: &str) {
    assert!(!text.contains("c4n4ry") && !text.contains("12345"), "{what}: {text}");
}

fn error_texts(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    let url = error.url();
    format!("{error} {error:#} {error:?} {error:#?} {} {url:?} {}", error.report(), causes.join(" "))
}

#[tokio::test(start_paused = true)]
async fn fault_b6_a_secret_argument_is_sent_and_shown_nowhere() {
    type Make = fn(&Acme, &Secret) -> Call<String>;
    let rows: [(&str, Make, &str); 9] = [
        ("graft", |api, token| api.bot(token).me(), "https://api.test/v1/bot{}/getMe"),
        ("graft with a body", |api, token| api.bot(token).send("hi"), "https://api.test/v1/bot{}/send"),
        ("path", |api, token| api.hooks().post(7, token.clone()), "https://api.test/v1/hooks/7/{}"),
        ("greedy path", |api, token| api.hooks().file(token), "https://api.test/v1/hooks/files/{}"),
        (
            "query",
            |api, token| api.hooks().query(token.clone()).to_call(),
            "https://api.test/v1/hooks/q?key={}",
        ),
        (
            "setter",
            |api, token| api.hooks().query("".into()).later(token.clone()).to_call(),
            "https://api.test/v1/hooks/q?key=&later={}",
        ),
        ("header", |api, token| api.hooks().header(token), "https://api.test/v1/hooks/h"),
        ("body", |api, token| api.hooks().body(token), "https://api.test/v1/hooks/j"),
        ("restricted", |api, token| api.hooks().restricted(7, token), "https://api.test/v1/hooks/r/7/{}"),
    ];
    // What the server does with it: repeat it in an error, in a redirect that is followed or not, or in a link.
    for behavior in ["error", "repeats", "redirect", "away", "loop", "link", "garbage"] {
        for (row, make, url) in rows {
            // A header is ASCII.
            let canary = if row == "header" { "12345:c4n4ry/_x" } else { CANARY };
            let encoded = if row == "header" { "12345%3Ac4n4ry%2F_x" } else { ENCODED };
            let secret = Secret::new(canary);
            let (transport, sent) = recording(move |number, seen| {
                let at = |status, place: &str| respond(status, "").with_header("location", place);
                let own = format!("/v1/moved/{encoded}/{}?t={encoded}", encoded.to_lowercase());
                Ok(match behavior {
                    "error" => respond(404, ""),
                    "repeats" => respond(
                        403,
                        &json!({"message": format!("no {canary}, {encoded}, {}", seen.url.path())})
                            .to_string(),
                    )
                    .with_header("x-request-id", encoded),
                    "redirect" if number == 1 => at(307, &own),
                    "redirect" => respond(500, ""),
                    "away" => at(307, &format!("https://evil.test/{encoded}")),
                    "loop" => at(307, &format!("{own}&n={number}")),
                    "link" => respond(200, "\"ok\"").with_header("link", &format!("<{own}>; rel=next")),
                    _ => respond(200, "{"),
                })
            });
            let seen_requests = Arc::new(Mutex::new(String::new()));
            let log = Arc::clone(&seen_requests);
            let api = Acme::builder()
                .transport(transport)
                .on_request(move |request| log.lock().unwrap().push_str(&format!("{request:?}")))
                .max_attempts(1)
                .build()
                .unwrap();
            let what = format!("{row}, {behavior}");
            let call = make(&api, &secret);
            assert_masked(
                &format!("{call:?} {:?} {:?} {:?}", api.bot(&secret), api.bot(&secret).raw(), api.session),
                &what,
            );
            assert_masked(&format!("{:?}", make(&api, &secret).build().unwrap()), &what);
            let end = call.response().await;
            // It was sent as it is.
            let first = &sent.all()[0];
            let written = match row {
                "greedy path" => "12345:c4n4ry/_%C3%A9%20x",
                "query" | "setter" => ENCODED,
                _ => IN_PATH,
            };
            let expected = url.replace("{}", written);
            assert_eq!(first.url.as_str(), expected, "{what}");
            if row == "header" {
                assert_eq!(first.header("x-key"), canary);
            }
            if row == "body" {
                assert_eq!(first.body, json!(canary).to_string());
            }
            match end {
                Ok(response) => {
                    assert_masked(&format!("{response:?} {:?}", response.links()), &what);
                    // A link of the server's repeats it in another call.
                    let next = response.link("next").unwrap();
                    let call = api.raw().follow(&next);
                    assert_masked(&format!("{call:?} {:?}", call.build().unwrap()), &what);
                    let error = call.json_as::<u32>().await.unwrap_err();
                    assert!(error.url().unwrap().contains("/moved/"), "{error:?}");
                    assert_masked(&error_texts(&error), &what);
                }
                Err(error) => {
                    assert_masked(&error_texts(&error), &what);
                    assert!(error_texts(&error).contains("api.test"), "{what}");
                }
            }
            assert_masked(&seen_requests.lock().unwrap(), &what);
            assert!(sent.all().iter().all(|seen| seen.url.host_str() == Some("api.test")), "{what}");
        }
    }
}

#[tokio::test]
async fn fault_b6_on_a_restricted_path_the_template_is_shown() {
    let (transport, _) = recording(|_, _| Ok(respond(404, "")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    let secret = Secret::new("c4n4ry");
    let rows = [
        (api.hooks().restricted(7, &secret), "https://api.test/v1/hooks/r/{id}/{token}"),
        (api.private().key(7, "c4n4ry"), "https://api.test/v1/private/{id}/keys/{name}"),
        (api.private().key(7, "a;c4n4ry"), "https://api.test/v1/private/{id}/keys/{name}"),
        (api.of("c4n4ry").key(7, "x"), "https://api.test/v1/of/{name}/private/{id}/keys/{name}"),
        (api.raw().get("/login/c4n4ry").json_as(), "https://api.test/v1/login/*"),
        (api.raw().get("/log%69n;v=1/c4n4ry").json_as(), "https://api.test/v1/login/*"),
        (api.raw().get("/login%2Fc4n4ry").json_as(), "https://api.test/v1/login/*"),
        (api.raw().get("/open/c4n4").json_as(), "https://api.test/v1/open/c4n4"),
    ];
    for (call, expected) in rows {
        let error = call.with_query("q", &"c4n4ry").await.unwrap_err();
        let restricted = if expected.contains("open") { "?q=[redacted]" } else { "?[restricted]" };
        assert_eq!(error.url().unwrap(), format!("{expected}{restricted}"));
        assert!(!error_texts(&error).contains("c4n4ry"), "{error:?}");
    }
}

#[test]
fn fault_b6_a_secret_gets_into_a_model_by_name_alone() {
    #[derive(serde::Serialize)]
    struct Login {
        #[serde(serialize_with = "Secret::serialize_exposed")]
        password: Secret,
    }
    let login = Login { password: "p4ss".into() };
    assert_eq!(serde_json::to_string(&login).unwrap(), r#"{"password":"p4ss"}"#);
}
