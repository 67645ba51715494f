//! The format of netrc files, by the rules of curl: text in, entries out. `provider` reads the file.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use zeroize::Zeroizing;

use crate::encode::messages;
use crate::encode::without_bom;
use crate::redact::Secret;

/// How large a file may be, in bytes.
pub(crate) const MAX_FILE: usize = 128 * 1024;
/// How long a line may be, in bytes.
const MAX_LINE: usize = 16 * 1024;
/// How long a word may be, in bytes.
const MAX_WORD: usize = 4 * 1024;

messages! {
    /// What is wrong with a file, and in which line. No error quotes the file.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum NetrcError {
        TooLarge = "is larger than 128 KiB",
        NotUtf8 = "is not UTF-8 text; save it as that",
        Nul(line: usize) = "contains a NUL character, in line {line}; it is no text file",
        LongLine(line: usize) = "has more than 16 KiB in line {line}",
        LongWord(line: usize) = "has a word of more than 4 KiB in line {line}",
        OpenQuote(line: usize) = "has a quote in line {line} that is not closed; write `\\\"` for a quote in a quoted word",
        AfterQuote(line: usize) = "has a character after a closing quote in line {line}; put a space between them",
    }
}

/// An entry: `machine NAME login … password …`, or `default …`.
#[derive(Default)]
pub(crate) struct Entry {
    /// `None` is the entry for all machines.
    machine: Option<String>,
    login: Option<String>,
    password: Option<Secret>,
}

/// The entries of a file, in their order.
pub(crate) struct Entries(Vec<Entry>);

/// What a file has for a machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    Found {
        login: &'a str,
        password: &'a Secret,
    },
    /// The entry of the machine has no login or no password. No other entry takes its place.
    Incomplete,
    Absent,
}

impl Entries {
    /// Parses the bytes of a file.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, NetrcError> {
        if file.len() > MAX_FILE {
            return Err(NetrcError::TooLarge);
        }
        let text = std::str::from_utf8(without_bom(file)).map_err(|_| NetrcError::NotUtf8)?;
        let word = Zeroizing::new(String::with_capacity(MAX_WORD));
        let mut reader = Reader { entries: Vec::new(), expected: Expected::default(), word };
        for (index, line) in text.split('\n').enumerate() {
            reader.line(index + 1, line)?;
        }
        Ok(Self(reader.entries))
    }

    /// The credential for a machine. With a `login`, only an entry of it counts.
    ///
    /// The first entry for the machine decides, and one that comes after the `default` entry is never reached, as in curl.
    pub(crate) fn find(&self, machine: &str, login: Option<&str>) -> Lookup<'_> {
        let of_machine = |entry: &&Entry| entry.is_for(machine);
        let of_login = |entry: &&Entry| login.is_none_or(|login| entry.login.as_deref() == Some(login));
        let Some(entry) = self.0.iter().filter(of_machine).find(of_login) else { return Lookup::Absent };
        match (entry.login.as_deref(), &entry.password) {
            (Some(login), Some(password)) if !login.is_empty() => Lookup::Found { login, password },
            _ => Lookup::Incomplete,
        }
    }
}

impl Entry {
    fn is_for(&self, machine: &str) -> bool {
        let Some(own) = &self.machine else { return true };
        let unbracketed = |name: &str| name.trim_start_matches('[').trim_end_matches(']').to_owned();
        unbracketed(own).eq_ignore_ascii_case(&unbracketed(machine))
    }

    fn is_complete(&self) -> bool {
        self.login.is_some() && self.password.is_some()
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries", self.0.len())
    }
}

/// What the next word is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Expected {
    #[default]
    Keyword,
    Machine,
    Login,
    Password,
    /// The value of a keyword that has no meaning here.
    Ignored,
    /// The name of a macro, which ends its line.
    Macro,
    /// A line of a macro, or the empty line that ends it.
    MacroLine,
}

struct Reader {
    entries: Vec<Entry>,
    expected: Expected,
    /// The word that is read. With room for the longest one, no part of a secret is left behind by a larger copy.
    word: Zeroizing<String>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), NetrcError> {
        if line.len() > MAX_LINE {
            return Err(NetrcError::LongLine(number));
        }
        if line.contains('\0') {
            return Err(NetrcError::Nul(number));
        }
        if self.expected == Expected::MacroLine {
            if line.trim().is_empty() {
                self.expected = Expected::Keyword;
            }
            return Ok(());
        }
        if line.trim_start_matches(is_blank).starts_with('#') {
            return Ok(());
        }
        let mut chars = line.chars().peekable();
        while let Some(word) = next_word(&mut chars, &mut self.word, number)? {
            self.word(&word);
            if self.expected == Expected::MacroLine {
                break;
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &Secret) {
        let text = || word.expose().to_owned();
        match std::mem::take(&mut self.expected) {
            Expected::Machine => {
                self.entries.push(Entry { machine: Some(text()), ..Entry::default() });
            }
            Expected::Login => self.value(|entry| entry.login = Some(text())),
            Expected::Password => self.value(|entry| entry.password = Some(word.clone())),
            Expected::Ignored | Expected::MacroLine => {}
            Expected::Macro => self.expected = Expected::MacroLine,
            Expected::Keyword => self.keyword(word.expose()),
        }
    }

    fn keyword(&mut self, word: &str) {
        self.expected = match word.to_ascii_lowercase().as_str() {
            "machine" => Expected::Machine,
            "login" => Expected::Login,
            "password" => Expected::Password,
            "account" => Expected::Ignored,
            "macdef" => Expected::Macro,
            "default" => {
                self.entries.push(Entry::default());
                Expected::Keyword
            }
            // A word that has no meaning is no error in curl.
            _ => Expected::Keyword,
        };
    }

    /// Sets a value of the last entry. Before the first one, and after both values, it has no meaning.
    fn value(&mut self, set: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.last_mut().filter(|entry| !entry.is_complete()) {
            set(entry);
        }
    }
}

fn is_blank(c: char) -> bool {
    c <= ' '
}

/// The next word of a line: up to a blank, or in quotes.
fn next_word(
    chars: &mut Peekable<Chars<'_>>,
    word: &mut String,
    line: usize,
) -> Result<Option<Secret>, NetrcError> {
    while chars.next_if(|c| is_blank(*c)).is_some() {}
    word.clear();
    let is_quoted = chars.next_if_eq(&'"').is_some();
    if !is_quoted && chars.peek().is_none() {
        return Ok(None);
    }
    loop {
        let c = match chars.next_if(|c| is_quoted || !is_blank(*c)) {
            None if is_quoted => return Err(NetrcError::OpenQuote(line)),
            None => break,
            Some('"') if is_quoted => {
                if chars.peek().is_some_and(|c| !is_blank(*c)) {
                    return Err(NetrcError::AfterQuote(line));
                }
                break;
            }
            Some('\\') if is_quoted => match chars.next() {
                None => return Err(NetrcError::OpenQuote(line)),
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
            },
            Some(c) => c,
        };
        if word.len() + c.len_utf8() > MAX_WORD {
            return Err(NetrcError::LongWord(line));
        }
        word.push(c);
    }
    Ok(Some(Secret::new(word.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file has for `example.com`: `login:password`, `-` for nothing, `?` for an incomplete entry.
    fn found(file: &[u8], login: Option<&str>) -> String {
        match Entries::parse(file) {
            Ok(entries) => match entries.find("example.com", login) {
                Lookup::Found { login, password } => format!("{login}:{}", password.expose()),
                Lookup::Incomplete => "?".to_owned(),
                Lookup::Absent => "-".to_owned(),
            },
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn n1_the_rows_of_curl() {
        let rows: [(&str, &str); 38] = [
            ("", "-"),
            ("machine example.com login ana password pw", "ana:pw"),
            ("machine example.com\nlogin ana\npassword pw\n", "ana:pw"),
            ("machine example.com\tlogin\tana\tpassword\tpw", "ana:pw"),
            ("machine example.com password pw login ana", "ana:pw"),
            ("MACHINE example.com LOGIN ana PASSWORD pw", "ana:pw"),
            ("machine EXAMPLE.com login ana password pw", "ana:pw"),
            ("machine example.com\r\n  login ana\r\n  password pw\r\n", "ana:pw"),
            ("\u{feff}machine example.com login ana password pw", "ana:pw"),
            ("machine other.com login x password y\nmachine example.com login ana password pw", "ana:pw"),
            ("machine www.example.com login x password y", "-"),
            ("machine example.co login x password y", "-"),
            ("machine example.com. login x password y", "-"),
            ("machine example.com:80 login x password y", "-"),
            ("default login ana password pw", "ana:pw"),
            ("machine other.com login x password y\ndefault login ana password pw", "ana:pw"),
            ("default login ana password pw\nmachine example.com login x password y", "ana:pw"),
            ("machine example.com login ana account acc password pw", "ana:pw"),
            ("machine example.com account login login ana password pw", "ana:pw"),
            (
                "machine other.com login x password y\nmacdef init\nmachine example.com login evil password evil\n\nmachine example.com login ana password pw",
                "ana:pw",
            ),
            (
                "macdef init\r\nmachine example.com login evil password evil\r\n\r\ndefault login ana password pw",
                "ana:pw",
            ),
            ("machine example.com login ana\nmacdef init\npassword evil\n\npassword pw", "ana:pw"),
            ("macdef init\nmachine example.com login evil password evil", "-"),
            ("# a comment\nmachine example.com login ana password pw", "ana:pw"),
            ("  # machine example.com login x password y\ndefault login ana password pw", "ana:pw"),
            ("machine example.com\n# login evil\nlogin ana password pw", "ana:pw"),
            ("machine example.com login ana password p#w", "ana:p#w"),
            ("machine example.com login ana password \"p w\"", "ana:p w"),
            ("machine example.com login \"a b\" password \"\"", "a b:"),
            (r#"machine example.com login ana password "a\"b\\c\td\e""#, "ana:a\"b\\c\tde"),
            (r#"machine example.com login ana password a\b"c"#, "ana:a\\b\"c"),
            (r#"machine "example.com" login "ana" password "pw""#, "ana:pw"),
            ("machine example.com login aña password pässwörd", "aña:pässwörd"),
            ("machine example.com login ana password machine", "ana:machine"),
            ("machine example.com unknown login ana password pw", "ana:pw"),
            ("login evil password evil machine example.com login ana password pw", "ana:pw"),
            ("machine example.com login ana login bob password pw password no", "bob:pw"),
            ("machine example.com login ana password pw machine example.com login bob password no", "ana:pw"),
        ];
        for (file, expected) in rows {
            assert_eq!(found(file.as_bytes(), None), expected, "{file:?}");
        }
        let entries = Entries::parse(b"machine ::1 login ana password pw").unwrap();
        assert!(matches!(entries.find("[::1]", None), Lookup::Found { login: "ana", .. }));
    }

    #[test]
    fn n2_an_entry_without_login_or_password_adds_nothing() {
        for file in [
            "machine example.com\nmachine other.com login x password y",
            "machine example.com login ana\nmachine other.com password y",
            "machine example.com password pw\nmachine other.com login x",
            "machine example.com login ana\ndefault login x password y",
            "machine example.com login ana\nmachine example.com login x password y",
            "machine example.com login \"\" password pw",
            "machine example.com login",
            "machine example.com login ana password",
            "default\nmachine example.com login x password y",
        ] {
            assert_eq!(found(file.as_bytes(), None), "?", "{file:?}");
        }
    }

    #[test]
    fn n3_a_given_login_must_match() {
        let two = "machine example.com login ana password one\nmachine example.com login bob password two";
        let rows = [
            (two, "ana", "ana:one"),
            (two, "bob", "bob:two"),
            (two, "Ana", "-"),
            (two, "eve", "-"),
            ("machine example.com password pw", "ana", "-"),
            ("machine example.com login ana\ndefault login ana password pw", "ana", "?"),
            ("machine example.com login bob password no\ndefault login ana password pw", "ana", "ana:pw"),
        ];
        for (file, login, expected) in rows {
            assert_eq!(found(file.as_bytes(), Some(login)), expected, "{file:?} {login}");
        }
    }

    #[test]
    fn n4_what_is_no_netrc_file_is_an_error_that_quotes_nothing() {
        let long = |length: usize| "s3cret".repeat(length / 6 + 1)[..length].to_owned();
        let rows = [
            (long(MAX_FILE + 1).into_bytes(), "is larger than 128 KiB"),
            (long(MAX_LINE + 1).into_bytes(), "has more than 16 KiB in line 1"),
            (format!("\n{}", long(MAX_WORD + 1)).into_bytes(), "has a word of more than 4 KiB in line 2"),
            (
                b"machine a\nlogin s3cret\0".to_vec(),
                "contains a NUL character, in line 2; it is no text file",
            ),
            (b"password s3cret\xff".to_vec(), "is not UTF-8 text; save it as that"),
            (
                b"password \"s3cret\nlogin\"".to_vec(),
                "has a quote in line 1 that is not closed; write `\\\"` for a quote in a quoted word",
            ),
            (
                b"password \"s3cret\\".to_vec(),
                "has a quote in line 1 that is not closed; write `\\\"` for a quote in a quoted word",
            ),
            (
                b"password \"s3cret\"x".to_vec(),
                "has a character after a closing quote in line 1; put a space between them",
            ),
        ];
        for (file, expected) in rows {
            assert_eq!(found(&file, None), expected);
        }
        assert_eq!(
            found(format!("machine example.com login ana password {}", long(MAX_WORD)).as_bytes(), None)
                .len(),
            MAX_WORD + 4
        );
    }
}
