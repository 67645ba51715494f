//! What a chain of sources asks of the options of a session, and what it adds to them.

use std::sync::Arc;

use super::{Choice, Options, Setting, Settings};
use crate::transport::{Network, Transport, tls};

impl Options {
    /// The base URL, of the builder or else of the declaration.
    pub(crate) fn any_base_url(&self) -> Option<&str> {
        self.base_url.as_deref().or(self.declared.base_url.as_deref())
    }

    /// Which credential the builder, the hook `build_session` or the declaration selects.
    pub(crate) fn choice(&self) -> Option<&Choice> {
        self.settings.choice().or_else(|| self.declared.settings.choice())
    }

    /// Whether the builder or `build_session` has set the value of a source's setting.
    pub(crate) fn is_set_by_builder(&self, name: &str) -> bool {
        let is_listed = |is: fn(&Setting) -> bool| self.settings.list.iter().any(is);
        match name {
            "url" => self.base_url.is_some(),
            "timeout" => is_listed(|setting| matches!(setting, Setting::Timeout(_))),
            "attempt_timeout" => is_listed(|setting| matches!(setting, Setting::AttemptTimeout(_))),
            "connect_timeout" => self.network.sets_connect_timeout(),
            "proxy" | "no_proxy" => self.network.sets_proxies(),
            // An authority that is added does not replace others.
            _ => false,
        }
    }

    /// The options of the transport.
    pub(crate) fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Whether a client certificate is set.
    pub(crate) fn has_certificate(&self) -> bool {
        self.network.has_certificate()
    }

    /// Why no client certificate can be presented.
    pub(crate) fn certificate_obstacle(&self) -> Option<&'static str> {
        let takes_no_options =
            |transport: &Arc<dyn Transport>| transport.as_ref().with_network(&Network::default()).is_none();
        if self.transport.as_ref().is_some_and(takes_no_options) {
            return Some("the session's own transport presents no certificate that is found");
        }
        if tls::IS_BUILT_IN { self.network.has_own_client() } else { Some("this build has no TLS") }
    }

    /// Sends no credential, whatever is set so far.
    pub(crate) fn send_no_credential(&mut self) {
        self.settings.set(Setting::Credential(Choice::None));
    }

    /// Removes everything that authenticates the session.
    pub(crate) fn force_no_credential(&mut self) {
        self.send_no_credential();
        self.network.remove_client_certificate();
    }

    /// Adds settings of sources below those of the builder.
    pub(crate) fn add_found(&mut self, found: Settings) {
        self.declared.settings.extend(found);
    }
}
