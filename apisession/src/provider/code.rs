//! The authorization code flow in a browser on this machine, with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_core::future::BoxFuture;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::oauth2::{Ask, Form, OAuth2, TokenResponse, refused};
use crate::call::Session;
use crate::encode::{origin, random};
use crate::error::{Error, Result};
use crate::redact::Secret;

struct Code {
    url: String,
    show: Box<dyn Fn(&Url) + Send + Sync>,
}

/// How long a person is waited for.
const WAIT: Duration = Duration::from_secs(10 * 60);
/// How long a browser may take for its request.
const READ: Duration = Duration::from_secs(30);
/// How large the head of the browser's request may be.
const MAX_HEAD: usize = 16 * 1024;

impl OAuth2 {
    /// Requests tokens with the rights of a person who signs in with a browser on this machine (RFC 6749 §4.1, with PKCE of RFC 7636).
    ///
    /// `show` is called with the URL to open, when somebody has to sign in. The browser is then redirected to a free port of this
    /// machine, `http://127.0.0.1:…/`, on which the program listens meanwhile, for 10 minutes (RFC 8252 §7.3). A response with
    /// another `state` ends the sign-in. More parameters of the request stand in the query of `authorize_url`.
    ///
    /// A call waits for it no longer than its `timeout`, and a later one waits on; `connect().await` waits until the end. With a refresh
    /// token, nobody is asked again until the server refuses that. [`stored_in`](Self::stored_in) keeps it beyond the life of the program.
    ///
    /// ```
    /// use apisession::OAuth2;
    ///
    /// let (authorize, token) = ("https://login.acme.example/authorize", "https://login.acme.example/token");
    /// let person = OAuth2::authorization_code(authorize, token, "calendar", |url| println!("Open {url}"));
    /// # let _ = person.scope("events.read");
    /// ```
    #[must_use]
    pub fn authorization_code(
        authorize_url: impl Into<String>,
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        show: impl Fn(&Url) + Send + Sync + 'static,
    ) -> Self {
        Self::of_person(token_url, client_id, Code { url: authorize_url.into(), show: Box::new(show) })
    }
}

impl Ask for Code {
    fn name(&self) -> &'static str {
        "authorization code"
    }

    fn time_limit(&self) -> Duration {
        WAIT + Duration::from_secs(60)
    }

    fn ask<'a>(&'a self, tokens: &'a OAuth2, session: &'a Session) -> BoxFuture<'a, Result<TokenResponse>> {
        Box::pin(async move {
            let wrong =
                |error| Error::configuration(format!("the URL of the authorization endpoint {error}"));
            let mut url = origin::http_url(&self.url).map_err(wrong)?;
            let unbound = |error| {
                Error::configuration("no port of this machine can be used").caused_by(Box::new(error))
            };
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(unbound)?;
            let port = listener.local_addr().map_err(unbound)?.port();
            let redirect = format!("http://127.0.0.1:{port}/");
            let [state, verifier] = [token()?, token()?];
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()));
            url.query_pairs_mut()
                .append_pair("response_type", "code")
                .append_pair("client_id", tokens.client_id())
                .append_pair("redirect_uri", &redirect)
                .append_pair("state", state.expose())
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
            if let Some(scope) = tokens.requested_scope() {
                url.query_pairs_mut().append_pair("scope", scope);
            }
            (self.show)(&url);
            let late = |_| refused(&format!("nobody has signed in within {WAIT:?}; sign in again"));
            let code = timeout(WAIT, redirected(listener, &state)).await.map_err(late)??;
            let mut form = Form::default();
            form.add("grant_type", "authorization_code");
            form.add_secret("code", code);
            form.add("redirect_uri", &redirect);
            form.add_secret("code_verifier", verifier);
            tokens.request_token(session, form, false).await.map_err(Into::into)
        })
    }
}

/// A value that can't be guessed: 256 bits (RFC 7636 §4.1).
fn token() -> Result<Secret> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?).into())
}

/// Waits for the browser's request, and returns the code in it.
async fn redirected(listener: TcpListener, state: &Secret) -> Result<Secret> {
    let (sender, mut ends) = mpsc::channel(1);
    let state = state.clone();
    // It ends with this future.
    let mut accepting = JoinSet::new();
    accepting.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A browser opens connections that it does not use, so that each is read on its own.
            let (sender, state) = (sender.clone(), state.clone());
            tokio::spawn(async move {
                if let Ok(Some(end)) = timeout(READ, served(stream, &state)).await {
                    let _ = sender.send(end).await;
                }
            });
        }
    });
    let end = ends.recv().await;
    end.unwrap_or_else(|| Err(Error::configuration("the port for the redirect can't be used any more")))
}

/// Reads a request and responds to it. Returns what the authorization endpoint has decided, if it is the redirect.
async fn served(mut stream: TcpStream, state: &Secret) -> Option<Result<Secret>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let end = std::str::from_utf8(&head).ok().and_then(|head| decided(head, state));
    let (status, text) = match &end {
        Some(Ok(_)) => ("200 OK", "You are signed in. You can close this window."),
        Some(Err(_)) => ("400 Bad Request", "The sign-in failed. You can close this window."),
        None => ("404 Not Found", "There is nothing here."),
    };
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    // The decision counts, even if the browser is gone.
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    end
}

/// What the head of a request states, if it is the redirect (RFC 6749 §4.1.2).
fn decided(head: &str, state: &Secret) -> Option<Result<Secret>> {
    let target = head.strip_prefix("GET ")?.split(' ').next()?;
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok().filter(|url| url.path() == "/")?;
    let value = |name: &str| url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value);
    let (code, error) = (value("code"), value("error"));
    if code.is_none() && error.is_none() {
        return None;
    }
    if value("state").as_deref() != Some(state.expose()) {
        return Some(Err(refused("the redirect has another `state` than the request; sign in again")));
    }
    Some(match (error.as_deref(), code.filter(|code| !code.is_empty())) {
        (Some("access_denied"), _) => Err(refused("the sign-in was denied")),
        (Some(_), _) | (None, None) => Err(refused("the authorization endpoint refused the sign-in")),
        (None, Some(code)) => Ok(code.into_owned().into()),
    })
}
