//! Which credential a call carries.

use std::sync::Arc;

use crate::credential::Credential;

/// Which credential a call carries.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    None,
    /// The session's own.
    Session,
    /// The one that the session has under this name.
    Named(Arc<str>),
    This(Arc<Credential>),
}
