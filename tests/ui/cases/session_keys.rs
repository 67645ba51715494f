use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url, hooks = true, restricted_paths = "/login", vendor = "A", vendor = "B", colour = "red", base_url("x"))]
pub struct Acme {
    session: Session,
    #[session(defalt)]
    state: u8,
}

impl APISession for Acme {}

fn main() {}
