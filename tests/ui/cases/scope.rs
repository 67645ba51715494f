//! The scope of a token.

use apisession::prelude::*;

#[endpoint(path = "/shelves", scope = "shelf:{name:read")]
struct Shelves;

#[endpoint]
impl Shelves {
    #[get("/a", scope = "")]
    fn a(&self) -> Call<()>;

    #[get("/b", scope = "shelf:{}:read")]
    fn b(&self) -> Call<()>;

    #[get("/c", scope = "shelf:name}:read")]
    fn c(&self) -> Call<()>;

    #[get("/d", scope = 7)]
    fn d(&self) -> Call<()>;

    #[get("/e", scope)]
    fn e(&self) -> Call<()>;
}

fn main() {}
