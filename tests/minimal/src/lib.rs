//! An SDK of one endpoint, in a build without any feature of the framework: what each build has is enough for it.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

/// An event.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: u64,
    /// Its title.
    pub title: String,
}

/// An event that does not exist yet.
#[derive(Debug, Serialize)]
pub struct NewEvent {
    /// Its title.
    pub title: String,
}

/// The events.
#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    /// Returns an event.
    #[get("/{id}")]
    pub fn get(&self, id: u64, locale: Option<&str>) -> Call<Event>;

    /// Creates an event.
    #[post]
    pub fn create(&self, #[json] event: &NewEvent) -> Call<Event, EventError>;
}

/// Why an event can't be created.
#[derive(Debug, ApiError)]
pub enum EventError {
    /// There is one of this title.
    #[status(409)]
    Taken(Problem),
    /// Any other error.
    #[other]
    Other(Error),
}

/// The vendor.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.acme.test/v1", vendor = "Acme", hooks)]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let token: String = self.raw().post("/login").await?.json()?;
        Credential::bearer(token)
    }
}
