//! rustify, with endpoints that its derive declares.

use std::sync::Arc;

use bench::{Event, NEW_EVENT, TOKEN, USER_AGENT};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderValue};
use rustify::Endpoint;
use rustify::clients::reqwest::Client;
use rustify_derive::Endpoint;

#[derive(Endpoint)]
#[endpoint(path = "events/{self.id}", response = "Event")]
struct Get {
    #[endpoint(skip)]
    id: u64,
    #[endpoint(query)]
    limit: u32,
}

#[derive(Endpoint)]
#[endpoint(path = "events", method = "POST", response = "Event")]
struct Create {
    title: &'static str,
    starts: &'static str,
}

#[derive(Clone)]
struct Rustify(Arc<Client>);

impl bench::Client for Rustify {
    async fn get(&self) -> Event {
        Get { id: 7, limit: 10 }.exec(&*self.0).await.unwrap().parse().unwrap()
    }

    async fn post(&self) -> Event {
        let create = Create { title: NEW_EVENT.title, starts: NEW_EVENT.starts };
        create.exec(&*self.0).await.unwrap().parse().unwrap()
    }
}

fn main() {
    bench::run(|_, base| {
        let token = HeaderValue::try_from(format!("Bearer {TOKEN}")).unwrap();
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(ACCEPT, json), (AUTHORIZATION, token)]);
        let builder = reqwest::Client::builder().no_proxy().user_agent(USER_AGENT).default_headers(headers);
        Rustify(Arc::new(Client::new(base, builder.build().unwrap())))
    });
}
