//! Parameters without a place.

use apisession::prelude::*;

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[get]
    fn list(&self, since: u64) -> Call<()>;

    #[delete("/{id}")]
    fn delete(&self, id: u64, force: bool) -> Call<()>;

    #[post]
    fn create(&self, title: &str, note: &str) -> Call<()>;

    #[request(PURGE, "/{id}")]
    fn purge(&self, id: u64, r#type: &str) -> Call<()>;
}

fn main() {}
