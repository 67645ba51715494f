//! Expectations of the crate `httpmock`, made from the calls of an SDK, so that no test repeats a path.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apisession::http::{HeaderName, header};
use apisession::{Request, ToRequest};
use httpmock::{HttpMockRequest, HttpMockResponse, Method, Mock, MockServer, When};
use serde::Serialize;
use serde_json::Value;

/// Expects the request of a call: its method, path and query, the headers that the declaration sets, and its body. A body that is read
/// while it is sent, such as a file, is not compared.
///
/// # Panics
///
/// If an argument of the call can't be sent, or the base URL of its session is not that of the server.
pub fn expect(server: &MockServer, call: impl ToRequest) -> Expected<'_> {
    let request = call.to_request().expect("the call can be sent");
    let authority = request.url.socket_addrs(|| None).unwrap_or_default();
    assert!(authority.contains(server.address()), "build the session with `base_url(server.base_url())`");
    Expected { server, request, headers: Vec::new() }
}

/// A request that is expected, and has no reply yet.
pub struct Expected<'s> {
    server: &'s MockServer,
    request: Request,
    headers: Vec<(String, String)>,
}

impl<'s> Expected<'s> {
    /// Expects a header that the declaration does not set, such as that of the credential.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replies once, with a 200 and JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Expectation<'s> {
        self.replies([Reply::json(200, value)])
    }

    /// Replies once, with a status and no body.
    pub fn status(self, status: u16) -> Expectation<'s> {
        self.replies([Reply::status(status)])
    }

    /// Replies once, with the status and the body of a typed error.
    pub fn error<T: Serialize + ?Sized>(self, status: u16, body: &T) -> Expectation<'s> {
        self.replies([Reply::json(status, body)])
    }

    /// Replies to one request after the other. The last reply is that of all further requests.
    pub fn replies(self, replies: impl IntoIterator<Item = Reply>) -> Expectation<'s> {
        let replies: Vec<_> = replies.into_iter().map(|reply| reply.0).collect();
        let count = replies.len();
        assert!(count > 0, "an expectation needs a reply");
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&arrivals);
        let mock = self.server.mock(move |when, then| {
            let when = expected(when, &self.request);
            self.headers.into_iter().fold(when, |when, (name, value)| when.header(name, value));
            then.respond_with(move |_: &HttpMockRequest| {
                let mut noted = noted.lock().expect("no reply panics");
                noted.push(ARRIVAL.fetch_add(1, Ordering::SeqCst));
                replies[noted.len().min(count) - 1].clone()
            });
        });
        Expectation { mock, count, arrivals }
    }
}

/// A reply of the server.
pub struct Reply(HttpMockResponse);

impl Reply {
    /// A status, and no body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(HttpMockResponse::builder().status(status).build())
    }

    /// A status, and JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> Self {
        let body = serde_json::to_vec(value).expect("the reply is JSON");
        Self::bytes(status, "application/json", body)
    }

    /// A status, and a body of this type.
    #[must_use]
    pub fn bytes(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let reply = HttpMockResponse::builder().status(status).header("content-type", content_type);
        Self(reply.body(body.as_ref().to_vec()).build())
    }
}

/// What a server expects.
pub struct Expectation<'s> {
    mock: Mock<'s>,
    count: usize,
    arrivals: Arc<Mutex<Vec<usize>>>,
}

impl Expectation<'_> {
    /// Checks that there was one request for each reply. Otherwise `httpmock` compares the request that comes nearest.
    ///
    /// # Panics
    ///
    /// If there were more, or fewer.
    pub fn assert(&self) {
        self.mock.assert_calls(self.count);
    }

    /// Checks that these were met, one after the other.
    ///
    /// # Panics
    ///
    /// If one was not met, or before an earlier one.
    pub fn assert_in_order(all: &[&Self]) {
        all.iter().for_each(|expectation| expectation.assert());
        let arrivals = all.iter().flat_map(|one| one.arrivals.lock().expect("no reply panics").clone());
        assert!(arrivals.is_sorted(), "the requests came in another order");
    }
}

/// Counts the requests to all servers.
static ARRIVAL: AtomicUsize = AtomicUsize::new(0);

fn expected(when: When, request: &Request) -> When {
    let when = when.method(Method::from(request.method.as_str())).path(request.url.path());
    // By name, so that a difference is shown, and as a whole, so that there is nothing else.
    let pairs: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
    let when = pairs.into_iter().fold(when, |when, (name, value)| when.query_param(name, value));
    let query = request.url.query().unwrap_or_default().to_owned();
    let when = when.is_true(move |seen| seen.uri().query().unwrap_or_default() == query);
    let when = headers(request).fold(when, |when, (name, value)| when.header(name, value));
    body(when, request)
}

/// The headers that the declaration sets.
fn headers(request: &Request) -> impl Iterator<Item = (String, String)> {
    let key = request.operation.and_then(|operation| operation.idempotency_key());
    let is_declared = move |name: &HeaderName| {
        ![header::USER_AGENT, header::ACCEPT_ENCODING].contains(name) && Some(name.as_str()) != key
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let pairs = request.headers.iter().filter(move |(name, _)| is_declared(name));
    let pairs = pairs.filter(|(_, value)| !value.as_bytes().starts_with(b"multipart/"));
    pairs.map(move |(name, value)| (name.to_string(), text(value.as_bytes())))
}

fn body(when: When, request: &Request) -> When {
    let Some(body) = request.body.as_bytes().cloned() else { return when };
    match serde_json::from_slice::<Value>(&body) {
        _ if request.headers.contains_key(header::CONTENT_ENCODING) => when,
        Ok(json) => when.json_body(json),
        Err(_) => when.is_true(move |seen| seen.body_ref() == &*body),
    }
}
