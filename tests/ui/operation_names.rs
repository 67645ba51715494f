use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn twice(&self, #[query(rename = "tag")] one: &str, #[query(rename = "tag")] two: &str) -> Call<()>;

    #[delete("")]
    pub fn nowhere(&self, #[path] id: u64, limit: u32) -> Call<()>;
}

fn main() {}
