//! What the calendar declares, as a text that is compared with a file. A change of a declaration is a change of the file, which a
//! review shows.

use std::path::Path;
use std::{env, fs};

use calendar::Acme;

#[test]
fn the_declarations_are_those_of_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operations.txt");
    let shown = Acme::description().to_string();
    if env::var_os("UPDATE_OPERATIONS").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if shown == expected {
        return;
    }
    let first = shown.lines().zip(expected.lines()).find(|(shown, expected)| shown != expected);
    let (shown, expected) = first.unwrap_or(("a text of another length", "the text of the file"));
    panic!(
        "the declarations changed; run the test with `UPDATE_OPERATIONS=1` to write `tests/operations.txt` again, and review the \
         difference. The first line that differs is `{shown}` instead of `{expected}`"
    );
}
