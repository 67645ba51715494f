//! How the credential and the settings of a session are found when it is built.

use std::sync::Arc;

use super::options::Declared;
use super::{Choice, Options, Setting, Settings};
use crate::credential::CredentialSource;
use crate::error::Result;
use crate::transport::{Network, Transport, tls};

impl Options {
    /// Marks what is set so far as declared, by a crate of this name and version.
    #[doc(hidden)]
    #[must_use]
    pub fn declared(mut self, name: Option<&'static str>, version: Option<&'static str>) -> Self {
        self.declared_in = (name, version);
        let connect_timeout = self.network.take_connect_timeout();
        let settings = std::mem::take(&mut self.settings);
        self.declared = Declared { base_url: self.base_url.take(), settings, connect_timeout };
        self
    }

    /// Sets the base URL of the declaration, if it depends on the author's fields.
    pub(crate) fn declare_base_url(&mut self, url: String) {
        self.declared.base_url = Some(url);
    }

    /// Finds the credential, and puts the settings of all sources in their order.
    pub(crate) fn discover(&mut self) -> Result<CredentialSource> {
        let found = self.discovery.take().map(|discovery| discovery.0.discover(self)).transpose()?;
        let declared = std::mem::take(&mut self.declared);
        self.base_url = self.base_url.take().or(declared.base_url);
        self.network.connect_timeout_or(declared.connect_timeout);
        let nearer = std::mem::replace(&mut self.settings, declared.settings);
        self.settings.extend(nearer);
        Ok(found.unwrap_or_else(|| match self.settings.choice() {
            Some(choice) => choice.source(),
            None => CredentialSource::only("authenticate", "the hook"),
        }))
    }

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

impl Settings {
    /// Which credential the level selects.
    pub(crate) fn choice(&self) -> Option<&Choice> {
        self.list.iter().rev().find_map(|setting| match setting {
            Setting::Credential(choice) => Some(choice),
            _ => None,
        })
    }
}

impl Choice {
    /// Where the credential comes from.
    pub(crate) fn source(&self) -> CredentialSource {
        match self {
            Self::None => {
                let mut source = CredentialSource::default();
                source.looked("explicit", "no credential is to be sent");
                source
            }
            Self::Session => CredentialSource::only("authenticate", "the hook"),
            Self::Named(name) => CredentialSource::only(
                "explicit",
                &format!("the credential named `{}`", name.escape_default()),
            ),
            Self::This(_) => CredentialSource::only("explicit", "the credential that was set"),
        }
    }
}
