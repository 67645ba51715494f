//! `#[derive(APIModel)]`: the requests of a model, and what their responses make of it.

use apisession::prelude::*;
use apisession_tests::{Sent, offline, recording, respond, tokio};
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/users/{id}")]
struct User {
    /// The id.
    id: String,
    name: String,
}

#[derive(Debug, ApiError)]
enum Refused {
    #[status(409)]
    Conflict(Problem),
    #[other]
    Other(Error),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, APIModel)]
#[model(
    on = Notes,
    path = "/{folder}/{id}",
    save = patch,
    create = post("/{folder}"),
    reload = post("/{folder}/{id}/read"),
    remove = post("/{folder}/{id}/archive"),
    error = Refused,
    headers("x-kind" = "note"),
    max_attempts = 1
)]
struct Note {
    #[serde(default, skip_serializing)]
    id: Option<u64>,
    folder: String,
    r#type: String,
}

#[derive(Serialize, Deserialize, APIModel)]
#[model(on = Acme, path = "/files/{path+}", save = none, remove = none)]
struct File {
    path: String,
}

#[endpoint(path = "/notes", headers("x-level" = "endpoint"))]
struct Notes;

#[endpoint]
impl Notes {}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1")]
struct Acme {
    session: Session,
    #[endpoint]
    notes: Notes,
}

fn session(status: u16, body: &'static str) -> (Acme, Sent) {
    let (transport, sent) = recording(move |_, _| Ok(respond(status, body)));
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

fn ana() -> User {
    User { id: "7".to_owned(), name: "Ana".to_owned() }
}

#[tokio::test]
async fn each_call_sends_its_request_and_a_body_replaces_the_model() {
    const BO: &str = r#"{"id":"8","name":"Bo"}"#;
    let bo = || User { id: "8".to_owned(), name: "Bo".to_owned() };
    // Of each: the call, the status and the body of the response, the request, and what the model is then.
    let rows = [
        ("save", 200, BO, "PUT /v1/users/7", Ok(bo())),
        ("save", 201, BO, "PUT /v1/users/7", Ok(bo())),
        ("save", 204, "", "PUT /v1/users/7", Ok(ana())),
        ("save", 202, "", "PUT /v1/users/7", Ok(ana())),
        ("save", 205, "", "PUT /v1/users/7", Ok(ana())),
        ("save", 200, "\n", "PUT /v1/users/7", Ok(ana())),
        ("save", 200, "{}", "PUT /v1/users/7", Err(ErrorKind::Decode)),
        ("save", 409, BO, "PUT /v1/users/7", Err(ErrorKind::Conflict)),
        ("save", 404, "", "PUT /v1/users/7", Err(ErrorKind::NotFound)),
        ("reload", 200, BO, "GET /v1/users/7", Ok(bo())),
        ("reload", 204, "", "GET /v1/users/7", Ok(ana())),
        ("reload", 404, "", "GET /v1/users/7", Err(ErrorKind::NotFound)),
        ("reload", 410, "", "GET /v1/users/7", Err(ErrorKind::Gone)),
        ("remove", 204, "", "DELETE /v1/users/7", Ok(ana())),
        ("remove", 200, BO, "DELETE /v1/users/7", Ok(ana())),
        ("remove", 202, "soon", "DELETE /v1/users/7", Ok(ana())),
        ("remove", 404, "", "DELETE /v1/users/7", Err(ErrorKind::NotFound)),
    ];
    for (call, status, body, request, expected) in rows {
        let (api, sent) = session(status, body);
        let mut user = ana();
        let end = match call {
            "save" => user.save(&api).await,
            "reload" => user.reload(&api).await,
            _ => user.remove(&api).await,
        };
        let seen = sent.only();
        assert_eq!(seen.line(), request);
        assert_eq!(seen.body, if call == "save" { r#"{"id":"7","name":"Ana"}"# } else { "" });
        match expected {
            Ok(expected) => assert_eq!((end.map_err(|error| error.to_string()), user), (Ok(()), expected)),
            Err(kind) => {
                assert_eq!((end.unwrap_err().kind(), user), (kind, ana()), "{call} {status} {body}");
            }
        }
    }
}

#[tokio::test]
async fn methods_and_paths_are_those_of_the_declaration() {
    let note = |id| Note { id, folder: "a b".to_owned(), r#type: "memo".to_owned() };
    let (api, sent) = session(204, "");
    let notes = api.notes();
    let mut saved = note(Some(3));
    saved.save(&notes).await.unwrap();
    saved.reload(&notes).await.unwrap();
    saved.remove(&notes).await.unwrap();
    saved.create(&notes).with_header("x-call", "1").await.unwrap();
    assert_eq!(saved, note(Some(3)));
    let lines = [
        "PATCH /v1/notes/a%20b/3",
        "POST /v1/notes/a%20b/3/read",
        "POST /v1/notes/a%20b/3/archive",
        "POST /v1/notes/a%20b",
    ];
    assert_eq!(sent.lines(), lines);
    for seen in sent.all() {
        assert_eq!((seen.header("x-kind"), seen.header("x-level")), ("note", "endpoint"));
    }
    let bodies: Vec<_> = sent.all().iter().map(|seen| seen.body.clone()).collect();
    let body = r#"{"folder":"a b","type":"memo"}"#;
    assert_eq!(bodies, [body, "", "", body]);
    assert_eq!(sent.all()[3].header("x-call"), "1");

    let (api, _) = session(201, r#"{"id":9,"folder":"f","type":"t"}"#);
    let mut new = note(None);
    let response = new.create(&api.notes()).response().await.unwrap();
    assert_eq!((response.status().as_u16(), new.id), (201, Some(9)));
    let (api, _) = session(409, r#"{"title":"taken"}"#);
    let refused = note(Some(1)).save(&api.notes()).await;
    assert!(matches!(refused, Err(Refused::Conflict(problem)) if problem.title.as_deref() == Some("taken")));
}

#[tokio::test]
async fn the_value_of_a_field_stays_in_its_segment() {
    let (api, sent) = session(204, "");
    let rows = [
        ("../admin?x=1", "PUT /v1/users/..%2Fadmin%3Fx%3D1"),
        ("a/b", "PUT /v1/users/a%2Fb"),
        ("ä#%", "PUT /v1/users/%C3%A4%23%25"),
    ];
    for (index, (id, line)) in rows.into_iter().enumerate() {
        User { id: id.to_owned(), name: String::new() }.save(&api).await.unwrap();
        assert_eq!(sent.lines()[index], line);
    }
    let mut file = File { path: "a/b c".to_owned() };
    file.reload(&api).await.unwrap();
    assert_eq!(sent.lines()[3], "GET /v1/files/a/b%20c");

    let api = Acme::builder().transport(offline()).build().unwrap();
    for id in ["", "..", "."] {
        let error = User { id: id.to_owned(), name: String::new() }.save(&api).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
    let mut unsaved = Note { id: None, folder: "f".to_owned(), r#type: String::new() };
    let error: Error = unsaved.save(&api.notes()).await.unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_call_of_a_model_is_a_call() {
    let (transport, sent) = recording(|number, _| Ok(respond(if number == 1 { 503 } else { 204 }, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    ana().save(&api).await.unwrap();
    assert_eq!(sent.all().len(), 2);

    let (api, sent) = session(503, "");
    let error = ana().save(&api).with_max_attempts(1).await.unwrap_err();
    assert_eq!((error.operation().unwrap().to_string().as_str(), sent.all().len()), ("User::save", 1));
    assert!(error.to_string().starts_with("User::save: 503"), "{error}");
    // Nothing is sent until it is awaited.
    let (api, sent) = session(204, "");
    let mut user = ana();
    drop(user.save(&api));
    assert_eq!(user.save(&api).build().unwrap().url.path(), "/v1/users/7");
    assert_eq!(sent.all().len(), 0);

    let operation = Note::SAVE.operation();
    assert_eq!((operation.method(), operation.path()), ("PATCH", "/{folder}/{id}"));
    let parameters: Vec<_> =
        operation.parameters().map(|parameter| (parameter.name(), parameter.place())).collect();
    use apisession::Place;
    assert_eq!(parameters, [("folder", Place::Path), ("id", Place::Path), ("model", Place::Json)]);
    assert_eq!(operation.errors().count(), 2);
    assert_eq!(User::REMOVE.operation().docs(), "A user.");
    assert_eq!(User::REMOVE.operation().response(), "()");
}
