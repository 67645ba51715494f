//! Where a stream goes on that is opened again.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde::ser::Serialize;

use crate::encode::{Query, Style};
use crate::error::{Error, Result};
use crate::message::{Changes, headers};

/// Where the items of a stream go on after the last one, for the key `resume` of an operation that returns
/// [`Lines`](crate::Lines).
///
/// It changes the request that is sent again: a parameter of the query, or a header, takes the place of the one that the call has. A pair
/// of a name and a value is a parameter of the query.
///
/// ```
/// use apisession::Resume;
/// # struct Change { id: u64, etag: String }
///
/// fn after(change: &Change) -> (&'static str, u64) {
///     ("since", change.id)
/// }
///
/// fn after_both(change: &Change) -> Resume {
///     Resume::new().query("since", &change.id).header("x-etag", &change.etag)
/// }
/// # let change = Change { id: 7, etag: String::new() };
/// # let _ = (Resume::from(after(&change)), after_both(&change));
/// ```
#[derive(Default)]
#[must_use]
pub struct Resume {
    query: Vec<(String, Query)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    mistake: Option<Error>,
}

impl Resume {
    /// Creates one that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a query parameter. A list is repeated pairs.
    pub fn query(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        let mut query = Query::default();
        match query.write(name, value, Style::default()) {
            Ok(()) => self.query.push((name.to_owned(), query)),
            Err(error) => self.refuse(Error::argument(format!("the query parameter `{name}` {error}"))),
        }
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match headers::parse(name, value) {
            Ok(header) => self.headers.push(header),
            Err(error) => self.refuse(error),
        }
        self
    }

    /// The first mistake is the one that is reported.
    fn refuse(&mut self, mistake: Error) {
        self.mistake.get_or_insert(mistake);
    }

    /// The changes of the request.
    pub(super) fn changes(&self) -> Result<Changes> {
        let Self { query, headers, mistake } = self;
        match mistake {
            Some(mistake) => Err(Error::argument(mistake.message())),
            None => Ok(Changes { headers: headers.clone(), query: query.clone(), ..Changes::default() }),
        }
    }
}

/// Shows the names, and no value.
impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.query.iter().map(|(name, _)| name).collect();
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Resume").field("query", &query).field("headers", &headers).finish()
    }
}

/// A parameter of the query.
impl<V: Serialize> From<(&'static str, V)> for Resume {
    fn from((name, value): (&'static str, V)) -> Self {
        Self::new().query(name, &value)
    }
}
