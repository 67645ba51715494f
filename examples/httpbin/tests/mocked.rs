//! What operations send and how responses are decoded, with expectations that are made from calls: no test names a path.

use std::collections::BTreeMap;

use apisession::prelude::*;
use apisession::{Part, Parts, Secret};
use apisession_mock::{Expectation, Reply, expect};
use httpbin::{Algorithm, HttpBin, ImageType, Qop, StatusError};
use httpmock::MockServer;
use serde_json::json;

fn httpbin(server: &MockServer) -> HttpBin {
    let quickly = RetryPolicy::new().first_delay(Duration::ZERO);
    HttpBin::builder().base_url(server.base_url()).retry(quickly).build().unwrap()
}

#[tokio::test]
async fn a_body_is_sent_in_each_form() {
    let server = MockServer::start();
    let api = httpbin(&server);
    let methods = api.methods();
    let event = json!({"title": "Standup"});
    let echo = json!({"json": event, "url": "http://127.0.0.1/post"});
    let form = BTreeMap::from([("name", "Ana Müller")]);
    let parts = Parts::new().with("file", Part::bytes("%PDF").with_file_name("a.pdf"));
    let expected = [
        expect(&server, methods.post(&event)).json(&echo),
        expect(&server, methods.post_form(&form)).json(&echo),
        expect(&server, methods.post_body("text")).json(&echo),
    ];
    assert_eq!(methods.post(&event).await.unwrap().json, event);
    methods.post_form(&form).await.unwrap();
    methods.post_body("text").await.unwrap();
    Expectation::assert_in_order(&expected.each_ref());
    let server = MockServer::start();
    let files = expect(&server, httpbin(&server).methods().post_files(&parts)).json(&echo);
    httpbin(&server).methods().post_files(&parts).await.unwrap();
    files.assert();
}

#[tokio::test]
async fn optional_parameters_and_those_of_the_path_are_sent() {
    let server = MockServer::start();
    let api = httpbin(&server);
    let bytes = expect(&server, api.dynamic().bytes(7).seed(3)).replies([Reply::bytes(
        200,
        "application/octet-stream",
        [0xff, 0],
    )]);
    assert_eq!(api.dynamic().bytes(7).seed(3).await.unwrap(), [0xff, 0][..]);
    assert_eq!(api.dynamic().bytes(7).await.unwrap_err().kind(), ErrorKind::NotFound);
    bytes.assert();
    let image = api.images().of_type(ImageType::Webp);
    let webp = expect(&server, image).replies([Reply::bytes(200, "image/webp", "RIFF")]);
    assert_eq!(api.images().of_type(ImageType::Webp).await.unwrap(), "RIFF");
    webp.assert();
    let digest = api.auth().digest(Qop::AuthInt, "ana", &Secret::new("p/w")).by(Algorithm::Sha512);
    let known = expect(&server, digest).json(&json!({"authenticated": true, "user": "ana"}));
    let again = api.auth().digest(Qop::AuthInt, "ana", &Secret::new("p/w")).by(Algorithm::Sha512);
    assert_eq!(again.await.unwrap().user, "ana");
    known.assert();
}

#[tokio::test]
async fn errors_are_typed_and_some_are_retried() {
    let server = MockServer::start();
    let api = httpbin(&server);
    let types = json!({"message": "no", "accept": ["image/png"]});
    let refused = expect(&server, api.status().get(406)).error(406, &types);
    match api.status().get(406).await {
        Err(StatusError::NotAcceptable(types)) => assert_eq!(types.accept, ["image/png"]),
        other => panic!("{other:?}"),
    }
    refused.assert();
    let teapot =
        expect(&server, api.status().get(418)).replies([Reply::bytes(418, "text/plain", "a teapot")]);
    assert!(matches!(api.status().get(418).await, Err(StatusError::Teapot(text)) if text.contains("teapot")));
    teapot.assert();
    let healthy = expect(&server, api.status().get(200)).replies([503, 502, 200].map(Reply::status));
    assert_eq!(api.status().get(200).response().await.unwrap().attempts(), 3);
    healthy.assert();
}

#[tokio::test]
async fn values_are_taken_out_of_their_objects() {
    let server = MockServer::start();
    let api = httpbin(&server);
    let uuid = expect(&server, api.dynamic().uuid()).json(&json!({"uuid": "0b6f6e4e"}));
    assert_eq!(api.dynamic().uuid().await.unwrap(), "0b6f6e4e");
    uuid.assert();
    let cookies = api.cookies();
    let deleted = expect(&server, cookies.delete(&["a", "b"])).json(&json!({"cookies": {"c": "1"}}));
    assert_eq!(
        cookies.delete(&["a", "b"]).await.unwrap(),
        BTreeMap::from([("c".to_owned(), "1".to_owned())])
    );
    deleted.assert();
    let none = expect(&server, api.request_inspection().ip()).json(&json!({}));
    let error = api.request_inspection().ip().await.unwrap_err();
    assert!(error.to_string().contains("it has no value at `/origin`"), "{error}");
    none.assert();
}
