use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{id")]
    pub fn open(&self, id: u64) -> Call<()>;

    #[get("/{}")]
    pub fn empty(&self) -> Call<()>;

    #[get("/a?b=c")]
    pub fn query(&self) -> Call<()>;

    #[get("/a//b")]
    pub fn slashes(&self) -> Call<()>;

    #[get("/../admin")]
    pub fn dots(&self) -> Call<()>;

    #[get("/{id}/{id}")]
    pub fn twice(&self, id: u64) -> Call<()>;
}

fn main() {}
