use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "ftp://api.test")]
pub struct Scheme {
    session: Session,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://ana:s3cret@api.test")]
pub struct User {
    session: Session,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1?key=1")]
pub struct Query {
    session: Session,
}

#[derive(Clone, APISession)]
#[session(base_url = "https:///v1")]
pub struct Host {
    session: Session,
}

fn main() {}
