//! A string that is not shown by accident.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::Serializer;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret string: a password, a token, or a key.
///
/// It has no `Display`, and its `Debug` does not show it. It implements `Deserialize`, so that it can be read from a
/// response, but not `Serialize`. It is compared in constant time, and overwritten with zeros when it is dropped.
///
/// A parameter of an operation or a graft can be a `Secret`: it is sent, and shown nowhere. A field of a model names
/// [`serialize_exposed`](Self::serialize_exposed).
///
/// ```
/// use apisession::{Credential, Secret};
///
/// let token = Secret::new("t0p-s3cret");
/// assert_eq!(format!("{token:?}"), "Secret([redacted])");
/// let credential = Credential::bearer(token.expose())?;
/// # let _ = credential;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret from a string.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the string.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Serializes the string, for a field of a model that is sent.
    ///
    /// ```
    /// use apisession::Secret;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Login {
    ///     user: String,
    ///     #[serde(serialize_with = "Secret::serialize_exposed")]
    ///     password: Secret,
    /// }
    ///
    /// let login = Login { user: "ana".to_owned(), password: Secret::new("t0p-s3cret") };
    /// assert_eq!(serde_json::to_string(&login)?, r#"{"user":"ana","password":"t0p-s3cret"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(EXPOSED, self.expose())
    }
}

/// The name under which a secret in a model is serialized, by which it is found. Formats don't write it.
pub(crate) const EXPOSED: &str = "$apisession::Secret";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// Compares in constant time. The time reveals the lengths, but not the contents.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Secret {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}

impl From<&Self> for Secret {
    fn from(secret: &Self) -> Self {
        secret.clone()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n8_debug_does_not_show_a_secret_and_equality_compares_all_of_it() {
        let secret = Secret::from("s3cret");
        assert!(secret == Secret::new("s3cret".to_owned()) && secret != Secret::from("s3cres"));
        assert!(secret != Secret::from("s3cret "));
        assert!(!format!("{secret:?} {secret:#?}").contains("s3"));
        let read: Secret = serde_json::from_str("\"s3cret\"").unwrap();
        assert_eq!(read.expose(), "s3cret");
    }
}
