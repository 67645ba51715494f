//! OAuth 2: bearer tokens from a token endpoint (RFC 6749), for the grants that need no browser.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::{HeaderValue, Method};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, MutexGuard};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::CredentialProvider;
use crate::call::Session;
use crate::credential::{Credential, LeaseStore, Source, TokenSource, basic};
use crate::encode::origin::{self, is_plain_remote};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Body;
use crate::redact;
use crate::redact::Secret;

/// Bearer tokens from a token endpoint (RFC 6749), for the grants that need no browser.
///
/// A token is fetched before the first request that carries it, renewed before it ends (`expires_in`, from when it came), and fetched
/// anew after a 401: once for all calls, see [`CredentialProvider`]. The request goes through the session's transport and middlewares, with its
/// retries and timeouts; of its headers nothing goes along but what says who calls, and `resp_error_check` does not see the answer. Who the client is stands in `Authorization`, unless
/// [`secret_in_body`](Self::secret_in_body) says otherwise.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::OAuth2;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// let token = OAuth2::client_credentials("https://login.acme.example/oauth/token", "reports", "s3cret");
/// let api = Acme::builder().credential(token.scope("events.read")).build()?;
/// # let _ = api;
/// # Ok::<(), apisession::Error>(())
/// ```
///
/// Clones are the same: they share the token, and the refresh token that replaced the first. So an author keeps one in a field of the
/// session, where an `authenticate` that is called again finds it: `Ok(self.tokens.clone().into())`.
#[derive(Clone)]
pub struct OAuth2 {
    token_url: String,
    grant: Grant,
    client: Client,
    secret_in_body: bool,
    scope: Option<String>,
    parameters: Vec<(String, Secret)>,
    /// Why it can't be as it was said.
    failed: Option<&'static str>,
    over_http: bool,
    on_rotation: Option<Arc<Keep>>,
    /// The token in use, of all clones.
    lease: LeaseStore<Credential>,
}

/// Hears of a refresh token.
type Keep = dyn Fn(&Secret) + Send + Sync;

const FORM: &str = "application/x-www-form-urlencoded";

/// What the client has to show for a token.
#[derive(Clone)]
enum Grant {
    ClientCredentials,
    /// The latest, which a server may replace each time. Who shows it holds it until the answer is there: one that is shown twice
    /// may be taken for a stolen one (RFC 9700 §4.14).
    RefreshToken(Arc<Mutex<Secret>>),
    JwtBearer(Arc<dyn TokenSource>),
    Exchange {
        subject: Arc<dyn TokenSource>,
        kind: String,
        actor: Option<(Arc<dyn TokenSource>, String)>,
    },
}

/// Who the client is.
#[derive(Clone)]
enum Client {
    Unsaid,
    Public(String),
    Secret(String, Secret),
    Assertion(Arc<dyn TokenSource>),
}

impl OAuth2 {
    /// The client's own rights (RFC 6749 §4.4).
    #[must_use]
    pub fn client_credentials(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Self {
        Self::new(token_url, Grant::ClientCredentials).client(client_id, secret)
    }

    /// The rights of a user who has agreed once (RFC 6749 §6). If the server gives another refresh token the next request shows
    /// that one; [`on_rotation`](Self::on_rotation) can keep it for longer than this value lives.
    #[must_use]
    pub fn refresh_token(token_url: impl Into<String>, refresh_token: impl Into<Secret>) -> Self {
        Self::new(token_url, Grant::RefreshToken(Arc::new(Mutex::new(refresh_token.into()))))
    }

    /// The rights of whom a signed assertion speaks of (RFC 7523 §2.1), such as a service account.
    ///
    /// ```
    /// use apisession::{Jwt, OAuth2};
    ///
    /// let account = Jwt::hs256("s3cret").issuer("reports@acme.example").audience("https://login.acme.example/token");
    /// let token = OAuth2::jwt_bearer("https://login.acme.example/token", account).scope("events.read");
    /// # let _ = token;
    /// ```
    #[must_use]
    pub fn jwt_bearer(token_url: impl Into<String>, assertion: impl TokenSource) -> Self {
        Self::new(token_url, Grant::JwtBearer(Arc::new(assertion)))
    }

    /// The rights of a token from elsewhere (RFC 8693), of a type such as `urn:ietf:params:oauth:token-type:jwt`. `audience`, `resource`
    /// and `requested_token_type` are [parameters](Self::parameter).
    ///
    /// ```
    /// use apisession::{Error, OAuth2, Secret};
    ///
    /// let in_pod = || Ok(Secret::new(std::fs::read_to_string("/var/run/secrets/token").map_err(Error::other)?));
    /// let token = OAuth2::token_exchange("https://sts.acme.example/token", in_pod, "urn:ietf:params:oauth:token-type:jwt")
    ///     .parameter("audience", "https://api.acme.example");
    /// # let _ = token;
    /// ```
    #[must_use]
    pub fn token_exchange(
        token_url: impl Into<String>,
        subject: impl TokenSource,
        subject_token_type: impl Into<String>,
    ) -> Self {
        Self::new(
            token_url,
            Grant::Exchange { subject: Arc::new(subject), kind: subject_token_type.into(), actor: None },
        )
    }

    fn new(token_url: impl Into<String>, grant: Grant) -> Self {
        Self {
            token_url: token_url.into(),
            grant,
            client: Client::Unsaid,
            secret_in_body: false,
            scope: None,
            parameters: Vec::new(),
            failed: None,
            over_http: false,
            on_rotation: None,
            lease: LeaseStore::default(),
        }
    }

    /// What asks for something else is no clone, and has a token of its own.
    fn anew(self) -> Self {
        Self { lease: LeaseStore::default(), ..self }
    }

    /// Says who the client is, and proves it by a secret (RFC 6749 §2.3.1).
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.client = Client::Secret(id.into(), secret.into());
        self.anew()
    }

    /// Says who the client is, which has no secret.
    #[must_use]
    pub fn public_client(mut self, id: impl Into<String>) -> Self {
        self.client = Client::Public(id.into());
        self.anew()
    }

    /// Proves who the client is by a signed assertion (RFC 7523 §2.2).
    #[must_use]
    pub fn client_assertion(mut self, assertion: impl TokenSource) -> Self {
        self.client = Client::Assertion(Arc::new(assertion));
        self.anew()
    }

    /// Writes the client's secret into the body, for servers that don't read `Authorization`. Default: there.
    #[must_use]
    pub fn secret_in_body(mut self) -> Self {
        self.secret_in_body = true;
        self.anew()
    }

    /// Asks for these scopes, separated by spaces. Default: what the server gives by itself.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self.anew()
    }

    /// Adds a parameter, such as `audience` or `resource`; the same name again is another one.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self.anew()
    }

    /// Shows in an exchange who acts for the subject (RFC 8693 §2.1). With another grant it is an error of the first call.
    #[must_use]
    pub fn actor(mut self, token: impl TokenSource, token_type: impl Into<String>) -> Self {
        match &mut self.grant {
            Grant::Exchange { actor, .. } => *actor = Some((Arc::new(token), token_type.into())),
            _ => self.failed = Some("`OAuth2::actor` is for a token exchange alone; leave it out"),
        }
        self.anew()
    }

    /// Hears each refresh token that replaces the one before, before the access token that came with it is used. It should return
    /// soon.
    #[must_use]
    pub fn on_rotation(mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.on_rotation = Some(Arc::new(keep));
        self.anew()
    }

    /// Lets secrets go to the token endpoint over plain HTTP. Without this that is an error, but to this machine.
    #[must_use]
    pub fn danger_allow_http(mut self) -> Self {
        self.over_http = true;
        self.anew()
    }

    async fn fetch(&self, session: &Session) -> Result<Credential> {
        if let Some(why) = self.failed {
            return Err(Error::new(ErrorKind::Configuration, why));
        }
        let url = self.endpoint()?;
        let mut held = match &self.grant {
            Grant::RefreshToken(token) => Some(token.lock().await),
            _ => None,
        };
        let (authorization, mut form) = self.request(held.as_deref()).await?;
        let body = Body::from(std::mem::take(&mut *form.text));
        let call = session.raw().elsewhere(Method::POST, url.as_str()).body(FORM, body);
        let call = call.with_redirects(0).with_idempotent(self.is_repeatable()).authorized(authorization);
        let call = call.with_header("accept", "application/json");
        let granted = call.json_as().await.map_err(|error| refused(error, &form.secrets))?;
        let token = Granted::read(granted)?;
        if !token.token_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
            let kind = redact::line(&token.token_type.unwrap_or_default());
            let message = format!(
                "the token endpoint gave a token of the type `{kind}`; only bearer tokens can be used"
            );
            return Err(Error::new(ErrorKind::Authentication, message));
        }
        if let (Some(held), Some(next)) = (held.take(), token.refresh_token) {
            self.rotate(held, &next);
        }
        let credential = Credential::bearer(token.access_token.expose())?;
        Ok(match token.expires_in {
            Some(time) => credential.expires_in(time),
            None => credential,
        })
    }

    /// Whether a request without an answer is sent again: not if the server may have replaced the refresh token, or remembers
    /// an assertion (RFC 7523 §3).
    fn is_repeatable(&self) -> bool {
        let is_remembered = matches!(self.grant, Grant::RefreshToken(_) | Grant::JwtBearer(_));
        !is_remembered && !matches!(self.client, Client::Assertion(_))
    }

    fn rotate(&self, mut current: MutexGuard<'_, Secret>, next: &Secret) {
        if *current == *next {
            return;
        }
        current.clone_from(next);
        // Still held, so that who keeps them hears of them in their order.
        if let Some(keep) = &self.on_rotation {
            keep(next);
        }
    }

    fn endpoint(&self) -> Result<Url> {
        let mut url = origin::http_url(&self.token_url)
            .map_err(|error| Error::configuration(format!("the URL of the token endpoint {error}")))?;
        if is_plain_remote(&url) && !self.over_http {
            let url = redact::url(&url, false);
            return Err(Error::configuration(format!(
                "the token endpoint `{url}` is plain HTTP, where anybody on the way can read the secrets; use `https`"
            )));
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// `Authorization` and the form of a token request.
    async fn request(&self, refresh_token: Option<&Secret>) -> Result<(Option<HeaderValue>, Form)> {
        let mut form = Form::default();
        match &self.grant {
            Grant::ClientCredentials => form.add("grant_type", "client_credentials"),
            Grant::RefreshToken(_) => {
                form.add("grant_type", "refresh_token");
                if let Some(token) = refresh_token {
                    form.add_secret("refresh_token", token.clone());
                }
            }
            Grant::JwtBearer(assertion) => {
                form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                form.add_secret("assertion", assertion.token().await?);
            }
            Grant::Exchange { subject, kind, actor } => {
                form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
                form.add_secret("subject_token", subject.token().await?);
                form.add("subject_token_type", kind);
                if let Some((actor, kind)) = actor {
                    form.add_secret("actor_token", actor.token().await?);
                    form.add("actor_token_type", kind);
                }
            }
        }
        if let Some(scope) = &self.scope {
            form.add("scope", scope);
        }
        for (name, value) in &self.parameters {
            form.add_secret(name, value.clone());
        }
        let mut authorization = None;
        match &self.client {
            Client::Unsaid => {}
            Client::Public(id) => form.add("client_id", id),
            Client::Secret(id, secret) if self.secret_in_body => {
                form.add("client_id", id);
                form.add_secret("client_secret", secret.clone());
            }
            Client::Secret(id, secret) => {
                let value = client_basic(id, secret);
                let encoded = value.strip_prefix("Basic ").unwrap_or(&value);
                form.secrets.extend([secret.clone(), Secret::new(encoded)]);
                authorization = Some(sensitive(&value));
            }
            Client::Assertion(assertion) => {
                form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.add_secret("client_assertion", assertion.token().await?);
            }
        }
        Ok((authorization, form))
    }
}

/// The header value that authenticates a client: both parts are form-encoded first (RFC 6749 §2.3.1).
fn client_basic(id: &str, secret: &Secret) -> Zeroizing<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    basic(&encoded(id), &Zeroizing::new(encoded(secret.expose())))
}

fn sensitive(value: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(value).expect("base64 is a header value");
    value.set_sensitive(true);
    value
}

/// The body of a token request, and the secrets in the request, which no error repeats.
#[derive(Default)]
struct Form {
    text: Zeroizing<String>,
    secrets: Vec<Secret>,
}

impl Form {
    fn add(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.text.push('=');
        self.text.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }

    fn add_secret(&mut self, name: &str, value: Secret) {
        self.add(name, value.expose());
        self.secrets.push(value);
    }
}

/// The answer of a token endpoint (RFC 6749 §5.1).
struct Granted {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<Duration>,
    refresh_token: Option<Secret>,
}

impl Granted {
    fn read(mut answer: Map<String, Value>) -> Result<Self> {
        let mut text = |name| match answer.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (access_token, token_type, refresh_token) =
            (text("access_token"), text("token_type"), text("refresh_token"));
        let access_token = access_token.ok_or_else(|| {
            Error::new(ErrorKind::Authentication, "the token endpoint answers without an `access_token`")
        })?;
        let expires_in = answer.get("expires_in").and_then(seconds);
        Ok(Self {
            access_token: access_token.into(),
            token_type,
            expires_in,
            refresh_token: refresh_token.map(Secret::from),
        })
    }
}

/// A time that some servers write as a text.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds: f64 = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

/// What a token endpoint says when it refuses (RFC 6749 §5.2), without what it was shown.
fn refused(error: Error, secrets: &[Secret]) -> Error {
    let said: Option<Map<String, Value>> = error.body_as();
    let word = |name| {
        let text = said.as_ref()?.get(name)?.as_str()?.to_owned();
        Some(redact::line(&redact::without(text, secrets.iter().cloned())))
    };
    let Some(code) = word("error") else { return error };
    let message = match word("error_description") {
        Some(why) => format!("the token endpoint refuses: `{code}`, {why}"),
        None => format!("the token endpoint refuses: `{code}`"),
    };
    Error::new(ErrorKind::Authentication, message).caused_by(error.into())
}

impl CredentialProvider for OAuth2 {
    fn credential(&self, session: Session) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(async move { self.fetch(&session).await })
    }
}

impl From<OAuth2> for Credential {
    fn from(tokens: OAuth2) -> Self {
        let lease = tokens.lease.clone();
        Self::from_source(Source::new(Arc::new(tokens), lease))
    }
}

/// Shows where tokens come from, and nothing that is secret.
impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grant = match &self.grant {
            Grant::ClientCredentials => "client credentials",
            Grant::RefreshToken(_) => "refresh token",
            Grant::JwtBearer(_) => "JWT bearer",
            Grant::Exchange { .. } => "token exchange",
        };
        let url =
            Url::parse(&self.token_url).map_or_else(|_| "no URL".to_owned(), |url| redact::url(&url, false));
        write!(f, "OAuth2({grant} at {url})")
    }
}
