//! Errors of an operation as an enum.

use std::error::Error as _;

use apisession::prelude::*;
use apisession::transport::Failure;
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Quota {
    left: u64,
}

mod models {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    pub(super) struct Error {
        pub(super) code: u64,
    }
}

#[derive(Debug, ApiError)]
enum CalendarError {
    #[status(404)]
    NotFound(Problem),
    #[status(409, 422)]
    Refused(Problem, apisession::Error),
    #[status(429)]
    Throttled(Quota),
    #[status(418)]
    Teapot,
    #[status(400)]
    Coded(models::Error, Error),
    #[other]
    Other(Error),
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<String, CalendarError>;

    #[get]
    fn list(&self, since: Option<&str>) -> Call<Option<Vec<String>>, CalendarError>;

    async fn first(&self) -> Result<String> {
        // The enum becomes an error of ours by `?`.
        Ok(self.get(1).await?)
    }

    async fn second(&self) -> Result<String, CalendarError> {
        // And an error of ours becomes the enum.
        Ok(self.get(2).json_as::<String>().build().map(|_| "fine".to_owned())?)
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn events(status: u16, body: &'static str) -> Events {
    let (transport, _) = recording(move |_, _| Ok(respond(status, body).with_header("x-request-id", "r-17")));
    Acme::builder().transport(transport).max_attempts(1).build().unwrap().events()
}

#[tokio::test]
async fn the_status_selects_the_variant_and_the_body_fills_it() {
    let problem = r#"{"title":"Not found","detail":"no event 7","status":404,"left":3}"#;
    match events(404, problem).get(7).await.unwrap_err() {
        CalendarError::NotFound(problem) => {
            assert_eq!((problem.title.as_deref(), problem.status), (Some("Not found"), Some(404)));
            assert_eq!(problem.detail.as_deref(), Some("no event 7"));
            assert_eq!(problem.extensions["left"], 3);
        }
        other => panic!("{other:?}"),
    }
    for status in [409, 422] {
        match events(status, problem).get(7).await.unwrap_err() {
            CalendarError::Refused(problem, error) => {
                assert_eq!((problem.title.as_deref(), error.request_id()), (Some("Not found"), Some("r-17")));
                assert_eq!(error.status().unwrap().as_u16(), status);
            }
            other => panic!("{other:?}"),
        }
    }
    let throttled = events(429, r#"{"left":0}"#).get(7).await.unwrap_err();
    assert!(matches!(throttled, CalendarError::Throttled(Quota { left: 0 })));
    assert!(matches!(events(418, "tea").get(7).await.unwrap_err(), CalendarError::Teapot));
    match events(400, r#"{"code":7}"#).get(7).await.unwrap_err() {
        CalendarError::Coded(body, error) => {
            assert_eq!((body.code, error.status().unwrap().as_u16()), (7, 400));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn any_other_error_is_the_other_variant_with_the_error() {
    // Another status, a body that does not fit its variant, and a response that can't be decoded.
    for (status, body) in [(403, "{}"), (429, r#"{"left":"none"}"#), (404, "<html>"), (200, "7")] {
        match events(status, body).get(7).await.unwrap_err() {
            CalendarError::Other(error) => assert_eq!(error.status().unwrap().as_u16(), status),
            other => panic!("{other:?}"),
        }
    }
    let (transport, _) = recording(|_, _| Err(Failure::not_sent("no route")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    let error = api.events().list().since("x").await.unwrap_err();
    assert!(matches!(&error, CalendarError::Other(error) if error.kind() == ErrorKind::Connect));
    assert_eq!(
        (error.to_string(), error.source().unwrap().to_string()),
        ("Events::list: no connection could be made".to_owned(), "no route".to_owned(),)
    );
    // An `Option` takes a 404 before the enum does.
    assert_eq!(events(404, "{}").list().await.unwrap(), None);
}

#[tokio::test]
async fn the_question_mark_converts_in_both_directions() {
    let error = events(422, r#"{"detail":"no title"}"#).first().await.unwrap_err();
    assert_eq!(error.to_string(), "Events::get: 422 Unprocessable Entity: no title");
    // A variant without the error keeps its status.
    let error = events(404, "{}").first().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotFound, "404 Not Found".to_owned()));
    assert_eq!(events(200, "").second().await.unwrap(), "fine");
    assert_eq!(events(418, "").get(7).await.unwrap_err().to_string(), "418 I'm a teapot");
}

/// A vendor whose statuses tell little and whose codes tell more.
#[derive(Debug, ApiError)]
enum ShelfError {
    #[status(4xx)]
    Client(apisession::Error),
    #[status(404)]
    NotFound(Option<Failures>),
    #[status(404, "/errors/0/code" = "BOOK_UNKNOWN")]
    NoBook(Failures),
    #[status(404, "/errors/0/code" = "BOOK_UNKNOWN", "/errors/0/lent" = true)]
    Lent(Failures, Error),
    #[status(400, 5xx, "/errors/0/number" = 17)]
    Seventeen(Error),
    #[status(409)]
    Quota(Quota),
    #[status(409)]
    Coded(models::Error, apisession::Error),
    #[status(5xx)]
    Down(Error),
    #[status(503)]
    Maintenance,
    #[default]
    Api(Failures, Error),
    #[other]
    Other(Error),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Failures {
    errors: Vec<serde_json::Value>,
}

#[endpoint(path = "/shelves")]
struct Shelves;

#[endpoint]
impl Shelves {
    #[get]
    fn list(&self) -> Call<Vec<String>, ShelfError>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", error_map = ErrorMap::new().status(210, Rule::kind(ErrorKind::Conflict)))]
struct Library {
    session: Session,
    #[endpoint]
    shelves: Shelves,
}

/// The name of a variant.
fn variant(error: &ShelfError) -> String {
    format!("{error:?}").split('(').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_most_exact_variant_wins() {
    let unknown = r#"{"errors":[{"code":"BOOK_UNKNOWN"}]}"#;
    let lent = r#"{"errors":[{"lent":true,"code":"BOOK_UNKNOWN"}]}"#;
    let seventeen = r#"{"errors":[{"number":17}]}"#;
    let other = r#"{"errors":[{"code":"SHELF_UNKNOWN","lent":"true","number":"17"}]}"#;
    let rows = [
        (404, lent, "Lent"),
        (404, unknown, "NoBook"),
        (404, "\u{feff}{\"errors\":[{\"code\":\"BOOK_UNKNOWN\"}]}", "NoBook"),
        // The code is there, and the rest of the body is not.
        (404, r#"{"errors":{"0":{"code":"BOOK_UNKNOWN"}}}"#, "NotFound"),
        (404, other, "NotFound"),
        (404, "", "NotFound"),
        (404, " \n", "NotFound"),
        (404, r#"{"errors":[{"code":"BOOK_UNK"#, "NotFound"),
        (404, "<html><title>404</title></html>", "NotFound"),
        (403, unknown, "Client"),
        (403, "", "Client"),
        (499, seventeen, "Client"),
        (400, seventeen, "Seventeen"),
        (400, other, "Client"),
        (500, seventeen, "Seventeen"),
        (500, other, "Down"),
        (599, "", "Down"),
        // A status is more exact than a class with a condition.
        (503, seventeen, "Maintenance"),
        (409, r#"{"left":1}"#, "Quota"),
        (409, r#"{"code":1}"#, "Coded"),
        (409, r#"{"left":1,"code":1}"#, "Quota"),
        (409, other, "Client"),
        (210, unknown, "Api"),
        (210, "", "Other"),
        (302, unknown, "Api"),
        (302, "", "Other"),
        (600, unknown, "Api"),
        // A success that can't be decoded is no error of the vendor.
        (200, unknown, "Other"),
        (200, "[1", "Other"),
    ];
    for (status, body, expected) in rows {
        let (transport, _) = recording(move |_, _| Ok(respond(status, body)));
        let shelves = Library::builder().transport(transport).max_attempts(1).build().unwrap().shelves();
        let error = shelves.list().await.unwrap_err();
        assert_eq!(variant(&error), expected, "{status} {body}");
        // The status survives in the error of ours.
        if expected != "NoBook" && expected != "Quota" && expected != "Maintenance" && expected != "NotFound"
        {
            assert_eq!(Error::from(error).status().unwrap().as_u16(), status);
        }
    }
}

#[tokio::test]
async fn a_failure_without_a_response_is_other() {
    let (transport, _) = recording(|_, _| Err(Failure::not_sent("refused")));
    let shelves = Library::builder().transport(transport).max_attempts(1).build().unwrap().shelves();
    assert_eq!(variant(&shelves.list().await.unwrap_err()), "Other");
    assert_eq!(variant(&ShelfError::from(Error::new(ErrorKind::Other, "x"))), "Other");
}
