//! What the framework adds to a binary and to a cold build.
//!
//! It writes two crates with the same dependencies and features, one with apisession and one with reqwest alone, and a third one with the
//! default features of apisession.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use crate::Problem;
use crate::figures::Spread;
use crate::folders::{root, target};

const OURS: &str = "with_apisession";
const DEFAULT: &str = "with_default_features";
const BY_HAND: &str = "by_hand";

const COMMON: &str = "serde = { version = \"1\", features = [\"derive\"] }\n\
    tokio = { version = \"1.54\", features = [\"macros\", \"rt\"] }\n";

const QUICKSTART: &str = r#"use apisession::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: u64,
    pub title: String,
}

#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.acme.example/v1")]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> apisession::Result<()> {
    let api = Acme::builder().build()?;
    println!("{:?}", api.events().get(42).await?);
    Ok(())
}
"#;

const HAND: &str = r#"use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: u64,
    pub title: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> reqwest::Result<()> {
    let client = reqwest::Client::new();
    let request = client.get(format!("https://api.acme.example/v1/events/{}", 42));
    let event: Event = request.send().await?.error_for_status()?.json().await?;
    println!("{event:?}");
    Ok(())
}
"#;

/// Measures, prints, and writes `size.json`.
pub(crate) fn run(rounds: usize) -> Result<(), Problem> {
    let project = Project::write(target().join("size"))?;
    let (ours, by_hand) = (project.binary(OURS)?, project.binary(BY_HAND)?);
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    println!("a stripped release binary: {:.2} MiB, by hand {:.2} MiB\n", mib(ours), mib(by_hand));

    let mut checks = Vec::new();
    for round in 0..rounds.max(1) {
        eprintln!("round {} of {rounds}", round + 1);
        checks.push([project.check(BY_HAND)?, project.check(OURS)?, project.check(DEFAULT)?]);
    }
    let seconds = [0, 1, 2].map(|index| Spread::of(checks.iter().map(|round| round[index].seconds)));
    let relative =
        [1, 2].map(|index| Spread::of(checks.iter().map(|round| round[index].seconds / round[0].seconds)));
    let [by_hand_s, ours_s, default_s] = &seconds;
    println!("a cold check by hand: {by_hand_s} s");
    println!("with apisession: {ours_s} s, relative {}", relative[0]);
    println!("with its default features: {default_s} s, relative {}\n", relative[1]);

    let added = [1, 2].map(|index| added(&checks, index));
    let minimal: BTreeMap<_, _> = added[0].iter().cloned().collect();
    println!("| crate that is added | its own time, s | with the default features, s |\n|---|---|---|");
    for (name, seconds) in &added[1] {
        let of_minimal = minimal.get(name).map_or("not there".to_owned(), |seconds| format!("{seconds:.2}"));
        println!("| {name} | {of_minimal} | {seconds:.2} |");
    }
    let path = target().join("size.json");
    let report = json!({
        "binary": ours, "binary_by_hand": by_hand, "check_by_hand_s": by_hand_s, "check_s": ours_s, "check_of_default_s": default_s,
        "check": relative[0], "check_of_default": relative[1], "added": added[0], "added_by_default": added[1],
    });
    std::fs::write(&path, serde_json::to_string_pretty(&report)?)?;
    println!("\nwritten to {}", path.display());
    Ok(())
}

/// The median time of each crate that is in a build, by its place in a round, and not in the one by hand, longest first.
fn added(checks: &[[Check; 3]], index: usize) -> Vec<(String, f64)> {
    let by_hand: BTreeSet<_> = checks.iter().flat_map(|round| round[0].crates.keys()).collect();
    let names: BTreeSet<_> = checks.iter().flat_map(|round| round[index].crates.keys()).collect();
    let own = |name: &&String| !by_hand.contains(name) && !name.starts_with("with_");
    let time = |name: &String| {
        Spread::of(checks.iter().filter_map(|round| round[index].crates.get(name).copied())).median
    };
    let mut added: Vec<_> = names.into_iter().filter(own).map(|name| (name.clone(), time(name))).collect();
    added.sort_by(|one, other| other.1.total_cmp(&one.1));
    added
}

/// A check that compiled everything.
struct Check {
    seconds: f64,
    /// The seconds that each crate took, with its build script. The key has the version, since some crates have two.
    crates: BTreeMap<String, f64>,
}

/// One row of cargo's report of timings.
#[derive(Deserialize)]
struct Unit {
    name: String,
    version: String,
    duration: f64,
}

struct Project(PathBuf);

impl Project {
    fn write(folder: PathBuf) -> Result<Self, Problem> {
        let project = Self(folder);
        let members =
            format!("[workspace]\nresolver = \"3\"\nmembers = [{OURS:?}, {DEFAULT:?}, {BY_HAND:?}]\n");
        project.file("Cargo.toml", &format!("{members}\n[profile.release]\nstrip = true\n"))?;
        let path = root().join("apisession");
        let minimal = ", default-features = false, features = [\"reqwest\", \"tls\"]";
        for (name, features) in [(OURS, minimal), (DEFAULT, "")] {
            let framework = format!("apisession = {{ path = {path:?}{features} }}\n");
            project.krate(name, &format!("{framework}{COMMON}"), QUICKSTART)?;
        }
        // The features that apisession has on, and `json`.
        let reqwest = "reqwest = { version = \"0.13.5\", default-features = false, \
                       features = [\"http2\", \"json\", \"rustls\", \"stream\"] }\n";
        project.krate(BY_HAND, &format!("{reqwest}{COMMON}"), HAND)?;
        project.cargo(&["fetch"], &project.0.join("target"))?;
        Ok(project)
    }

    fn krate(&self, name: &str, dependencies: &str, source: &str) -> std::io::Result<()> {
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        self.file(&format!("{name}/Cargo.toml"), &manifest)?;
        self.file(&format!("{name}/src/main.rs"), source)
    }

    fn file(&self, path: &str, text: &str) -> std::io::Result<()> {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder"))?;
        std::fs::write(path, text)
    }

    /// The bytes of a stripped release binary.
    fn binary(&self, name: &str) -> Result<u64, Problem> {
        eprintln!("building {name}");
        let target = self.0.join("target");
        self.cargo(&["build", "--release", "-p", name], &target)?;
        Ok(std::fs::metadata(target.join("release").join(name))?.len())
    }

    /// Checks a crate with an empty target folder.
    fn check(&self, name: &str) -> Result<Check, Problem> {
        let target = self.0.join("cold");
        if target.exists() {
            std::fs::remove_dir_all(&target)?;
        }
        let start = Instant::now();
        self.cargo(&["check", "--timings", "-p", name], &target)?;
        let seconds = start.elapsed().as_secs_f64();
        let report = std::fs::read_to_string(target.join("cargo-timings/cargo-timing.html"))?;
        let (_, data) = report.split_once("const UNIT_DATA = ").ok_or("cargo's report has no UNIT_DATA")?;
        let mut units = serde_json::Deserializer::from_str(data).into_iter::<Vec<Unit>>();
        let units = units.next().ok_or("cargo's report has no units")??;
        let mut crates = BTreeMap::new();
        for unit in units {
            *crates.entry(format!("{} {}", unit.name, unit.version)).or_insert(0.0) += unit.duration;
        }
        Ok(Check { seconds, crates })
    }

    fn cargo(&self, arguments: &[&str], target: &Path) -> Result<(), Problem> {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let error = text.lines().find(|line| line.starts_with("error")).unwrap_or("cargo failed").to_owned();
        Err(format!("cargo {}: {error}", arguments.join(" ")).into())
    }
}
