//! The request of a call, as its response or error describes it.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

use crate::describe::Operation;
use crate::encode::percent;
use crate::redact::{Carried, Redaction, Secret, Shown, is_secret_name};

/// The facts about a request that are known once it is prepared.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The idempotency key.
    pub(crate) key: Option<HeaderValue>,
    /// The header in which this vendor returns the id of a request, if the author names one.
    pub(crate) id_header: Option<Arc<HeaderName>>,
    /// What of the URL is not shown.
    pub(crate) redaction: Redaction,
    /// When the call began.
    pub(crate) started: Instant,
}

impl Exchange {
    /// How the request and its response are shown, without the secrets that the request carries.
    pub(crate) fn shown(&self, carried: &Carried) -> Shown<'_> {
        let mut secrets = self.secrets();
        secrets.extend(carried.secrets());
        self.redaction.shown_without(secrets)
    }

    /// What is not shown of a link in the response: it has another path, which can repeat the secrets of this one.
    pub(crate) fn link_redaction(&self) -> Redaction {
        let list = self.redaction.list().cloned();
        Redaction::new(self.redaction.is_restricted(), None, Some(Arc::new(self.secrets())), list)
    }

    /// The secrets among the arguments, and those that the URL has by itself. On a restricted path, these are all values in it.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let restricted = self.redaction.is_restricted();
        let mut secrets = self.redaction.secrets().map(|secrets| secrets.to_vec()).unwrap_or_default();
        let query = self.url.query_pairs().filter(|(name, _)| restricted || is_secret_name(name));
        secrets.extend(query.map(|(_, value)| Secret::from(&*value)));
        if let (Some(template), Some(segments)) = (self.redaction.path(), self.url.path_segments()) {
            secrets.extend(segments.map(decoded).filter(|segment| !template.contains(segment.expose())));
        }
        secrets
    }
}

fn decoded(text: &str) -> Secret {
    String::from_utf8_lossy(&percent::decoded(text)).into_owned().into()
}
