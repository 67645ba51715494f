//! Instructions per call, counted by valgrind's callgrind.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Problem;
use crate::clients::Client;

/// Two runs, whose difference is without the start and end of the process.
const CALLS: [usize; 2] = [500, 2_500];

/// Whether valgrind is installed.
pub(crate) fn is_installed() -> bool {
    let version =
        Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// The instructions of a call.
pub(crate) fn instructions(client: &Client, program: &Path, url: &str, work: &str) -> Result<f64, Problem> {
    let [few, many] = CALLS.map(|calls| total(client, program, url, work, calls));
    Ok((many? - few?) / (CALLS[1] - CALLS[0]) as f64)
}

fn total(client: &Client, program: &Path, url: &str, work: &str, calls: usize) -> Result<f64, Problem> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(client.arguments(url, work, calls))
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("valgrind failed with {}", output.status).into()),
    }
}
