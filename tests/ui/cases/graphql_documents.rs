//! Documents of GraphQL that can't be sent.

use apisession::prelude::*;

#[endpoint(path = "/graphql")]
pub struct Graph;

#[endpoint]
impl Graph {
    #[graphql("fragment F on User { id }")]
    fn no_operation(&self) -> Call<u8>;

    #[graphql("query A { a } query B { b }")]
    fn several_operations(&self) -> Call<u8>;

    #[graphql("query A { a } query B { b }", operation = "C")]
    fn unknown_operation(&self) -> Call<u8>;

    #[graphql("subscription { a }")]
    fn subscription(&self) -> Call<u8>;

    #[graphql("query ($id: ID!) { a }")]
    fn unset_variable(&self) -> Call<u8>;

    #[graphql("query ($id: ID!) { a }")]
    fn undeclared_variable(&self, id: u64, user_name: &str) -> Call<u8>;

    #[graphql("{ users { nodes { id } pageInfo { hasNextPage endCursor } } }", page = connection(at = "/users"))]
    fn undeclared_cursor(&self) -> Pager<u8>;
}

fn main() {}
