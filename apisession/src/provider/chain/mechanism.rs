//! The kinds of credentials that a chain makes of parameters.

use std::fmt;
use std::sync::Arc;

use crate::credential::Credential;
use crate::error::Result;
use crate::redact::Secret;

/// Makes a credential of the values of parameters.
type Make = dyn Fn(&[Secret]) -> Result<Credential> + Send + Sync;

/// A kind of credential that a [`Chain`](crate::Chain) makes of named parameters, such as a token, or a user name and a password.
///
/// The parameter `access_key` is `PREFIX_ACCESS_KEY` in the environment, and `access_key` in a profile. A source that has some of the
/// parameters of a mechanism, but not all, does not have the credential.
///
/// ```
/// use apisession::{Chain, Credential, Mechanism};
///
/// let keys = Mechanism::new("keys", &["access_key", "secret_key"], |values| {
///     let value = format!("accessKey={}; secretKey={}", values[0].expose(), values[1].expose());
///     Credential::header("x-apikeys", value)
/// });
/// // The first mechanism that a source has wins.
/// let chain = Chain::new().mechanism(keys).mechanism(Mechanism::basic("username", "password")).env("TIO");
/// # let _ = chain;
/// ```
#[derive(Clone)]
pub struct Mechanism {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    make: Arc<Make>,
}

impl Mechanism {
    /// Creates a mechanism. `make` gets the values of the parameters, in their order.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        parameters: &[&str],
        make: impl Fn(&[Secret]) -> Result<Credential> + Send + Sync + 'static,
    ) -> Self {
        let parameters = parameters.iter().map(|name| (*name).to_owned()).collect();
        Self { name: name.into(), parameters, make: Arc::new(make) }
    }

    /// Creates the mechanism of a [bearer token](Credential::bearer).
    #[must_use]
    pub fn bearer(parameter: &str) -> Self {
        Self::new("bearer", &[parameter], |values| Credential::bearer(&values[0]))
    }

    /// Creates the mechanism of a [basic credential](Credential::basic).
    #[must_use]
    pub fn basic(user: &str, password: &str) -> Self {
        Self::new("basic", &[user, password], |values| Credential::basic(values[0].expose(), &values[1]))
    }

    /// Creates the mechanism of a [key in a header](Credential::header).
    #[must_use]
    pub fn header(header: &str, parameter: &str) -> Self {
        let name = header.to_owned();
        Self::new(header, &[parameter], move |values| Credential::header(&name, &values[0]))
    }

    pub(super) fn credential(&self, values: &[Secret]) -> Result<Credential> {
        (self.make)(values)
    }
}

impl fmt::Debug for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mechanism({}: {})", self.name, self.parameters.join(", "))
    }
}
