use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn twice(&self, #[query(rename = "tag")] one: &str, #[query(rename = "tag")] two: &str) -> Call<()>;

    #[get]
    pub fn header(&self, #[header("x name")] one: &str, #[header("X-A")] two: u8, #[header("X-A")] three: u8) -> Call<()>;

    #[get]
    pub fn list(&self, #[query(list = "semicolons")] one: &[u8], #[json(list = "comma")] two: &[u8]) -> Call<()>;

    #[request("/path")]
    pub fn no_method(&self) -> Call<()>;

    #[request(purge, "/path")]
    pub fn lower(&self) -> Call<()>;

    #[request]
    pub fn empty(&self) -> Call<()>;

    #[delete("")]
    pub fn nowhere(&self, #[path] id: u64, limit: u32) -> Call<()>;
}

fn main() {}
