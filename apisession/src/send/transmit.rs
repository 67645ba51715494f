//! One request through the middlewares of its attempt to the network.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use futures_core::future::BoxFuture;
use tokio::sync::Semaphore;
use url::Url;

use super::Sender;
use crate::credential::shifted;
use crate::error::{Error, Result};
use crate::message::{Request, Response, headers};
use crate::policy::Refusal;
use crate::transport::middleware::Next;
use crate::transport::{Failure, Transport};

/// A request that is ready to be sent. Nothing is sent until it is awaited.
pub(super) enum Transmission<'a> {
    Direct(BoxFuture<'a, Result<Response, Failure>>),
    /// Once its files are measured, and after those before it if the server requires an order.
    Later(BoxFuture<'a, Result<Response>>),
    /// Through middlewares; the flag is set when the request reaches the network.
    Wrapped(BoxFuture<'a, Result<Response>>, Arc<AtomicBool>),
}

impl Sender<'_> {
    pub(super) fn transmission(&self, request: Request) -> Result<Transmission<'_>> {
        let middlewares = &*self.core.per_attempt;
        if middlewares.is_empty() {
            return Ok(if request.body.has_files() || self.turn(&request).is_some() {
                Transmission::Later(Box::pin(self.dispatched(request)))
            } else {
                Transmission::Direct(self.signed(request)?)
            });
        }
        let reached = Arc::new(AtomicBool::new(false));
        let reaches = Arc::clone(&reached);
        let end = move |request: Request| -> BoxFuture<'_, Result<Response>> {
            Box::pin(async move {
                self.check_unmoved(&request, "a `per_attempt` middleware")?;
                reaches.store(true, Ordering::Relaxed);
                self.dispatched(request).await.map(|response| self.with_sent(response))
            })
        };
        Ok(Transmission::Wrapped(Next::new(middlewares, end).run(request), reached))
    }

    pub(super) async fn transmit(&self, transmission: Transmission<'_>) -> Result<Response> {
        match transmission {
            Transmission::Direct(response) => self.received(response.await),
            Transmission::Later(response) => response.await,
            Transmission::Wrapped(response, reached) => {
                response.await.map_err(|error| self.middleware_error(error, reached.load(Ordering::Relaxed)))
            }
        }
    }

    /// The transport of a request to `url`.
    pub(super) fn transport(&self, url: &Url) -> &Arc<dyn Transport> {
        self.levels.transport().unwrap_or_else(|| self.core.mounts.transport(url))
    }

    /// Whether others could read a request to `url` on its way.
    pub(super) fn is_exposed(&self, url: &Url) -> bool {
        self.transport(url).is_exposed(url)
    }

    fn turn(&self, request: &Request) -> Option<Arc<Semaphore>> {
        self.proof.scheme.as_ref()?.turn(&request.url)
    }

    /// Measures the files of the request, and signs and sends it once it is its turn, which ends with the head of the response.
    async fn dispatched(&self, mut request: Request) -> Result<Response> {
        if request.body.has_files() {
            request.body.measure().await.map_err(|error| self.unsent_body(&error))?;
        }
        let turn = self.turn(&request);
        let _turn = match &turn {
            // It is never closed.
            Some(turn) => turn.acquire().await.ok(),
            None => None,
        };
        self.received(self.signed(request)?.await)
    }

    /// Signs the request, checks what the middlewares, hooks and schemes have made of it, and hands it to the transport.
    fn signed(&self, mut request: Request) -> Result<BoxFuture<'_, Result<Response, Failure>>> {
        if request.body.is_spent() {
            return Err(self.spent_body());
        }
        if let Some(scheme) = &self.proof.scheme {
            let signed = scheme.sign(&mut request, shifted(SystemTime::now(), self.proof.ahead));
            signed.map_err(|error| self.foreign_error("an authentication scheme", error))?;
            self.check_unmoved(&request, "an authentication scheme")?;
        }
        headers::check_framing(&request.headers).map_err(|error| self.hook_error(error))?;
        if let Some(report) = self.levels.progress() {
            // What is signed is in memory, and what reports is not.
            request.body = request.body.observed(report);
        }
        let body = request.body.failure();
        let sending = self.transport(&request.url).send(request);
        // Only a stream can fail, so that other bodies cost no second box.
        Ok(match body {
            Some(body) => {
                Box::pin(async move { sending.await.map_err(|failure| failure.or_of_body(Some(&body))) })
            }
            None => sending,
        })
    }

    fn received(&self, sent: Result<Response, Failure>) -> Result<Response> {
        let mut response = sent.map_err(|failure| self.transport_error(failure))?;
        if let Some(scheme) = &self.proof.scheme {
            response = self.with_sent(response);
            scheme.on_response(&response);
        }
        let mut looks = self.levels.looks().peekable();
        if looks.peek().is_some() {
            response = self.with_sent(response);
            looks.for_each(|look| look(&response));
        }
        Ok(response)
    }

    /// Checks that a request is the one that was decided on: it has its credential, and it is retried by its method and its key.
    fn check_unmoved(&self, request: &Request, who: &str) -> Result<()> {
        let (method, url) = (&self.exchange.method, &self.exchange.url);
        let has_userinfo = !request.url.username().is_empty() || request.url.password().is_some();
        if request.url.origin() != url.origin() || request.url.path() != url.path() || has_userinfo {
            return Err(self.misdirected(who, &Refusal::Changed));
        }
        if request.method != *method || self.key_in(request) != self.exchange.key {
            let message = format!(
                "{who} changes the method or the idempotency key; a `per_call` middleware can do that"
            );
            return Err(self.hook_error(Error::argument(message)));
        }
        Ok(())
    }
}
