use apisession::prelude::*;

#[endpoint(path = "/events", zzz, timeot = Duration::from_secs(1), timeout, retry_on = 503, retry_on(99, "x"))]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{id}", zzz, max_atempts = 2, restricted_paths("/x"), accept = 7)]
    pub fn get(&self, id: u64) -> Call<()>;

    #[get(headers("x a" = "b", "host" = "b", "x-a" = "1", "x-a" = "2", "x-b"), query = "a", auth = "nobody")]
    pub fn list(&self) -> Call<()>;

    #[get(idempotent = 1, idempotent(true), auth = None)]
    pub fn odd(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(zzz, max_in_flight, connect_timeout(1), auth)]
pub struct Acme {
    session: Session,
}

fn main() {}
