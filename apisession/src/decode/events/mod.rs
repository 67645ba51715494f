//! Event streams (server-sent events).

mod event;
mod keys;
mod parser;
mod stream;

pub use self::event::{EventItem, RawEvent, is_expired_event};
pub use self::keys::{DeclaresEvents, EventKeys, with_events};
pub use self::parser::EventRef;
#[cfg(any(fuzzing, test))]
pub(crate) use self::parser::{EventParser, TooLong};
pub use self::stream::EventStream;
