//! The Acme calendar: an SDK as its vendor would write it.
//!
//! ```no_run
//! use calendar::{Acme, Login};
//!
//! # async fn example() -> apisession::Result<()> {
//! let api = Acme::builder(Login::new("ana", "correct horse")).build()?;
//! for event in api.events().list().limit(10).await? {
//!     println!("{} {}", event.starts, event.title);
//! }
//! # Ok(())
//! # }
//! ```

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

pub mod server;

/// Calendar events.
#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    /// Fetches one event.
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<Event>;

    /// Fetches one event that may be gone.
    #[get("/{id}")]
    pub fn find(&self, id: u64) -> Call<Option<Event>>;

    /// Lists events, the earliest first.
    #[get]
    pub fn list(&self, since: Option<&str>, limit: Option<u32>) -> Call<Vec<Event>>;

    /// Creates an event.
    #[post]
    pub fn create(&self, event: &NewEvent) -> Call<Event>;

    /// Deletes an event.
    #[delete("/{id}")]
    pub fn delete(&self, id: u64) -> Call<()>;

    /// The first event with this title: what a declaration can't say is plain Rust.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn find_by_title(&self, title: &str) -> Result<Option<Event>> {
        let events = self.list().limit(100).await?;
        Ok(events.into_iter().find(|event| event.title == title))
    }
}

/// Tokens, which a login gives out.
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

/// The Acme calendar.
#[derive(Clone, Debug, APISession)]
#[session(
    base_url = "https://api.acme.example/v1",
    vendor = "Acme",
    product = "calendar",
    restricted_paths("/tokens/**"),
    hooks
)]
pub struct Acme {
    session: Session,
    /// Calendar events.
    #[endpoint]
    events: Events,
    /// Tokens, which a login gives out.
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

    /// This vendor once answered 200 and meant an error; its gateway still does.
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        if response.headers().contains_key("x-acme-error") {
            return Err(
                response.into_error(ErrorKind::BadGateway, "the gateway answered in the vendor's place")
            );
        }
        Ok(response)
    }
}

/// Who signs in.
#[derive(Clone, Serialize)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// A user and their password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An event in the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The number of the event.
    pub id: u64,
    /// What it is about.
    pub title: String,
    /// The day it starts on, as `2026-01-31`.
    pub starts: String,
}

/// An event that is not in the calendar yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewEvent {
    /// What it is about.
    pub title: String,
    /// The day it starts on, as `2026-01-31`.
    pub starts: String,
}

/// A token.
#[derive(Deserialize)]
pub struct Token {
    token: String,
}
