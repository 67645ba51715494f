use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Fields {
    a: u8,
}

#[endpoint(path = "/events")]
pub struct Generic<T>;

#[endpoint(path = "/users/{id}")]
pub struct Placeholder;

#[endpoint("/events")]
pub struct NoKey;

#[endpoint(paht = "/events")]
pub struct Typo;

#[endpoint(path = "/events")]
#[derive(Clone, Debug)]
pub struct Derives;

#[endpoint]
pub enum Enum {
    A,
}

fn main() {}
