//! Names of fns and parameters, from the names of a document.

use std::collections::HashSet;

/// What a parameter with a setter can't be named, since a call has methods of these names.
const TAKEN: [&str; 11] = [
    "block",
    "build",
    "json_as",
    "raw",
    "response",
    "send",
    "streaming",
    "to_call",
    "items",
    "pages",
    "body",
];

/// What can't be raw identifiers.
const PATHS: [&str; 5] = ["crate", "self", "super", "Self", "_"];

const KEYWORDS: &str = " abstract as async await become box break const continue do dyn else enum extern false final fn for gen if impl \
                        in let loop macro match mod move mut override priv pub ref return static struct trait true try type typeof \
                        unsafe unsized use virtual where while yield ";

/// Gives out names, each once.
#[derive(Default)]
pub struct Names {
    given: HashSet<String>,
}

impl Names {
    /// Returns a name in snake case that is like `text`, and that has not been given. It can be a raw identifier.
    pub fn give(&mut self, text: &str) -> String {
        let base = snake(text);
        // A call has many methods that begin like this.
        let base = base.strip_prefix("with_").map_or(base.clone(), str::to_owned);
        let is_taken = TAKEN.contains(&base.as_str()) || PATHS.contains(&base.as_str());
        let base = if is_taken { format!("{base}_value") } else { base };
        let mut name = base.clone();
        let mut number = 1;
        while !self.given.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        if KEYWORDS.contains(&format!(" {name} ")) { format!("r#{name}") } else { name }
    }
}

fn snake(text: &str) -> String {
    let mut name = String::new();
    let mut was_lower = false;
    for letter in text.chars() {
        let is_word = letter.is_ascii_alphanumeric();
        if (!is_word || letter.is_ascii_uppercase() && was_lower) && !name.is_empty() && !name.ends_with('_')
        {
            name.push('_');
        }
        if is_word {
            name.push(letter.to_ascii_lowercase());
        }
        was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    let name = name.trim_matches('_');
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        _ => format!("n{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_is_an_identifier_and_given_once() {
        let rows = [
            ("fieldsByKeys", "fields_by_keys"),
            ("fields-by-keys", "fields_by_keys_2"),
            ("filter[a]", "filter_a"),
            ("type", "r#type"),
            ("self", "self_value"),
            ("+1", "n1"),
            ("send", "send_value"),
            ("withTags", "tags"),
            ("", "n"),
        ];
        let mut names = Names::default();
        for (text, expected) in rows {
            assert_eq!(names.give(text), expected, "{text}");
        }
    }
}
