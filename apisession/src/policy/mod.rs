//! Decisions as pure functions, without a clock or a network. It imports `message` and what is below it.

mod allowed_origins;
#[cfg(feature = "backoff")]
mod backoff;
pub(crate) mod budget;
pub(crate) mod error_map;
pub(crate) mod idempotency_key;
pub(crate) mod pause;
pub(crate) mod reach;
pub(crate) mod redirect;
pub(crate) mod retry;

pub use self::allowed_origins::AllowedOrigins;
pub(crate) use self::allowed_origins::Grant;
pub(crate) use self::budget::Budget;
pub use self::error_map::{ErrorMap, Rule};
pub(crate) use self::error_map::{Meaning, Retryable};
pub(crate) use self::reach::{Reach, Reached, Refusal};
pub use self::retry::RetryPolicy;
