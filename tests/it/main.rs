//! Behavior through the public API, one module for each behavior.

mod allocations;
mod answers;
mod calls;
mod credentials;
mod errors;
mod grafts;
mod hooks;
mod levels;
mod limits;
mod operations;
mod parameters;
mod policies;
mod raw;
mod redirects;
mod retries;
mod sessions;
mod typed_errors;
mod urls;
mod wire;
