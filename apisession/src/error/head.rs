//! The head of a response, which responses and errors share.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, Version};
use url::Url;

use super::attempt::Attempt;
use super::exchange::Exchange;
use crate::redact::{Carried, ID_HEADERS, Redaction, Shown};

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
    /// Whether a streamed call asked for a part of what it requested.
    pub(crate) asks_for_part: bool,
    /// Why the body of an error is not all that the server sent.
    pub(crate) cut: Option<&'static str>,
    pub(crate) track: Track,
}

/// What is known of a call besides its request. It is small, since a response is moved often.
#[derive(Clone, Default)]
pub(crate) struct Track {
    /// The secrets of the request, which the server may repeat.
    pub(crate) carried: Carried,
    /// The attempts before this one, if there were some.
    pub(crate) earlier: Option<Arc<Vec<Attempt>>>,
    /// When this attempt began, in milliseconds from the start of the call.
    pub(crate) started: u32,
    /// The time from the start of the call to the end of its response or to its failure, in nanoseconds.
    elapsed: u64,
}

impl Track {
    pub(crate) fn new(carried: Carried, earlier: Option<Arc<Vec<Attempt>>>, started: u32) -> Self {
        Self { carried, earlier, started, elapsed: 0 }
    }

    /// What is known when the call has taken this long.
    pub(crate) fn at(self, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs().saturating_mul(1_000_000_000);
        Self { elapsed: seconds.saturating_add(elapsed.subsec_nanos().into()), ..self }
    }

    /// The time from the start of the call to the end of its response or to its failure.
    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.elapsed)
    }
}

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
        self.shown_parts().text(text)
    }

    /// How the response and its request are shown.
    pub(crate) fn shown_parts(&self) -> Shown<'_> {
        static DEFAULT: Redaction = Redaction::DEFAULT;
        match &self.sent {
            Some(sent) => sent.exchange.shown(&sent.track.carried),
            None => DEFAULT.shown(),
        }
    }
}
