//! A server that misbehaves on raw sockets, and the requirements on a session that meets it.
//!
//! `fault.rs` is the table of the faults: what the server does, and what is required of a client. `server.rs` runs the
//! scripts byte by byte, without an HTTP library, so that malformed responses are possible; its ledger records what
//! really arrived. `run.rs` makes the calls and compares their results with the table and the ledger. `h2.rs` has the
//! frames of HTTP/2 that report whether a request was processed, `tls.rs` a server with TLS, and `wire.rs` the faults
//! before the first byte of a request; `refusing.rs` has the port that refuses connections, and `broken.rs` the request bodies that
//! break off. `leaks.rs` has the secrets of the calls, and the search for them in what is shown.

pub mod broken;
pub mod downloads;
pub mod fault;
pub mod h2;
pub mod leaks;
pub mod refusing;
pub mod run;
pub mod server;
pub mod streams;
pub mod tls;
pub mod wire;
