//! OAuth 2: bearer tokens from a token endpoint (RFC 6749).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use http::{Method, StatusCode, header};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, MutexGuard};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::CredentialProvider;
use super::token_store::{StoredTokens, TokenStore};
use crate::call::Session;
use crate::credential::{AuthScheme, Credential, LeaseStore, Source, TokenSource, basic, check};
use crate::encode::origin;
use crate::error::{BoxError, Error, ErrorKind, Head, Result, status_text};
use crate::message::duration::LONGEST;
use crate::message::{Body, Request, Response, json_duration};
use crate::redact::{self, Redaction, Secret};

/// Bearer tokens from a token endpoint (RFC 6749): for the client itself, for the holder of a token, or for a person, who is asked.
///
/// A token is fetched before the first request that carries it, renewed before it expires (`expires_in`, counted from
/// its arrival), and fetched again after a 401. It is fetched once for all calls: see [`CredentialProvider`]. An `expires_in` that
/// can't be read, or of less than 10 seconds, is one of 10 seconds.
///
/// The token request uses the session's transport, middlewares, retries and timeouts. Of the session's headers it
/// carries only `user-agent` and the like, and `resp_error_check` does not apply to its response. The id and the secret
/// of the client are sent in `Authorization`, unless [`secret_in_body`](Self::secret_in_body) is set.
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
/// Clones share the token, and the refresh token that replaced the first one. So an author can keep an `OAuth2` in a
/// field of the session, and return a clone from each call of `authenticate`: `Ok(self.tokens.clone().into())`. A
/// setter on a clone separates it: it then has its own token.
#[derive(Clone)]
pub struct OAuth2 {
    token_url: String,
    grant: Grant,
    client: Client,
    secret_in_body: bool,
    scope: Option<String>,
    parameters: Vec<(String, Secret)>,
    /// The error of an option that does not apply to the grant.
    mistake: Option<&'static str>,
    over_http: bool,
    on_rotation: Option<Arc<OnRotation>>,
    store: Option<Arc<dyn TokenStore>>,
    /// The token in use, which clones share.
    lease: LeaseStore<Credential>,
}

/// Called with each new refresh token.
type OnRotation = dyn Fn(&Secret) + Send + Sync;

const FORM: &str = "application/x-www-form-urlencoded";

/// The grant by which the client gets a token.
#[derive(Clone)]
enum Grant {
    ClientCredentials,
    /// The latest refresh token, which a server may replace with each response. It is locked from before the token
    /// request until its response has arrived: a server may consider a refresh token stolen if it is used twice (RFC
    /// 9700 §4.14).
    RefreshToken(Arc<Mutex<Secret>>),
    JwtBearer(Arc<dyn TokenSource>),
    Person(Arc<Person>),
    Exchange {
        subject: Arc<dyn TokenSource>,
        kind: String,
        actor: Option<(Arc<dyn TokenSource>, String)>,
    },
}

/// A grant for which a person is asked.
struct Person {
    ask: Box<dyn Ask>,
    kept: Mutex<Kept>,
}

/// Asks a person for tokens.
pub(super) trait Ask: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    /// How long it may take.
    fn time_limit(&self) -> Duration;

    fn ask<'a>(&'a self, tokens: &'a OAuth2, session: &'a Session) -> BoxFuture<'a, Result<TokenResponse>>;
}

/// What is known of the tokens of a person.
#[derive(Default)]
struct Kept {
    /// Whether the store was read.
    is_loaded: bool,
    refresh_token: Option<Secret>,
}

/// How the client identifies and authenticates itself.
#[derive(Clone)]
enum Client {
    Unset,
    Public(String),
    Secret(String, Secret),
    Assertion(Arc<dyn TokenSource>),
}

impl OAuth2 {
    /// Requests tokens with the client's own rights (RFC 6749 §4.4).
    #[must_use]
    pub fn client_credentials(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Self {
        Self::new(token_url, Grant::ClientCredentials).client(client_id, secret)
    }

    /// Requests tokens with the rights of a user who has given consent, by a refresh token (RFC 6749 §6).
    ///
    /// If the server returns another refresh token, the next request uses it. [`on_rotation`](Self::on_rotation) can
    /// store it beyond the lifetime of this value.
    #[must_use]
    pub fn refresh_token(token_url: impl Into<String>, refresh_token: impl Into<Secret>) -> Self {
        Self::new(token_url, Grant::RefreshToken(Arc::new(Mutex::new(refresh_token.into()))))
    }

    /// Requests tokens with the rights of the subject of a signed assertion (RFC 7523 §2.1), such as a service account.
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

    /// Exchanges a token from another source for one of this server (RFC 8693).
    ///
    /// The type of the subject token is a URN such as `urn:ietf:params:oauth:token-type:jwt`. `audience`, `resource`
    /// and `requested_token_type` are [parameters](Self::parameter).
    ///
    /// ```
    /// use apisession::{Error, OAuth2, Secret};
    ///
    /// let in_pod = || Ok(Secret::new(std::fs::read_to_string("/var/run/secrets/token").map_err(Error::other)?.trim()));
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
            client: Client::Unset,
            secret_in_body: false,
            scope: None,
            parameters: Vec::new(),
            mistake: None,
            over_http: false,
            on_rotation: None,
            store: None,
            lease: LeaseStore::default(),
        }
    }

    /// Tokens with the rights of a person, who is asked by `ask`.
    pub(super) fn of_person(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        ask: impl Ask,
    ) -> Self {
        let person = Person { ask: Box::new(ask), kept: Mutex::default() };
        Self::new(token_url, Grant::Person(Arc::new(person))).public_client(client_id)
    }

    /// Separates the value from its clones after a change, since it now requests another token.
    fn separated(self) -> Self {
        Self { lease: LeaseStore::default(), ..self }
    }

    /// Sets the id and the secret of the client (RFC 6749 §2.3.1).
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.client = Client::Secret(id.into(), secret.into());
        self.separated()
    }

    /// Sets the id of a client that has no secret.
    #[must_use]
    pub fn public_client(mut self, id: impl Into<String>) -> Self {
        self.client = Client::Public(id.into());
        self.separated()
    }

    /// Authenticates the client by a signed assertion (RFC 7523 §2.2).
    #[must_use]
    pub fn client_assertion(mut self, assertion: impl TokenSource) -> Self {
        self.client = Client::Assertion(Arc::new(assertion));
        self.separated()
    }

    /// Sends the id and the secret of the client in the body, for servers that don't read `Authorization`. Default: in
    /// `Authorization`.
    #[must_use]
    pub fn secret_in_body(mut self) -> Self {
        self.secret_in_body = true;
        self.separated()
    }

    /// Sets the requested scopes, separated by spaces. Default: the default of the server.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self.separated()
    }

    /// Adds a parameter, such as `audience` or `resource`. A name can be added several times.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self.separated()
    }

    /// Sets the token of the party that acts for the subject in a token exchange (RFC 8693 §2.1). With another grant,
    /// the first call fails.
    #[must_use]
    pub fn actor(mut self, token: impl TokenSource, token_type: impl Into<String>) -> Self {
        match &mut self.grant {
            Grant::Exchange { actor, .. } => *actor = Some((Arc::new(token), token_type.into())),
            _ => self.mistake = Some("`OAuth2::actor` applies to a token exchange only; remove it"),
        }
        self.separated()
    }

    /// Sets a function that is called with each new refresh token that replaces another one.
    ///
    /// It is called before the access token of the same response is used. It should return quickly.
    #[must_use]
    pub fn on_rotation(mut self, store: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.on_rotation = Some(Arc::new(store));
        self.separated()
    }

    /// Stores the tokens of a person, so that a program that is started again does not ask for them again. Default: they are forgotten
    /// with the program.
    ///
    /// The tokens are loaded before the first request. They are stored whenever the server has returned others, and forgotten when it
    /// refuses the refresh token. If they can't be stored, that is logged as a warning, and the call goes on. It applies to
    /// [`device`](Self::device) and [`authorization_code`](Self::authorization_code); with another grant, the first call fails.
    ///
    /// ```
    /// use apisession::{OAuth2, TokenFile};
    ///
    /// let (device, token) = ("https://login.acme.example/device", "https://login.acme.example/token");
    /// let person = OAuth2::device(device, token, "calendar", |code| println!("{}", code.user_code))
    ///     .stored_in(TokenFile::new("/home/ana/.config/acme/tokens.json"));
    /// # let _ = person;
    /// ```
    #[must_use]
    pub fn stored_in(mut self, store: impl TokenStore) -> Self {
        match self.grant {
            Grant::Person(_) => self.store = Some(Arc::new(store)),
            _ => self.mistake = Some("`OAuth2::stored_in` applies to the tokens of a person only; remove it"),
        }
        self.separated()
    }

    /// Allows a token endpoint over plain HTTP, where anybody on the way can read the secrets. By default it must use
    /// HTTPS, unless it is on this machine and not behind a proxy.
    #[must_use]
    pub fn danger_allow_http(mut self) -> Self {
        self.over_http = true;
        self.separated()
    }

    /// Reports that the server no longer accepts the access token: see [`Credential::invalidate`].
    pub fn invalidate(&self) {
        self.lease.invalidate();
    }

    async fn fetch(&self, session: &Session) -> Result<Credential> {
        if let Some(mistake) = self.mistake {
            return Err(Error::new(ErrorKind::Configuration, mistake));
        }
        if let Grant::Person(person) = &self.grant {
            return self.of(person, session).await;
        }
        let mut refresh_token = match &self.grant {
            Grant::RefreshToken(token) => Some(token.lock().await),
            _ => None,
        };
        let form = self.form(refresh_token.as_deref()).await?;
        let token = self.request_token(session, self.scoped(form), self.is_repeatable()).await?;
        if let (Some(current), Some(next)) = (refresh_token.take(), &token.refresh_token) {
            self.rotate(current, next);
        }
        token.credential()
    }

    /// The tokens of a person: those that are stored, those for the refresh token, or those for which the person is asked.
    async fn of(&self, person: &Person, session: &Session) -> Result<Credential> {
        let mut kept = person.kept.lock().await;
        if !kept.is_loaded {
            let stored = match &self.store {
                Some(store) => store.load().await?,
                None => None,
            };
            kept.is_loaded = true;
            if let Some(stored) = stored {
                kept.refresh_token.clone_from(&stored.refresh_token);
                if let Some(credential) = still_valid(&stored) {
                    return credential;
                }
            }
        }
        let mut token = None;
        if let Some(refresh_token) = kept.refresh_token.clone() {
            let mut form = Form::default();
            form.add("grant_type", "refresh_token");
            form.add_secret("refresh_token", refresh_token);
            match self.request_token(session, self.scoped(form), false).await {
                Ok(refreshed) => token = Some(refreshed),
                // It has expired, or was revoked (RFC 6749 §5.2). The person is asked again.
                Err(error) if error.code() == Some("invalid_grant") => {
                    kept.refresh_token = None;
                    if let Some(store) = &self.store {
                        store.forget().await?;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        let token = match token {
            Some(token) => token,
            None => person.ask.ask(self, session).await?,
        };
        let credential = token.credential()?;
        if let Some(next) = &token.refresh_token
            && kept.refresh_token.as_ref() != Some(next)
        {
            if let Some(on_rotation) = self.on_rotation.as_ref().filter(|_| kept.refresh_token.is_some()) {
                on_rotation(next);
            }
            kept.refresh_token = Some(next.clone());
        }
        if let Some(store) = &self.store {
            let expires_at = token.expires_in.map(|lifetime| SystemTime::now() + lifetime.min(LONGEST));
            let refresh_token = kept.refresh_token.clone();
            let stored = StoredTokens { access_token: token.access_token, expires_at, refresh_token };
            if let Err(error) = store.store(stored).await {
                tracing::warn!(%error, "the tokens are not stored; the next start of the program asks for them again");
            }
        }
        Ok(credential)
    }

    /// Requests a token by a form.
    pub(super) async fn request_token(
        &self,
        session: &Session,
        form: Form,
        is_repeatable: bool,
    ) -> Result<TokenResponse, Refused> {
        let (body, response) =
            self.post(session, &self.token_url, "the token endpoint", form, is_repeatable).await?;
        let token = TokenResponse::read(body)?;
        if token.token_type.as_deref().is_none_or(is_bearer) {
            return Ok(token);
        }
        let kind = token.token_type.unwrap_or_default();
        let received: Vec<_> = [token.access_token].into_iter().chain(token.refresh_token).collect();
        let kind = response.head().shown(&redact::masked(&kind, &received));
        let message = format!(
            "the token endpoint returned a token of the type `{kind}`; only bearer tokens are supported"
        );
        Err(Error::new(ErrorKind::Authentication, message).into())
    }

    /// Sends a form to an endpoint of the identity provider, with what identifies the client.
    pub(super) async fn post(
        &self,
        session: &Session,
        url: &str,
        who: &str,
        form: Form,
        is_repeatable: bool,
    ) -> Result<(Map<String, Value>, Response), Refused> {
        let url = endpoint(url, who)?;
        let (credential, body) = self.identified(form).await?;
        let call = session.raw().elsewhere(Method::POST, url.as_str()).body(FORM, body);
        let call = call.with_redirects(0).with_idempotent(is_repeatable).with_credential(credential);
        let call = call.with_header("accept", "application/json");
        let response: Response = call.await.map_err(|error| refused_by(error, who))?;
        let body: Map<String, Value> = response.json()?;
        // Some servers return their errors with status 200, maybe beside an empty token.
        if let Some(message) = refusal(&body, response.head(), who) {
            let (status, code) = (status_text(response.status()), code(&body));
            let error = response.into_error(ErrorKind::Authentication, status);
            let error = Error::new(ErrorKind::Authentication, message).caused_by(error.into());
            return Err(Refused { error, code });
        }
        Ok((body, response))
    }

    /// Whether a token request may be sent again if its response was lost: not if the server may have replaced the
    /// refresh token, or accepts an assertion only once (RFC 7523 §3).
    fn is_repeatable(&self) -> bool {
        let is_single_use = matches!(self.grant, Grant::RefreshToken(_) | Grant::JwtBearer(_));
        !is_single_use && !matches!(self.client, Client::Assertion(_))
    }

    /// Replaces the refresh token, if the new one is different.
    fn rotate(&self, mut current: MutexGuard<'_, Secret>, next: &Secret) {
        if *current == *next {
            return;
        }
        current.clone_from(next);
        // The lock is still held, so the calls are in the order of the tokens.
        if let Some(on_rotation) = &self.on_rotation {
            on_rotation(next);
        }
    }

    /// The form of the grant, for one that asks no person.
    async fn form(&self, refresh_token: Option<&Secret>) -> Result<Form> {
        let mut form = Form::default();
        match &self.grant {
            Grant::ClientCredentials => form.add("grant_type", "client_credentials"),
            Grant::RefreshToken(_) => {
                form.add("grant_type", "refresh_token");
                if let Some(token) = refresh_token {
                    form.add_secret("refresh_token", token.clone());
                }
            }
            Grant::Person(_) => {}
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
        Ok(form)
    }

    /// The same form with the requested scope.
    pub(super) fn scoped(&self, mut form: Form) -> Form {
        if let Some(scope) = &self.scope {
            form.add("scope", scope);
        }
        form
    }

    pub(super) fn requested_scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The id of the client, if it has one.
    pub(super) fn client_id(&self) -> &str {
        match &self.client {
            Client::Public(id) | Client::Secret(id, _) => id,
            Client::Unset | Client::Assertion(_) => "",
        }
    }

    /// Creates the credential and the body of a request, with what identifies the client.
    async fn identified(&self, mut form: Form) -> Result<(Credential, Body)> {
        for (name, value) in &self.parameters {
            form.add_secret(name, value.clone());
        }
        let mut authorization = None;
        match &self.client {
            Client::Unset => {}
            Client::Public(id) => {
                form.check("client_id", id);
                form.add("client_id", id);
            }
            Client::Secret(id, secret) if self.secret_in_body => {
                form.check("client_id", id);
                form.add("client_id", id);
                form.add_secret("client_secret", secret.clone());
            }
            Client::Secret(id, secret) => {
                form.check("client_id", id);
                form.check("client_secret", secret.expose());
                form.secrets.push(secret.clone());
                authorization = Some(client_basic(id, secret));
            }
            Client::Assertion(assertion) => {
                form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.add_secret("client_assertion", assertion.token().await?);
            }
        }
        if let Some(mistake) = form.mistake {
            return Err(Error::argument(mistake));
        }
        let mut credential = Credential::scheme(InBody(form.secrets));
        if let Some(value) = authorization {
            credential = credential.and(header::AUTHORIZATION.as_str(), value.as_str())?;
        }
        if self.over_http {
            credential = credential.danger_allow_http();
        }
        Ok((credential, Body::from(std::mem::take(&mut *form.text))))
    }
}

/// What authenticates a request whose body has these secrets.
struct InBody(Vec<Secret>);

impl AuthScheme for InBody {
    fn sign(&self, _: &mut Request, _: SystemTime) -> Result<()> {
        Ok(())
    }

    fn clock_tolerance(&self, _: StatusCode) -> Option<Duration> {
        None
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.clone()
    }

    fn name(&self) -> &str {
        "in the body"
    }
}

/// Parses and checks the URL of an endpoint.
fn endpoint(url: &str, who: &str) -> Result<Url> {
    let mut url =
        origin::http_url(url).map_err(|error| Error::configuration(format!("the URL of {who} {error}")))?;
    url.set_fragment(None);
    Ok(url)
}

/// The credential of stored tokens, if the access token is still valid for long enough to use it.
fn still_valid(stored: &StoredTokens) -> Option<Result<Credential>> {
    const EXPIRING: Duration = Duration::from_secs(30);
    let left = match stored.expires_at {
        Some(end) => Some(end.duration_since(SystemTime::now()).ok().filter(|left| *left > EXPIRING)?),
        None => None,
    };
    let credential = Credential::bearer(stored.access_token.clone());
    Some(credential.map(|credential| match left {
        Some(left) => credential.expires_in(left),
        None => credential,
    }))
}

/// The identity provider or the person has refused.
pub(super) fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Authentication, why)
}

/// Why there is no token, with the code of the server's error (RFC 6749 §5.2).
pub(super) struct Refused {
    error: Error,
    code: Option<String>,
}

impl Refused {
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    pub(super) fn kind(&self) -> ErrorKind {
        self.error.kind()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, code: None }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        refused.error
    }
}

impl From<Refused> for BoxError {
    fn from(refused: Refused) -> Self {
        refused.error.into()
    }
}

/// The value of `Authorization` for a client. The id and the secret are form-encoded first (RFC 6749 §2.3.1).
fn client_basic(id: &str, secret: &Secret) -> Zeroizing<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    basic(&encoded(id), &Zeroizing::new(encoded(secret.expose())))
}

/// The body of a token request, and the secrets in the request, which errors mask.
#[derive(Default)]
pub(super) struct Form {
    text: Zeroizing<String>,
    secrets: Vec<Secret>,
    /// The error of the first secret that can't be right.
    mistake: Option<String>,
}

impl Form {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.text.push('=');
        self.text.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }

    pub(super) fn add_secret(&mut self, name: &str, value: Secret) {
        self.check(name, value.expose());
        self.add(name, value.expose());
        self.secrets.push(value);
    }

    /// Checks a parameter that identifies somebody. Others may have any value.
    fn check(&mut self, name: &str, value: &str) {
        const TOKENS: [&str; 6] =
            ["refresh_token", "assertion", "subject_token", "actor_token", "client_assertion", "client_id"];
        // A client may have an empty secret (RFC 6749 §2.3.1).
        let checked = match value {
            "" if TOKENS.contains(&name) => Err(check::ValueError::Empty),
            value if TOKENS.contains(&name) || name == "client_secret" => check::password(value),
            _ => Ok(()),
        };
        let mistake = checked.map_err(|why| format!("the parameter `{name}` of the token request {why}"));
        self.mistake = self.mistake.take().or(mistake.err());
    }
}

/// Whether a token type is that of bearer tokens, in one of its spellings: `Bearer`, `bearer_token`, `BearerToken`.
fn is_bearer(kind: &str) -> bool {
    let letters: String = kind.chars().filter(char::is_ascii_alphanumeric).collect();
    kind.is_empty() || ["bearer", "bearertoken"].iter().any(|known| letters.eq_ignore_ascii_case(known))
}

/// The successful response of a token endpoint (RFC 6749 §5.1).
pub(super) struct TokenResponse {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<Duration>,
    refresh_token: Option<Secret>,
}

impl TokenResponse {
    fn credential(&self) -> Result<Credential> {
        let credential = Credential::bearer(self.access_token.expose())?;
        Ok(match self.expires_in {
            Some(lifetime) => credential.expires_in(lifetime),
            None => credential,
        })
    }

    fn read(mut response: Map<String, Value>) -> Result<Self> {
        let expires_in = response.get("expires_in").filter(|lifetime| !lifetime.is_null());
        // One that can't be read is not without end. A credential has a shortest lifetime.
        let expires_in = expires_in.map(|lifetime| json_duration::of_json(lifetime).unwrap_or_default());
        let mut text = |name| match response.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (access_token, token_type, refresh_token) =
            (text("access_token"), text("token_type"), text("refresh_token"));
        let is_set = |token: &String| !token.trim().is_empty();
        let access_token = access_token.filter(is_set).ok_or_else(|| {
            let message = "the response of the token endpoint has no `access_token`, or an empty one";
            Error::new(ErrorKind::Authentication, message)
        })?;
        Ok(Self {
            access_token: access_token.into(),
            token_type,
            expires_in,
            refresh_token: refresh_token.filter(is_set).map(Secret::from),
        })
    }
}

/// The message of an error response of a token endpoint (RFC 6749 §5.2). Some servers have an object with a message in place of the
/// code.
fn refusal(body: &Map<String, Value>, head: &Head, who: &str) -> Option<String> {
    let error = body.get("error").filter(|error| is_error(error))?;
    let shown = |value: Option<&Value>| Some(head.shown(value?.as_str()?)).filter(|text| !text.is_empty());
    let code = shown(Some(error)).or_else(|| shown(error.get("code"))).or_else(|| shown(error.get("type")));
    let description = shown(body.get("error_description")).or_else(|| shown(error.get("message")));
    let refused = format!("{who} refused the request");
    Some(match (code, description) {
        (Some(code), Some(description)) => format!("{refused}: `{code}`, {description}"),
        (Some(code), None) => format!("{refused}: `{code}`"),
        (None, Some(description)) => format!("{refused}: {description}"),
        (None, None) => refused,
    })
}

/// Whether the value of `error` means one. Some servers also return the field if there is none.
fn is_error(error: &Value) -> bool {
    match error {
        Value::Null => false,
        Value::Bool(is_error) => *is_error,
        Value::Number(code) => code.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(errors) => !errors.is_empty(),
        Value::Object(error) => !error.is_empty(),
    }
}

/// Converts the error of a token request, if the body has the server's own.
fn refused_by(error: Error, who: &str) -> Refused {
    let body: Option<Map<String, Value>> = error.body_as();
    let code = body.as_ref().and_then(code);
    match body.and_then(|body| refusal(&body, error.head()?, who)) {
        Some(message) => {
            let kind = if error.kind().is_outage() { error.kind() } else { ErrorKind::Authentication };
            Refused { error: Error::new(kind, message).caused_by(error.into()), code }
        }
        None => error.into(),
    }
}

/// The code of an error response (RFC 6749 §5.2).
fn code(body: &Map<String, Value>) -> Option<String> {
    body.get("error")?.as_str().map(str::to_owned)
}

impl CredentialProvider for OAuth2 {
    fn credential(&self, session: Session) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(async move { self.fetch(&session).await })
    }

    fn time_limit(&self) -> Option<Duration> {
        match &self.grant {
            Grant::Person(person) => Some(person.ask.time_limit()),
            _ => None,
        }
    }
}

impl From<OAuth2> for Credential {
    fn from(tokens: OAuth2) -> Self {
        let lease = tokens.lease.clone();
        Self::from_source(Source::shared(Arc::new(tokens), lease))
    }
}

/// Shows the grant and the token endpoint, never a secret.
impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grant = match &self.grant {
            Grant::ClientCredentials => "client credentials",
            Grant::RefreshToken(_) => "refresh token",
            Grant::Person(person) => person.ask.name(),
            Grant::JwtBearer(_) => "JWT bearer",
            Grant::Exchange { .. } => "token exchange",
        };
        let redaction = Redaction::new(true, None, None, None);
        let shown = |url| redaction.shown().url(&url);
        let url = Url::parse(&self.token_url).map_or_else(|_| "an invalid URL".to_owned(), shown);
        write!(f, "OAuth2({grant} at {url})")
    }
}
