//! The names of parts and files in a header, so that every parser reads one name, and none reads another header.

/// How long a file name may be, in bytes, as on most file systems.
const MAX_FILE_NAME: usize = 255;

/// Quotes a name as the form encoding of the WHATWG does. UTF-8 is sent as it is.
pub(super) fn quoted(name: &str) -> Result<String, String> {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    // Parsers that know of escapes would take a backslash before the closing quote for one.
    let plain = name.trim_end_matches('\\');
    for char in plain.chars() {
        match char {
            '"' => quoted.push_str("%22"),
            '\r' => quoted.push_str("%0D"),
            '\n' => quoted.push_str("%0A"),
            char if char.is_control() && char != '\t' => {
                return Err(format!("contains the control character {char:?}; remove it"));
            }
            char => quoted.push(char),
        }
    }
    quoted.extend(std::iter::repeat_n("%5C", name.len() - plain.len()));
    quoted.push('"');
    Ok(quoted)
}

/// The last name of a path, of any operating system. A file name with folders could be stored outside of the server's own.
pub(super) fn base_name(path: &str) -> &str {
    let path = path.trim_end_matches(['/', '\\']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Checks the name of a file, which has no folders any more.
pub(super) fn check_file_name(name: &str) -> Result<(), String> {
    if matches!(name, "" | "." | "..") {
        return Err(format!(
            "has the file name {name:?}, which names no file; set another by `with_file_name`"
        ));
    }
    if name.len() > MAX_FILE_NAME {
        let length = name.len();
        return Err(format!(
            "has a file name of {length} bytes, and most servers can store {MAX_FILE_NAME}; set a shorter one by `with_file_name`"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_in_forms() {
        let rows = [
            ("file", Some("\"file\"")),
            ("", Some("\"\"")),
            ("a b; filename=c", Some("\"a b; filename=c\"")),
            ("größe 日本", Some("\"größe 日本\"")),
            ("a\"b", Some("\"a%22b\"")),
            ("a\r\nb", Some("\"a%0D%0Ab\"")),
            ("a\nX-Evil: 1", Some("\"a%0AX-Evil: 1\"")),
            ("a\\", Some("\"a%5C\"")),
            ("a\\b\\\\", Some("\"a\\b%5C%5C\"")),
            ("a\\\"", Some("\"a\\%22\"")),
            ("a%22", Some("\"a%22\"")),
            ("a\0", None),
            ("a\u{7f}", None),
            ("a\u{85}", None),
        ];
        for (name, expected) in rows {
            assert_eq!(quoted(name).ok().as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn file_names_have_no_folders() {
        let rows = [
            ("a.pdf", "a.pdf"),
            ("/tmp/a.pdf", "a.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\a.pdf", "a.pdf"),
            ("folder/", "folder"),
            ("..", ".."),
            ("/", ""),
        ];
        for (path, expected) in rows {
            assert_eq!(base_name(path), expected, "{path:?}");
        }
    }
}
