//! A document of GraphQL in a file that does not exist.

use apisession::prelude::*;

#[endpoint(path = "/graphql")]
pub struct Graph;

#[endpoint]
impl Graph {
    #[graphql(file = "src/no_such_document.graphql")]
    fn user(&self, id: u64) -> Call<u8>;
}

fn main() {}
