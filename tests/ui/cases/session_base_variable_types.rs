use apisession::prelude::*;
use apisession::Secret;

#[derive(Clone, APISession)]
#[session(base_url = "https://{subdomain}.acme.test/{version}")]
pub struct Acme {
    session: Session,
    subdomain: Option<String>,
    version: Secret,
}

fn main() {}
