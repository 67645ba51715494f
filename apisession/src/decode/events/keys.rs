//! What the declaration of an operation states about its event stream.

use crate::decode::pointer::Pointer;

use super::parser::EventRef;

/// The keys of `events(…)`, as the macros write them down.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct EventKeys {
    pub(super) done: &'static [&'static str],
    pub(super) errors: &'static [&'static str],
    pub(super) reconnects: bool,
    pub(super) expired: Option<fn(EventRef<'_>) -> bool>,
}

impl EventKeys {
    /// The keys of a declaration without keys.
    pub const NONE: Self = Self { done: &[], errors: &[], reconnects: false, expired: None };

    /// Sets the marks of the event that is the end.
    #[must_use]
    pub const fn done(mut self, marks: &'static [&'static str]) -> Self {
        self.done = marks;
        self
    }

    /// Sets the marks of an event that is an error.
    #[must_use]
    pub const fn error(mut self, marks: &'static [&'static str]) -> Self {
        self.errors = marks;
        self
    }

    /// Opens the stream again after its end and after a cut.
    #[must_use]
    pub const fn reconnect(mut self) -> Self {
        self.reconnects = true;
        self
    }

    /// Sets what tells that the first event refuses the credential.
    #[must_use]
    pub const fn expired_when_item(mut self, expired: fn(EventRef<'_>) -> bool) -> Self {
        self.expired = Some(expired);
        self
    }
}

/// The part of an event that a mark names: the value at a pointer, or all of an event with this type.
pub(super) fn marked<'e>(event: EventRef<'e>, marks: &[&'static str]) -> Option<&'e str> {
    marks.iter().find_map(|mark| match mark.starts_with('/') {
        true => {
            Pointer(mark).find_present(event.data.as_bytes()).and_then(|found| str::from_utf8(found).ok())
        }
        false => (event.name == *mark).then_some(event.data),
    })
}

/// A response to which the keys of `events(…)` can be applied.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`events(…)` is for an operation that returns an `EventStream`, and not a `{Self}`",
    label = "this is not an `EventStream`",
    note = "return a `Call<EventStream<T>>`; for `Lines<T>`, the key is `lines(…)`"
)]
pub trait DeclaresEvents: Sized {
    fn with_event_keys(self, keys: &'static EventKeys) -> Self;
}

impl<T: DeclaresEvents> DeclaresEvents for Option<T> {
    fn with_event_keys(self, keys: &'static EventKeys) -> Self {
        self.map(|stream| stream.with_event_keys(keys))
    }
}

/// Applies the keys of the declaration.
#[doc(hidden)]
pub fn with_events<S: DeclaresEvents>(stream: S, keys: &'static EventKeys) -> S {
    stream.with_event_keys(keys)
}
