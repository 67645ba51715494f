//! The tokens that a request to a token endpoint contains.

use std::future::ready;

use futures_core::future::BoxFuture;

use crate::error::Result;
use crate::redact::Secret;

/// Provides a token that is sent to a token endpoint. It is called for each token request.
///
/// A [`Jwt`](crate::Jwt) is one, a [`Secret`] for a constant token, a closure that reads a file, or a type that calls a
/// key service.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not provide tokens",
    label = "this is not a source of tokens",
    note = "a constant is `Secret::new(…)`; else write `|| {{ … }}`, which ends in a `Result<Secret>`, or a `Jwt`"
)]
pub trait TokenSource: Send + Sync + 'static {
    /// Returns the token. An error fails the sign-in.
    fn token(&self) -> BoxFuture<'_, Result<Secret>>;
}

impl TokenSource for Secret {
    fn token(&self) -> BoxFuture<'_, Result<Secret>> {
        Box::pin(ready(Ok(self.clone())))
    }
}

impl<F: Fn() -> Result<Secret> + Send + Sync + 'static> TokenSource for F {
    fn token(&self) -> BoxFuture<'_, Result<Secret>> {
        Box::pin(ready(self()))
    }
}
