//! Which values authors allow to be shown, and which they hide.

use std::fmt;

/// Which values an author allows to be shown, and which not. What is not listed is shown if it is known to be harmless.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowList {
    /// From the outermost level to the nearest.
    entries: Vec<Entry>,
    /// Whether all is shown, secrets included.
    pub(crate) shows_all: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    what: What,
    is_shown: bool,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Headers, parameters of the query and fields of a body with this name, wherever they are.
    Name(Box<str>),
    /// The value at a JSON pointer, whose segments can be [`ANY`], and the last one [`REST`].
    Pointer(Box<[Box<str>]>),
}

/// A segment of a pointer that stands for any key or index.
const ANY: &str = "*";

/// A last segment that stands for all that is below.
const REST: &str = "**";

/// Headers whose values are never shown, whatever an author allows.
const NEVER: [&str; 5] = ["authorization", "cookie", "cookie2", "proxy-authorization", "set-cookie"];

/// What a list decides about a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Hidden,
    Shown,
    /// It is shown by an entry that does not name it, such as `/items/**`.
    ShownByPattern,
}

impl AllowList {
    /// Adds the entries of a nearer level.
    pub(crate) fn extend(&mut self, names: &[Box<str>], is_shown: bool) {
        let entries = names.iter().map(|name| Entry { what: What::of(name), is_shown });
        self.entries.extend(entries);
    }

    /// What holds for a header or a parameter of the query.
    pub(super) fn of_name(&self, name: &str) -> Option<Verdict> {
        let is_it = |entry: &&Entry| matches!(&entry.what, What::Name(own) if own.eq_ignore_ascii_case(name));
        self.entries.iter().rev().find(is_it).map(|entry| entry.verdict(true))
    }

    /// What holds for the value at `path` in a body. Of several entries the most specific one holds, and of these that of the nearest level.
    pub(super) fn of_field(&self, path: &[Step]) -> Option<Verdict> {
        let matching = self.entries.iter().filter(|entry| entry.what.matches(path));
        let entry = matching.max_by_key(|entry| entry.what.rank())?;
        Some(entry.verdict(entry.what.rank() >= NAMED))
    }
}

impl Entry {
    fn verdict(&self, is_named: bool) -> Verdict {
        match (self.is_shown, is_named) {
            (false, _) => Verdict::Hidden,
            (true, true) => Verdict::Shown,
            (true, false) => Verdict::ShownByPattern,
        }
    }
}

/// The rank of an entry that names what it is about.
const NAMED: usize = usize::MAX - 1;

impl What {
    fn of(name: &str) -> Self {
        match name.strip_prefix('/') {
            Some(pointer) => Self::Pointer(pointer.split('/').map(unescaped).collect()),
            None => Self::Name(name.into()),
        }
    }

    /// How specific it is: a pointer, then a name, then a pattern by the number of segments that it names.
    fn rank(&self) -> usize {
        match self {
            Self::Name(_) => NAMED,
            Self::Pointer(segments) => {
                let named = segments.iter().filter(|segment| !matches!(&***segment, ANY | REST)).count();
                if named == segments.len() { usize::MAX } else { named }
            }
        }
    }

    fn matches(&self, path: &[Step]) -> bool {
        match self {
            // An element of a list has the name of the list.
            Self::Name(name) => {
                path.iter().rev().find_map(Step::key).is_some_and(|key| key.eq_ignore_ascii_case(name))
            }
            Self::Pointer(segments) => {
                let list = path.len() - path.iter().rev().take_while(|step| step.key().is_none()).count();
                (list..=path.len()).any(|length| is_at(segments, &path[..length]))
            }
        }
    }
}

/// Whether a pointer leads to this path.
fn is_at(segments: &[Box<str>], path: &[Step]) -> bool {
    let (segments, is_open) = match segments {
        [above @ .., last] if **last == *REST => (above, true),
        _ => (segments, false),
    };
    let is_long = if is_open { path.len() > segments.len() } else { path.len() == segments.len() };
    is_long && segments.iter().zip(path).all(|(segment, step)| **segment == *ANY || step.is(segment))
}

/// A segment of a JSON pointer without its escapes (RFC 6901 §4).
fn unescaped(segment: &str) -> Box<str> {
    segment.replace("~1", "/").replace("~0", "~").into()
}

/// A step from a value in a body to one inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }

    fn is(&self, segment: &str) -> bool {
        match self {
            Self::Key(key) => key == segment,
            Self::Index(index) => segment.parse() == Ok(*index),
        }
    }
}

/// Why an entry of an author's list has no meaning.
pub(crate) enum Misnamed {
    Empty,
    Never,
    /// `**` is not the last segment.
    Rest,
}

impl fmt::Display for Misnamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty; name a header, a query parameter, a field, or a JSON pointer such as `/items/*/name`",
            Self::Never => "is a header with a credential, which is never shown; remove it",
            Self::Rest => "has `**` before its end; `*` stands for one segment, and `**` for all that follow",
        })
    }
}

/// Checks an entry of an author's list.
pub(crate) fn check(name: &str, is_shown: bool) -> Result<(), Misnamed> {
    if name.trim().is_empty() {
        return Err(Misnamed::Empty);
    }
    if is_shown && NEVER.iter().any(|never| never.eq_ignore_ascii_case(name)) {
        return Err(Misnamed::Never);
    }
    let above = name.strip_prefix('/').and_then(|pointer| pointer.rsplit_once('/')).map(|(above, _)| above);
    if above.is_some_and(|above| above.split('/').any(|segment| segment == REST)) {
        return Err(Misnamed::Rest);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path that a pointer without wildcards is at.
    fn path(pointer: &str) -> Vec<Step> {
        let steps = pointer.split('/').skip(1);
        steps.map(|step| step.parse().map_or_else(|_| Step::Key(step.to_owned()), Step::Index)).collect()
    }

    #[test]
    fn the_most_specific_entry_holds_and_then_the_nearest() {
        const ALLOW: bool = true;
        const HIDE: bool = false;
        type Row = (&'static [(&'static str, bool)], &'static str, Option<Verdict>);
        let rows: &[Row] = &[
            (&[], "/a", None),
            (&[("a", ALLOW)], "/a", Some(Verdict::Shown)),
            (&[("A", ALLOW)], "/a", Some(Verdict::Shown)),
            (&[("a", ALLOW)], "/b/3/a", Some(Verdict::Shown)),
            // The elements of a list have its name, and the fields of an object have names of their own.
            (&[("a", ALLOW)], "/a/0/1", Some(Verdict::Shown)),
            (&[("a", ALLOW)], "/a/b", None),
            (&[("a", ALLOW), ("a", HIDE)], "/a", Some(Verdict::Hidden)),
            (&[("a", HIDE), ("a", ALLOW)], "/a", Some(Verdict::Shown)),
            // A name holds, whatever a nearer pattern allows.
            (&[("a", HIDE), ("/**", ALLOW)], "/a", Some(Verdict::Hidden)),
            (&[("/**", ALLOW)], "/a/b/0", Some(Verdict::ShownByPattern)),
            (&[("/**", ALLOW)], "", None),
            (&[("/a/**", HIDE), ("/**", ALLOW)], "/a/b", Some(Verdict::Hidden)),
            (&[("/a/**", HIDE), ("/**", ALLOW)], "/a", Some(Verdict::ShownByPattern)),
            (&[("/a/*/b", ALLOW)], "/a/7/b", Some(Verdict::ShownByPattern)),
            (&[("/a/*/b", ALLOW)], "/a/7/c", None),
            (&[("/a/7", ALLOW)], "/a/7", Some(Verdict::Shown)),
            (&[("/a", ALLOW)], "/a/7", Some(Verdict::Shown)),
            (&[("a", HIDE), ("/x/a", ALLOW)], "/x/a", Some(Verdict::Shown)),
            (&[("/x/a", HIDE), ("a", ALLOW)], "/x/a", Some(Verdict::Hidden)),
            (&[("/a~1b/~0", ALLOW)], "/a", None),
        ];
        for (entries, pointer, expected) in rows {
            let mut list = AllowList::default();
            entries.iter().for_each(|(name, is_shown)| list.extend(&[Box::from(*name)], *is_shown));
            assert_eq!(list.of_field(&path(pointer)), *expected, "{entries:?} at {pointer}");
        }
        let escaped = What::of("/a~1b/~0");
        assert!(escaped.matches(&[Step::Key("a/b".into()), Step::Key("~".into())]));
    }
}
