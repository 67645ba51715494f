//! Text that nobody sees by accident.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A password, a token, a key. It has no `Display`, and its `Debug` shows nothing; it can be read from an answer and not
/// written into one; it is compared in constant time, and overwritten when it is dropped.
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
    /// Takes a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for where it is used.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// How long they are may be learned, what they are not.
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
    fn n8_a_secret_is_equal_to_itself_and_shows_nothing() {
        let secret = Secret::from("s3cret");
        assert!(secret == Secret::new("s3cret".to_owned()) && secret != Secret::from("s3cres"));
        assert!(secret != Secret::from("s3cret "));
        assert!(!format!("{secret:?} {secret:#?}").contains("s3"));
        let read: Secret = serde_json::from_str("\"s3cret\"").unwrap();
        assert_eq!(read.expose(), "s3cret");
    }
}
