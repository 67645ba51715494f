//! The name that a server gives a file, made safe.

use http::{HeaderMap, header};

use crate::encode::percent;
use crate::error::Head;

/// The name in the `Content-Disposition` (RFC 6266), made safe.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    safe(&written(headers.get(header::CONTENT_DISPOSITION)?.as_bytes())?)
}

/// The same, or else the last part of the URL, or else `download`.
pub(super) fn or_of_url(head: &Head) -> String {
    let of_url = || {
        let url = &head.sent.as_ref()?.exchange.url;
        safe(&String::from_utf8_lossy(&percent::decoded(url.path_segments()?.next_back()?)))
    };
    of(&head.headers).or_else(of_url).unwrap_or_else(|| "download".to_owned())
}

/// The name as the server wrote it: that of `filename*`, or else that of `filename`.
fn written(value: &[u8]) -> Option<String> {
    let mut plain = None;
    let mut parameters = Parameters(value);
    // The first part is the type.
    parameters.next_token();
    while let Some((name, value)) = parameters.next() {
        if name.eq_ignore_ascii_case(b"filename*") {
            if let Some(name) = extended(&value) {
                return Some(name);
            }
        } else if name.eq_ignore_ascii_case(b"filename") && plain.is_none() {
            plain = Some(text(&value));
        }
    }
    plain
}

/// The value of `filename*` (RFC 8187): `UTF-8'en'na%C3%AFve.txt`.
fn extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = percent::decoded(std::str::from_utf8(encoded).ok()?);
    if charset.eq_ignore_ascii_case(b"utf-8") {
        String::from_utf8(bytes).ok()
    } else if charset.eq_ignore_ascii_case(b"iso-8859-1") {
        Some(bytes.iter().copied().map(char::from).collect())
    } else {
        None
    }
}

/// The value of `filename`, which servers write in UTF-8 or Latin-1.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

/// The parameters of a header: `; name=value; name="quoted \" value"`.
struct Parameters<'v>(&'v [u8]);

impl<'v> Parameters<'v> {
    fn next(&mut self) -> Option<(&'v [u8], Vec<u8>)> {
        loop {
            self.skip_to(b';')?;
            let name = self.next_token();
            if self.0.first() != Some(&b'=') {
                continue;
            }
            self.0 = self.0[1..].trim_ascii_start();
            let value = match self.0.first() {
                Some(b'"') => self.quoted(),
                _ => self.next_token().to_vec(),
            };
            return Some((name, value));
        }
    }

    /// Skips what is before a separator, and the separator.
    fn skip_to(&mut self, separator: u8) -> Option<()> {
        let at = self.0.iter().position(|byte| *byte == separator)?;
        self.0 = &self.0[at + 1..];
        Some(())
    }

    /// Everything up to a separator, without the blanks around it.
    fn next_token(&mut self) -> &'v [u8] {
        let end = self.0.iter().position(|byte| matches!(byte, b';' | b'=')).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        token.trim_ascii()
    }

    /// A quoted string, in which a backslash escapes a quote and a backslash. Before other characters it is one of a Windows path.
    fn quoted(&mut self) -> Vec<u8> {
        let (mut value, mut bytes) = (Vec::new(), self.0[1..].iter().enumerate().peekable());
        let mut end = self.0.len();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    end = at + 2;
                    break;
                }
                b'\\' => match bytes.next_if(|(_, next)| matches!(next, b'"' | b'\\')) {
                    Some((_, escaped)) => value.push(*escaped),
                    None => value.push(b'\\'),
                },
                byte => value.push(*byte),
            }
        }
        self.0 = &self.0[end.min(self.0.len())..];
        value
    }
}

/// The longest name, in bytes.
const LONGEST: usize = 200;

/// The name without what can't be, or should not be, in one: `None` if nothing is left.
fn safe(name: &str) -> Option<String> {
    let last = name.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()?;
    let kept = last.chars().filter(|c| !c.is_control() && !is_invisible(*c));
    let name: String = kept.map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    // A dot at the start hides a file, and one at the end is lost on Windows.
    let name = name.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let mut name = shortened(name).trim_end_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
    if name.starts_with('-') || is_device(&name) {
        // A program would take it for an option, or Windows for a device.
        name.insert(0, '_');
    }
    (!name.is_empty()).then_some(name)
}

/// Characters that show a name as another one: those that turn the direction of text, and those without a width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The name within its longest length; its end, such as `.pdf`, stays.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = if extension.len() <= 20 { extension } else { "" };
    let room = LONGEST - extension.len();
    let end = (0..=room).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{extension}", &name[..end])
}

/// Whether Windows takes the name for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            rest.next().is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c)) && rest.next().is_none()
        })
    };
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || is_numbered("COM")
        || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_rfc_6266_has_it() {
        let rows: [(&[u8], Option<&str>); 26] = [
            (b"attachment; filename=report.pdf", Some("report.pdf")),
            (b"attachment; filename=\"annual report.pdf\"", Some("annual report.pdf")),
            (b"inline;FILENAME = \"a.txt\" ; size=3", Some("a.txt")),
            (b"attachment; filename=\"a\\\"b\\\\c.txt\"", Some("c.txt")),
            (b"attachment; filename=\"x;filename=y.txt\"", Some("x;filename=y.txt")),
            (b"attachment; filename*=UTF-8''na%C3%AFve%20plan.txt", Some("na\u{ef}ve plan.txt")),
            (
                b"attachment; filename=\"plain.txt\"; filename*=utf-8'en'na%C3%AFve.txt",
                Some("na\u{ef}ve.txt"),
            ),
            (b"attachment; filename*=iso-8859-1'en'%A3%20rates; filename=rates", Some("\u{a3} rates")),
            // What can't be decoded leaves the plain one.
            (b"attachment; filename*=UTF-8''%FF; filename=plain.txt", Some("plain.txt")),
            (b"attachment; filename*=koi8-r''x; filename=plain.txt", Some("plain.txt")),
            (b"attachment; filename*=plain; filename=plain.txt", Some("plain.txt")),
            (b"attachment; filename=na\xc3\xafve.txt", Some("na\u{ef}ve.txt")),
            (b"attachment; filename=na\xefve.txt", Some("na\u{ef}ve.txt")),
            (b"attachment; filename=a.txt; filename=b.txt", Some("a.txt")),
            (b"attachment; filename=\"open", Some("open")),
            (b"attachment; filename=\"C:\\temp\\a.txt\"", Some("a.txt")),
            (b"attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            (b"attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", Some("passwd")),
            (b"attachment; filename*=UTF-8''a%00b%0A.txt", Some("ab.txt")),
            (b"attachment; filename=\"..\"", None),
            (b"attachment; filename=\"\"", None),
            (b"attachment; filename", None),
            (b"attachment", None),
            (b"", None),
            (b"filename=a.txt", None),
            (b"attachment; size=3; =; ; filename=a.txt", Some("a.txt")),
        ];
        for (value, expected) in rows {
            let found = written(value).and_then(|name| safe(&name));
            assert_eq!(found.as_deref(), expected, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn a_name_is_made_safe() {
        let rows = [
            (".bashrc", Some("bashrc")),
            ("...", None),
            (" . ", None),
            ("a.", Some("a")),
            ("a . . ", Some("a")),
            ("folder/", Some("folder")),
            ("//", None),
            ("con", Some("_con")),
            ("NUL.txt", Some("_NUL.txt")),
            ("com1.tar.gz", Some("_com1.tar.gz")),
            ("COM\u{b9}", Some("_COM\u{b9}")),
            ("aux .txt", Some("_aux .txt")),
            ("COM10", Some("COM10")),
            ("console.txt", Some("console.txt")),
            ("-rf", Some("_-rf")),
            ("a:b?.txt", Some("a_b_.txt")),
            ("a\u{202e}fdp.exe", Some("afdp.exe")),
            ("\u{7f}\u{85}", None),
            ("日本.txt", Some("日本.txt")),
        ];
        for (name, expected) in rows {
            assert_eq!(safe(name).as_deref(), expected, "{name:?}");
        }
        let long = safe(&format!("{}.pdf", "é".repeat(300))).unwrap();
        assert!(long.len() <= LONGEST && long.ends_with("é.pdf"), "{long}");
        assert_eq!(safe(&"x".repeat(1000)).unwrap().len(), LONGEST);
    }

    /// Random values, made of what such a header can be made of, and of bytes of any kind.
    #[test]
    fn no_value_makes_a_name_that_is_not_safe() {
        let parts: [&[u8]; 24] = [
            b"attachment",
            b";",
            b"filename",
            b"filename*",
            b"=",
            b"\"",
            b"\\",
            b"/",
            b"..",
            b".",
            b"%2F",
            b"%5c",
            b"%00",
            b"UTF-8''",
            b"iso-8859-1'x'",
            b"con",
            b"NUL",
            b" ",
            b"\t",
            b"\xe2\x80\xae",
            b"\xff",
            b"a",
            b":",
            b"-",
        ];
        let mut random = fastrand::Rng::with_seed(20);
        for _ in 0..200_000 {
            let mut value = b"attachment; filename=\"".to_vec();
            value.truncate(random.usize(..=value.len()));
            for _ in 0..random.usize(..14) {
                match random.usize(..8) {
                    0 => value.push(random.u8(..)),
                    _ => value.extend_from_slice(parts[random.usize(..parts.len())]),
                }
            }
            let Some(name) = written(&value).and_then(|name| safe(&name)) else { continue };
            let shown = String::from_utf8_lossy(&value);
            assert!(!name.is_empty() && name.len() <= LONGEST + 1, "{shown}: {name:?}");
            assert!(
                !name.contains(['/', '\\', ':', '\0']) && !name.contains(char::is_control),
                "{shown}: {name:?}"
            );
            assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']), "{shown}: {name:?}");
            assert!(!is_device(&name), "{shown}: {name:?}");
            // One component of a path, on any system.
            assert_eq!(std::path::Path::new(&name).file_name(), Some(name.as_ref()), "{shown}");
            assert_eq!(safe(&name), Some(name.clone()), "{shown}");
        }
    }
}
