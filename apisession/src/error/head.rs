//! The head of a response, which responses and errors share.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, Version};
use url::Url;

use super::exchange::Exchange;
use crate::redact::{self, Carried};

/// A response without its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    /// `None` for a response that a transport or a test creates.
    pub(crate) sent: Option<Sent>,
}

/// How the request of a response was sent.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) attempts: u32,
    /// The redirects that were followed, with the URLs that returned them.
    pub(crate) history: Vec<(StatusCode, Url)>,
    pub(crate) elapsed: Duration,
    /// Whether a streamed call asked for a part of what it requested.
    pub(crate) asks_for_part: bool,
    /// Why the body of an error is not all that the server sent.
    pub(crate) cut: Option<&'static str>,
    /// The secrets of the request, which the server may repeat.
    pub(crate) carried: Carried,
}

/// A status as errors show it: `404 Not Found`, or the number alone for a status without a registered name.
pub(crate) fn status_text(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(name) => format!("{} {name}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

impl Sent {
    /// A text of the server without the secrets of the request.
    pub(crate) fn masked(&self, text: &str) -> String {
        let mut secrets = self.exchange.secrets();
        secrets.extend(self.carried.secrets());
        redact::masked(text, &secrets)
    }
}

/// The headers in which servers return the id of a request: first those of the application, then those of what is in front of it.
const ID_HEADERS: [&str; 31] = [
    "x-request-id",
    "request-id",
    "x-requestid",
    "requestid",
    "x-amzn-requestid",
    "x-amzn-request-id",
    "x-amz-request-id",
    "apigw-requestid",
    "x-ms-request-id",
    "x-github-request-id",
    "x-goog-request-id",
    "x-okta-request-id",
    "x-slack-req-id",
    "x-dropbox-request-id",
    "x-openstack-request-id",
    "x-compute-request-id",
    "x-oss-request-id",
    "opc-request-id",
    "box-request-id",
    "x-fb-request-id",
    "x-correlation-id",
    "x-ms-correlation-request-id",
    "x-hubspot-correlation-id",
    "x-trace-id",
    "x-b3-traceid",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-amz-cf-id",
    "x-azure-ref",
    "fly-request-id",
    "cf-ray",
];

/// The value of a header as an id. An empty one is none.
fn id(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok().map(str::trim).filter(|id| !id.is_empty())
}

impl Head {
    /// The head of a response that a transport or a test creates.
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { status, version: Version::HTTP_11, headers: HeaderMap::new(), sent: None }
    }

    /// The id that the server gave the request.
    pub(crate) fn request_id(&self) -> Option<&str> {
        let own = self.sent.as_ref().and_then(|sent| sent.exchange.id_header.as_ref());
        let own = own.and_then(|name| self.headers.get(&**name)).and_then(id);
        own.or_else(|| ID_HEADERS.into_iter().find_map(|name| id(self.headers.get(name)?)))
    }

    /// Why the body of an error is not all that the server sent.
    pub(crate) fn cut(&self) -> Option<&'static str> {
        self.sent.as_ref()?.cut
    }

    /// A text of the server on one line, without the secrets of the request.
    pub(crate) fn shown(&self, text: &str) -> String {
        match &self.sent {
            Some(sent) => redact::line(&sent.masked(text)),
            None => redact::line(text),
        }
    }
}
