//! Errors that several calls share, because they waited for the same result.

use std::fmt;
use std::sync::Arc;

use super::Error;

/// Copies an error that several calls fail with. The copies share its causes.
pub(crate) fn shared(error: &Arc<Error>) -> Error {
    let cause = std::error::Error::source(&**error).is_some().then(|| Shared(Arc::clone(error)));
    let mut copy = Error::new(error.kind(), error.message());
    (copy.0.pause, copy.0.is_outer) = (error.0.pause, error.0.is_outer);
    match cause {
        Some(cause) => copy.caused_by(cause.into()),
        None => copy,
    }
}

/// The cause of an error that several calls fail with.
pub(super) struct Shared(Arc<Error>);

impl Shared {
    pub(super) fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().map_or(Ok(()), |cause| fmt::Display::fmt(cause, f))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().map_or(Ok(()), |cause| fmt::Debug::fmt(cause, f))
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause()?.source()
    }
}
