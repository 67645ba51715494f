//! Replaces `charset_table.rs` in a build without the feature `charset`. Text in other charsets than UTF-8 is read if it has only the
//! characters that all of them share.

use std::borrow::Cow;

/// A charset.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Charset {
    Utf8,
    /// UTF-16.
    Wide,
    /// Any other.
    Other,
}

impl Charset {
    pub(crate) const UTF_8: Self = Self::Utf8;

    /// That of the byte order mark at the start of a body, and the length of the mark.
    pub(super) fn marked(body: &[u8]) -> Option<(Self, usize)> {
        match body {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some((Self::Wide, 2)),
            _ => None,
        }
    }

    /// The one with this label, which may be unknown.
    pub(crate) fn labelled(label: &[u8]) -> Option<Self> {
        let label = label.trim_ascii().to_ascii_lowercase();
        Some(match label.as_slice() {
            b"utf-8" | b"utf8" | b"unicode-1-1-utf-8" | b"unicode11utf8" | b"unicode20utf8"
            | b"x-unicode20utf8" => Self::Utf8,
            label if label.starts_with(b"utf-16") || label.starts_with(b"unicode") => Self::Wide,
            _ => Self::Other,
        })
    }

    /// The charset of a document whose label can be read as ASCII: what is declared to be UTF-16 is UTF-8.
    #[cfg(feature = "xml")]
    pub(crate) fn in_ascii(self) -> Self {
        if self == Self::Wide { Self::Utf8 } else { self }
    }

    /// The bytes as text, if all are valid. A byte order mark is not looked for.
    pub(crate) fn decoded(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        // A charset that switches between several tables does so by control characters.
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
        let is_read = match self {
            Self::Utf8 => true,
            Self::Wide => false,
            Self::Other => bytes.iter().all(is_plain),
        };
        std::str::from_utf8(bytes).ok().filter(|_| is_read).map(Cow::Borrowed)
    }

    /// The registered name; `None` if the charset is not built in.
    pub(crate) fn name(self) -> Option<&'static str> {
        (self == Self::Utf8).then_some("UTF-8")
    }
}
