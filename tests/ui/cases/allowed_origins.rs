//! Origins and their grants.

use apisession::prelude::*;

#[endpoint(path = "/a", allowed_origins("https://cdn.test" = body))]
struct Things;

#[endpoint(path = "/b", allowed_origins = "https://cdn.test")]
struct Others;

#[endpoint]
impl Things {
    #[get(allowed_origins(cdn))]
    fn get(&self) -> Call<()>;

    #[get("/b", allowed_origins("https://cdn.test" = none, "https://eu.test" = credential))]
    fn list(&self) -> Call<()>;
}

fn main() {}
