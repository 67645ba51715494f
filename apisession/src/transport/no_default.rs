//! Replaces the default transport in a build that has none.

use std::sync::Arc;

use super::{Network, Transport};
use crate::error::{Error, Result};

/// Fails: there is no transport that a session could have.
pub(crate) fn of_session(_: Network) -> Result<Arc<dyn Transport>> {
    Err(Error::configuration(
        "no transport is built in; enable the feature `reqwest` or `hyper` of `apisession`, or set `transport`",
    ))
}
