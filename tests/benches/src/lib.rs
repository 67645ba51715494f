//! What all clients share: the request, the models, and the loop that measures.
//!
//! A client is a process of its own. It prints one line of JSON for each measurement; `main.rs` starts it and reads them.

mod measure;

pub use measure::{Blocking, Client, heap, run, run_blocking};

use serde::{Deserialize, Serialize};

/// The token of all requests.
pub const TOKEN: &str = "bench-token-0123456789";

/// The user agent of all requests, as long as that of apisession.
pub const USER_AGENT: &str =
    "Integration/1.0 (Acme; calendar; Build/unknown) apisession/0.1.0 (linux/x86_64)";

/// What a GET and a POST return.
#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: u64,
    pub title: String,
    pub starts: String,
}

/// The body of a POST.
#[derive(Clone, Debug, Serialize)]
pub struct NewEvent {
    pub title: &'static str,
    pub starts: &'static str,
}

/// The body of every POST.
pub const NEW_EVENT: NewEvent = NewEvent { title: "Planning", starts: "2026-12-01T09:00:00Z" };

/// The query of a GET.
#[derive(Debug, Serialize)]
pub struct Limit {
    pub limit: u32,
}
