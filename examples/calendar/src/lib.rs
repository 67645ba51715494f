//! An SDK for the Acme calendar.
//!
//! ```no_run
//! use calendar::{Acme, Login};
//!
//! # async fn example() -> apisession::Result<()> {
//! // A token from `ACME_TOKEN` or from the file `acme/calendar.ini`, or else this login.
//! let api = Acme::builder().login(Some(Login::new("ana", "correct horse"))).build()?;
//! for event in api.events().list().limit(10).await? {
//!     println!("{} {}", event.starts, event.title);
//! }
//! # Ok(())
//! # }
//! ```

use apisession::prelude::*;
use apisession::{Chain, Environment, Profile};
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

    /// Fetches one event, or `None` if it doesn't exist.
    #[get("/{id}")]
    pub fn find(&self, id: u64) -> Call<Option<Event>>;

    /// Lists events, the earliest first.
    #[get]
    pub fn list(&self, since: Option<&str>, limit: Option<u32>) -> Call<Vec<Event>>;

    /// Returns all events, page by page, the earliest first.
    #[get("/all", page = cursor(items = "/data", next = "/next", param = "after", size = "limit", total = "/total"))]
    pub fn all(&self, since: Option<&str>) -> Pager<Event>;

    /// Creates an event.
    #[post]
    pub fn create(&self, event: &NewEvent) -> Call<Event>;

    /// Deletes an event.
    #[delete("/{id}")]
    pub fn delete(&self, id: u64) -> Call<()>;

    /// Follows the changes from now on. The stream goes on where it was when the connection is lost.
    #[get("/changes", events(reconnect))]
    pub fn changes(&self) -> Call<EventStream<Change>>;

    /// Attaches a file to an event, or replaces one.
    #[put("/{id}/attachments/{name}")]
    pub fn attach(
        &self,
        id: u64,
        name: &str,
        #[body("application/octet-stream")] content: impl Into<Body>,
    ) -> Call<()>;

    /// Downloads a file that is attached to an event.
    #[get("/{id}/attachments/{name}")]
    pub fn attachment(&self, id: u64, name: &str) -> Call<Download>;

    /// Finds the first event with this title.
    ///
    /// This is plain Rust, among the declarations.
    ///
    /// # Errors
    ///
    /// The errors of [`list`](Self::list).
    pub async fn find_by_title(&self, title: &str) -> Result<Option<Event>> {
        let events = self.list().limit(100).await?;
        Ok(events.into_iter().find(|event| event.title == title))
    }
}

/// Exports of all events.
#[endpoint(path = "/exports")]
pub struct Exports;

#[endpoint]
impl Exports {
    /// Exports all events, as lines of text. If an export is running already, it is that one.
    #[post(poll(
        read = get("/id"),
        state = "/status",
        done("finished"),
        failed("failed", "cancelled"),
        cancel = cancel("/id"),
        adopt = "/running",
        result = content("/id")
    ))]
    pub fn create(&self) -> Poller<Text>;

    /// Fetches an export: how far it is.
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<Export>;

    /// Fetches the lines of an export that is finished.
    #[get("/{id}/content")]
    pub fn content(&self, id: u64) -> Call<Text>;

    /// Cancels an export.
    #[delete("/{id}")]
    pub fn cancel(&self, id: u64) -> Call<()>;
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
    /// Exports of all events.
    #[endpoint]
    exports: Exports,
    /// Tokens, which a login creates.
    #[endpoint]
    tokens: Tokens,
    /// The login, for a user without a token.
    #[session(default)]
    login: Option<Login>,
    /// Where tokens are looked up, if not in the environment of the process.
    #[session(default)]
    environment: Environment,
}

impl APISession for Acme {
    fn build_session(&self, options: Options) -> Result<Options> {
        let profile = Profile::new("acme").file("acme/calendar.ini");
        let chain = Chain::new().explicit().env("ACME").profile(profile).settings();
        Ok(options.credentials(chain.environment(self.environment.clone())))
    }

    async fn authenticate(&self) -> Result<Credential> {
        let Some(login) = &self.login else {
            let message = "no token was found; set ACME_TOKEN, or sign in with a login";
            return Err(Error::new(ErrorKind::Authentication, message));
        };
        let token = self.tokens().create(login).await?;
        Credential::bearer(&token.token)
    }

    async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
        self.tokens().revoke().with_credential(credential.clone()).await
    }

    /// Checks for the header with which this vendor's gateway marks errors whose status is a success.
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        if response.headers().contains_key("x-acme-error") {
            return Err(response.into_error(
                ErrorKind::BadGateway,
                "the gateway returned an error with the status of a success",
            ));
        }
        Ok(response)
    }
}

/// The user name and password of a login.
#[derive(Clone, Serialize)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// Creates a login from a user name and a password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An event in the calendar. A changed one is saved by [`save`](Self::save).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, APIModel)]
#[model(on = Events, path = "/{id}")]
pub struct Event {
    /// The ID of the event.
    pub id: u64,
    /// The title.
    pub title: String,
    /// The day on which the event starts, as in `2026-01-31`.
    pub starts: String,
}

/// An event that is not in the calendar yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewEvent {
    /// The title.
    pub title: String,
    /// The day on which the event starts, as in `2026-01-31`.
    pub starts: String,
}

/// A change of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What has happened to the event.
    pub action: Action,
    /// The event.
    pub event: Event,
}

/// What has happened to an event.
#[derive(Clone, Debug, PartialEq, Eq, OpenEnum)]
#[open_enum(rename_all = "lowercase")]
pub enum Action {
    /// It was created.
    Created,
    /// It was deleted.
    Deleted,
    /// What this version of the SDK does not know.
    Other(String),
}

/// An export of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The ID of the export.
    pub id: u64,
    /// How it is: `queued`, `running`, `finished`, `failed` or `cancelled`.
    pub status: String,
    /// How many percent of it are done.
    pub percent: u8,
}

/// A token.
#[derive(Deserialize)]
pub struct Token {
    token: String,
}
