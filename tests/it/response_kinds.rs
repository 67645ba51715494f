//! What each return type does with each kind of response: its status, its body, and its content type.

use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/json")]
    fn json(&self) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

/// The endpoint of a vendor that returns this response.
fn things(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Things {
    let (headers, body) = (headers.to_vec(), body.to_vec());
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    let (transport, _) = recording(move |_, _| {
        let response = Response::new(respond(status, "").status()).with_body(body.clone());
        Ok(headers.iter().fold(response, |response, (name, value)| response.with_header(name, value)))
    });
    Acme::builder().transport(transport).build().unwrap().things()
}

#[tokio::test]
async fn json_is_decoded_whatever_its_content_type_and_the_error_names_both_types() {
    let rows = [
        (None, "none"),
        (Some("application/json"), "application/json"),
        (Some("application/vnd.acme.v2+json; charset=utf-8"), "another of `+json`"),
        (Some("application/hal+json"), "application/hal+json"),
        (Some("text/html"), "text/html"),
        (Some("text/plain"), "text/plain"),
        (Some("application/octet-stream"), "application/octet-stream"),
        (Some("nonsense"), "another"),
        (Some(""), "another"),
    ];
    for (content_type, named) in rows {
        let headers: Vec<_> = content_type.map(|value| ("content-type", value)).into_iter().collect();
        assert_eq!(things(200, &headers, b"{\"id\":7}").json().await.unwrap(), Event { id: 7 });
        let error = things(200, &headers, b"<p>Welcome</p>").json().await.unwrap_err();
        let expected = format!(
            "Things::json: the response can't be decoded as JSON of the type `Event`: expected value at line 1 column 1 (content \
             type: {named})"
        );
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Decode, expected));
    }
    let error = things(200, &[], b"{}").json().json_as::<Option<Vec<Event>>>().await.unwrap_err();
    assert!(error.to_string().contains("as JSON of the type `Option<Vec<Event>>`: "), "{error}");
}
