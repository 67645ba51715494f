//! apisession, with everything on: a bearer token by the hook, retries, and redaction.

use apisession::prelude::*;
use bench::{Event, NEW_EVENT, NewEvent, TOKEN};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64, limit: Option<u32>) -> Call<Event>;

    #[post]
    fn create(&self, event: &NewEvent) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test", vendor = "Acme", product = "calendar", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer(TOKEN)
    }
}

impl bench::Client for Acme {
    async fn get(&self) -> Event {
        self.events().get(7).limit(10).await.unwrap()
    }

    async fn post(&self) -> Event {
        self.events().create(&NEW_EVENT).await.unwrap()
    }
}

/// Sets the subscriber of a variant: one that is disabled for calls, or one that writes a line for each.
fn subscribe(variant: &str) {
    let filter = match variant {
        "disabled" => Targets::new().with_target("elsewhere", Level::TRACE),
        "debug" => Targets::new().with_target("apisession", Level::DEBUG),
        _ => return,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(filter).with(lines)).unwrap();
}

pub(crate) fn main() {
    bench::run(|variant, url| {
        subscribe(variant);
        Acme::builder().base_url(url).build().unwrap()
    });
}
