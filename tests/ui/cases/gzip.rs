//! The key `gzip` of an operation.

use apisession::prelude::*;

#[endpoint]
struct Notes;

#[endpoint]
impl Notes {
    #[post("/value", gzip = true)]
    fn value(&self, #[json] note: &str) -> Call<()>;
    #[post("/misspelled", gzipped)]
    fn misspelled(&self, #[json] note: &str) -> Call<()>;
    #[post("/twice", gzip, gzip)]
    fn twice(&self, #[json] note: &str) -> Call<()>;
    #[get("/nothing", gzip)]
    fn nothing(&self, #[query] note: &str) -> Call<()>;
}

fn main() {}
