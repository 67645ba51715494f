//! reqwest-middleware with reqwest-retry.

use bench::{Event, Limit, NEW_EVENT, TOKEN, USER_AGENT};
use reqwest::header::ACCEPT;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;

#[derive(Clone)]
struct Middleware {
    client: ClientWithMiddleware,
    base: String,
}

impl Middleware {
    fn new(_: &str, base: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().user_agent(USER_AGENT).build().unwrap();
        let policy = ExponentialBackoff::builder().build_with_max_retries(2);
        let retry = RetryTransientMiddleware::new_with_policy(policy);
        Self { client: ClientBuilder::new(client).with(retry).build(), base: base.to_owned() }
    }
}

impl bench::Client for Middleware {
    async fn get(&self) -> Event {
        let request = self.client.get(format!("{}/events/{}", self.base, 7)).query(&Limit { limit: 10 });
        let request = request.header(ACCEPT, "application/json").bearer_auth(TOKEN);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    async fn post(&self) -> Event {
        let request = self.client.post(format!("{}/events", self.base)).json(&NEW_EVENT);
        let request = request.header(ACCEPT, "application/json").bearer_auth(TOKEN);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

fn main() {
    bench::run(Middleware::new);
}
