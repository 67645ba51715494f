//! Joins paths, and percent-encodes path segments.

use super::argument::ArgumentError;
use super::percent::push_in_segment;

/// Appends `part`, joined by exactly one slash. An empty part appends nothing.
pub(crate) fn push_path(path: &mut String, part: &str) {
    if part.is_empty() {
        return;
    }
    path.truncate(path.trim_end_matches('/').len());
    path.push('/');
    path.push_str(part.trim_start_matches('/'));
}

/// The path `part` below `path`.
pub(crate) fn joined(path: &str, part: &str) -> String {
    let mut joined = path.to_owned();
    push_path(&mut joined, part);
    joined
}

/// Appends `value` as one percent-encoded path segment, so that a server decodes exactly `value`.
pub(crate) fn push_segment(path: &mut String, value: &str) -> Result<(), ArgumentError> {
    match value {
        "" => Err(ArgumentError::Empty),
        "." | ".." => Err(ArgumentError::Dots),
        value => push_in_segment(path, value),
    }
}

/// Appends `value` as an item of a list in one path segment, after a comma if it is not the first. Commas in it are encoded.
pub(crate) fn push_item(path: &mut String, value: &str, is_next: bool) -> Result<(), ArgumentError> {
    if is_next {
        path.push(',');
    }
    if value.is_empty() { Err(ArgumentError::EmptyItem) } else { push_in_segment(path, value) }
}

/// Appends `value` as percent-encoded path segments. Its slashes are kept, so that a server decodes exactly `value`. An empty segment
/// is an error, unless the declaration allows it.
pub(crate) fn push_segments(path: &mut String, value: &str, allows_empty: bool) -> Result<(), ArgumentError> {
    if value.is_empty() {
        return Err(ArgumentError::Empty);
    }
    // A trailing slash is valid: it names a folder.
    let segments = value.strip_suffix('/').unwrap_or(value);
    for (index, segment) in segments.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        match push_segment(path, segment) {
            Err(ArgumentError::Empty) if allows_empty => {}
            Err(ArgumentError::Empty) => return Err(ArgumentError::EmptySegment),
            pushed => pushed?,
        }
    }
    if segments.len() < value.len() {
        path.push('/');
    }
    Ok(())
}

/// Whether a URL parser removes a part of a path that is between two slashes, and with `..` the part before it (WHATWG URL §4.4).
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u1_u2_a_value_is_one_segment_or_an_error() {
        let rows = [
            ("42", Ok("42")),
            ("a/b", Ok("a%2Fb")),
            ("a b+c", Ok("a%20b%2Bc")),
            ("%2e%2e", Ok("%252e%252e")),
            ("..a", Ok("..a")),
            ("é\u{202e}", Ok("%C3%A9%E2%80%AE")),
            ("?#\\;", Ok("%3F%23%5C%3B")),
            ("a:b@c", Ok("a:b@c")),
            ("", Err(ArgumentError::Empty)),
            (".", Err(ArgumentError::Dots)),
            ("..", Err(ArgumentError::Dots)),
            ("a\r\nb", Err(ArgumentError::Control('\r'))),
            ("\0", Err(ArgumentError::Control('\0'))),
        ];
        for (value, expected) in rows {
            let mut path = String::new();
            let result = push_segment(&mut path, value).map(|()| path.as_str());
            assert_eq!(result, expected, "{value:?}");
        }
    }
}
