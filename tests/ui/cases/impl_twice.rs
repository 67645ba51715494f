use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn one(&self) -> Call<()>;
}

#[endpoint]
impl Events {
    #[get]
    pub fn two(&self) -> Call<()>;
}

fn main() {}
