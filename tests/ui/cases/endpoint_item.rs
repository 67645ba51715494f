use apisession::prelude::*;

#[endpoint(path = "/events")]
pub enum Events {
    One,
}

#[endpoint]
pub fn free() {}

#[endpoint(path = "/things")]
pub struct Tuple(u8);

fn main() {}
