//! Operations of GraphQL: what is sent, what errors become, what is retried, and connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{GraphQlErrors, Outcome};
use apisession_tests::{Sent, recording, respond, tokio};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, PartialEq)]
struct User {
    id: String,
    name: String,
}

/// The variables as a struct.
#[derive(Serialize)]
struct Rename<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Debug, ApiError)]
enum Refused {
    #[status(200, 400)]
    Errors(GraphQlErrors),
    #[other]
    Other(Error),
}

#[endpoint(path = "/graphql", max_attempts = 2)]
struct Graph;

#[endpoint]
impl Graph {
    #[graphql("query User($id: ID!) { user(id: $id) { id name } }", data = "/user")]
    fn user(&self, id: &str) -> Call<User>;

    #[graphql("query ($id: ID!) { user(id: $id) { id name } }", data = "/user")]
    fn part(&self, id: &str) -> Call<GraphQl<Option<User>>>;

    #[graphql(file = "it/user.graphql", operation = "User", data = "/user")]
    fn from_file(&self, id: &str, #[variable("withTeam")] team: Option<bool>) -> Call<User>;

    #[graphql(file = "it/user.graphql", operation = "Rename", data = "/renameUser")]
    fn rename(&self, #[variables] of: &Rename<'_>) -> Call<User>;

    #[graphql("mutation ($id: ID!) { deleteUser(id: $id) }", path = "/delete")]
    fn delete(&self, id: &str) -> Call<()>;

    #[graphql("mutation ($id: ID!) { touch(id: $id) }", idempotent)]
    fn touch(&self, id: &str, #[header("x-reason")] reason: Option<&str>) -> Call<()>;

    #[graphql("{ viewer { id name } }", data = "/viewer", headers("x-preview" = "a"))]
    fn viewer(&self) -> Call<User, Refused>;

    #[graphql(
        "query Users($team: ID!, $first: Int, $after: String) {
            team(id: $team) { users(first: $first, after: $after) {
                nodes { id name } totalCount pageInfo { hasNextPage endCursor }
            } }
        }",
        page = connection(at = "/team/users", size = "first", total = "/data/team/users/totalCount")
    )]
    fn users(&self, team: &str) -> Pager<User>;

    #[graphql(
        "query ($cursor: String) { users(after: $cursor) { list { id name } next } }",
        page = cursor(items = "/data/users/list", next = "/data/users/next", param = "cursor")
    )]
    fn by_cursor(&self, cursor: Option<&str>) -> Pager<User>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    graph: Graph,
    #[session(default)]
    logins: Arc<AtomicUsize>,
}

impl APISession for Acme {
    fn error_map(&self) -> ErrorMap {
        ErrorMap::new()
            .code("THROTTLED", Rule::kind(ErrorKind::TooManyRequests))
            .code("UNAUTHENTICATED", Rule::kind(ErrorKind::Unauthorized).expired_when(|_| true))
            .code("NOT_FOUND", Rule::kind(ErrorKind::NotFound))
            .code("BUSY", Rule::kind(ErrorKind::ServiceUnavailable).retryable(true))
    }

    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer(format!("token{}", self.logins.fetch_add(1, Ordering::SeqCst)))
    }
}

const ANA: &str = r#"{"data":{"user":{"id":"7","name":"Ana"}}}"#;

/// A session whose server returns these responses one after the other, the last again and again.
fn session(responses: &[(u16, &str)]) -> (Acme, Sent) {
    let responses: Vec<_> = responses.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
    let (transport, sent) = recording(move |number, _| {
        let (status, body) = &responses[(number - 1).min(responses.len() - 1)];
        Ok(respond(*status, body))
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test]
async fn a_call_sends_its_document_with_variables() {
    let user = r#"{"query":"query User($id: ID!) { user(id: $id) { id name } }","operationName":"User","variables":{"id":"7"}}"#;
    let (api, sent) = session(&[(200, ANA)]);
    assert_eq!(api.graph().user("7").await.unwrap(), User { id: "7".into(), name: "Ana".into() });
    let request = sent.only();
    assert_eq!((request.line().as_str(), request.body.as_str()), ("POST /graphql", user));
    assert_eq!(request.header("accept"), "application/graphql-response+json, application/json;q=0.9");
    assert_eq!(request.header("content-type"), "application/json");

    let body = |request: Result<apisession::Request>| {
        let request = request.unwrap();
        let body = String::from_utf8(request.body.as_bytes().unwrap().to_vec()).unwrap();
        (request.url.path().to_owned(), json(&body))
    };
    let (_, file) = body(api.graph().from_file("7").team(true).build());
    assert_eq!(
        (file["operationName"].as_str(), file["variables"].clone()),
        (Some("User"), json(r#"{"id":"7","withTeam":true}"#))
    );
    assert!(file["query"].as_str().unwrap().starts_with("# The only document"));
    let (_, unset) = body(api.graph().from_file("7").build());
    assert_eq!(unset["variables"], json(r#"{"id":"7"}"#));
    let (_, whole) = body(api.graph().rename(&Rename { id: "7", name: "Bo" }).build());
    assert_eq!(whole["variables"], json(r#"{"id":"7","name":"Bo"}"#));
    let (path, unnamed) = body(api.graph().delete("7").build());
    assert_eq!((path.as_str(), unnamed.get("operationName")), ("/graphql/delete", None));
    let (_, none) = body(api.graph().viewer().build());
    assert_eq!(none.to_string(), r#"{"query":"{ viewer { id name } }"}"#);
    let viewer = api.graph().viewer().build().unwrap();
    assert_eq!(viewer.headers["x-preview"], "a");

    let document = Graph::RENAME.operation().graphql().unwrap();
    assert_eq!((document.name(), document.is_query()), (Some("Rename"), false));
    assert!(Graph::VIEWER.operation().graphql().unwrap().is_query());
}

#[tokio::test(start_paused = true)]
async fn errors_of_a_response_are_errors_of_the_call() {
    // Of each: the status, the body, the kind of the error, the requests that were sent, and what its message contains.
    let rows = [
        (
            200,
            r#"{"errors":[{"message":"no such field"}]}"#,
            ErrorKind::GraphQl,
            1,
            "errors of GraphQL: no such field",
        ),
        (
            200,
            r#"{"data":{"user":null},"errors":[{"message":"gone","path":["user","a/b",3]},{"message":"x"},{"message":"y"}]}"#,
            ErrorKind::GraphQl,
            1,
            "gone (at `/user/a~1b/3`); and 2 more errors",
        ),
        (200, r#"{"data":null,"errors":[{"message":"a\u001b[31m"}]}"#, ErrorKind::GraphQl, 1, r"a\u{1b}[31m"),
        (
            200,
            r#"{"data":null,"errors":[{"message":"x"},{"message":"no","extensions":{"code":"NOT_FOUND"}}]}"#,
            ErrorKind::NotFound,
            1,
            "x; and 1 more error",
        ),
        (200, r#"{"errors":[{"message":"no","type":"NOT_FOUND"}]}"#, ErrorKind::NotFound, 1, "no"),
        (
            200,
            r#"{"errors":[{"message":"slow","extensions":{"code":"THROTTLED"}}]}"#,
            ErrorKind::TooManyRequests,
            2,
            "slow",
        ),
        (
            200,
            r#"{"errors":[{"message":"busy","extensions":{"code":"BUSY"}}]}"#,
            ErrorKind::ServiceUnavailable,
            2,
            "busy",
        ),
        (400, r#"{"errors":[{"message":"syntax"}]}"#, ErrorKind::BadRequest, 1, "400 Bad Request: syntax"),
        (
            400,
            r#"{"errors":[{"message":"slow","extensions":{"code":"THROTTLED"}}]}"#,
            ErrorKind::TooManyRequests,
            2,
            "slow",
        ),
        (503, "busy", ErrorKind::ServiceUnavailable, 2, "503"),
        (200, r#"{"data":{"user":{"id":"7","name":8}}}"#, ErrorKind::Decode, 1, "data.user.name: "),
        (200, r#"{"data":{}}"#, ErrorKind::Decode, 1, "no value at `/data/user`"),
        (200, "<html>", ErrorKind::Decode, 1, "no value at `/data/user`"),
        (200, "", ErrorKind::Decode, 1, "no value at `/data/user`"),
    ];
    for (status, body, kind, requests, message) in rows {
        let (api, sent) = session(&[(status, body)]);
        let error = api.graph().user("7").await.unwrap_err();
        assert_eq!((error.kind(), sent.all().len()), (kind, requests), "{body}\n{error}");
        assert!(error.to_string().contains(message), "{body}\n{error}");
        let has_errors = body.contains("errors");
        assert_eq!(error.graphql_errors().is_some(), has_errors, "{body}");
    }
    let long = format!(r#"{{"errors":[{{"message":"{}"}}]}}"#, "m".repeat(5000));
    let (api, _) = session(&[(200, &long)]);
    assert!(api.graph().user("7").await.unwrap_err().to_string().len() < 1300);
    let (api, _) = session(&[(200, r#"{"data":{"user":{"id":"7","name":"Ana"}},"errors":[]}"#)]);
    assert_eq!(api.graph().user("7").await.unwrap().name, "Ana");
}

#[tokio::test]
async fn the_data_beside_errors_are_kept() {
    let body = r#"{"data":{"user":null,"n":1.10},"errors":[{"message":"no","path":["user"],"locations":[{"line":1,"column":2}],"extensions":{"code":"X","n":1}}]}"#;
    let (api, _) = session(&[(200, body)]);
    let errors = api.graph().user("7").await.unwrap_err().graphql_errors().unwrap();
    assert_eq!(errors.data.as_ref().unwrap().get(), r#"{"user":null,"n":1.10}"#);
    let first = &errors.errors[0];
    assert_eq!(
        (first.message.as_str(), first.code(), first.path.as_deref()),
        ("no", Some("X"), Some("/user"))
    );
    assert_eq!(
        (first.locations[0].line, first.locations[0].column, &first.extensions["n"]),
        (1, 2, &1.into())
    );
    assert!(!format!("{errors:?}").contains("no"), "{errors:?}");

    let part = api.graph().part("7").await.unwrap();
    assert_eq!((part.data, part.errors.len()), (None, 1));
    let (api, _) = session(&[(200, ANA)]);
    let part = api.graph().part("7").await.unwrap();
    assert_eq!((part.data.unwrap().name.as_str(), part.errors.len()), ("Ana", 0));
    let (api, _) = session(&[(200, r#"{"data":null,"errors":[{"message":"no"}]}"#)]);
    assert_eq!(api.graph().part("7").await.unwrap_err().kind(), ErrorKind::GraphQl);
    // Another type does not lose the errors.
    assert_eq!(api.graph().user("7").raw().await.unwrap_err().kind(), ErrorKind::GraphQl);

    for status in [200, 400] {
        let (api, _) = session(&[(status, r#"{"errors":[{"message":"no"}]}"#)]);
        assert!(
            matches!(api.graph().viewer().await, Err(Refused::Errors(errors)) if errors.errors[0].message == "no")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_is_retried_and_a_mutation_is_not() {
    let lost = |api: Acme, name: &'static str| async move {
        match name {
            "user" => api.graph().user("7").await.map(drop),
            "delete" => api.graph().delete("7").await,
            "touch" => api.graph().touch("7").await,
            "rename" => api.graph().rename(&Rename { id: "7", name: "Bo" }).await.map(drop),
            _ => api.graph().user("7").with_idempotent(false).await.map(drop),
        }
    };
    for (name, requests) in [("user", 2), ("delete", 1), ("touch", 2), ("rename", 1), ("stated", 1)] {
        let (api, sent) = session(&[(502, ""), (502, "")]);
        let error = lost(api, name).await.unwrap_err();
        assert_eq!((sent.all().len(), error.outcome()), (requests, Some(Outcome::Unknown)), "{name}");
    }
    // A mutation that was throttled was not processed.
    let throttled = r#"{"errors":[{"message":"slow","extensions":{"code":"THROTTLED"}}]}"#;
    let (api, sent) = session(&[(200, throttled), (200, r#"{"data":{"deleteUser":true}}"#)]);
    api.graph().delete("7").await.unwrap();
    assert_eq!(sent.all().len(), 2);
}

#[tokio::test]
async fn a_code_can_mean_that_the_credential_has_expired() {
    for status in [200, 400] {
        let expired = r#"{"errors":[{"message":"who","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
        let (api, sent) = session(&[(status, expired), (200, ANA)]);
        assert_eq!(api.graph().user("7").await.unwrap().name, "Ana");
        let tokens: Vec<_> = sent.all().iter().map(|seen| seen.header("authorization").to_owned()).collect();
        assert_eq!(tokens, ["Bearer token0", "Bearer token1"]);
    }
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn connection(names: &[&str], info: &str) -> String {
    let nodes: Vec<_> = names.iter().map(|name| format!(r#"{{"id":"1","name":"{name}"}}"#)).collect();
    format!(r#"{{"data":{{"team":{{"users":{{"nodes":[{}],"totalCount":3{info}}}}}}}}}"#, nodes.join(","))
}

#[tokio::test]
async fn a_connection_is_read_page_by_page() {
    let first = connection(&["a", "b"], r#","pageInfo":{"hasNextPage":true,"endCursor":"c2"}"#);
    let last = connection(&["c"], r#","pageInfo":{"hasNextPage":false,"endCursor":"c3"}"#);
    let (api, sent) = session(&[(200, &first), (200, &last)]);
    let users = api.graph().users("t").with_page_size(2).try_collect().await.unwrap();
    assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let variables = |seen: &apisession_tests::Seen| {
        let body = json(&seen.body);
        body["variables"].clone()
    };
    let sent: Vec<_> = sent.all().iter().map(variables).collect();
    assert_eq!(sent, [json(r#"{"team":"t","first":2}"#), json(r#"{"team":"t","first":2,"after":"c2"}"#)]);

    // Of each: the only page, and how many items there are, or a part of the message.
    let rows = [
        (connection(&["a"], r#","pageInfo":{"hasNextPage":false}"#), Ok(1)),
        (connection(&[], r#","pageInfo":{"hasNextPage":false,"endCursor":null}"#), Ok(0)),
        (r#"{"data":{"team":null}}"#.to_owned(), Ok(0)),
        (
            connection(&["a"], r#","pageInfo":{"hasNextPage":true,"endCursor":null}"#),
            Err("no `pageInfo.endCursor`"),
        ),
        (connection(&["a"], r#","pageInfo":{"endCursor":"c"}"#), Err("no `pageInfo.hasNextPage`")),
        (connection(&["a"], ""), Err("no `pageInfo.endCursor`")),
        (
            connection(&["a"], r#","pageInfo":{"hasNextPage":true,"endCursor":"c"}"#),
            Err("leads to a page that was there before"),
        ),
        (r#"{"data":{"team":null},"errors":[{"message":"no"}]}"#.to_owned(), Err("errors of GraphQL: no")),
    ];
    for (page, expected) in rows {
        let (api, _) = session(&[(200, &page)]);
        let found = api.graph().users("t").try_collect().await;
        match (found, expected) {
            (Ok(users), Ok(count)) => assert_eq!(users.len(), count, "{page}"),
            (Err(error), Err(message)) => assert!(error.to_string().contains(message), "{page}\n{error}"),
            (found, _) => panic!("{page}\n{found:?}"),
        }
    }

    let first = r#"{"data":{"users":{"list":[{"id":"1","name":"a"}],"next":"n"}}}"#;
    let last = r#"{"data":{"users":{"list":[{"id":"2","name":"b"}],"next":null}}}"#;
    let (api, sent) = session(&[(200, first), (200, last)]);
    assert_eq!(api.graph().by_cursor().cursor("m").try_collect().await.unwrap().len(), 2);
    let sent: Vec<_> = sent.all().iter().map(variables).collect();
    assert_eq!(sent, [json(r#"{"cursor":"m"}"#), json(r#"{"cursor":"n"}"#)]);
}
