use apisession::prelude::*;

#[endpoint(path = "/events", timeout = 30)]
pub struct Events;

#[endpoint]
impl Events {
    #[get(max_attempts = "three", headers("x-a" = 7))]
    pub fn list(&self) -> Call<()>;

    #[get(error_map = missing())]
    pub fn get(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_body = -1)]
pub struct Acme {
    session: Session,
}

fn main() {}
