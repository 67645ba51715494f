//! hyper-util's client by hand.

use bench::{Event, NEW_EVENT, TOKEN, USER_AGENT};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT as AGENT};
use hyper::{Method, Request};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

#[derive(Clone)]
struct ByHand {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl ByHand {
    fn request(&self, method: Method, path: std::fmt::Arguments) -> hyper::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header(ACCEPT, "application/json").header(AGENT, USER_AGENT);
        request.header(AUTHORIZATION, format!("Bearer {TOKEN}"))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Event {
        let response = self.client.request(request).await.unwrap();
        assert!(response.status().is_success());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }
}

impl bench::Client for ByHand {
    async fn get(&self) -> Event {
        let request = self.request(Method::GET, format_args!("/events/{}?limit={}", 7, 10));
        self.send(request.body(Full::default()).unwrap()).await
    }

    async fn post(&self) -> Event {
        let request = self.request(Method::POST, format_args!("/events"));
        let body = serde_json::to_vec(&NEW_EVENT).unwrap();
        self.send(request.header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()).await
    }
}

fn main() {
    bench::run(|_, base| ByHand {
        client: Client::builder(TokioExecutor::new()).build_http(),
        base: base.to_owned(),
    });
}
