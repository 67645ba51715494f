//! As much of Markdown as the book has: fenced blocks, headings, links, rows of tables.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the package is in the repository")
}

/// Reads a file of the repository.
///
/// # Panics
///
/// Panics if it can't be read.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown files of a folder and those below it, with paths from the root of the repository.
pub(crate) fn pages(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).expect("the folder exists") {
            let path = folder.join(entry.expect("the folder can be read").file_name());
            match root().join(&path).is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "md") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// A fenced block.
pub(crate) struct Block {
    /// What follows the opening fence, such as `rust` or `rust,no_run`.
    pub(crate) info: String,
    pub(crate) lines: Vec<String>,
    /// The number of the opening fence's line, from 1.
    pub(crate) line: usize,
}

impl Block {
    pub(crate) fn language(&self) -> &str {
        self.info.split(',').next().unwrap_or_default()
    }
}

/// Cuts a text into its fenced blocks and the lines outside of them, with their numbers.
pub(crate) fn cut(text: &str) -> (Vec<Block>, Vec<(usize, &str)>) {
    let (mut blocks, mut outside, mut open) = (Vec::new(), Vec::new(), None::<Block>);
    for (at, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(info), None) => {
                open = Some(Block { info: info.to_owned(), lines: Vec::new(), line: at + 1 });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, None) => outside.push((at + 1, line)),
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
        }
    }
    assert!(open.is_none(), "a block is not closed");
    (blocks, outside)
}

/// The rows of the tables below a heading, as cells, without the rows of headings.
pub(crate) fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let mut after = text.lines().skip_while(|line| *line != heading);
    assert!(after.next().is_some(), "there is no heading {heading}");
    let section: Vec<_> = after.take_while(|line| !line.starts_with('#')).collect();
    let is_rule = |at: usize| section.get(at).is_some_and(|line| line.starts_with("|---"));
    let rows = (0..section.len()).filter(|at| section[*at].starts_with("| ") && !is_rule(*at + 1));
    rows.map(|at| cells(section[at])).collect()
}

/// The cells of a row. A pipe in code is escaped, as `\|`.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
    row.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// What a text has between backticks.
pub(crate) fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
