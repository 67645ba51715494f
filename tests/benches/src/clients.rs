//! The clients: how each is built and run, and what a run prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::Problem;
use crate::folders::{manifest, target};

/// A client to measure.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    /// The name in tables.
    pub(crate) name: &'static str,
    /// The binary, which is also the feature.
    pub(crate) binary: &'static str,
    pub(crate) variant: &'static str,
}

const fn client(name: &'static str, binary: &'static str, variant: &'static str) -> Client {
    Client { name, binary, variant }
}

pub(crate) const OURS: Client = client("apisession", "ours", "-");

/// Ours, beside a subscriber that is disabled for calls, and beside one that writes a line for each.
pub(crate) const OBSERVED: [Client; 2] =
    [client("disabled", "ours", "disabled"), client("debug", "ours", "debug")];

pub(crate) const ON_HYPER: Client = client("apisession on hyper", "ours_hyper", "-");

/// What all others are compared with.
pub(crate) const BY_HAND: Client = client("reqwest by hand", "reqwest", "idiomatic");

pub(crate) const ALL: [Client; 11] = [
    OURS,
    ON_HYPER,
    BY_HAND,
    client("reqwest by hand, tuned", "reqwest", "tuned"),
    client("reqwest, a prebuilt request", "reqwest", "prebuilt"),
    client("reqwest-middleware and retry", "middleware", "-"),
    client("hyper-util by hand", "hyper", "-"),
    client("octocrab", "octocrab", "-"),
    client("rustify", "rustify", "-"),
    client("feignhttp", "feignhttp", "-"),
    client("ureq, on threads", "ureq", "-"),
];

/// What a run prints.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Measured {
    pub(crate) cpu_us: f64,
    pub(crate) per_second: f64,
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
}

/// Whether a binary counts allocations, which makes it slower.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Counting {
    On,
    Off,
}

impl Client {
    /// Builds the binary.
    pub(crate) fn build(&self, counting: Counting) -> Result<PathBuf, Problem> {
        build(self.binary, self.binary, counting)
    }

    /// The arguments of the binary.
    pub(crate) fn arguments(&self, url: &str, work: &str, calls: usize) -> [String; 4] {
        [self.variant.to_owned(), url.to_owned(), work.to_owned(), calls.to_string()]
    }

    pub(crate) fn run(
        &self,
        program: &Path,
        url: &str,
        work: &str,
        calls: usize,
    ) -> Result<Measured, Problem> {
        run(Command::new(program).args(self.arguments(url, work, calls)))
    }
}

/// Builds a binary, and keeps a copy, since one with other features has the same path.
pub(crate) fn build(binary: &str, features: &str, counting: Counting) -> Result<PathBuf, Problem> {
    let (features, suffix) = match counting {
        Counting::On => (format!("{features},count"), "-counting"),
        Counting::Off => (features.to_owned(), ""),
    };
    eprintln!("building {binary}{suffix}");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bin", binary, "--features", &features, "--manifest-path"])
        .arg(manifest().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target())
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let error = text.lines().find(|line| line.starts_with("error")).unwrap_or("cargo failed");
        return Err(format!("can't be built: {error}").into());
    }
    let folder = target().join("clients");
    std::fs::create_dir_all(&folder)?;
    let copy = folder.join(format!("{binary}{suffix}"));
    std::fs::copy(target().join("release").join(binary), &copy)?;
    Ok(copy)
}

/// Runs a client and reads what it prints.
pub(crate) fn run(command: &mut Command) -> Result<Measured, Problem> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(format!("failed with {}: {last}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
