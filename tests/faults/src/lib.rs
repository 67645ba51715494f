//! A server that misbehaves on raw sockets, and what a session must make of it.
//!
//! `fault.rs` is the table of the faults: what the server does, and what is required of a client. `server.rs` does it, byte
//! by byte, without an HTTP library, so that malformed answers are possible; its ledger is the truth about what
//! arrived. `run.rs` makes the calls and holds their ends against the table and the ledger. `h2.rs` has the frames of
//! HTTP/2 that say that a request was not processed, `tls.rs` a server that speaks TLS, and `wire.rs` the faults before the
//! first byte of a request.

pub mod fault;
pub mod h2;
pub mod run;
pub mod server;
pub mod tls;
pub mod wire;
