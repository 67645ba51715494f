//! Takes the place of `gzipped.rs` in a build without the feature `gzip`.

use std::io;

use super::Body;

/// Whether a body can be compressed.
pub(crate) const IS_BUILT_IN: bool = false;

impl Body {
    /// Fails. No declaration compiles that needs it.
    pub(crate) fn gzipped(self) -> io::Result<Self> {
        Err(io::Error::other("the feature `gzip` of `apisession` is off"))
    }
}
