//! The operations and the types of a job.

use apisession::prelude::*;

struct Export;

#[endpoint]
struct Exports;

#[endpoint]
impl Exports {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<u64>;

    #[post("/c", poll(read = get("/id"), result = get("/id")))]
    fn result(&self) -> Poller<String>;
    #[post("/d", poll(read = get("/id"), total = 600))]
    fn total(&self) -> Poller<u64>;
    #[post("/e", poll(read = get("/id")))]
    fn decoded(&self) -> Poller<Export>;
    #[post("/f", poll(read = get("/id")))]
    fn error(&self) -> Poller<u64, Export>;
}

fn unused(exports: &Exports) {
    exports.error();
}

fn main() {}
