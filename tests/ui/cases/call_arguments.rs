use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    pub fn get(&self, id: u64, since: Option<&str>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    token: String,
}

fn main() {
    let api = Acme::builder().build().unwrap();
    let events = api.events();
    let _ = events.get("7");
    let _ = events.get();
    let _ = events.get(7).since(2026);
    let _ = events.get(7).until("2026");
    let _ = events.gte(7);
}
