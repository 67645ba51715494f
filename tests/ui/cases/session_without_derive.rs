use apisession::prelude::*;

#[derive(Clone)]
pub struct Acme {
    session: Session,
}

impl APISession for Acme {}

fn main() {}
