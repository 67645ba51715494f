//! Bytes that are base64 in a text (RFC 4648).

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE, URL_SAFE_NO_PAD,
};
use bytes::Bytes;
use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

/// Reads with and without padding, and with bits after the last byte.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of a text in either alphabet. Whitespace is ignored: some servers break lines.
fn read(text: &str) -> Option<Bytes> {
    let is_plain = |c: char| !matches!(c, '-' | '_') && !c.is_ascii_whitespace();
    let plain = if text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        let chars = text.chars().filter(|c| !c.is_ascii_whitespace());
        let standard = |c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        };
        Cow::Owned(chars.map(standard).collect())
    };
    LENIENT.decode(plain.as_bytes()).ok().map(Bytes::from)
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes as base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
        read(text).ok_or_else(|| E::invalid_value(Unexpected::Other("other text"), &self))
    }
}

macro_rules! base64 {
    ($(#[$docs:meta])* $name:ident: $engine:ident) => {
        $(#[$docs])*
        #[derive(Clone, Default, PartialEq, Eq, Hash)]
        pub struct $name(Bytes);

        impl $name {
            /// Creates the value from bytes, which are not base64 yet.
            #[must_use]
            pub fn new(bytes: impl Into<Bytes>) -> Self {
                Self(bytes.into())
            }

            /// Returns the bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// Returns the bytes, without copying them.
            #[must_use]
            pub fn into_bytes(self) -> Bytes {
                self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<Bytes> for $name {
            fn from(bytes: Bytes) -> Self {
                Self(bytes)
            }
        }

        impl From<Vec<u8>> for $name {
            fn from(bytes: Vec<u8>) -> Self {
                Self(bytes.into())
            }
        }

        impl From<&[u8]> for $name {
            fn from(bytes: &[u8]) -> Self {
                Self(Bytes::copy_from_slice(bytes))
            }
        }

        impl<const N: usize> From<&[u8; N]> for $name {
            fn from(bytes: &[u8; N]) -> Self {
                Self(Bytes::copy_from_slice(bytes))
            }
        }

        impl From<$name> for Bytes {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        /// Shows how many bytes there are, and none of them.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        /// Shows the text that is sent.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$engine.encode(&self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$engine.encode(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextVisitor).map(Self)
            }
        }
    };
}

base64! {
    /// Bytes that are base64 in JSON, in a form, or in a parameter.
    ///
    /// It is written in the standard alphabet, with padding. It is read in both alphabets, with or without padding, and with whitespace in it.
    ///
    /// ```
    /// use apisession::Base64;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Blob {
    ///     content: Base64,
    /// }
    ///
    /// let blob: Blob = serde_json::from_str(r#"{"content":"-_8"}"#)?;
    /// assert_eq!(blob.content.as_bytes(), [0xfb, 0xff]);
    /// assert_eq!(serde_json::to_string(&blob)?, r#"{"content":"+/8="}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Base64: STANDARD
}

base64! {
    /// Bytes that are base64 in the URL-safe alphabet.
    ///
    /// It is written without padding, and read as [`Base64`] is.
    Base64Url: URL_SAFE_NO_PAD
}

base64! {
    /// Bytes that are base64 in the URL-safe alphabet, for a server that requires the padding, as the functions of Python do.
    ///
    /// It is read as [`Base64`] is.
    Base64UrlPadded: URL_SAFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_written_in_its_alphabet() {
        let bytes = b"\xfb\xff";
        let written = [
            Base64::from(bytes).to_string(),
            Base64Url::from(bytes).to_string(),
            Base64UrlPadded::from(bytes).to_string(),
        ];
        assert_eq!(written, ["+/8=", "-_8", "-_8="]);
    }

    #[test]
    fn both_alphabets_are_read_with_or_without_padding_and_whitespace() {
        let rows: [(&str, Option<&[u8]>); 11] = [
            ("", Some(b"")),
            ("+/8=", Some(b"\xfb\xff")),
            ("-_8=", Some(b"\xfb\xff")),
            ("-_8", Some(b"\xfb\xff")),
            ("+_8", Some(b"\xfb\xff")),
            ("+_9", Some(b"\xfb\xff")),
            ("aGVs\nbG8=\r\n", Some(b"hello")),
            (" aGVsbG8 ", Some(b"hello")),
            ("aGVsbG8*", None),
            ("a", None),
            ("aGVsbG8é", None),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text).as_deref(), expected, "{text:?}");
        }
    }
}
