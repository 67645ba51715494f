//! Calls of a model, whose response replaces it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;

use super::{Arguments, Call, Responding, Sending};
use crate::decode::Replacement;
use crate::error::{Error, Result};
use crate::message::{Request, Response};

/// A call of a model with [`APIModel`](derive@crate::APIModel). Await it, or change it first by the `with_…` methods.
///
/// If the response has a body, it replaces the model, and otherwise the model stays as it is. It also does if the call fails or is
/// dropped.
#[must_use = "a call does nothing until it is awaited"]
pub struct ModelCall<'a, T, E = Error> {
    model: &'a mut T,
    call: Call<Replacement<T>, E>,
}

impl<T, E> Call<Replacement<T>, E> {
    /// The call whose response replaces the model.
    #[doc(hidden)]
    pub fn of_model(self, model: &mut T) -> ModelCall<'_, T, E> {
        ModelCall { model, call: self }
    }
}

impl<'a, T, E> ModelCall<'a, T, E> {
    /// Makes the call and returns status, headers and request id.
    pub fn response(self) -> ModelResponding<'a, T, E> {
        ModelResponding { model: self.model, response: self.call.response() }
    }

    /// Returns the request that would be sent, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If a field can't be sent.
    pub fn build(self) -> Result<Request> {
        self.call.build()
    }

    fn arguments(&mut self) -> &mut Arguments {
        self.call.arguments()
    }
}

crate::__settings!(lent ModelCall);

impl<'a, T, E: From<Error>> IntoFuture for ModelCall<'a, T, E> {
    type Output = Result<(), E>;
    type IntoFuture = ModelSending<'a, T, E>;

    fn into_future(self) -> ModelSending<'a, T, E> {
        ModelSending { model: self.model, sending: self.call.send() }
    }
}

/// Shows the operation.
impl<T, E> fmt::Debug for ModelCall<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// The future of a call of a model.
#[must_use = "a future does nothing until it is awaited"]
pub struct ModelSending<'a, T, E = Error> {
    model: &'a mut T,
    sending: Sending<Replacement<T>, E>,
}

impl<T, E: From<Error>> Future for ModelSending<'_, T, E> {
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(Pin::new(&mut self.sending).poll(context));
        Poll::Ready(end.map(|Replacement(new)| replace(self.model, new)))
    }
}

impl<T, E> fmt::Debug for ModelSending<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelSending")
    }
}

/// The future of a call of a model that returns status, headers and request id.
#[must_use = "a future does nothing until it is awaited"]
pub struct ModelResponding<'a, T, E = Error> {
    model: &'a mut T,
    response: Responding<Replacement<T>, E>,
}

impl<T, E: From<Error>> Future for ModelResponding<'_, T, E> {
    type Output = Result<Response<()>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(Pin::new(&mut self.response).poll(context));
        Poll::Ready(end.map(|response| response.map(|Replacement(new)| replace(self.model, new))))
    }
}

impl<T, E> fmt::Debug for ModelResponding<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelResponding")
    }
}

fn replace<T>(model: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *model = new;
    }
}

/// Required of a model that a response replaces.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from a response, which replaces the model",
    label = "this is not `Deserialize`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`"
)]
pub trait Replaceable: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Replaceable for T {}

/// Decodes the result of a call that may return the model.
///
/// # Errors
///
/// Fails with the error of the call, or if there is a body that can't be decoded.
pub fn replacement<T: Replaceable>(end: Result<Response>) -> Result<Replacement<T>> {
    Replacement::of(&end?)
}

/// Decodes the result of a call whose body is ignored.
///
/// # Errors
///
/// Fails with the error of the call.
pub fn nothing(end: Result<Response>) -> Result<()> {
    end.map(drop)
}
