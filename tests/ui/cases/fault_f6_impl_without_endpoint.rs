//! An impl with operations, but without `#[endpoint]`.

use apisession::prelude::*;

#[endpoint]
struct Events;

impl Events {
    /// Fetches one.
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<String>;

    #[post(idempotency_key)]
    fn create(&self, #[json] event: &str, #[query(flag)] notify: Option<bool>) -> Call<(), Error>;

    #[graft("/{id}")]
    fn below(&self, id: u64) -> Events;

    #[request(PURGE, "/{id}")]
    fn purge(&self, id: u64) -> Call<()>;

    #[put]
    fn whole(&self) -> u8 {
        1
    }

    fn plain(&self) -> Call<String> {
        self.get(1)
    }
}

fn main() {}
