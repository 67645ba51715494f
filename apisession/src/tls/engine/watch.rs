//! Watches the files of a client certificate.

use std::sync::Mutex;
use std::time::{Instant, SystemTime};

use reqwest::{Client, ClientBuilder};

use super::identity::{Identity, Stamp};
use crate::error::Error;
use crate::tls::{ClientCertificate, Source, Tls};

/// A certificate in files that may change.
pub(crate) struct Watch {
    certificate: ClientCertificate,
    state: Mutex<State>,
}

struct State {
    /// When to look again.
    next: Instant,
    /// What the files held when they were last looked at.
    stamp: Option<Stamp>,
    not_after: SystemTime,
    /// Whether it was said that the certificate is about to expire.
    reported: bool,
}

impl Watch {
    /// Nothing that is in memory changes.
    pub(super) fn new(certificate: &ClientCertificate, stamp: Stamp, not_after: SystemTime) -> Option<Self> {
        let next = Instant::now() + certificate.check_every;
        let state = State { next, stamp: Some(stamp), not_after, reported: false };
        let watch = Self { certificate: certificate.clone(), state: Mutex::new(state) };
        Some(watch).filter(|_| !matches!(certificate.source, Source::Pem(_)))
    }

    /// A client with the certificate that the files hold now, if that is another one that can be used.
    pub(crate) fn renewed(&self, tls: &Tls, make: impl FnOnce() -> ClientBuilder) -> Option<Client> {
        let found = self.look()?;
        let not_after = found.not_after;
        let config = tls.config(Some(found), true);
        let client = config.and_then(|config| {
            make()
                .tls_backend_preconfigured(config)
                .build()
                .map_err(|error| Error::other(error.without_url()))
        });
        match client {
            Ok(client) => {
                self.used(not_after);
                Some(client)
            }
            Err(error) => {
                self.keep(&format!("{error:#}"));
                None
            }
        }
    }

    /// The certificate that the files hold now, if that is another one. Whoever comes while somebody looks goes on with what
    /// there is.
    fn look(&self) -> Option<Identity> {
        let mut state = self.state.try_lock().ok()?;
        let now = Instant::now();
        if now < state.next {
            return None;
        }
        state.next = now + self.certificate.check_every;
        let stamp = self.certificate.stamp();
        if stamp.as_ref().ok() == state.stamp.as_ref() {
            self.report_the_end(&mut state);
            return None;
        }
        // Whatever it is, it is said once.
        state.stamp = stamp.ok();
        match self.certificate.load() {
            Ok((identity, _)) if identity.not_after <= SystemTime::now() => {
                self.keep("it has expired");
                None
            }
            Ok((identity, stamp)) => {
                state.stamp = Some(stamp);
                Some(identity)
            }
            Err(why) => {
                self.keep(&why);
                None
            }
        }
    }

    /// The certificate that was found is in use.
    fn used(&self, not_after: SystemTime) {
        if let Ok(mut state) = self.state.lock() {
            (state.not_after, state.reported) = (not_after, false);
        }
    }

    /// The certificate that was found can't be used.
    fn keep(&self, why: &str) {
        let file = &self.certificate;
        tracing::warn!(%file, why, "the new client certificate can't be used; the old one stays");
    }

    fn report_the_end(&self, state: &mut State) {
        let left = state.not_after.duration_since(SystemTime::now()).unwrap_or_default();
        if left <= self.certificate.reload_before && !state.reported {
            state.reported = true;
            let file = &self.certificate;
            tracing::warn!(%file, ?left, "the client certificate is about to expire, and is still the same on disk");
        }
    }
}
