//! Operations with the names of what the derive adds to a session.

use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

#[endpoint]
impl Acme {
    #[get]
    fn builder(&self) -> Call<()>;

    #[post]
    fn close(&self, reason: Option<&str>) -> Call<()>;

    #[get]
    fn operations(&self) -> Call<()>;

    #[get]
    fn raw(&self) -> Call<()>;

    #[get]
    fn scope(&self) -> Call<()>;

    #[graft("/{id}")]
    fn with(&self, id: u8) -> Events;

    #[get]
    fn other(&self) -> Call<()>;
}

#[endpoint]
struct Events;

async fn used(api: Acme) -> Result<()> {
    api.close().await?;
    api.other().await
}

fn main() {
    let _ = used(Acme::builder().build().unwrap());
}
