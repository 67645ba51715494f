//! The head of a response, which responses and errors share.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, Version};
use tokio::time::Instant;

use super::attempt::Attempt;
use super::exchange::Exchange;
use super::history::History;
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
    pub(crate) history: History,
    /// Whether a streamed call asked for a part of what it requested.
    // Nothing but a download has to know that.
    #[cfg_attr(not(feature = "downloads"), allow(dead_code))]
    pub(crate) asks_for_part: bool,
    /// Why the body of an error is not all that the server sent.
    pub(crate) cut: Option<Loss>,
    pub(crate) track: Track,
}

/// Why the rest of the body of an error is not there.
#[derive(Clone, Copy)]
pub(crate) enum Loss {
    Limit,
    Idle,
    Time,
    End,
    Coding,
}

impl Loss {
    /// The reason, as it continues "cut after 7 bytes: …".
    fn reason(self) -> &'static str {
        match self {
            Self::Limit => "the rest is over `max_error_body`",
            Self::Idle => "the rest did not arrive in time",
            Self::Time => "it did not arrive in time",
            Self::End => "it ended too early",
            Self::Coding => "its content coding can't be decoded",
        }
    }
}

/// What is known of a call besides its request. It is small, since a response is moved often, and keeps times as they are: each
/// difference of two costs more than to keep one.
#[derive(Clone, Default)]
pub(crate) struct Track {
    /// The secrets of the request, which the server may repeat.
    pub(crate) carried: Carried,
    /// The attempts before this one, if there were some.
    pub(crate) earlier: Option<Arc<Vec<Attempt>>>,
    /// When this attempt began.
    attempted: Option<Instant>,
    /// When the whole response was there, or the call had failed.
    ended: Option<Instant>,
}

impl Track {
    /// What is known of a call whose last attempt began at `attempted`, as of now.
    pub(crate) fn new(carried: Carried, earlier: Option<Arc<Vec<Attempt>>>, attempted: Instant) -> Self {
        Self { carried, earlier, attempted: Some(attempted), ended: Some(Instant::now()) }
    }

    /// The same, as of now.
    pub(crate) fn now(self) -> Self {
        Self { ended: Some(Instant::now()), ..self }
    }

    /// The time from the start of the call to this attempt.
    pub(crate) fn attempted(&self, exchange: &Exchange) -> Duration {
        self.attempted.map_or(Duration::ZERO, |attempted| attempted - exchange.started)
    }

    /// The time from the start of the call to the end of its response or to its failure.
    pub(crate) fn elapsed(&self, exchange: &Exchange) -> Duration {
        self.ended.map_or(Duration::ZERO, |ended| ended - exchange.started)
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
        self.sent.as_ref()?.cut.map(Loss::reason)
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
