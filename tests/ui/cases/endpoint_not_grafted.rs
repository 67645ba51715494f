use apisession::prelude::*;

#[derive(Clone)]
pub struct Events;

#[derive(Clone, APISession)]
pub struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn main() {}
