//! What an event is decoded as.

use std::fmt;

use serde::de::DeserializeOwned;

use super::parser::EventRef;
use crate::decode::feed::Feed;
use crate::decode::item;
use crate::error::{Error, Result};

/// An event as it was received, for an operation that returns `Call<EventStream<RawEvent>>`. Its `Debug` shows neither data nor id.
#[derive(Clone, PartialEq, Eq)]
pub struct RawEvent {
    name: String,
    data: String,
    id: String,
}

impl RawEvent {
    /// Returns the type of the event, which is `message` if the server sets none.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.name
    }

    /// Returns the data: the values of its `data` lines, joined by line feeds.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Returns the id of the event, or else of the last one before it that has one. It is empty if there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Decodes the data as JSON.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the data is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            let why = format!(
                "the data of the event can't be decoded as JSON: line {} column {}",
                error.line(),
                error.column()
            );
            Error::new(crate::error::ErrorKind::Decode, why)
        })
    }
}

/// Shows the type and the size, and nothing that can have a secret.
impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawEvent({} bytes of data)", self.data.len())
    }
}

/// What an event is decoded as: [`RawEvent`], or what its data is as JSON.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from an event",
    label = "this is neither `Deserialize` nor `RawEvent`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`, or use `apisession::RawEvent`"
)]
pub trait EventItem: Sized {
    /// Decodes an event that was counted.
    #[doc(hidden)]
    fn decode(event: EventRef<'_>, feed: &EventFeed<'_>) -> Result<Self>;

    /// Decodes an event, if that is possible.
    #[doc(hidden)]
    fn read(event: EventRef<'_>) -> Option<Self>;
}

/// Where an event is from.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct EventFeed<'a>(pub(super) &'a Feed);

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> EventItem for T {
    fn decode(event: EventRef<'_>, feed: &EventFeed<'_>) -> Result<Self> {
        item::json(event.data.as_bytes(), feed.0)
    }

    fn read(event: EventRef<'_>) -> Option<Self> {
        serde_json::from_str(event.data).ok()
    }
}

impl EventItem for RawEvent {
    fn decode(event: EventRef<'_>, _: &EventFeed<'_>) -> Result<Self> {
        Ok(event.into())
    }

    fn read(event: EventRef<'_>) -> Option<Self> {
        Some(event.into())
    }
}

impl From<EventRef<'_>> for RawEvent {
    fn from(event: EventRef<'_>) -> Self {
        Self { name: event.name.to_owned(), data: event.data.to_owned(), id: event.id.to_owned() }
    }
}

/// Whether an event refuses the credential, by a fn of whatever it can be decoded as.
#[doc(hidden)]
#[must_use]
pub fn is_expired_event<T: EventItem>(event: EventRef<'_>, is_expired: fn(&T) -> bool) -> bool {
    T::read(event).is_some_and(|item| is_expired(&item))
}
