//! A finished client of reqwest as a transport.

use futures_core::future::BoxFuture;
use reqwest::Client;
use url::Url;

use super::body::{incoming, outgoing};
use super::pool::ReqwestPool;
use crate::message::{Request, Response};
use crate::transport::network::{CONNECT_TIMEOUT, Pending, Pool, failure};
use crate::transport::{Failure, Transport};

/// Sends requests with a client that the caller has built, and may share with other code.
///
/// Build it with `redirect(Policy::none())`: a redirect that it follows by itself is an error of the call, since it may have carried
/// what is meant for the session's origin. It should not retry, decompress, or have timeouts either; [`Reqwest`](crate::transport::Reqwest)
/// takes care of all that, and takes a builder with [`client`](crate::transport::Reqwest::client).
///
/// Its proxies are not known. So a credential is sent over HTTPS only, also to this machine. Its connections belong to the runtime
/// in which they were opened.
impl Transport for Client {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let (request_body, url) = (request.body.failure(), request.url.clone());
        let sending = self.execute(outgoing(request));
        Box::pin(async move {
            let response = sending.await.map_err(|error| {
                let (signs, error) = ReqwestPool::explain(error);
                failure(signs, false, error, CONNECT_TIMEOUT).or_of_body(request_body.as_ref())
            })?;
            if *response.url() != url {
                let message =
                    "the client has followed a redirect itself; build it with `redirect(Policy::none())`";
                return Err(Failure::unknown(message));
            }
            Ok(incoming(response, Pending { request_body, claim: None }))
        })
    }

    fn is_exposed(&self, url: &Url) -> bool {
        url.scheme() == "http"
    }
}
