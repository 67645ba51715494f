//! feignhttp, with a trait that its macro declares.

use std::sync::Arc;

use bench::{Event, NEW_EVENT, NewEvent, TOKEN, USER_AGENT};
use feignhttp::{Context, FeignClientBuilder as _, feign};

#[derive(Context)]
struct Settings {
    #[url_path]
    base: String,
    #[param]
    agent: &'static str,
    #[param]
    token: &'static str,
}

#[feign(
    url = "{base}",
    headers = "accept: application/json; user-agent: {agent}; authorization: Bearer {token}"
)]
trait Events {
    #[get("/events/{id}")]
    async fn get(&self, #[path] id: u64, #[query] limit: u32) -> feignhttp::Result<Event>;

    #[post("/events")]
    async fn create(&self, #[body] event: NewEvent) -> feignhttp::Result<Event>;
}

#[derive(Clone)]
struct Feign(Arc<Events>);

impl bench::Client for Feign {
    async fn get(&self) -> Event {
        self.0.get(7, 10).await.unwrap()
    }

    async fn post(&self) -> Event {
        self.0.create(NEW_EVENT).await.unwrap()
    }
}

fn main() {
    bench::run(|_, base| {
        let settings = Settings { base: base.to_owned(), agent: USER_AGENT, token: TOKEN };
        Feign(Arc::new(Events::builder().context(settings).build().unwrap()))
    });
}
