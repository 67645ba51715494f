use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Events;

#[endpoint]
impl Events {
    #[get(value = "/data")]
    pub fn text(&self) -> Call<Text>;
}

fn main() {}
