use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
pub struct Acme {
    session: Session,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("token")
    }
}

fn main() {}
