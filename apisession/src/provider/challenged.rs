//! Credentials that a server asks for by a challenge.

use std::future::Future;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use crate::call::Session;
use crate::credential::{Caller, Challenged, Credential, Respond};
use crate::error::Result;
use crate::message::Challenge;

impl Credential {
    /// Creates a credential that the server asks for: it responds to a request with a 401 and a [`Challenge`] of `scheme`, such as
    /// `Bearer`, which names a realm and a scope, and wants a token for that.
    ///
    /// `respond` gets a session, whose requests carry no credential unless they set one, and the challenge. It fetches the token,
    /// usually from the realm. It is called once for all calls that need the same realm, service and scope, on a task of its own, and the
    /// token is kept for them. The request is then sent once more, whatever its method: it was refused. If its body is a
    /// stream that was sent, the call fails with [`ErrorKind::BodyNotReplayable`](crate::ErrorKind::BodyNotReplayable).
    ///
    /// The next request of the same method to the same path carries the token at once. A level that states the
    /// [`scope`](crate::Settings::scope) needs no 401 at all: `respond` is called before the request, with a challenge that has this
    /// scope, and the `realm` and the `service` that this server has named last, if it has named any. If `respond` returns
    /// [`Credential::none`] for a challenge without a realm, the request is sent without a token, and the 401 names the realm.
    ///
    /// A 403 with `error="insufficient_scope"` (RFC 6750 §3.1) is a challenge as well. A call responds to two
    /// challenges, and fetches a token that was refused once more.
    ///
    /// The realm is a URL that the server names. [`Raw::follow`](crate::Raw::follow) makes a request to it within the session's origin and
    /// [`allowed_origins`](crate::Options::allowed_origins): another origin gets a GET without anything of the session, and a password only
    /// if it is listed with `= credential`.
    ///
    /// ```
    /// use std::time::Duration;
    /// # use apisession::prelude::*;
    /// # use apisession::{Challenge, Secret};
    /// # use apisession::{http::StatusCode, transport::Memory};
    /// # #[derive(Clone, APISession)]
    /// # #[session(base_url = "https://api.acme.example", allowed_origins("https://auth.acme.example" = credential))]
    /// # pub struct Acme { session: Session }
    ///
    /// let key = Secret::new("s3cret");
    /// let tokens = Credential::challenged("Bearer", move |session: Session, challenge: Challenge| {
    ///     let key = key.clone();
    ///     async move {
    ///         let realm = challenge.realm().unwrap_or("https://auth.acme.example/token".into());
    ///         let call = session.raw().follow(&realm).with_credential(Credential::basic("ana", key)?);
    ///         let call = call.query("service", &challenge.get("service")).query("scope", &challenge.scope());
    ///         let token: serde_json::Value = call.json_as().await?;
    ///         let token = token["token"].as_str().unwrap_or_default();
    ///         Ok(Credential::bearer(token)?.expires_in(Duration::from_secs(300)))
    ///     }
    /// });
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     let authorization = request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    /// #     Ok(match (request.url.as_str(), authorization.as_deref()) {
    /// #         ("https://auth.acme.example/token?service=shelves&scope=shelf%3Aa%3Aread", Some("Basic YW5hOnMzY3JldA==")) =>
    /// #             Response::new(StatusCode::OK).with_body(r#"{"token":"t0ken"}"#),
    /// #         (_, Some("Bearer t0ken")) => Response::new(StatusCode::OK),
    /// #         _ => Response::new(StatusCode::UNAUTHORIZED).with_header("www-authenticate",
    /// #             r#"Bearer realm="https://auth.acme.example/token",service="shelves",scope="shelf:a:read""#),
    /// #     })
    /// # });
    /// let api = Acme::builder().credential(tokens)
    /// #     .transport(vendor)
    ///     .build()?;
    /// api.raw().get("/shelves/a").await?;
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn challenged<F, C>(scheme: &str, respond: F) -> Self
    where
        F: Fn(Session, Challenge) -> C + Send + Sync + 'static,
        C: Future<Output = Result<Self>> + Send + 'static,
    {
        Self::of_challenges(Challenged::new(scheme, Arc::new(Responder(Arc::new(respond)))))
    }
}

/// Adapts a closure to the credentials, a lower layer.
struct Responder<F>(Arc<F>);

impl<F, C> Respond for Responder<F>
where
    F: Fn(Session, Challenge) -> C + Send + Sync + 'static,
    C: Future<Output = Result<Credential>> + Send + 'static,
{
    fn respond(&self, caller: Caller, challenge: Challenge) -> BoxFuture<'static, Result<Credential>> {
        let respond = Arc::clone(&self.0);
        Box::pin(async move { respond(caller.into_session()?, challenge).await })
    }
}
