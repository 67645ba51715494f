//! Event streams (server-sent events).

mod parser;

pub(crate) use self::parser::{EventParser, EventRef, TooLong};
