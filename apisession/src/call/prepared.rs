//! Requests that were built, and maybe changed, before they are sent.

use super::Session;
use super::arguments::{Arguments, Prepared, Target};
use super::raw::{RawCall, opened};
use crate::encode::Filling;
use crate::message::Request;

impl Session {
    /// Creates the call of a request that [`build`](crate::Call::build) returned, changed or not. Headers and query are sent as they are in the
    /// request, and none of the session's are added.
    ///
    /// The credential is attached, and error map, limits, retries and hooks apply as to any call. Settings are those of the session, of the
    /// operation, and what the returned call sets; `with_…` of the call that was built, and settings of endpoints, are gone but for what
    /// is in the request. A URL of another origin than the session's, or the one that the operation declares, is an error.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{http::{HeaderValue, StatusCode}, transport::Memory};
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     assert_eq!(request.url.as_str(), "https://api.test/events?page=2&page=3");
    /// #     assert_eq!(request.headers["x-trace"], "17");
    /// #     Ok(Response::new(StatusCode::OK).with_body("[]"))
    /// # });
    /// # let api = Acme::builder().transport(vendor).build()?;
    /// let mut request = api.raw().get("/events").query("page", &2).build()?;
    /// request.headers.insert("x-trace", HeaderValue::from_static("17"));
    /// request.url.query_pairs_mut().append_pair("page", "3");
    /// let events: Vec<u32> = api.send(request).json_as().await?;
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn send(&self, request: Request) -> RawCall {
        let Request { method, url, headers, body, operation, redaction } = request;
        let mut arguments = Arguments::new(method, Filling::whole("", ""), None, None);
        (arguments.headers, arguments.body) = (Some(Box::new(headers)), body);
        arguments.target = Target::Prepared(Box::new(Prepared { url, operation, redaction }));
        opened(self.clone(), Box::new(arguments))
    }
}
