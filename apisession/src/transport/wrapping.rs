//! What stands between a session and its transports, such as a cookie jar.

use std::sync::Arc;

use url::Origin;

use super::Transport;

/// Wraps a transport, for the origin of the session's base URL.
type Wrap = dyn Fn(Arc<dyn Transport>, &Origin) -> Arc<dyn Transport> + Send + Sync;

/// What stands between a session and its transports: a `CookieJar`, with the feature `cookies`.
#[derive(Clone)]
pub struct Wrapping(pub(super) Arc<Wrap>);

impl Wrapping {
    pub(crate) fn wrap(&self, transport: Arc<dyn Transport>, origin: &Origin) -> Arc<dyn Transport> {
        (self.0)(transport, origin)
    }
}
