#![deny(warnings)]

use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn get(&self) -> Call<()>;

    #[get]
    pub fn list(&self, since: Option<u8>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn main() {
    let api = Acme::builder().build().unwrap();
    api.events().get();
    api.events().list().since(1);
    api.raw().get("/x");
    Acme::builder();
}
