//! Methods that define content.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{AllowedOrigins, Body, Bytes, Outcome};
use apisession_tests::{Pieces, Seen, Sent, Server, recording, respond, tokio, watched, wire};
use serde::Serialize;

#[endpoint(path = "/items")]
struct Items;

#[endpoint]
impl Items {
    #[post("/{id}/start")]
    fn start(&self, id: u64) -> Call<()>;
    #[delete("/{id}")]
    fn remove(&self, id: u64) -> Call<()>;
    #[request(QUERY, "/search")]
    fn search(&self, filter: &Filter) -> Call<Bytes>;
}

#[derive(Serialize)]
struct Filter {
    city: &'static str,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    items: Items,
}

/// The heads of all requests that a server has read.
type Heads = Arc<Mutex<Vec<String>>>;

/// A server that records the head of each request, and responds by `respond`.
async fn recorded(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> (Server, Heads) {
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    let server = Server::start(move |request| {
        let head = request.split("\r\n\r\n").next().unwrap_or_default();
        kept.lock().unwrap().push(head.to_owned());
        respond(request)
    });
    (server.await, heads)
}

/// The values of a field in the head of a request over HTTP/1.1.
fn fields(head: &str, name: &str) -> Vec<String> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
}

/// A body that is streamed.
fn stream(pieces: &'static [&'static str]) -> Body {
    Body::stream(Pieces::new(pieces.iter().copied().map(Bytes::from), Duration::ZERO))
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server over HTTP/2 without TLS. It returns its URL, and records the `content-length` of each request.
async fn http2() -> (String, Arc<Mutex<Vec<Vec<String>>>>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lengths = Arc::<Mutex<Vec<Vec<String>>>>::default();
    let kept = Arc::clone(&lengths);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let lengths = request.headers().get_all("content-length").iter();
                    let lengths = lengths.map(|length| length.to_str().unwrap().to_owned()).collect();
                    kept.lock().unwrap().push(lengths);
                    let response = apisession::http::Response::builder().status(204).body(()).unwrap();
                    respond.send_response(response, true).unwrap();
                }
            });
        }
    });
    (url, lengths)
}

#[tokio::test]
async fn fault_e1_a_method_that_defines_content_states_its_length_also_without_any() {
    let raw = |method: &'static str, body: Option<fn() -> Body>| {
        move |api: &Acme| {
            let call = api.raw().request(Method::from_bytes(method.as_bytes()).unwrap(), "/x");
            match body {
                Some(body) => call.body("text/plain", body()),
                None => call,
            }
            .to_call()
        }
    };
    type Make = Box<dyn Fn(&Acme) -> Call<Response>>;
    let rows: [(&str, Make, &[&str]); 19] = [
        ("an operation", Box::new(|api| api.items().start(1).raw()), &["0"]),
        ("a DELETE operation", Box::new(|api| api.items().remove(1).raw()), &[]),
        ("POST", Box::new(raw("POST", None)), &["0"]),
        ("PUT", Box::new(raw("PUT", None)), &["0"]),
        ("PATCH", Box::new(raw("PATCH", None)), &["0"]),
        ("QUERY", Box::new(raw("QUERY", None)), &["0"]),
        ("GET", Box::new(raw("GET", None)), &[]),
        ("HEAD", Box::new(raw("HEAD", None)), &[]),
        ("DELETE", Box::new(raw("DELETE", None)), &[]),
        ("OPTIONS", Box::new(raw("OPTIONS", None)), &[]),
        ("POST with nothing", Box::new(raw("POST", Some(Body::empty))), &["0"]),
        ("PUT with an empty text", Box::new(raw("PUT", Some(|| "".into()))), &["0"]),
        ("PATCH with no bytes", Box::new(raw("PATCH", Some(|| Vec::new().into()))), &["0"]),
        ("GET with an empty text", Box::new(raw("GET", Some(|| "".into()))), &[]),
        ("DELETE with an empty text", Box::new(raw("DELETE", Some(|| "".into()))), &[]),
        ("POST with a body", Box::new(raw("POST", Some(|| "abc".into()))), &["3"]),
        ("DELETE with a body", Box::new(raw("DELETE", Some(|| "abc".into()))), &["3"]),
        ("POST with an empty stream", Box::new(raw("POST", Some(|| stream(&[]).with_length(0)))), &["0"]),
        ("POST with a stream", Box::new(raw("POST", Some(|| stream(&["ab"]).with_length(2)))), &["2"]),
    ];
    let (server, heads) = recorded(|_| NO_CONTENT.to_owned()).await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let (url, lengths) = http2().await;
    let builder = Acme::builder().transport(wire().http2_prior_knowledge());
    let second = builder.base_url(url).build().unwrap();
    for (what, call, expected) in rows {
        watched(call(&api)).await.unwrap();
        let head = heads.lock().unwrap().pop().unwrap();
        assert_eq!(fields(&head, "content-length"), expected, "{what}: {head}");
        assert_eq!(fields(&head, "transfer-encoding"), [""; 0], "{what}: {head}");
        watched(call(&second)).await.unwrap();
        if what == "OPTIONS" {
            // hyper states the length of all requests over HTTP/2 but those of four methods.
            continue;
        }
        assert_eq!(lengths.lock().unwrap().pop().unwrap(), expected, "{what}, over HTTP/2");
    }

    // Each further request of a call states it too.
    let (server, heads) = recorded(|request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        match path {
            "/307" => {
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".to_owned()
            }
            "/303" => "HTTP/1.1 303 See Other\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".to_owned(),
            _ => NO_CONTENT.to_owned(),
        }
    })
    .await;
    let api = Acme::builder().base_url(server.url()).redirects(3).build().unwrap();
    for (path, expected) in [("/307", [vec!["0"], vec!["0"]]), ("/303", [vec!["0"], vec![]])] {
        watched(api.raw().post(path)).await.unwrap();
        let found: Vec<_> =
            heads.lock().unwrap().drain(..).map(|head| fields(&head, "content-length")).collect();
        assert_eq!(found, expected, "{path}");
    }
}

/// A session, and what it has sent to a server that responds by `respond`.
fn acme<F>(respond: F) -> (Acme, Sent)
where
    F: Fn(usize, &Seen) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let (transport, sent) = recording(respond);
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test(start_paused = true)]
async fn fault_e9_query_is_a_read_with_content() {
    let query = Method::QUERY;
    // What arrives after a redirect, which is followed by default.
    for (status, expected) in [
        (301, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (302, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (303, ("GET /x", "", "")),
        (307, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (308, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
    ] {
        let (api, sent) = acme(move |number, _| {
            Ok(if number == 1 { respond(status, "").with_header("location", "/x") } else { respond(200, "") })
        });
        api.items().search(&Filter { city: "Bern" }).await.unwrap();
        let (first, last) = (&sent.all()[0], &sent.all()[1]);
        let line = (first.line(), &first.body[..]);
        assert_eq!(line, ("QUERY /items/search".to_owned(), r#"{"city":"Bern"}"#), "{status}");
        assert_eq!((&last.line()[..], &last.body[..], last.header("content-type")), expected, "{status}");
    }
    // Ten redirects, as for a GET.
    let (api, sent) = acme(|_, _| Ok(respond(302, "").with_header("location", "/x")));
    let error = api.raw().request(query.clone(), "/x").body("text/plain", "q").await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::TooManyRedirects, 11));

    // It is sent again although nothing is known of the first attempt, and by a hook it may be sent to another URL.
    type First = fn() -> Result<Response, Failure>;
    let rows: [(&str, First); 3] = [
        ("lost", || Err(Failure::unknown("reset"))),
        ("503", || Ok(respond(503, ""))),
        ("not sent", || Err(Failure::not_sent("refused"))),
    ];
    for (what, first) in rows {
        let (api, sent) = acme(move |number, _| if number == 1 { first() } else { Ok(respond(200, "")) });
        api.items().search(&Filter { city: "Bern" }).await.unwrap();
        let bodies: Vec<_> = sent.all().iter().map(|seen| seen.body.clone()).collect();
        assert_eq!(bodies, [r#"{"city":"Bern"}"#; 2], "{what}");
    }

    // Its content needs a grant, as that of any other method does.
    for (grant, expected) in [
        (AllowedOrigins::from(&["https://cdn.test"]), Err(ErrorKind::Redirect)),
        (AllowedOrigins::from(&["https://cdn.test"]).allow_bodies("https://cdn.test"), Ok(2)),
    ] {
        let (api, sent) = acme(|number, _| {
            let place = "https://cdn.test/x";
            Ok(if number == 1 { respond(307, "").with_header("location", place) } else { respond(200, "") })
        });
        let call = api.raw().request(query.clone(), "/x").body("text/plain", "q").with_allowed_origins(grant);
        let end = call.await.map(|_| sent.all().len()).map_err(|error| error.kind());
        assert_eq!(end, expected);
    }

    // Nothing is known of a stream that was sent once, so it is not sent again.
    let (api, sent) = acme(|_, _| Err(Failure::unknown("reset")));
    let error = api.raw().request(query, "/x").body("text/plain", stream(&["a"])).await.unwrap_err();
    assert_eq!(error.outcome(), Some(Outcome::Unknown));
    assert!(sent.all().len() <= 3);
}
