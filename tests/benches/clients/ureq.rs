//! ureq, which blocks: 64 calls at a time are on 64 threads.

use bench::{Event, NEW_EVENT, TOKEN, USER_AGENT};
use ureq::Agent;

#[derive(Clone)]
struct ByHand {
    agent: Agent,
    base: String,
}

impl bench::Blocking for ByHand {
    fn get(&self) -> Event {
        let request = self.agent.get(format!("{}/events/{}", self.base, 7)).query("limit", "10");
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        request.call().unwrap().body_mut().read_json().unwrap()
    }

    fn post(&self) -> Event {
        let request = self.agent.post(format!("{}/events", self.base));
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        request.send_json(&NEW_EVENT).unwrap().body_mut().read_json().unwrap()
    }
}

fn main() {
    bench::run_blocking(|_, base| {
        let config = Agent::config_builder().proxy(None).user_agent(USER_AGENT).accept("application/json");
        let config = config.max_idle_connections(64).max_idle_connections_per_host(64);
        ByHand { agent: config.build().into(), base: base.to_owned() }
    });
}
