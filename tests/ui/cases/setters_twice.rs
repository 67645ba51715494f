use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn twice(&self, since: Option<u8>, since: Option<u16>, maybe_since: Option<u8>) -> Call<()>;

    #[post]
    pub fn elsewhere(&self, #[field] a: u8, #[header("x-a")] a: u8, #[field("b")] a: Option<u8>) -> Call<()>;

    #[get]
    pub fn right(&self, since: Option<u8>) -> Call<()>;
}

fn main() {}
