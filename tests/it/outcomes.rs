//! The outcome of a failed request: not sent, rejected or unknown. Names begin with requirement numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{Outcome, RetryPolicy};
use apisession_tests::{Names, Server, recording, respond, tokio, watched, wire};
use faults::h2::{self, Reply};
use faults::refusing::RefusingPort;

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::POST, Method::PATCH];

/// A server that reads the first `failing` requests and closes the connection, and how many requests it has read.
async fn closing(failing: usize) -> (Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        number if number < failing => String::new(),
        _ => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    });
    (server.await, count)
}

#[tokio::test]
async fn r1_r2_a_request_without_a_response_is_retried_only_if_it_is_idempotent() {
    for method in METHODS {
        let (server, count) = closing(1).await;
        let api = Acme::builder().base_url(server.url()).build().unwrap();
        let end = watched(api.raw().request(method.clone(), "/x").json_as::<()>()).await;
        let delivered = count.load(Ordering::SeqCst);
        if method.is_idempotent() {
            assert_eq!((end.is_ok(), delivered), (true, 2), "{method}");
        } else {
            let error = end.unwrap_err();
            assert_eq!((error.outcome(), delivered), (Some(Outcome::Unknown), 1), "{method}");
        }
    }
}

#[tokio::test]
async fn r2_deliveries_are_bounded() {
    let (server, count) = closing(usize::MAX).await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let error = watched(api.raw().get("/x").json_as::<()>()).await.unwrap_err();
    assert_eq!((error.attempts(), count.load(Ordering::SeqCst)), (3, 3));
}

/// The first address that accepts a connection is used. The resolver returns the addresses.
#[tokio::test]
async fn x3_an_address_that_refuses_is_skipped() {
    let refusing = RefusingPort::new();
    let dead = refusing.address();
    let (server, count) = closing(0).await;
    let alive = server.url().replace("http://", "").parse().unwrap();
    let builder = Acme::builder().transport(wire().resolver(Names(Some(vec![dead, alive]))));
    let api = builder.base_url("http://api.test").build().unwrap();
    watched(api.raw().post("/x")).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn r3_x3_a_failed_connection_means_not_sent() {
    let refusing = RefusingPort::new();
    let refused = refusing.address();
    let resolved = |names| Acme::builder().transport(wire().resolver(Names(names)));
    let builders = [
        (resolved(None), ErrorKind::Dns),
        (resolved(Some(vec![refused])), ErrorKind::Connect),
        (resolved(Some(vec![])), ErrorKind::Connect),
    ];
    for (builder, kind) in builders {
        let api = builder.base_url("http://api.test").build().unwrap();
        for method in METHODS {
            let error = watched(api.raw().request(method.clone(), "/x").json_as::<()>()).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.outcome(), error.attempts()),
                (kind, Some(Outcome::NotSent), 3),
                "{method}"
            );
        }
    }
}

/// A session whose n-th attempt ends as `end` returns.
fn failing(end: impl Fn(usize) -> Result<Response, Failure> + Send + Sync + 'static) -> Acme {
    let (transport, _) = recording(move |number, _| end(number));
    Acme::builder().transport(transport).build().unwrap()
}

async fn h2(replies: impl IntoIterator<Item = Reply>) -> (Acme, h2::Server) {
    let server = h2::Server::start(replies).await.unwrap();
    let builder = Acme::builder().transport(wire().http2_prior_knowledge());
    (builder.base_url(server.url()).build().unwrap(), server)
}

#[tokio::test]
async fn r4_refused_streams_and_goaway_of_http_2_mean_rejected() {
    for reply in [Reply::RefusedStream, Reply::GoAwayBelow] {
        let (api, server) = h2([reply]).await;
        let response = watched(api.raw().post("/x")).await.unwrap();
        assert_eq!((response.attempts(), server.arrived()), (2, 2), "{reply:?}");
        let (api, server) = h2([reply; 3]).await;
        let error = watched(api.raw().post("/x")).await.unwrap_err();
        assert_eq!((error.outcome(), error.attempts()), (Some(Outcome::Rejected), 3), "{reply:?}: {error:#}");
        assert_eq!(server.arrived(), 3);
    }
    for reply in [Reply::Cancel, Reply::GoAwayAndClose] {
        let (api, server) = h2([reply]).await;
        let error = watched(api.raw().post("/x")).await.unwrap_err();
        assert_eq!((error.outcome(), error.attempts()), (Some(Outcome::Unknown), 1), "{reply:?}: {error:#}");
        assert_eq!(server.arrived(), 1);
        let (api, server) = h2([reply]).await;
        watched(api.raw().get("/x")).await.unwrap();
        assert_eq!(server.arrived(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_a_call_is_the_worst_of_its_attempts() {
    let api = failing(|number| match number {
        1 => Err(Failure::unknown("reset")),
        _ => Err(Failure::not_sent("refused")),
    });
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Some(Outcome::Unknown)));
    let api = failing(|_| Err(Failure::not_sent("refused")));
    assert_eq!(api.raw().post("/x").json(&7).await.unwrap_err().outcome(), Some(Outcome::NotSent));
}

/// A server that responded with a redirect has received the request.
#[tokio::test(start_paused = true)]
async fn after_a_redirect_the_outcome_is_not_not_sent() {
    let gone_after = |status: u16| {
        failing(move |number| match number {
            1 => Ok(respond(status, "").with_header("location", "/elsewhere")),
            _ => Err(Failure::not_sent("refused")),
        })
    };
    let outcome = |error: apisession::Error| (error.kind(), error.outcome());
    let api = gone_after(307);
    let error = api.raw().post("/x").json(&7).with_redirects(1).await.unwrap_err();
    assert_eq!(outcome(error), (ErrorKind::Connect, Some(Outcome::Rejected)));
    let api = gone_after(303);
    let error = api.raw().post("/x").json(&7).with_redirects(1).await.unwrap_err();
    assert_eq!(outcome(error), (ErrorKind::Connect, Some(Outcome::Unknown)));
}
