//! The options of a call about how it is transmitted: its transport, and what looks at its responses.

use std::sync::Arc;

use super::{Call, OpenCall};
use crate::message::Response;
use crate::settings::{Hidden, Setting};
use crate::transport::Transport;

impl<T, E> Call<T, E> {
    /// Sends the call through this transport, in place of that of the session and of its mounts: through another proxy, with other TLS
    /// options, or to a fake. A sign-in that it needs uses the session's.
    ///
    /// Keep the transport, and pass a clone: each has connections of its own.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{Proxies, transport::Reqwest};
    /// # fn example(call: Call<String>) -> Call<String> {
    /// let through_proxy = Reqwest::new().proxies(Proxies::new().all("http://proxy.acme.example:3128"));
    /// call.with_transport(through_proxy.clone())
    /// # }
    /// ```
    pub fn with_transport(mut self, transport: impl Transport) -> Self {
        self.arguments().settings.set(Setting::Transport(Hidden(Arc::new(transport))));
        self
    }

    /// Calls `look` with each response to the call, before its body is read: that of each attempt and redirect, after what the
    /// session's [`on_response`](crate::Options::on_response) calls. Several are called in their order.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(call: Call<String>) -> Result<()> {
    /// let text = call.with_on_response(|response| println!("{}", response.status())).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_on_response(mut self, look: impl Fn(&Response) + Send + Sync + 'static) -> Self {
        self.arguments().settings.set(Setting::OnResponse(Hidden(Arc::new(look))));
        self
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// Sends the call through this transport: see [`Call::with_transport`].
    pub fn with_transport(&self, transport: impl Transport) -> S {
        self.to_call().with_transport(transport).open(self.make)
    }

    /// Calls `look` with each response to the call: see [`Call::with_on_response`].
    pub fn with_on_response(&self, look: impl Fn(&Response) + Send + Sync + 'static) -> S {
        self.to_call().with_on_response(look).open(self.make)
    }
}
