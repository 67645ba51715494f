//! The charsets of the Encoding Standard, by the crate `encoding_rs`.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// A charset.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Charset(&'static Encoding);

impl Charset {
    pub(crate) const UTF_8: Self = Self(UTF_8);

    /// That of the byte order mark at the start of a body, and the length of the mark.
    pub(super) fn marked(body: &[u8]) -> Option<(Self, usize)> {
        Encoding::for_bom(body).map(|(charset, length)| (Self(charset), length))
    }

    /// The one with this label, if there is one.
    pub(crate) fn labelled(label: &[u8]) -> Option<Self> {
        Encoding::for_label_no_replacement(label).map(Self)
    }

    /// The charset of a document whose label can be read as ASCII: what is declared to be UTF-16 is UTF-8.
    #[cfg(feature = "xml")]
    pub(crate) fn in_ascii(self) -> Self {
        Self(self.0.output_encoding())
    }

    /// The bytes as text, if all are valid. A byte order mark is not looked for.
    pub(crate) fn decoded(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// The registered name; `None` if the charset is not built in.
    pub(crate) fn name(self) -> Option<&'static str> {
        Some(self.0.name())
    }
}
