//! The keys `poll` and `wait` of an operation.

use apisession::prelude::*;

#[endpoint]
struct Exports;

#[endpoint]
impl Exports {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
    #[get("/{project}/{id}")]
    fn nested(&self, project: u64, id: u64) -> Call<()>;
    #[get("/{id}/view")]
    fn viewed(&self, id: u64, #[query] view: &str) -> Call<()>;
    #[get("/all", page = link(items = ""))]
    fn all(&self) -> Pager<u64>;

    #[post("/a", poll)]
    fn nothing(&self) -> Poller<()>;
    #[post("/b", poll(read = get, done("A")))]
    fn no_call(&self) -> Poller<()>;
    #[post("/c", poll(read = "/id"))]
    fn no_operation(&self) -> Poller<()>;
    #[post("/d", poll(read = get("id")))]
    fn no_pointer(&self) -> Poller<()>;
    #[post("/e", poll(read = get("/id"), done("FINISHED")))]
    fn no_state(&self) -> Poller<()>;
    #[post("/f", poll(read = get("/id"), state = "/status"))]
    fn no_success(&self) -> Poller<()>;
    #[post("/g", poll(read = get("/id"), state = "/status", done("A"), failed("A"), running))]
    fn twice(&self) -> Poller<()>;
    #[post("/h", poll(read = get("/id"), done(7, A), failed()))]
    fn no_marks(&self) -> Poller<()>;
    #[post("/i", poll(read = header("x job")))]
    fn no_header(&self) -> Poller<()>;
    #[post("/j", poll(read = get("/id"), cancel = location))]
    fn no_cancel(&self) -> Poller<()>;
    #[post("/k", poll(read = nested("/project", "/id"), adopt = "/existing"))]
    fn two_values(&self) -> Poller<()>;
    #[post("/l", poll(read = nested("/id")))]
    fn one_of_two(&self) -> Poller<()>;
    #[post("/m", poll(read = viewed("/id")))]
    fn no_value(&self) -> Poller<()>;
    #[post("/n", poll(read = all()))]
    fn list(&self) -> Poller<()>;
    #[post("/o", poll(read = location, sate = "/status"))]
    fn misspelled(&self) -> Poller<()>;
    #[post("/p", poll(read = location))]
    fn call(&self) -> Call<()>;
    #[post("/q")]
    fn no_key(&self) -> Poller<()>;
    #[post("/r", poll(read = location), wait(until_exists))]
    fn both(&self) -> Poller<()>;
    #[get("/s", wait)]
    fn what(&self) -> Poller<()>;
    #[get("/t", wait(until_exists, until_gone))]
    fn exclude(&self) -> Poller<()>;
    #[get("/u", wait(until_exists), page = link(items = ""))]
    fn pages(&self) -> Poller<()>;
    #[post("/v", poll(read = location))]
    fn setter(&self, start: Option<u64>) -> Poller<()>;
    #[post("/w", poll(read = gets("/id"), state = "/status", done("FINISHED")))]
    fn near(&self) -> Poller<()>;
    #[post("/x", poll(read = get("/id"), cancel = terminate("/id"), result = content("/id")))]
    fn far(&self) -> Poller<()>;
    #[post("/y", poll(read = call("/id")))]
    fn of_a_mistaken_one(&self) -> Poller<()>;
}

fn main() {}
