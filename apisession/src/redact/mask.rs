//! Masks secrets that a server repeats, in every form in which they were sent or may come back.

use super::{MASK, Secret};

/// Secrets shorter than this, in bytes, are not masked: they protect nothing, and would hide unrelated text.
const MIN_LENGTH: usize = 4;

/// Secrets shorter than this, in bytes, are masked only where they are whole words.
const MIN_UNBOUNDED: usize = 6;

/// The text with a mask for each occurrence of a secret: as it is, in another case, percent-encoded or encoded as in a form, once or twice, escaped as in
/// JSON or HTML, or with a part of each.
pub(crate) fn masked(text: &str, secrets: &[Secret]) -> String {
    let secrets: Vec<_> =
        secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= MIN_LENGTH).collect();
    let starts = Starts::of(&secrets);
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut follows_word) = (text, false);
    while let Some(first) = rest.chars().next() {
        if !starts.has(first) {
            shown.push(first);
            (rest, follows_word) = (&rest[first.len_utf8()..], first.is_alphanumeric());
            continue;
        }
        let ends = secrets.iter().filter_map(|secret| {
            let end = end_of(rest, secret)?;
            let is_word = !follows_word && !rest[end..].starts_with(char::is_alphanumeric);
            (secret.len() >= MIN_UNBOUNDED || is_word).then_some(end)
        });
        if let Some(end) = ends.max() {
            shown.push_str(MASK);
            (rest, follows_word) = (&rest[end..], false);
        } else {
            shown.push(first);
            (rest, follows_word) = (&rest[first.len_utf8()..], first.is_alphanumeric());
        }
    }
    shown
}

/// The characters with which a secret can start, in any of its forms. Most of a text has none of them.
struct Starts {
    ascii: [bool; 128],
    others: bool,
}

impl Starts {
    fn of(secrets: &[&str]) -> Self {
        let mut starts = Self { ascii: [false; 128], others: false };
        for first in secrets.iter().filter_map(|secret| secret.chars().next()) {
            for c in [first.to_ascii_lowercase(), first.to_ascii_uppercase(), '%', '+', '\\', '&'] {
                match starts.ascii.get_mut(c as usize) {
                    Some(is_start) => *is_start = true,
                    None => starts.others = true,
                }
            }
        }
        starts
    }

    fn has(&self, c: char) -> bool {
        self.ascii.get(c as usize).copied().unwrap_or(self.others)
    }
}

/// Where the secret ends that `text` starts with, in any mixture of forms.
fn end_of(text: &str, secret: &str) -> Option<usize> {
    let first = secret.chars().next()?;
    if !text.starts_with([first.to_ascii_lowercase(), first.to_ascii_uppercase(), '%', '+', '\\', '&']) {
        return None;
    }
    // A `%` is itself, or the start of an encoded character, so several ends are possible.
    let mut ends = vec![0];
    for c in secret.chars() {
        let mut next: Vec<_> =
            ends.iter().flat_map(|at| forms(&text[*at..], c).map(move |len| at + len)).collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.pop()
}

/// The lengths of the forms of `c` that `text` starts with.
fn forms(text: &str, c: char) -> impl Iterator<Item = usize> {
    // In another case as well: the host of a URL is in lower case.
    let raw = text.chars().next().filter(|other| other.eq_ignore_ascii_case(&c)).map(char::len_utf8);
    let plus = (c == ' ' && text.starts_with('+')).then_some(1);
    // A `%` that was encoded itself is `%25`.
    let (once, twice) = (percent(text, c, "%"), percent(text, c, "%25"));
    raw.into_iter().chain(plus).chain(once).chain(twice).chain(json(text, c)).chain(html(text, c))
}

/// The length of the percent-encoded `c`, of whose bytes each starts with `mark`.
fn percent(text: &str, c: char, mark: &str) -> Option<usize> {
    let mut rest = text;
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        rest = rest.strip_prefix(mark).filter(|rest| hex(rest, 2) == Some(u32::from(byte)))?;
        rest = &rest[2..];
    }
    Some(text.len() - rest.len())
}

/// The length of `c` as an escape of JSON.
fn json(text: &str, c: char) -> Option<usize> {
    let escaped = text.strip_prefix('\\')?;
    let short = match escaped.chars().next()? {
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        quoted @ ('"' | '\\' | '/') => Some(quoted),
        _ => None,
    };
    if short == Some(c) {
        return Some(2);
    }
    let mut rest = text;
    for unit in c.encode_utf16(&mut [0; 2]) {
        rest = rest.strip_prefix("\\u").filter(|rest| hex(rest, 4) == Some(u32::from(*unit)))?;
        rest = &rest[4..];
    }
    Some(text.len() - rest.len())
}

/// The length of `c` as a character reference of HTML.
fn html(text: &str, c: char) -> Option<usize> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let referred = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(digits) => code(digits, 16),
                None => code(digits, 10),
            }
        }
    };
    (referred == Some(c)).then_some(name.len() + 2)
}

/// The number that `text` starts with, in so many hexadecimal digits of either case.
fn hex(text: &str, digits: usize) -> Option<u32> {
    u32::from_str_radix(text.get(..digits)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let secret = "p%4 \"s/\\&é\u{1f511}+~";
        let rows = [
            "p%4 \"s/\\&é\u{1f511}+~",
            // A form, and all but the unreserved, in both cases.
            "p%254+%22s%2F%5C%26%C3%A9%F0%9F%94%91%2B%7E",
            "p%254%20%22s%2f%5c%26%c3%a9%f0%9f%94%91%2b~",
            // Twice.
            "p%25254%2520%2522s%252F%255C%2526%25C3%25A9%25F0%259F%2594%2591%252B~",
            "p%4 \\\"s\\/\\\\&\\u00e9\\uD83D\\udd11+~",
            "\\u0070\\u0025\\u0034\\u0020\\u0022\\u0073\\u002f\\u005C\\u0026\\u00E9\\ud83d\\uDD11\\u002b\\u007e",
            "p%4 &quot;s/\\&amp;&#233;&#x1F511;+~",
            "p%254%20\\\"s%2f\\\\&amp;é%F0%9F%94%91+%7e",
        ];
        for text in rows {
            let shown = masked(&format!("key={text}, and é%{text}!"), &[secret.into()]);
            assert_eq!(shown, "key=[redacted], and é%[redacted]!", "{text}");
        }
    }

    #[test]
    fn the_longest_secret_is_masked_and_a_short_one_as_a_word_alone() {
        let rows: [(&str, &[&str], &str); 8] = [
            ("https://abcdef.test ABCDEF", &["abcDef"], "https://[redacted].test [redacted]"),
            ("abcdef abcdefgh", &["abcdef", "abcdefgh"], "[redacted] [redacted]"),
            ("xabcdefx", &["abcdef"], "x[redacted]x"),
            ("pin 1234, 12345 and x1234", &["1234"], "pin [redacted], 12345 and x1234"),
            ("no 7", &["7", ""], "no 7"),
            ("abcde", &["abcdef"], "abcde"),
            ("%25252525252525%", &["%%%%%%"], "%25252525252525%"),
            ("", &["abcdef"], ""),
        ];
        for (text, secrets, expected) in rows {
            let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
            assert_eq!(masked(text, &secrets), expected, "{text}");
        }
    }
}
