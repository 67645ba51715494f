//! Watches the files of a client certificate for changes.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use super::Backend;
use super::identity::Stamp;
use crate::error::BoxError;
use crate::message::duration::LONGEST;
use crate::transport::tls::Tls;
use crate::transport::tls::certificate::{CertificateSource, ClientCertificate};

/// The files of a client certificate, which are checked for changes.
pub(crate) struct Watch {
    certificate: ClientCertificate,
    state: Mutex<State>,
}

struct State {
    /// When the files are checked again.
    next_check: Instant,
    /// The hash of the files that the certificate in use was read from.
    stamp: Stamp,
    /// When the certificate in use expires.
    not_after: SystemTime,
    /// The last warning since the certificate in use was read.
    warned: Option<Warning>,
}

/// A warning that was logged, so that it is logged once.
#[derive(PartialEq)]
enum Warning {
    /// The files with this hash can't be used, or can't be read.
    Unusable(Option<Stamp>),
    /// The certificate in use is about to expire.
    Expiring,
}

impl Watch {
    /// Creates the watch of a certificate in files. A certificate in memory has none, since it can't change.
    pub(super) fn new(certificate: &ClientCertificate, stamp: Stamp, not_after: SystemTime) -> Option<Self> {
        let state = State { next_check: after(certificate.check_every), stamp, not_after, warned: None };
        let watch = Self { certificate: certificate.clone(), state: Mutex::new(state) };
        Some(watch).filter(|_| !matches!(certificate.source, CertificateSource::Pem(_)))
    }

    /// Whether the files are to be checked, and nobody does it.
    pub(crate) fn is_due(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| Instant::now() >= state.next_check)
    }

    /// Checks whether the files have changed. If they have, and can be used, calls `install` with the options that have the new
    /// certificate. It reads files, so it blocks.
    ///
    /// Only one request at a time does this. Others continue with the clients in use, so an older client never replaces
    /// a newer one.
    pub(crate) fn renew(&self, tls: &Tls, install: impl FnOnce(Backend) -> Result<(), BoxError>) {
        let Ok(mut state) = self.state.try_lock() else { return };
        if Instant::now() < state.next_check {
            return;
        }
        state.next_check = after(self.certificate.check_every);
        let stamp = self.certificate.stamp().ok();
        if stamp == Some(state.stamp) {
            return self.warn_of_expiry(&mut state);
        }
        let installed = self.load(tls).and_then(|(backend, stamp, not_after)| {
            install(backend).map_err(|error| error.to_string())?;
            Ok((stamp, not_after))
        });
        match installed {
            Ok((stamp, not_after)) => {
                (state.stamp, state.not_after, state.warned) = (stamp, not_after, None);
            }
            Err(why) if state.warned != Some(Warning::Unusable(stamp)) => {
                state.warned = Some(Warning::Unusable(stamp));
                let file = &self.certificate;
                tracing::warn!(%file, why, "the new client certificate can't be used; the old one stays in use");
            }
            Err(_) => {}
        }
    }

    /// Reads the files. The error is a complete message.
    fn load(&self, tls: &Tls) -> Result<(Backend, Stamp, SystemTime), String> {
        let (identity, stamp) = self.certificate.load()?;
        let not_after = identity.not_after;
        if not_after <= SystemTime::now() {
            return Err("it has expired".to_owned());
        }
        let backend = Backend::new(tls, Some(identity), true).map_err(|error| format!("{error:#}"))?;
        Ok((backend, stamp, not_after))
    }

    fn warn_of_expiry(&self, state: &mut State) {
        let left = state.not_after.duration_since(SystemTime::now()).unwrap_or_default();
        if left <= self.certificate.reload_before && state.warned != Some(Warning::Expiring) {
            state.warned = Some(Warning::Expiring);
            let file = &self.certificate;
            tracing::warn!(%file, ?left, "the client certificate is about to expire, and its files have not changed");
        }
    }
}

/// The time after `time` from now, with an upper limit that can't overflow.
fn after(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}
