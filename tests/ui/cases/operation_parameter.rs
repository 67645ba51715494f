use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn nowhere(&self, limit: u32) -> Call<()>;

    #[post]
    pub fn which(&self, event: &str, note: &str) -> Call<()>;

    #[get]
    pub fn body(&self, #[json] event: &str) -> Call<()>;

    #[post]
    pub fn bodies(&self, #[json] event: &str, #[json] note: &str) -> Call<()>;

    #[get]
    pub fn taken(&self, raw: Option<bool>, with_timeout: Option<u8>) -> Call<()>;

    #[post]
    pub fn taken_elsewhere(&self, #[field] build: Option<bool>, #[header] send: Option<u8>, #[cookie] with_theme: Option<u8>) -> Call<()>;

    #[post]
    pub fn taken_by_the_body(&self, #[json] raw: Option<u8>) -> Call<()>;

    #[get]
    pub fn pattern(&self, (a, b): (u8, u8)) -> Call<()>;

    #[get]
    pub fn attribute(&self, #[qurey] a: u8, #[query] #[path] b: u8, #[query(name = "c")] c: u8) -> Call<()>;
}

fn main() {}
