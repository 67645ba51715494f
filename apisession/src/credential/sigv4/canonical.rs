//! The canonical request, which both sides compute in the same way and sign.

use std::fmt::Write as _;

use crate::encode::percent::decoded;

/// The parts of a request that AWS's Signature Version 4 covers.
#[derive(Debug)]
pub(super) struct Canonical<'a> {
    pub(super) method: &'a str,
    /// The path as it is sent.
    pub(super) path: &'a str,
    pub(super) path_style: PathStyle,
    /// The query as it is sent.
    pub(super) query: &'a str,
    /// The signed headers, with names in lower case, in any order. Several headers of one name are joined.
    pub(super) headers: Vec<(String, String)>,
    /// The hash of the body, or `UNSIGNED-PAYLOAD`.
    pub(super) payload: &'a str,
}

/// How a service encodes a path before it checks the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathStyle {
    /// Without `.`, `..` and empty segments, and encoded once more than it is sent.
    Normalized,
    /// As it is sent, and encoded once more.
    Wire,
    /// As it is sent, for S3, whose keys may contain anything.
    Object,
}

impl Canonical<'_> {
    /// Returns the canonical request, and the names of its headers.
    pub(super) fn text(mut self) -> (String, String) {
        for (_, value) in &mut self.headers {
            *value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        // The sort is stable, so the values of one name keep their order.
        self.headers.sort_by(|(left, _), (right, _)| left.cmp(right));
        self.headers.dedup_by(|(name, value), (kept, values)| {
            let is_same = name == kept;
            if is_same {
                values.push(',');
                values.push_str(value);
            }
            is_same
        });
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let mut text =
            format!("{}\n{}\n{}\n", self.method, self.canonical_path(), canonical_query(self.query));
        for (name, value) in &self.headers {
            // Writing to a `String` can't fail.
            let _ = writeln!(text, "{name}:{value}");
        }
        let _ = write!(text, "\n{names}\n{}", self.payload);
        (text, names)
    }

    fn canonical_path(&self) -> String {
        match self.path_style {
            PathStyle::Normalized => encoded(normalized(self.path).as_bytes(), true),
            PathStyle::Wire => encoded(or_slash(self.path).as_bytes(), true),
            PathStyle::Object => encoded(&decoded(or_slash(self.path)), true),
        }
    }
}

fn or_slash(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn normalized(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let ends_with_slash = !segments.is_empty() && (path.ends_with('/') || path.ends_with("/."));
    format!("/{}{}", segments.join("/"), if ends_with_slash { "/" } else { "" })
}

/// Encodes and sorts the parameters.
fn canonical_query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (encoded(&decoded(name), false), encoded(&decoded(value), false))
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Encodes everything except letters, digits and `-._~` as `%XX`. `keeps_slashes` also leaves `/` as it is.
pub(super) fn encoded(bytes: &[u8], keeps_slashes: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keeps_slashes && byte == b'/') {
            text.push(byte.into());
        } else {
            // Writing to a `String` can't fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
