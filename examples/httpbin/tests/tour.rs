//! The tour, whose output is compared with a file.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

#[test]
fn the_tour_prints_the_file() {
    let output = Command::new(env!("CARGO_BIN_EXE_httpbin")).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tour.txt");
    if env::var_os("UPDATE_TOUR").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    assert_eq!(
        shown,
        fs::read_to_string(&path).unwrap(),
        "run the test with `UPDATE_TOUR=1`, and review the difference"
    );
}
