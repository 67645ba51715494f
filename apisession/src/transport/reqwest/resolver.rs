//! Resolves names for reqwest.

use reqwest::dns::{Name, Resolve, Resolving};

use crate::transport::network::resolver::Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move { Ok(addresses.await?) })
    }
}
