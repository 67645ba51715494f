use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn flag(&self, #[query(flag, list = "comma")] a: bool, #[query(flag, encode_with = b)] b: bool) -> Call<()>;

    #[get]
    pub fn nested(&self, #[query(nested = "slashes")] a: &[u8], #[query(flatten, nested = "dots")] b: &[u8]) -> Call<()>;

    #[get("/{a}")]
    pub fn places(&self, #[path(default = 1)] a: u8, #[query(flatten = true)] b: u8, #[header("host")] c: u8) -> Call<()>;

    #[post]
    pub fn body(&self, #[json(flatten)] a: u8, #[query(defualt = 2)] b: u8, #[query(default)] c: u8) -> Call<()>;
}

fn main() {}
