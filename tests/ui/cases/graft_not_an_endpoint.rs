use apisession::prelude::*;

pub struct Shared;

#[endpoint]
pub struct Root;

#[endpoint]
impl Root {
    #[graft("/{owner}")]
    pub fn shared(&self, owner: &str) -> Shared;
}

fn main() {}
