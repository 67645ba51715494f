//! Operations with the names of endpoints of the session.

use apisession::prelude::*;

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[get]
    fn get(&self) -> Call<u8>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    users: Events,
    #[endpoint]
    r#type: Events,
    #[endpoint]
    shared: Events,
    #[endpoint]
    other: Events,
}

impl Acme {
    const OTHER: &str = "a constant that is no operation";
}

#[endpoint]
impl Acme {
    #[get]
    fn events(&self) -> Call<u8>;

    #[get]
    fn users(&self, since: Option<u8>) -> Call<u8, apisession::Error>;

    #[get]
    fn r#type(&self) -> Call<()>;

    #[graft("/{id}")]
    fn shared(&self, id: u8) -> Events;

    #[get]
    fn right(&self) -> Call<u8>;
}

async fn used(api: Acme) -> Result<u8> {
    api.events().await?;
    api.right().await?;
    println!("{}", Acme::OTHER);
    api.other().get().await
}

fn main() {
    let _ = used(Acme::builder().build().unwrap());
}
