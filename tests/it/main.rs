//! Behavior through the public API, one module for each behavior.

mod allocations;
mod answers;
mod bodies;
mod calls;
mod connections;
mod credentials;
mod deadlines;
mod errors;
mod grafts;
mod hooks;
mod levels;
mod limits;
mod middleware;
mod mounts;
mod operations;
mod outcomes;
mod parameters;
mod policies;
mod raw;
mod redirects;
mod retries;
mod schedules;
mod sessions;
mod typed_errors;
mod urls;
mod wire;
