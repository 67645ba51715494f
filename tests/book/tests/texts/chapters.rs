//! The chapters of the tutorial: their code is that of the program, and their output what the program prints.

use std::process::Command;

use crate::markdown::{Block, cut, pages, read};

/// A chapter, as `("04", text)`.
fn chapters() -> Vec<(String, String)> {
    let pages = pages("book/src/tutorial");
    let number = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
    pages.iter().map(|page| (number(page.file_name().unwrap().to_str().unwrap()), read(page))).collect()
}

/// A file of the program as it is in a chapter, whose number can be that of an earlier one: `lib_08.rs` in chapter 09.
fn source(kind: &str, chapter: &str) -> Option<(String, String)> {
    let number: usize = chapter.parse().expect("chapters have numbers");
    (1..=number).rev().find_map(|number| {
        let name = format!("{kind}_{number:02}.rs");
        let path = crate::markdown::root().join("tests/book/src").join(&name);
        Some((name, std::fs::read_to_string(path).ok()?))
    })
}

/// Whether these lines follow each other in a file, whatever their indentation.
fn contains(file: &str, lines: &[String]) -> bool {
    let file: Vec<_> = file.lines().map(str::trim).collect();
    let lines: Vec<_> = lines.iter().map(|line| line.trim()).collect();
    file.windows(lines.len()).any(|window| window == lines)
}

#[test]
fn there_are_ten_chapters_which_link_to_the_next() {
    let chapters = chapters();
    let numbers: Vec<_> = chapters.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]);
    for pair in chapters.windows(2) {
        assert!(pair[0].1.contains(&format!("]({}_", pair[1].0)), "{} has no link to the next", pair[0].0);
    }
}

#[test]
fn the_code_of_each_chapter_is_in_the_program() {
    for (chapter, text) in chapters() {
        let files: Vec<_> = ["lib", "main"].iter().filter_map(|kind| source(kind, &chapter)).collect();
        let tests = read("tests/book/tests/calendar.rs");
        for Block { lines, line, .. } in cut(&text).0.into_iter().filter(|block| block.info == "rust") {
            if let Some(path) = lines[0].strip_prefix("{{#include ../../../tests/book/src/") {
                let name = path.trim_end_matches("}}");
                let is_current = name == "vendor.rs" || files.iter().any(|(file, _)| file == name);
                assert!(is_current && lines.len() == 1, "{chapter}, line {line}: {name}");
                continue;
            }
            let is_known = contains(&tests, &lines) || files.iter().any(|(_, file)| contains(file, &lines));
            assert!(is_known, "{chapter}, line {line}: not in the program\n{}", lines.join("\n"));
        }
    }
}

/// A reader who copies the blocks has the whole program.
#[test]
fn each_chapter_shows_all_that_it_adds() {
    let mut before = String::new();
    for (chapter, text) in chapters() {
        let shown: Vec<_> = cut(&text).0.into_iter().filter(|block| block.info == "rust").collect();
        let is_shown =
            |line: &str| shown.iter().flat_map(|block| &block.lines).any(|shown| shown.trim() == line);
        let library = source("lib", &chapter).unwrap().1;
        let added =
            library.lines().map(str::trim).filter(|line| !before.lines().any(|old| old.trim() == *line));
        let is_import = |line: &str| line.starts_with("use ") && text.contains(line);
        let missing: Vec<_> = added.filter(|line| !is_shown(line) && !is_import(line)).collect();
        assert!(missing.is_empty(), "{chapter} does not show {missing:#?}");
        if let Some((name, program)) = source("main", &chapter).filter(|(name, _)| name.contains(&*chapter)) {
            let lines: Vec<_> = program.lines().map(str::to_owned).collect();
            assert!(
                shown.iter().any(|block| block.lines == lines),
                "{chapter} does not show the whole of {name}"
            );
        }
        before = library;
    }
    let chapters = chapters();
    let tests = &chapters[8].1;
    let missing: Vec<_> =
        include_str!("../calendar.rs").lines().filter(|line| !tests.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// How long an attempt took depends on the machine: `595ms` is `ms`.
fn without_times(text: &str) -> String {
    let parts: Vec<_> =
        text.split("ms").map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit())).collect();
    parts.join("ms")
}

#[test]
fn each_program_prints_what_its_chapter_shows() {
    for (chapter, text) in chapters() {
        let shown =
            cut(&text).0.into_iter().filter(|block| block.info == "text").flat_map(|block| block.lines);
        let shown: Vec<_> = shown.collect();
        if source("main", &chapter).is_none_or(|(name, _)| !name.contains(&*chapter)) {
            assert!(shown.is_empty(), "{chapter} has no program");
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_tutorial")).arg(&chapter).output().unwrap();
        assert!(output.status.success(), "{chapter}: {}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        let printed = printed.trim_end_matches('\n');
        assert_eq!(without_times(&shown.join("\n")), without_times(printed), "{chapter}");
        println!("chapter {chapter}: {} lines of output are those of the book", shown.len());
    }
}

#[test]
fn what_cargo_and_the_compiler_print_is_theirs() {
    let tests = include_str!("../calendar.rs");
    let names = tests.split("fn ").skip(1).filter(|rest| rest.starts_with("a_") || rest.starts_with("an_"));
    let names: Vec<_> = names.map(|rest| rest.split('(').next().unwrap()).collect();
    for (chapter, text) in chapters() {
        for block in cut(&text).0.into_iter().filter(|block| block.info == "console") {
            if block.lines[0].starts_with("error") {
                let message = read("tests/ui/cases/operation_placeholder.stderr");
                assert!(contains(&message, &block.lines), "{chapter}, line {}", block.line);
            } else {
                let expected: Vec<_> = names.iter().map(|name| format!("test {name} ... ok")).collect();
                assert_eq!(block.lines, expected, "{chapter}");
            }
        }
    }
}

#[test]
fn the_last_chapter_counts_the_lines_of_the_sdk() {
    let library = source("lib", "10").unwrap().1;
    let comments = library.lines().filter(|line| line.trim().starts_with("//")).count();
    let text =
        format!("eleven operations in {} lines, {comments} of which are comments", library.lines().count());
    assert_eq!(acme::Acme::description().operations().len(), 11);
    assert!(chapters()[9].1.contains(&text), "{text}");
}
