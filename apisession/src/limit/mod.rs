//! Limits on the number of requests that are sent, and when. It imports `message` and what is below it.

mod deadline;
mod in_flight;
pub mod limiter;
mod rate_limit;

pub(crate) use self::deadline::deadline;
pub(crate) use self::in_flight::{InFlight, Permit};
pub use self::rate_limit::{RateLimit, Window};
