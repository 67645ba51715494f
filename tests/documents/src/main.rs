//! Counts, by document, the operations that a declaration can express.
//!
//! `cargo run --release` counts those of `sources.txt`. `-- stubs` also writes all declarations as a crate, for `cargo check`.
//! `-- requests SEED COUNT` writes a program that makes the requests of so many operations and compares them with the documents.
//! `-- FILE` counts the operations of another document.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use apisession_documents::document::Document;
use apisession_documents::report::{Finding, Report};
use apisession_documents::stubs::Stubs;
use apisession_documents::{judge, requests, source};

/// A document with more operations is not written as stubs: the compiler would need minutes for it.
const MOST_IN_STUBS: usize = 5_000;

/// The number of operations whose requests are compared by default.
const REQUESTS: u64 = 200;

/// What part of the operations must be declared, in hundredths of a percent.
const LEAST: usize = 9_990;

fn main() -> ExitCode {
    let argument = env::args().nth(1);
    println!(
        "| document | operations | declared | of these with a fn of the author | % |\n|---|---|---|---|---|"
    );
    let is_done = match argument.as_deref() {
        None => all(None),
        Some("requests") => requests(number(2).unwrap_or(1), number(3).unwrap_or(REQUESTS)),
        Some("stubs") => all(Some(Stubs::default())),
        Some(file) => one(Path::new(file)),
    };
    match is_done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// An argument that is a number.
fn number(index: usize) -> Option<u64> {
    env::args().nth(index)?.parse().ok()
}

/// Writes a program that compares the requests of a sample of the operations that count.
fn requests(seed: u64, count: u64) -> Result<bool, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let counted = source::all().into_iter().filter(|source| source.is_counted);
    let read = |source: source::Source| Ok((source.name, Document::new(source.read(&here.join("files"))?)));
    let documents: Vec<_> = counted.map(read).collect::<Result<_, String>>()?;
    let folder = here.join("target/requests");
    requests::write(&documents, count, seed, &folder, &here.join("../../apisession"))
        .map_err(|error| error.to_string())?;
    println!("\nthe program of seed {seed} is in tests/documents/target/requests");
    Ok(true)
}

/// Counts a document by its file.
fn one(file: &Path) -> Result<bool, String> {
    let in_file = |why: String| format!("{}: {why}", file.display());
    let text = fs::read_to_string(file).map_err(|error| in_file(error.to_string()))?;
    let value = source::parse(&file.to_string_lossy(), &text).map_err(in_file)?;
    let report = Report::of(&Document::new(value));
    row(&file.file_stem().unwrap_or_default().to_string_lossy(), &report);
    print(&report);
    Ok(report.not.is_empty())
}

/// Counts all documents. Returns whether all are there, and enough is declared.
fn all(mut stubs: Option<Stubs>) -> Result<bool, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut total = Report::default();
    let mut apart = Report::default();
    let mut missing = Vec::new();
    for source in source::all() {
        let document = match source.read(&here.join("files")) {
            Ok(value) => Document::new(value),
            Err(why) => {
                missing.push(why);
                continue;
            }
        };
        let report = Report::of(&document);
        if let Some(stubs) = stubs.as_mut().filter(|_| report.operations <= MOST_IN_STUBS) {
            stubs.add(source.name, &document, &|declaration| judge::mistakes(declaration).is_empty());
        }
        let name = if source.is_counted { source.name.to_owned() } else { format!("({})", source.name) };
        row(&name, &report);
        let sum = if source.is_counted { &mut total } else { &mut apart };
        sum.add(report.named(source.name));
    }
    row("**all**, without those in parentheses", &total);
    print(&total);
    print(&apart);
    if let Some(stubs) = stubs {
        let folder = here.join("target/stubs");
        stubs.write(&folder, &here.join("../../apisession")).map_err(|error| error.to_string())?;
        println!("\n{} declarations are in tests/documents/target/stubs", stubs.count());
    }
    for why in &missing {
        eprintln!("MISSING, AND NOT COUNTED: {why}; run tests/documents/fetch");
    }
    Ok(missing.is_empty() && total.declared() * 10_000 >= total.operations * LEAST)
}

fn row(name: &str, report: &Report) {
    let Report { operations, by_hand, .. } = report;
    println!("| {name} | {operations} | {} | {} | {} |", report.declared(), by_hand.len(), report.share());
}

fn print(report: &Report) {
    let list = |title: &str, findings: &[Finding]| {
        if !findings.is_empty() {
            println!("\n{title}\n");
        }
        findings.iter().for_each(|Finding { operation, why }| println!("- {operation}: {why}"));
    };
    list("Not declared:", &report.not);
    list("With a fn of the author (`encode_with`):", &report.by_hand);
    report.session.iter().for_each(|why| println!("\nThe session can't be declared: {why}"));
}
