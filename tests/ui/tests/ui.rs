//! Every kind of mistake, and the compiler's message for it. The `.stderr` files contain the messages.
//!
//! `TRYBUILD=overwrite cargo test -p apisession-ui` writes the files again. Review the difference.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// The version of rustc whose messages the `.stderr` files quote.
const REVIEWED_WITH: &str = "rustc 1.95.";

#[test]
fn compile_errors_point_at_the_mistake() {
    let version = rustc_version();
    let reviewed = version.starts_with(REVIEWED_WITH);
    let cases = trybuild::TestCases::new();
    let mut left_out = Vec::new();
    for case in cases_in("cases") {
        if reviewed || !quotes_rustc(&case) {
            cases.compile_fail(&case);
        } else {
            left_out.push(case);
        }
    }
    if !left_out.is_empty() {
        // The test harness captures the output of `println!` and hides it when a test passes.
        let cases = left_out.join(" ");
        let written = writeln!(
            std::io::stderr(),
            "NOT COMPARED: {} cases quote {REVIEWED_WITH}x, and this is {version}: {cases}",
            left_out.len()
        );
        written.expect("standard error can be written");
    }
}

/// Whether a case quotes a message of rustc. Only those have an error code.
fn quotes_rustc(case: &str) -> bool {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join(case).with_extension("stderr");
    std::fs::read_to_string(expected).is_ok_and(|text| text.contains("error[E"))
}

fn cases_in(folder: &str) -> Vec<String> {
    let entries =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the cases are there");
    let names =
        entries.map(|entry| entry.expect("a folder can be read").file_name().into_string().expect("UTF-8"));
    let mut cases: Vec<_> =
        names.filter(|name| name.ends_with(".rs")).map(|name| format!("{folder}/{name}")).collect();
    cases.sort();
    cases
}

fn rustc_version() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(rustc).arg("--version").output().expect("rustc compiled this test");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
