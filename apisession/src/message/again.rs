//! Makes the request of a streamed response once more, as to go on where the response ended.

// A download uses one part of this, and streams another.
#![cfg_attr(not(all(feature = "downloads", feature = "streams")), allow(dead_code))]

use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::{HeaderName, HeaderValue};

use super::{Body, Response};
use crate::encode::Query;
use crate::error::{Error, Result};

/// The call of a streamed response, which can be made once more.
///
/// It is made by the one loop: with the credential, the settings, the hooks and the redirects of the first time.
pub(crate) trait Again: Send + Sync {
    /// Makes the call again. The response ends with its head, as that of the first time, and can be requested again itself.
    fn again(self: Arc<Self>, changes: Changes, after: After) -> BoxFuture<'static, Result<Response>>;

    /// How long a line, an event or an item of the response may be, in bytes.
    fn max_item(&self) -> usize;

    /// Whether the call has a credential that was fetched, and can be fetched anew.
    fn is_renewable(&self) -> bool;

    /// Tells the observers of the session about an item of the response, which is the one of this number.
    fn received(&self, number: u64);
}

/// What is not as the first time. It takes the place of what any level sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// The headers, such as `Range` or `Last-Event-ID`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The parameters of the query.
    pub(crate) query: Vec<(String, Query)>,
    /// How long to wait first, because the server asks for it. It is not part of the time that the call has.
    pub(crate) wait: Duration,
}

/// What the call is made after.
pub(crate) enum After {
    /// A failure of the response, after this number of attempts: it is made as a retry. The policy decides whether and when, and if not,
    /// the failure is the error.
    Failure(Error, u32),
    /// The response has ended as it should, and is to go on. Nothing has failed.
    End,
    /// The response has refused the credential, which is fetched anew.
    Refused,
}

impl Body {
    /// Adds the call of the response, so that it can be made once more.
    pub(crate) fn set_again(&mut self, again: Arc<dyn Again>) {
        if let Some(streamed) = self.streamed() {
            streamed.again = Some(again);
        }
    }

    /// The call of the response, if it can be made once more.
    pub(crate) fn again(&self) -> Option<&Arc<dyn Again>> {
        self.as_streamed()?.again.as_ref()
    }
}
