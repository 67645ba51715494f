//! Tokens at rest, so that a program that is started again does not sign in again.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_core::future::BoxFuture;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{BoxError, Error, Result};
use crate::message::blocking::off_runtime;
use crate::redact::Secret;
use crate::transport::{file, replace};

/// The tokens of a person, as they are stored.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The access token.
    pub access_token: Secret,
    /// When the access token expires, if the server has stated it.
    pub expires_at: Option<SystemTime>,
    /// The refresh token, if the server has returned one.
    pub refresh_token: Option<Secret>,
}

impl StoredTokens {
    /// Creates tokens with an access token alone.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { access_token: access_token.into(), expires_at: None, refresh_token: None }
    }
}

/// Keeps the tokens of a person beyond the life of the program: see [`OAuth2::stored_in`](crate::OAuth2::stored_in).
///
/// [`TokenFile`] is one. A keyring of the system can be another.
pub trait TokenStore: Send + Sync + 'static {
    /// Returns the tokens that were stored last, or `None`.
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>>>;

    /// Stores the tokens in place of all before.
    fn store(&self, tokens: StoredTokens) -> BoxFuture<'_, Result<()>>;

    /// Forgets the tokens, since the server no longer accepts them.
    fn forget(&self) -> BoxFuture<'_, Result<()>>;
}

/// A file with the tokens of a person.
///
/// It is replaced as a whole, and only its owner can read it (0600). A file that others can read is not used. Its folder must exist.
#[derive(Clone)]
pub struct TokenFile(Arc<Path>);

impl TokenFile {
    /// Creates a store in this file, which need not exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into().into())
    }

    /// The error of an operation on the file. What it contains is never shown.
    fn failed(&self, what: &str, source: impl Into<BoxError>) -> Error {
        Error::configuration(format!("the tokens in {} can't be {what}", self.0.display()))
            .caused_by(source.into())
    }
}

impl TokenStore for TokenFile {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>>> {
        let path = Arc::clone(&self.0);
        Box::pin(async move {
            let read =
                off_runtime(move || if path.exists() { read_private(&path).map(Some) } else { Ok(None) });
            let Some(text) = read.await.map_err(|error| self.failed("read", error))? else { return Ok(None) };
            let tokens = serde_json::from_slice(&text).ok().and_then(|value| from_json(&value));
            // The parser's error could quote a token.
            tokens
                .map(Some)
                .ok_or_else(|| self.failed("read", "it is no file of tokens; remove it and sign in again"))
        })
    }

    fn store(&self, tokens: StoredTokens) -> BoxFuture<'_, Result<()>> {
        let path = Arc::clone(&self.0);
        Box::pin(async move {
            let text = Zeroizing::new(to_json(&tokens).to_string());
            let stored = off_runtime(move || replace::replace(&path, text.as_bytes())).await;
            stored.map_err(|error| self.failed("stored", error))
        })
    }

    fn forget(&self) -> BoxFuture<'_, Result<()>> {
        let path = Arc::clone(&self.0);
        Box::pin(async move {
            match off_runtime(move || std::fs::remove_file(path)).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(self.failed("removed", error))
                }
                _ => Ok(()),
            }
        })
    }
}

/// Reads a file that nobody else can read.
fn read_private(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(std::io::Error::other("other users can read or change it; run `chmod 600` on it"));
        }
    }
    file::read(path)
}

fn to_json(tokens: &StoredTokens) -> Value {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    json!({
        "access_token": tokens.access_token.expose(),
        "expires_at": tokens.expires_at.map(seconds),
        "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
    })
}

fn from_json(value: &Value) -> Option<StoredTokens> {
    let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty()).map(Secret::from);
    let seconds = value.get("expires_at").and_then(Value::as_u64);
    Some(StoredTokens {
        access_token: text("access_token")?,
        expires_at: seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        refresh_token: text("refresh_token"),
    })
}

/// Shows the expiry, never a token.
impl fmt::Debug for StoredTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenFile({})", self.0.display())
    }
}
