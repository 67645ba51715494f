use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
pub struct Acme {
    session: Session,
}

fn main() {
    let _ = Acme::builder().build();
}
