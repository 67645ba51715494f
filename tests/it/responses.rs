//! Decoding of responses into return types.

use std::collections::BTreeMap;

use apisession::FromResponse;
use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(transparent)]
struct Maybe(Option<Event>);

type Alias = Option<Event>;

#[derive(Debug, PartialEq)]
struct Total(u64);

impl FromResponse for Total {
    fn from_response(response: Response) -> Result<Self> {
        let total = response.headers().get("x-total").and_then(|total| total.to_str().ok()?.parse().ok());
        Ok(Self(total.unwrap_or(0)))
    }
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/event")]
    fn event(&self) -> Call<Event>;
    #[head("/event")]
    fn exists(&self) -> Call<()>;
    #[get("/option")]
    fn option(&self) -> Call<Option<Event>>;
    #[get("/alias")]
    fn alias(&self) -> Call<Alias>;
    #[get("/newtype")]
    fn newtype(&self) -> Call<Maybe>;
    #[delete("/unit")]
    fn unit(&self) -> Call<()>;
    #[get("/exists")]
    fn is_there(&self) -> Call<Option<()>>;
    #[get("/value")]
    fn value(&self) -> Call<serde_json::Value>;
    #[get("/map")]
    fn map(&self) -> Call<BTreeMap<String, u64>>;
    #[get("/bytes")]
    fn bytes(&self) -> Call<Bytes>;
    #[get("/text")]
    fn text(&self) -> Call<Text>;
    #[get("/total")]
    fn total(&self) -> Call<Total>;
    #[get("/as-it-came")]
    fn as_it_came(&self) -> Call<Response>;
    #[get("/enveloped")]
    fn enveloped(&self) -> Call<Response<Event>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", restricted_paths("/secret/**"))]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[endpoint]
    secrets: Secrets,
}

#[endpoint(path = "/secret")]
struct Secrets;

#[endpoint]
impl Secrets {
    #[get("/{id}")]
    fn get(&self, id: u64, key: Option<&str>) -> Call<Event>;
}

fn things(status: u16, body: &'static str) -> Things {
    acme(status, body).things()
}

fn acme(status: u16, body: &'static str) -> Acme {
    let (transport, _) = recording(move |_, _| Ok(respond(status, body).with_header("x-total", "12")));
    Acme::builder().transport(transport).max_attempts(1).build().unwrap()
}

#[tokio::test]
async fn the_return_type_sets_how_the_response_is_decoded() {
    let body = r#"{"id":7}"#;
    let event = || Event { id: 7 };
    let things = things(200, body);
    assert_eq!(things.event().await.unwrap(), event());
    assert_eq!(things.option().await.unwrap(), Some(event()));
    assert_eq!(things.alias().await.unwrap(), Some(event()));
    assert_eq!(things.newtype().await.unwrap(), Maybe(Some(event())));
    assert_eq!(things.value().await.unwrap()["id"], 7);
    assert_eq!(things.map().await.unwrap()["id"], 7);
    assert_eq!(things.bytes().await.unwrap(), body);
    assert_eq!(things.text().await.unwrap(), Text(body.to_owned()));
    assert_eq!(things.total().await.unwrap(), Total(12));
    assert_eq!(things.as_it_came().await.unwrap().body().unwrap(), body);
    let enveloped = things.enveloped().await.unwrap();
    assert_eq!((enveloped.status().as_u16(), enveloped.value()), (200, &event()));
    // A unit is a success, whatever its body.
    things.unit().await.unwrap();
}

#[tokio::test]
async fn a_404_or_an_empty_body_is_none_for_an_option_only() {
    for (status, body) in [(404, ""), (404, r#"{"title":"no such event"}"#), (200, ""), (204, ""), (205, "")]
    {
        let things = things(status, body);
        assert_eq!(things.option().await.unwrap(), None, "{status}");
        assert_eq!(things.alias().await.unwrap(), None, "{status}");
        assert_eq!(things.newtype().await.unwrap(), Maybe(None), "{status}");
        assert!(things.event().await.is_err(), "{status}");
        assert!(things.value().await.is_err(), "{status}");
        assert_eq!(things.unit().await.is_ok(), status != 404, "{status}");
    }
    // Existence, for which vendors return 204 or 404.
    assert_eq!(things(204, "").is_there().await.unwrap(), Some(()));
    assert_eq!(things(404, "{}").is_there().await.unwrap(), None);
    let response = things(404, "").option().response().await.unwrap();
    assert_eq!((response.status().as_u16(), response.value()), (404, &None));
    // Another error is an error for an `Option` as well.
    assert_eq!(things(403, "").option().await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_response_of_another_type_is_a_decode_error_with_its_content_type() {
    let rows = [
        (r#"{"id":"seven"}"#, "id: another type or value where u64 is expected at line 1 column 13"),
        ("<html>", "expected value at line 1 column 1"),
        ("", "it has no body"),
    ];
    for (body, expected) in rows {
        let error = things(200, body).event().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(
            error.to_string(),
            format!(
                "Things::event: the response can't be decoded as JSON of the type `Event`: {expected} (content type: \
                 application/json)"
            )
        );
        assert_eq!(error.body().unwrap(), body);
    }
}

#[tokio::test]
async fn a_decode_error_names_the_path_of_the_value() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Page {
        data: Vec<Event>,
    }
    let body = r#"{"data":[{"id":1},{"id":2},{"id":-3}]}"#;
    let error = things(200, body).event().json_as::<Page>().await.unwrap_err();
    let expected = "data[2].id: another type or value where u64 is expected at line 1 column 35";
    assert!(error.to_string().contains(expected), "{error}");
    // A key of the body's own is shown, but not on a restricted path.
    type Keyed = BTreeMap<String, u64>;
    let body = r#"{"c4nary":"x"}"#;
    let error = acme(200, body).things().event().json_as::<Keyed>().await.unwrap_err();
    assert!(error.to_string().contains("c4nary: another type"), "{error}");
    let error = acme(200, body).secrets().get(7).json_as::<Keyed>().await.unwrap_err();
    assert!(!error.report().contains("c4nary"), "{}", error.report());
}

#[tokio::test]
async fn a_response_larger_than_max_body_is_an_error() {
    let (transport, _) =
        recording(|_, _| Ok(respond(200, r#"{"id":7,"note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#)));
    let api = Acme::builder().transport(transport).max_body(20).build().unwrap();
    let error = api.things().event().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::BodyTooLarge, 1));
    assert!(error.to_string().contains("larger than 20 bytes; raise `max_body`"), "{error}");
    assert_eq!(api.things().event().with_max_body(1000).await.unwrap(), Event { id: 7 });
}

#[tokio::test]
async fn the_content_length_of_a_head_response_is_not_checked_against_max_body() {
    let (transport, _) = recording(|_, _| Ok(respond(200, "").with_header("content-length", "100000000000")));
    let api = Acme::builder().transport(transport).build().unwrap();
    api.things().exists().await.unwrap();
    assert_eq!(api.things().event().await.unwrap_err().kind(), ErrorKind::BodyTooLarge);
}
