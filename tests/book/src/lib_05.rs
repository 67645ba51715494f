//! An SDK for the Acme calendar.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

/// An event in the calendar.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// The number of the event.
    pub id: u64,
    /// The title.
    pub title: String,
    /// The day, such as `2026-12-01`.
    pub day: String,
}

/// An event that is not in the calendar yet.
#[derive(Clone, Debug, Serialize)]
pub struct NewEvent {
    /// The title.
    pub title: String,
    /// The day, such as `2026-12-01`.
    pub day: String,
}

/// How a call of the calendar can fail.
#[derive(Debug, ApiError)]
pub enum CalendarError {
    /// There is no such event.
    #[status(404)]
    NotFound(Problem),
    /// Every other failure.
    #[other]
    Other(Error),
}

/// Calendar events.
#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    /// Fetches one event.
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<Event, CalendarError>;

    /// Fetches one event, or `None` if there is no such event.
    #[get("/{id}")]
    pub fn find(&self, id: u64) -> Call<Option<Event>>;

    /// Finds events by their title.
    #[get("/search")]
    pub fn search(&self, #[query] title: &str, limit: Option<u32>) -> Call<Vec<Event>>;

    /// Creates an event.
    #[post]
    pub fn create(&self, event: &NewEvent) -> Call<Event>;

    /// Lists all events.
    #[get(page = cursor(items = "/data", next = "/next", param = "after", size = "limit"))]
    pub fn list(&self) -> Pager<Event>;
}

/// Tokens, which a login creates.
#[endpoint(path = "/tokens")]
pub struct Tokens;

#[endpoint]
impl Tokens {
    /// Signs in.
    #[post]
    pub fn create(&self, login: &Login) -> Call<Token>;

    /// Signs out.
    #[delete("/current")]
    pub fn revoke(&self) -> Call<()>;
}

/// A user name and a password.
#[derive(Clone, SafeDebug, Serialize)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// Makes a login from a user name and a password.
    pub fn new(user: &str, password: &str) -> Self {
        Self { user: user.to_owned(), password: password.to_owned() }
    }
}

/// A token of this vendor.
#[derive(Clone, SafeDebug, Deserialize)]
pub struct Token {
    token: String,
}

/// The Acme calendar.
#[derive(Clone, Debug, APISession)]
#[session(base_url = "https://api.acme.example/v1", vendor = "Acme", product = "calendar", hooks)]
pub struct Acme {
    session: Session,
    /// Calendar events.
    #[endpoint]
    events: Events,
    /// Tokens, which a login creates.
    #[endpoint]
    tokens: Tokens,
    login: Login,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let token = self.tokens().create(&self.login).await?;
        Credential::bearer(&token.token)
    }

    async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
        self.tokens().revoke().with_credential(credential.clone()).await
    }
}
