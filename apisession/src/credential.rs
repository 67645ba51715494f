//! How a session proves who it is: a value that knows what it adds, and the place where it is kept.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use http::header::{self, Entry};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Mutex;

use crate::error::{Error, ErrorKind, Result};
use crate::headers;
use crate::hooks::Hooks;

/// What [`authenticate`](crate::APISession::authenticate) returns and every request carries.
///
/// Its values are marked sensitive: no `Debug` shows them. A header that a call sets itself is never
/// overridden.
///
/// ```
/// use apisession::Credential;
///
/// let token = Credential::bearer("t0p-s3cret")?;
/// assert_eq!(format!("{token:?}"), "Credential(authorization)");
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Credential {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Credential {
    /// No credential: requests go out as they are.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// `Authorization: Bearer …` (RFC 6750).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the token can't be a header value.
    pub fn bearer(token: &str) -> Result<Self> {
        Self::default().and(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// A key in a header of the vendor's, such as `x-api-key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn header(name: &str, value: &str) -> Result<Self> {
        Self::default().and(name, value)
    }

    /// The same credential with another header, for a vendor that asks for two.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn and(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, mut value) = headers::parse(name, value)?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }

    /// Whether the credential adds nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.headers.is_empty()
    }

    /// Adds what the caller has not set itself; whether that was all of it, and something.
    pub(crate) fn attach(&self, headers: &mut HeaderMap) -> bool {
        let mut whole = !self.is_none();
        for (name, value) in &self.headers {
            match headers.entry(name) {
                Entry::Vacant(vacant) => {
                    vacant.insert(value.clone());
                }
                Entry::Occupied(_) => whole = false,
            }
        }
        whole
    }
}

/// Which credential a call carries.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    None,
    Session,
    This(Credential),
}

/// Shows which headers are added, never their values.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "Credential({})", names.join(", "))
    }
}

/// The credential of a session, fetched once and shared by all its calls.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    held: RwLock<Option<Arc<Credential>>>,
    turn: Mutex<()>,
}

impl Keeper {
    /// The credential in use; signs in if there is none. Of many callers one signs in, the others wait.
    pub(crate) async fn current(&self, hooks: &dyn Hooks) -> Result<Arc<Credential>> {
        if let Some(held) = self.held() {
            return Ok(held);
        }
        let _turn = self.turn.lock().await;
        if let Some(held) = self.held() {
            return Ok(held);
        }
        let fresh = Arc::new(hooks.authenticate().await.map_err(failed)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Forgets `refused`, unless another caller has replaced it already.
    pub(crate) fn forget(&self, refused: &Arc<Credential>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(held, refused)) {
            *held = None;
        }
    }

    /// Gives the credential away, for good; one that is being fetched is waited for.
    pub(crate) async fn take(&self) -> Option<Arc<Credential>> {
        let _turn = self.turn.lock().await;
        self.held.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn held(&self) -> Option<Arc<Credential>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn failed(error: Error) -> Error {
    if error.kind() == ErrorKind::Authentication {
        return error;
    }
    Error::new(ErrorKind::Authentication, "the session can't sign in").caused_by(error.into())
}
