//! Checks the values of credentials: those that can't be right are errors before anything is sent.
//!
//! The errors continue a sentence: "the token …". They never quote the value, only the character that it can't have.

use crate::encode::messages;

messages! {
    /// Why a value can't be right, and what to do.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ValueError {
        Empty = "is empty; set it",
        Control(found: u32) = "contains the control character U+{found:04X}, such as a line break at its end; remove it",
        Stray(found: u32) = "contains the character U+{found:04X}, which copying from a web page or an editor adds; remove it",
        NotAscii(found: u32) = "contains the character U+{found:04X}, which is not ASCII; copy it again",
        Quote = "is in quotes, or contains one; remove them",
        Space = "contains a space; remove it, and the name of the scheme if it is there",
        Edge = "begins or ends with a space; remove it",
    }
}

/// Checks a token, as in `Authorization: Bearer …`. RFC 6750 §2.1 allows fewer characters, but some vendors use others.
pub(crate) fn token(text: &str) -> Result<(), ValueError> {
    key(text)?;
    match text.chars().find(|c| !c.is_ascii_graphic() || "\"'`".contains(*c)) {
        None => Ok(()),
        Some(' ') => Err(ValueError::Space),
        Some(c) if c.is_ascii() => Err(ValueError::Quote),
        Some(c) => Err(ValueError::NotAscii(u32::from(c))),
    }
}

/// Checks a key in a header, a query or a form. A header may have quotes inside, as in `Token token="…"`.
pub(crate) fn key(text: &str) -> Result<(), ValueError> {
    password(text)?;
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    let is_typographic =
        |c| matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2032}' | '\u{2033}');
    let has_open_quote = text.starts_with(['"', '\'', '`']) || text.matches('"').count() % 2 == 1;
    if has_open_quote || text.contains(is_typographic) {
        return Err(ValueError::Quote);
    }
    if text.starts_with(' ') || text.ends_with(' ') { Err(ValueError::Edge) } else { Ok(()) }
}

/// Checks a user name or a password, which may be empty.
pub(crate) fn password(text: &str) -> Result<(), ValueError> {
    let mut previous = None;
    for c in text.chars() {
        if c.is_control() {
            return Err(ValueError::Control(u32::from(c)));
        }
        if is_stray(c, previous) {
            return Err(ValueError::Stray(u32::from(c)));
        }
        previous = Some(c);
    }
    Ok(())
}

/// Whether this is a character that nobody types: an invisible one, a space other than that of ASCII, or the replacement of bytes
/// that could not be decoded. A joiner is one only where it joins nothing: several scripts and emoji need it.
fn is_stray(c: char, previous: Option<char>) -> bool {
    match c {
        ' ' => false,
        '\u{200c}' | '\u{200d}' => previous.is_none_or(|previous| previous.is_ascii()),
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}' => true,
        c => c.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_can_not_be_right_is_an_error() {
        use ValueError::{Control, Edge, Empty, NotAscii, Quote, Space, Stray};
        // A text, and what is wrong with it as a token, as a key, and as a password.
        let rows = [
            ("t0k3n", [None; 3]),
            ("1|aB-._~+/==", [None; 3]),
            ("", [Some(Empty), Some(Empty), None]),
            ("a\n", [Some(Control(10)); 3]),
            ("a\tb", [Some(Control(9)); 3]),
            ("a\u{85}", [Some(Control(0x85)); 3]),
            ("\u{feff}a", [Some(Stray(0xfeff)); 3]),
            ("a\u{200b}", [Some(Stray(0x200b)); 3]),
            ("a\u{200d}b", [Some(Stray(0x200d)); 3]),
            ("\u{1f469}\u{200d}\u{1f680}", [Some(NotAscii(0x1f469)), None, None]),
            ("a\u{a0}b", [Some(Stray(0xa0)); 3]),
            ("a\u{3000}", [Some(Stray(0x3000)); 3]),
            ("a\u{fffd}", [Some(Stray(0xfffd)); 3]),
            ("\"a\"", [Some(Quote), Some(Quote), None]),
            ("'a'", [Some(Quote), Some(Quote), None]),
            ("a\"", [Some(Quote), Some(Quote), None]),
            ("\u{201c}a\u{201d}", [Some(Quote), Some(Quote), None]),
            ("a\u{2019}b", [Some(Quote), Some(Quote), None]),
            ("Token token=\"a\"", [Some(Space), None, None]),
            ("a'b", [Some(Quote), None, None]),
            ("Bearer a", [Some(Space), None, None]),
            (" a", [Some(Edge), Some(Edge), None]),
            ("a ", [Some(Edge), Some(Edge), None]),
            ("Zo\u{eb}", [Some(NotAscii(0xeb)), None, None]),
        ];
        for (text, expected) in rows {
            let found = [token(text).err(), key(text).err(), password(text).err()];
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
