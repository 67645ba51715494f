use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://{subdomain}.acme.test/{version}")]
pub struct Missing {
    session: Session,
    subdomain: String,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://{subdomain.acme.test")]
pub struct Unmatched {
    session: Session,
    subdomain: String,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://acme.test:{port}/v1")]
pub struct Port {
    session: Session,
    port: u16,
}

#[derive(Clone, APISession)]
#[session(base_url = "{scheme}://{session}.test")]
pub struct Scheme {
    session: Session,
    scheme: String,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://{session}.test/{a b}")]
pub struct Field {
    session: Session,
}

fn main() {}
