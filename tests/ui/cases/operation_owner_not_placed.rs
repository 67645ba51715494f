use apisession::prelude::*;

pub struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    pub fn get(&self, id: u64) -> Call<()>;
}

fn main() {}
