//! What a chain of sources asks of the options of a transport, and what it adds to them.

use std::path::PathBuf;

use super::Network;
use crate::transport::tls::ClientCertificate;

impl Network {
    pub(crate) fn sets_connect_timeout(&self) -> bool {
        self.connect_timeout.is_some()
    }

    pub(crate) fn sets_proxies(&self) -> bool {
        !self.proxies.is_default()
    }

    pub(crate) fn has_certificate(&self) -> bool {
        self.tls.has_certificate()
    }

    /// Why a certificate that is found is not presented, if it isn't.
    pub(crate) fn has_own_client(&self) -> Option<&'static str> {
        self.own_client.is_some().then_some("the session's own HTTP client has its own TLS options")
    }

    /// Adds another authority, whose file is read when the session is built.
    pub(crate) fn add_ca_file(&mut self, path: PathBuf) {
        self.tls = std::mem::take(&mut self.tls).add_ca_file(path);
    }

    pub(crate) fn set_client_certificate(&mut self, certificate: ClientCertificate) {
        self.tls = std::mem::take(&mut self.tls).client_certificate(certificate);
    }

    pub(crate) fn remove_client_certificate(&mut self) {
        self.tls = std::mem::take(&mut self.tls).without_client_certificate();
    }
}
