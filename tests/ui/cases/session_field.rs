use apisession::prelude::*;

/// It can't be copied.
pub struct Counter(u64);

#[derive(APISession)]
pub struct Acme {
    session: Session,
    counter: Counter,
}

impl Clone for Acme {
    fn clone(&self) -> Self {
        unimplemented!()
    }
}

fn main() {}
