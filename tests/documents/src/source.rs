//! The documents that `sources.txt` names.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::yaml;

/// A line of `sources.txt`.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of the document.
    pub name: &'static str,
    /// Whether it is in the sum.
    pub is_counted: bool,
    file: String,
}

/// Returns all documents.
pub fn all() -> Vec<Source> {
    let text = include_str!("../sources.txt");
    let apart = text.find("# apart").unwrap_or(text.len());
    let counted = text[..apart].lines().map(|line| (line, true));
    let lines = counted.chain(text[apart..].lines().map(|line| (line, false)));
    let lines = lines.filter(|(line, _)| !line.starts_with('#'));
    let source = |(line, is_counted): (&'static str, bool)| {
        let fields: Vec<_> = line.split(' ').collect();
        let [name, _, _, _, path, _, _] = fields[..] else { panic!("a line has seven fields: {line}") };
        let ending = path.rsplit('.').next().unwrap_or_default();
        Source { name, is_counted, file: format!("{name}.{ending}") }
    };
    lines.map(source).collect()
}

impl Source {
    /// Reads the document from the folder.
    ///
    /// # Errors
    ///
    /// Fails with a message if it isn't there, or can't be parsed.
    pub fn read(&self, folder: &Path) -> Result<Value, String> {
        let text =
            fs::read_to_string(folder.join(&self.file)).map_err(|error| format!("{}: {error}", self.file))?;
        parse(&self.file, &text).map_err(|error| format!("{}: {error}", self.file))
    }
}

/// Parses a document by the ending of its file's name.
///
/// # Errors
///
/// Fails with a message if it can't be parsed.
pub fn parse(file: &str, text: &str) -> Result<Value, String> {
    if file.ends_with(".json") {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    yaml::read(text)
}
