//! Chains of well-known clients.

use super::{Chain, Mechanism};
use crate::provider::netrc::Netrc;

impl Chain {
    /// Returns the chain of requests-gracedb 0.1: what is set, the user's [client certificate](Self::x509), and the user's
    /// [`Netrc`], which must be [strict](Netrc::strict).
    ///
    /// Exactly one of them is used: a client certificate that is set wins over a credential that is set. `force_noauth` is
    /// [`force_none`](Self::force_none), and `fail_if_noauth` is [`required_if`](Self::required_if). Unlike there, a forced none is none
    /// also for netrc, a broken source is no error if it is not needed, and a file that a variable names must exist.
    #[must_use]
    pub fn gracedb_0_1() -> Self {
        Self::gracedb().x509().netrc_of(Netrc::new().strict())
    }

    /// Returns the chain of requests-gracedb 1.0: what is set, the user's [bearer token](Self::bearer_token_file), and the user's
    /// [`Netrc`], as that of [`gracedb_0_1`](Self::gracedb_0_1).
    #[must_use]
    pub fn gracedb_1_0() -> Self {
        Self::gracedb().bearer_token_file().netrc_of(Netrc::new().strict())
    }

    fn gracedb() -> Self {
        let chain = Self::new().mechanism(Mechanism::basic("username", "password")).explicit();
        Self { is_exclusive: true, ..chain }
    }
}
