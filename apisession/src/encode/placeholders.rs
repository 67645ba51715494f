//! Reads the values of placeholders back from a path that was filled.

use super::percent::decoded;

/// The values of the placeholders of `template` in `path`, which was made of it, by their names. A value is `None` if it can't be told
/// from what is beside it in its segment.
pub(crate) fn values<'t>(template: &'t str, path: &str) -> Vec<(&'t str, Option<String>)> {
    let mut values = Vec::new();
    let Some((start, mut template)) = template.split_once('{') else { return values };
    let Some(mut path) = path.strip_prefix(start) else { return values };
    while let Some((name, rest)) = template.split_once('}') {
        let (literal, next) = rest.split_once('{').unwrap_or((rest, ""));
        let (name, is_greedy) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        // A value of one segment ends with it.
        let segment = if is_greedy { path.len() } else { path.find('/').unwrap_or(path.len()) };
        let (end, is_certain) = if literal.is_empty() {
            (segment, next.is_empty())
        } else if literal.starts_with('/') && !is_greedy {
            (segment, true)
        } else {
            let reach = path.len().min(segment + literal.len());
            let mut ends = path.get(..reach).unwrap_or(path).match_indices(literal).map(|(at, _)| at);
            let Some(end) = ends.next() else { return values };
            (end, ends.next().is_none())
        };
        let text = is_certain.then(|| String::from_utf8(decoded(&path[..end])).ok()).flatten();
        values.push((name, text));
        match path[end..].strip_prefix(literal) {
            Some(after) => (path, template) = (after, next),
            None => return values,
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_were_written() {
        type Values = &'static [(&'static str, Option<&'static str>)];
        let rows: &[(&str, &str, Values)] = &[
            ("/a", "/a", &[]),
            ("/a/{b}", "/a/x", &[("b", Some("x"))]),
            ("/a/{b}/c", "/a/x/c", &[("b", Some("x"))]),
            (
                "/{a}/{b}/c/{d}",
                "/x/y%2Fz/c/%C3%A9",
                &[("a", Some("x")), ("b", Some("y/z")), ("d", Some("\u{e9}"))],
            ),
            ("/{a}:cancel", "/x:cancel", &[("a", Some("x"))]),
            ("/{a}:cancel", "/x:cancel:cancel", &[("a", None)]),
            ("/{a}-{b}", "/x-y", &[("a", Some("x")), ("b", Some("y"))]),
            ("/{a}-{b}/c-d", "/x-y/c-d", &[("a", Some("x")), ("b", Some("y"))]),
            ("/{a}-{b}", "/x-y-z", &[("a", None), ("b", Some("y-z"))]),
            ("/files/{path+}", "/files/a/b%20c/", &[("path", Some("a/b c/"))]),
            ("/files/{path+}/meta", "/files/a/b/meta", &[("path", Some("a/b"))]),
            ("/files/{path+}/meta", "/files/a/meta/meta", &[("path", None)]),
            ("/a/{b}", "/c/x", &[]),
        ];
        for (template, path, expected) in rows {
            let found = values(template, path);
            let found: Vec<_> = found.iter().map(|(name, value)| (*name, value.as_deref())).collect();
            assert_eq!(found, *expected, "{template} {path}");
        }
    }
}
