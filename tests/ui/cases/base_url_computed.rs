use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get(base_url = String::from("https://upload.test"))]
    pub fn computed(&self) -> Call<()>;
}

fn main() {}
