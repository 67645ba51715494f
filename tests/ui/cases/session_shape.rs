use apisession::prelude::*;

#[derive(Clone, APISession)]
pub enum Enum {
    A,
}

#[derive(Clone, APISession)]
pub struct Tuple(Session);

#[derive(Clone, APISession)]
pub struct Nothing;

#[derive(Clone, APISession)]
pub struct Generic<T> {
    session: Session,
    state: T,
}

#[derive(Clone, APISession)]
pub struct Two {
    one: Session,
    two: Session,
}

#[endpoint]
pub struct Raw;

#[derive(Clone, APISession)]
pub struct Taken {
    session: Session,
    #[endpoint]
    raw: Raw,
    #[session(default)]
    timeout: u8,
}

fn main() {}
