use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    #[get(value = "data")]
    pub fn no_slash(&self) -> Call<u64>;

    #[get(value = "/data", lines)]
    pub fn lines(&self) -> Call<Lines<u64>>;

    #[get(value = "/data", page = link(items = "/data"))]
    pub fn pages(&self) -> Pager<u64>;

    #[get(value)]
    pub fn nothing(&self) -> Call<u64>;
}

fn main() {}
