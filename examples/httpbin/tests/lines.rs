//! How many lines an operation takes.

use std::fs;
use std::path::Path;

use httpbin::HttpBin;

/// The most that an operation may take, with the line of its documentation.
const MAX: usize = 4;

#[test]
fn an_operation_takes_at_most_four_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        // Operations are indented, and end with a semicolon.
        let mut lines = 0;
        let mut has_method = false;
        for line in text.lines() {
            let line = line.strip_prefix("    ").unwrap_or_default();
            has_method |= ["#[get", "#[post", "#[put", "#[patch", "#[delete", "#[request"]
                .iter()
                .any(|verb| line.starts_with(verb));
            lines = if line.is_empty() { 0 } else { lines + 1 };
            if has_method && line.ends_with(';') {
                assert!(lines <= MAX, "{}: {lines} lines end with `{line}`", file.display());
                all.push(lines);
                (lines, has_method) = (0, false);
            }
        }
    }
    assert_eq!(all.len(), HttpBin::description().operations().len());
    let sum: usize = all.iter().sum();
    println!("{} operations, {sum} lines, at most {} each", all.len(), all.iter().max().unwrap());
}
