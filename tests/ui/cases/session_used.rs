use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{r#ref}")]
    pub fn get(&self, r#ref: &str) -> Call<()>;

    #[get]
    pub fn by(&self, #[query] owner: impl Into<u64>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", vendr = "Acme", build = 7)]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[endpoint]
impl Acme {
    #[get("/version")]
    pub fn version(&self) -> Call<String>;
}

fn main() {
    let api = Acme::builder().timeout(Duration::from_secs(1)).build().unwrap();
    let _ = (api.events().get("7"), api.version(), api.raw(), api.operations());
}
