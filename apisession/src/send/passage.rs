//! The way through the middlewares, around the call and around each sending, to the network.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use super::Sender;
use crate::credential::shifted;
use crate::error::{Error, ErrorKind, Result};
use crate::middleware::{Answer, Next};
use crate::origin::Refusal;
use crate::request::Request;
use crate::response::Response;

impl<'a> Sender<'a> {
    /// Passes the middlewares of the call on the way.
    pub(super) async fn begin(self, request: Request) -> Result<Response> {
        let middlewares = &*self.core.per_call;
        if middlewares.is_empty() {
            return self.run(request).await;
        }
        let end = |request| Box::pin(self.changed(request)) as Answer<'a>;
        Next::new(middlewares, end).run(request).await
    }

    /// What the middlewares have made of the request.
    async fn changed(mut self, mut request: Request) -> Result<Response> {
        self.moved(&mut request).map_err(|why| self.strayed("a middleware", &why))?;
        self.run(request).await
    }
}

impl Sender<'_> {
    /// Passes the middlewares of the attempt, and the network.
    pub(super) async fn sent(&self, request: Request) -> Result<Response> {
        let send = async |mut request: Request| {
            if let Some(scheme) = &self.proof.scheme {
                let signed = scheme.sign(&mut request, shifted(SystemTime::now(), self.proof.ahead));
                signed.map_err(|error| self.outside(error))?;
                self.check_unmoved(&request, "an authentication scheme")?;
            }
            let sent = self.core.mounts.of(&request.url).send(request).await;
            let response = sent.map_err(|failure| self.failed(failure))?;
            if let Some(scheme) = &self.proof.scheme {
                scheme.answered(&response);
            }
            Ok(response)
        };
        let middlewares = &*self.core.per_attempt;
        if middlewares.is_empty() {
            return send(request).await;
        }
        let reached = AtomicBool::new(false);
        let went = &reached;
        let end = move |request: Request| {
            Box::pin(async move {
                self.check_unmoved(&request, "a middleware around a sending")?;
                went.store(true, Ordering::Relaxed);
                Ok(self.known(send(request).await?))
            }) as Answer<'_>
        };
        let end = Next::new(middlewares, end).run(request).await;
        end.map_err(|error| self.passed(error, reached.load(Ordering::Relaxed)))
    }

    /// What goes out is what was decided: it carries its credential already, and is repeated by its method and its key.
    fn check_unmoved(&self, request: &Request, who: &str) -> Result<()> {
        let (method, url) = (&self.exchange.method, &self.exchange.url);
        let has_userinfo = !request.url.username().is_empty() || request.url.password().is_some();
        if request.url.origin() != url.origin() || request.url.path() != url.path() || has_userinfo {
            return Err(self.strayed(who, &Refusal::Changed));
        }
        if request.method != *method || self.key_in(request) != self.exchange.key {
            let message =
                format!("{who} changes the method or the idempotency key; a middleware around the call can");
            return Err(self.outside(Error::new(ErrorKind::Argument, message)));
        }
        Ok(())
    }
}
