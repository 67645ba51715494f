//! An SDK for the Acme calendar.

use apisession::prelude::*;
use serde::Deserialize;

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

/// Calendar events.
#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    /// Fetches one event.
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<Event>;

    /// Fetches one event, or `None` if there is no such event.
    #[get("/{id}")]
    pub fn find(&self, id: u64) -> Call<Option<Event>>;

    /// Finds events by their title.
    #[get("/search")]
    pub fn search(&self, #[query] title: &str, limit: Option<u32>) -> Call<Vec<Event>>;
}

/// The Acme calendar.
#[derive(Clone, Debug, APISession)]
#[session(base_url = "https://api.acme.example/v1", vendor = "Acme", product = "calendar")]
pub struct Acme {
    session: Session,
    /// Calendar events.
    #[endpoint]
    events: Events,
}
