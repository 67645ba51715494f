//! INI files by the rules of Python's `configparser`, without interpolation. A change keeps all other lines as they are.

use std::ops::Range;

use crate::encode::messages;
use zeroize::Zeroizing;

/// The section whose values hold for all sections that have none of their own.
const DEFAULTS: &str = "DEFAULT";

messages! {
    /// What is wrong with a file, and in which line. No error quotes a value.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum IniError {
        NoSection(line: usize) = "has no section above line {line}; write `[default]`",
        NoValue(line: usize) = "has neither `=` nor `:` in line {line}",
        NoKey(line: usize) = "has no key before the `=` in line {line}",
        TwoSections(line: usize) = "has the section of line {line} twice; keep one",
        TwoKeys(line: usize) = "has the key of line {line} twice; keep one",
        Name = "can't have a section or a key of this name",
        Value = "can't hold a value with a line break or another control character, or with a space at its end",
    }
}

/// A file: its lines, with their ends, and where its values are.
#[derive(Clone)]
pub(crate) struct Ini {
    lines: Vec<Zeroizing<String>>,
    sections: Vec<Section>,
}

#[derive(Clone)]
struct Section {
    name: String,
    /// The line after the last one that has something of the section.
    end: usize,
    options: Vec<Value>,
}

#[derive(Clone)]
struct Value {
    key: String,
    text: Zeroizing<String>,
    /// The lines of it, of which the later ones are indented.
    lines: Range<usize>,
}

impl Ini {
    pub(crate) fn parse(text: &str) -> Result<Self, IniError> {
        let lines = text.split_inclusive('\n').map(|line| Zeroizing::new(line.to_owned())).collect();
        let mut ini = Self { lines, sections: Vec::new() };
        let mut last = 0;
        // Whether a line that is indented further belongs to the value before.
        let mut continues = false;
        for index in 0..ini.lines.len() {
            let line = ini.lines[index].clone();
            let line = if index == 0 { line.trim_start_matches('\u{feff}') } else { line.as_str() };
            let text = line.trim();
            if is_skipped(text) {
                let is_comment = !text.is_empty();
                if let Some(value) = ini.last_value().filter(|_| continues && !is_comment) {
                    value.text.push('\n');
                }
                if is_comment && let Some(section) = ini.sections.last_mut() {
                    section.end = index + 1;
                }
                continue;
            }
            let own = indent(line).chars().count();
            if continues && own > last {
                if let Some(value) = ini.last_value() {
                    value.text.push('\n');
                    value.text.push_str(text);
                    value.lines.end = index + 1;
                }
            } else {
                last = own;
                continues = ini.begin(index, text)?;
            }
            if let Some(section) = ini.sections.last_mut() {
                section.end = index + 1;
            }
        }
        for value in ini.sections.iter_mut().flat_map(|section| &mut section.options) {
            let length = value.text.trim_end().len();
            value.text.truncate(length);
        }
        Ok(ini)
    }

    /// Reads the line that begins a section or a value. Returns whether it is a value.
    fn begin(&mut self, index: usize, text: &str) -> Result<bool, IniError> {
        let number = index + 1;
        if let Some((name, _)) = text.strip_prefix('[').and_then(|rest| rest.rsplit_once(']'))
            && !name.is_empty()
        {
            if self.sections.iter().any(|section| section.name == name) {
                return Err(IniError::TwoSections(number));
            }
            self.sections.push(Section { name: name.to_owned(), end: number, options: Vec::new() });
            return Ok(false);
        }
        let section = self.sections.last_mut().ok_or(IniError::NoSection(number))?;
        let (key, value) = text.split_once(['=', ':']).ok_or(IniError::NoValue(number))?;
        let key = key.trim_end().to_lowercase();
        if key.is_empty() {
            return Err(IniError::NoKey(number));
        }
        if section.options.iter().any(|option| option.key == key) {
            return Err(IniError::TwoKeys(number));
        }
        let text = Zeroizing::new(value.trim().to_owned());
        section.options.push(Value { key, text, lines: index..number });
        Ok(true)
    }

    fn last_value(&mut self) -> Option<&mut Value> {
        self.sections.last_mut()?.options.last_mut()
    }

    /// The value of a key, or of the defaults. Without the section, there are no defaults either.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&str> {
        let key = key.to_lowercase();
        let own = self.sections.iter().find(|known| known.name == section)?;
        let defaults = self.sections.iter().find(|known| known.name == DEFAULTS);
        let mut values = own.options.iter().chain(defaults.iter().flat_map(|section| &section.options));
        values.find(|value| value.key == key).map(|value| value.text.as_str())
    }

    /// The keys of a section, without those of the defaults.
    pub(crate) fn keys(&self, section: &str) -> Vec<String> {
        let own = self.sections.iter().filter(|known| known.name == section);
        own.flat_map(|section| &section.options).map(|value| value.key.clone()).collect()
    }

    /// The names of the sections.
    pub(crate) fn sections(&self) -> Vec<String> {
        self.sections.iter().map(|section| section.name.clone()).collect()
    }

    /// Sets a value, in the line where it is, or below the other values of its section.
    pub(crate) fn set(&mut self, section: &str, key: &str, value: &str) -> Result<(), IniError> {
        let is_name = |name: &str| {
            !name.is_empty()
                && name == name.trim()
                && !name.contains(char::is_control)
                && !name.contains('\u{feff}')
        };
        let is_key = is_name(key) && !key.contains(['=', ':']) && !key.starts_with(['[', '#', ';']);
        if !is_key || !is_name(section) || section.contains(['[', ']']) {
            return Err(IniError::Name);
        }
        if value != value.trim() || value.contains(char::is_control) {
            return Err(IniError::Value);
        }
        let end = self.lines.first().filter(|line| line.ends_with("\r\n")).map_or("\n", |_| "\r\n");
        let lowercase = key.to_lowercase();
        let known = self.sections.iter().find(|known| known.name == section);
        let old = known.and_then(|known| known.options.iter().find(|value| value.key == lowercase));
        let (place, head) = match (known, old) {
            (_, Some(old)) => {
                let line = &self.lines[old.lines.start];
                // The indent and the key stay as somebody wrote them, and so does the delimiter.
                let delimiter = line.find(['=', ':']).unwrap_or_default();
                (old.lines.clone(), line[..=delimiter].to_owned())
            }
            (Some(known), None) => {
                // One that is indented further than the value above would belong to it, and what is indented further than this one
                // would belong to it in turn.
                let above = known.options.last().map(|value| &self.lines[value.lines.start]);
                let below = || self.lines[known.end..].iter().find(|line| !is_skipped(line));
                let indent = above.or_else(below).map(|line| indent(line)).unwrap_or_default();
                (known.end..known.end, format!("{indent}{key} ="))
            }
            (None, None) => {
                let all = self.lines.len();
                let gap = if all == 0 { "" } else { end };
                (all..all, format!("{gap}[{section}]{end}{key} ="))
            }
        };
        if place.start > 0 && !self.lines[place.start - 1].ends_with('\n') {
            self.lines[place.start - 1].push_str(end);
        }
        let space = if value.is_empty() { "" } else { " " };
        let line = Zeroizing::new(format!("{head}{space}{value}{end}"));
        self.lines.splice(place, [line]);
        // What was inserted can have several lines.
        *self = Self::parse(&self.text())?;
        Ok(())
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.lines.iter().map(|line| line.len()).sum()));
        for line in &self.lines {
            text.push_str(line);
        }
        text
    }
}

/// Whether a line is blank or a comment.
fn is_skipped(line: &str) -> bool {
    let text = line.trim_start();
    text.is_empty() || text.starts_with(['#', ';'])
}

/// The white space before the text of a line.
fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_configparser() {
        let rows = [
            ("[default]\ntoken = a", Some("a")),
            ("[default]\ntoken=a", Some("a")),
            ("[default]\ntoken: a", Some("a")),
            ("[default]\nToken = a", Some("a")),
            ("\u{feff}[default]\r\ntoken = a\r\n", Some("a")),
            ("[default]\ntoken = a=b:c", Some("a=b:c")),
            ("[default]\ntoken : a = b", Some("a = b")),
            ("[default]\ntoken = %(home)s%", Some("%(home)s%")),
            ("[default]\ntoken = a ; b # c", Some("a ; b # c")),
            ("[default]\n# token = b\n; token = c\ntoken = a", Some("a")),
            ("[default]\ntoken = a\n  b\n\tc", Some("a\nb\nc")),
            ("[default]\ntoken =\n  b", Some("\nb")),
            ("[default]\ntoken = a\n\n  b\n\n\nother = c", Some("a\n\nb")),
            ("[default]\ntoken = a\n  # x\n  b", Some("a\nb")),
            ("[default]\n  token = a\n  other = b", Some("a")),
            ("[default]\ntoken =", Some("")),
            ("[default]\ntoken = \"a\"", Some("\"a\"")),
            ("[default] ; x\ntoken = a", Some("a")),
            ("[DEFAULT]\ntoken = a\n[default]\nother = b", Some("a")),
            ("[DEFAULT]\ntoken = b\n[default]\ntoken = a", Some("a")),
            ("[DEFAULT]\ntoken = a", None),
            ("[Default]\ntoken = a", None),
            ("[other]\ntoken = a", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let ini = Ini::parse(text).unwrap_or_else(|error| panic!("{text:?} {error}"));
            assert_eq!(ini.get("default", "token"), expected, "{text:?}");
            assert_eq!(*ini.text(), text);
        }
        let wrong = [
            ("token = a", IniError::NoSection(1)),
            ("[a]\ns3cret", IniError::NoValue(2)),
            ("[a]\n= s3cret", IniError::NoKey(2)),
            ("[a]\n[b]\n[a]", IniError::TwoSections(3)),
            ("[a]\nk = 1\nK = 2", IniError::TwoKeys(3)),
            ("[]\nk = 1", IniError::NoSection(1)),
        ];
        for (text, expected) in wrong {
            assert_eq!(Ini::parse(text).err(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn a_change_keeps_every_other_line() {
        let rows = [
            ("", "[default]\ntoken = new\n"),
            ("[default]\ntoken = old\n", "[default]\ntoken = new\n"),
            ("# c\n[default]\n  Token:old\n# d\n[x]\na = b", "# c\n[default]\n  Token: new\n# d\n[x]\na = b"),
            ("[default]\nurl = u\n\n[x]\na = b\n", "[default]\nurl = u\ntoken = new\n\n[x]\na = b\n"),
            ("[x]\na = b", "[x]\na = b\n\n[default]\ntoken = new\n"),
            ("[default]\r\nurl = u\r\n", "[default]\r\nurl = u\r\ntoken = new\r\n"),
            ("[default]\ntoken = a\n  b\n# c\nurl = u", "[default]\ntoken = new\n# c\nurl = u"),
            ("[default]", "[default]\ntoken = new\n"),
            ("[default]\n\turl = u", "[default]\n\turl = u\n\ttoken = new\n"),
            ("[default]\n  a = 1\nb = 2\n", "[default]\n  a = 1\nb = 2\ntoken = new\n"),
            ("[default]\n\n  [x]\n  b = 2\n", "[default]\n  token = new\n\n  [x]\n  b = 2\n"),
            ("[default]\n# c\n\u{a0}[x]\n", "[default]\n# c\n\u{a0}token = new\n\u{a0}[x]\n"),
            ("[default]\n\x0curl = u\n", "[default]\n\x0curl = u\n\x0ctoken = new\n"),
            ("[default]\na = 1\n[x]\n  b = 2\n", "[default]\na = 1\ntoken = new\n[x]\n  b = 2\n"),
        ];
        for (text, expected) in rows {
            let mut ini = Ini::parse(text).unwrap();
            ini.set("default", "token", "new").unwrap();
            assert_eq!(*ini.text(), expected, "{text:?}");
            assert_eq!(ini.get("default", "token"), Some("new"));
        }
        let mut ini = Ini::parse("[default]\n").unwrap();
        for value in ["#a", "a;b", "%", "[x]", "a = b", "=", ""] {
            ini.set("default", "token", value).unwrap();
            assert_eq!(ini.get("default", "token"), Some(value));
        }
        for value in ["a\nb", "a\r", " a", "a ", "\t"] {
            assert_eq!(ini.set("default", "token", value), Err(IniError::Value), "{value:?}");
        }
        for key in ["", "a=b", "a:b", "#a", ";a", "[a", "a\nb", " a"] {
            assert_eq!(ini.set("default", key, "v"), Err(IniError::Name), "{key:?}");
        }
        for section in ["", "a]", "a\n[b"] {
            assert_eq!(ini.set(section, "k", "v"), Err(IniError::Name), "{section:?}");
        }
    }
}
