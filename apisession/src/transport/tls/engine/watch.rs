//! Watches the files of a client certificate.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use reqwest::{Client, ClientBuilder};

use super::identity::Stamp;
use crate::limit::LONGEST;
use crate::transport::tls::Tls;
use crate::transport::tls::certificate::{ClientCertificate, Origin};

/// A certificate in files that may change.
pub(crate) struct Watch {
    certificate: ClientCertificate,
    state: Mutex<State>,
}

struct State {
    /// When to look again.
    next: Instant,
    /// What the files held of which the client is.
    stamp: Stamp,
    not_after: SystemTime,
    /// What was said last: of which state of the files, or of the end of the one in use.
    said: Option<Result<Option<Stamp>, ()>>,
}

impl Watch {
    /// Nothing that is in memory changes.
    pub(super) fn new(certificate: &ClientCertificate, stamp: Stamp, not_after: SystemTime) -> Option<Self> {
        let state = State { next: later(certificate.check_every), stamp, not_after, said: None };
        let watch = Self { certificate: certificate.clone(), state: Mutex::new(state) };
        Some(watch).filter(|_| !matches!(certificate.origin, Origin::Pem(_)))
    }

    /// Hands a client with the certificate that the files hold now to `install`, if that is another one that can be used.
    /// Whoever comes while somebody is at it goes on with what there is, and so none is installed over a newer one.
    pub(crate) fn renew(
        &self,
        tls: &Tls,
        make: impl FnOnce() -> ClientBuilder,
        install: impl FnOnce(Client),
    ) {
        let Ok(mut state) = self.state.try_lock() else { return };
        if Instant::now() < state.next {
            return;
        }
        state.next = later(self.certificate.check_every);
        let stamp = self.certificate.stamp().ok();
        if stamp == Some(state.stamp) {
            return self.report_the_end(&mut state);
        }
        match self.found(tls, make) {
            Ok((client, stamp, not_after)) => {
                install(client);
                (state.stamp, state.not_after, state.said) = (stamp, not_after, None);
            }
            Err(why) if state.said != Some(Ok(stamp)) => {
                // Once for each state of the files.
                state.said = Some(Ok(stamp));
                let file = &self.certificate;
                tracing::warn!(%file, why, "the new client certificate can't be used; the old one stays");
            }
            Err(_) => {}
        }
    }

    fn found(
        &self,
        tls: &Tls,
        make: impl FnOnce() -> ClientBuilder,
    ) -> Result<(Client, Stamp, SystemTime), String> {
        let (identity, stamp) = self.certificate.load()?;
        let not_after = identity.not_after;
        if not_after <= SystemTime::now() {
            return Err("it has expired".to_owned());
        }
        let config = tls.config(Some(identity), true).map_err(|error| format!("{error:#}"))?;
        let client = make().tls_backend_preconfigured(config).build();
        Ok((client.map_err(|error| error.without_url().to_string())?, stamp, not_after))
    }

    fn report_the_end(&self, state: &mut State) {
        let left = state.not_after.duration_since(SystemTime::now()).unwrap_or_default();
        if left <= self.certificate.reload_before && state.said != Some(Err(())) {
            state.said = Some(Err(()));
            let file = &self.certificate;
            tracing::warn!(%file, ?left, "the client certificate is about to expire, and is still the same on disk");
        }
    }
}

/// The time from now on, at most a year.
fn later(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}
