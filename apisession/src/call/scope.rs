//! Signing in at once, and out at the end of a scope, however it ends.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};

/// How long signing out after a panic or a drop may take.
const SIGN_OUT_TIME: Duration = Duration::from_secs(5);

/// Signs out when it is dropped, on a task of its own, unless it was disarmed.
struct Guard(Option<Session>);

impl Guard {
    fn new(session: &Session) -> Self {
        Self(Some(session.clone()))
    }

    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let (Some(session), Ok(runtime)) = (self.0.take(), Handle::try_current()) else { return };
        runtime.spawn(async move {
            match timeout(SIGN_OUT_TIME, session.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the session can't sign out"),
                Err(_) => tracing::warn!("the session is not signed out within {SIGN_OUT_TIME:?}"),
            }
        });
    }
}

impl Session {
    /// Signs in without a call, if the session is not signed in. If it fails halfway or is dropped, it signs out.
    ///
    /// # Errors
    ///
    /// The error of the `authenticate` hook, or of the provider of the session's credential.
    #[doc(hidden)]
    pub async fn sign_in(&self) -> Result<()> {
        let guard = Guard::new(self);
        self.engine()?.sign_in().await?;
        guard.disarm();
        Ok(())
    }

    /// Signs out when `run` ends, however it ends.
    #[doc(hidden)]
    pub async fn scoped<T, E: From<Error>>(&self, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let guard = Guard::new(self);
        let end = run.await;
        guard.disarm();
        // On a task of its own, so that it is completed even if this future is dropped.
        let session = self.clone();
        let closed = tokio::spawn(async move { session.close().await }).await;
        // The error of a task that panicked has the message of the panic, which can hold anything.
        let closed = closed.unwrap_or_else(|_| {
            let message = "the sign-out was ended, by a panic or with its runtime";
            Err(Error::new(ErrorKind::Other, message))
        });
        match (end, closed) {
            (Ok(_), Err(error)) => Err(error.into()),
            (end, Ok(())) => end,
            (Err(error), Err(second)) => {
                tracing::warn!(error = %second, "the session can't sign out");
                Err(error)
            }
        }
    }
}
