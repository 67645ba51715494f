//! What a subscriber of `tracing` adds to a call.

use crate::clients::{Counting, OBSERVED, OURS};
use crate::server::Server;
use crate::{Problem, callgrind, left_out, per_call};

pub(crate) fn run() -> Result<(), Problem> {
    let server = Server::start()?;
    let url = server.url();
    let (ours, counting) = (OURS.build(Counting::Off)?, OURS.build(Counting::On)?);
    let has_valgrind = callgrind::is_installed();
    for work in ["get", "post"] {
        println!("{work}");
        for client in [OURS].iter().chain(&OBSERVED) {
            let name = if client.variant == "-" { "no subscriber" } else { client.name };
            let counts = per_call::allocations(client, &counting, &server, work)?;
            let (allocations, bytes) = (counts.allocations.unwrap_or(0.0), counts.bytes.unwrap_or(0.0));
            let instructions = match has_valgrind {
                true => format!("{:.0}", callgrind::instructions(client, &ours, &url, work)?),
                false => "-".to_owned(),
            };
            println!(
                "  {name:<14}{instructions:>8} instructions {allocations:>4.0} allocations {bytes:>7.0} bytes"
            );
        }
    }
    if !has_valgrind {
        left_out("instructions", "valgrind is not installed");
    }
    Ok(())
}
