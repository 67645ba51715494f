use apisession::prelude::*;

fn iso(day: &u16) -> String {
    day.to_string()
}

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn flag(&self, #[query(flag)] verbose: u8) -> Call<()>;

    #[get]
    pub fn default(&self, #[query(default = "fifty")] limit: u32) -> Call<()>;

    #[get]
    pub fn encoded(&self, #[query(encode_with = iso)] day: &str) -> Call<()>;

    #[get]
    pub fn missing(&self, #[query(encode_with = is0)] day: u16) -> Call<()>;
}

fn main() {}
