use std::rc::Rc;

use apisession::prelude::*;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
pub struct Acme {
    session: Session,
}

impl APISession for Acme {
    async fn authentiate(&self) -> Result<Credential> {
        Credential::bearer("token")
    }

    async fn deauthenticate(&self) -> Result<()> {
        Ok(())
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        let local = Rc::new(7);
        self.session.close().await?;
        drop((local, retry));
        Ok(())
    }

    fn error_map(&self) -> Vec<Rule> {
        Vec::new()
    }
}

fn main() {}
