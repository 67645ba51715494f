//! reqwest by hand, in three variants:
//!
//! - `idiomatic`: as its documentation shows. It asks the environment for proxies, as any client of reqwest does by default.
//! - `tuned`: there are no proxies, the base URL is parsed once, the headers are defaults of the client, and the body is decoded from its bytes.
//! - `prebuilt`: the request is built once and cloned, which is the least that a call on reqwest can cost.

use bench::{Event, Limit, NEW_EVENT, TOKEN, USER_AGENT};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Request, Response, Url};

#[derive(Clone)]
struct ByHand {
    client: Client,
    base: String,
    how: How,
}

#[derive(Clone)]
enum How {
    Idiomatic,
    Tuned { base: Url },
    Prebuilt(std::sync::Arc<[Request; 2]>),
}

impl ByHand {
    fn new(variant: &str, base: &str) -> Self {
        let builder = || Client::builder().user_agent(USER_AGENT);
        let mut by_hand =
            Self { client: builder().build().unwrap(), base: base.to_owned(), how: How::Idiomatic };
        match variant {
            "idiomatic" => {}
            "tuned" => {
                let mut token = HeaderValue::try_from(format!("Bearer {TOKEN}")).unwrap();
                token.set_sensitive(true);
                let json = HeaderValue::from_static("application/json");
                let headers = HeaderMap::from_iter([(ACCEPT, json), (AUTHORIZATION, token)]);
                by_hand.client = builder().no_proxy().default_headers(headers).build().unwrap();
                by_hand.how = How::Tuned { base: Url::parse(base).unwrap() };
            }
            "prebuilt" => {
                by_hand.client = builder().no_proxy().build().unwrap();
                let requests = [by_hand.get_request(), by_hand.post_request()];
                by_hand.how = How::Prebuilt(requests.map(|request| request.build().unwrap()).into());
            }
            variant => panic!("unknown variant: {variant}"),
        }
        by_hand
    }

    fn get_request(&self) -> reqwest::RequestBuilder {
        let request = self.client.get(format!("{}/events/{}", self.base, 7)).query(&Limit { limit: 10 });
        request.header(ACCEPT, "application/json").bearer_auth(TOKEN)
    }

    fn post_request(&self) -> reqwest::RequestBuilder {
        let request = self.client.post(format!("{}/events", self.base)).json(&NEW_EVENT);
        request.header(ACCEPT, "application/json").bearer_auth(TOKEN)
    }
}

impl bench::Client for ByHand {
    async fn get(&self) -> Event {
        match &self.how {
            How::Idiomatic => {
                let response = self.get_request().send().await.unwrap();
                response.error_for_status().unwrap().json().await.unwrap()
            }
            How::Tuned { base } => {
                let mut url = base.clone();
                url.set_path("/events/7");
                url.set_query(Some("limit=10"));
                decoded(self.client.get(url).send().await.unwrap()).await
            }
            How::Prebuilt(requests) => {
                decoded(self.client.execute(requests[0].try_clone().unwrap()).await.unwrap()).await
            }
        }
    }

    async fn post(&self) -> Event {
        match &self.how {
            How::Idiomatic => {
                let response = self.post_request().send().await.unwrap();
                response.error_for_status().unwrap().json().await.unwrap()
            }
            How::Tuned { base } => {
                let mut url = base.clone();
                url.set_path("/events");
                decoded(self.client.post(url).json(&NEW_EVENT).send().await.unwrap()).await
            }
            How::Prebuilt(requests) => {
                decoded(self.client.execute(requests[1].try_clone().unwrap()).await.unwrap()).await
            }
        }
    }
}

async fn decoded(response: Response) -> Event {
    let response = response.error_for_status().unwrap();
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn main() {
    bench::run(ByHand::new);
}
