//! What all calls have in common: each can be built as a request.

use std::ops::Deref;

use super::{Call, OpenCall};
use crate::error::Result;
use crate::message::Request;

/// Whatever can be built as a request: a [`Call`], a [`Pager`](crate::Pager), and the types of an SDK that have setters.
///
/// It is for code that takes any call, such as a mock that expects it.
///
/// ```
/// # use apisession::prelude::*;
/// # #[endpoint(path = "/events")] pub struct Events;
/// # #[endpoint] impl Events {
/// #     #[get("/{id}")] pub fn get(&self, id: u64) -> Call<u32>;
/// #     #[get] pub fn list(&self, limit: Option<u32>) -> Call<Vec<u32>>;
/// # }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] events: Events }
/// # let api = Acme::builder().build()?;
/// use apisession::ToRequest;
///
/// fn target(call: impl ToRequest) -> Result<String> {
///     let request = call.to_request()?;
///     Ok(format!("{} {}", request.method, request.url))
/// }
///
/// assert_eq!(target(api.events().get(42))?, "GET https://api.test/events/42");
/// assert_eq!(target(api.events().list().limit(10))?, "GET https://api.test/events?limit=10");
/// # Ok::<(), apisession::Error>(())
/// ```
pub trait ToRequest {
    /// Returns the request that would be sent, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    fn to_request(&self) -> Result<Request>;
}

impl<T, E> ToRequest for Call<T, E> {
    fn to_request(&self) -> Result<Request> {
        self.copied().build()
    }
}

impl<S, T, E> ToRequest for OpenCall<S, T, E> {
    fn to_request(&self) -> Result<Request> {
        self.build()
    }
}

/// The types with setters, and references to calls.
impl<C: Deref> ToRequest for C
where
    C::Target: ToRequest,
{
    fn to_request(&self) -> Result<Request> {
        self.deref().to_request()
    }
}
