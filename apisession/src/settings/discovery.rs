//! How the credential and the settings of a session are found when it is built.

use super::options::Declared;
use super::{Choice, Options, Setting, Settings};
use crate::credential::CredentialSource;
use crate::error::Result;

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
