//! octocrab, whose client takes any base URL.

use bench::{Event, Limit, NEW_EVENT, TOKEN, USER_AGENT};
use octocrab::Octocrab;

#[derive(Clone)]
struct Crab(Octocrab);

impl bench::Client for Crab {
    async fn get(&self) -> Event {
        self.0.get(format!("/events/{}", 7), Some(&Limit { limit: 10 })).await.unwrap()
    }

    async fn post(&self) -> Event {
        self.0.post("/events", Some(&NEW_EVENT)).await.unwrap()
    }
}

fn main() {
    bench::run(|_, base| {
        let builder = Octocrab::builder().base_uri(base).unwrap().personal_token(TOKEN);
        let builder = builder.add_header("accept".parse().unwrap(), "application/json".to_owned());
        Crab(builder.add_header("user-agent".parse().unwrap(), USER_AGENT.to_owned()).build().unwrap())
    });
}
