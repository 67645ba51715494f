//! Mistakes in operations of GraphQL.

use apisession::prelude::*;

#[derive(serde::Serialize)]
pub struct Of;

#[endpoint(path = "/graphql")]
pub struct Graph;

#[endpoint]
impl Graph {
    #[graphql]
    fn no_document(&self) -> Call<u8>;

    #[graphql("{ a }", file = "src/user.graphql")]
    fn two_documents(&self) -> Call<u8>;

    #[graphql(query = "{ a }")]
    fn document_with_a_key(&self) -> Call<u8>;

    #[graphql("{ a }", data = "user")]
    fn data_without_slash(&self) -> Call<u8>;

    #[graphql("{ a }", data = "/users", page = connection(at = "users"))]
    fn data_of_a_page(&self) -> Pager<u8>;

    #[graphql("{ a }", page = connection(size = "first"))]
    fn connection_without_a_place(&self) -> Pager<u8>;

    #[get(page = connection(at = "/users"))]
    fn connection_of_another(&self) -> Pager<u8>;

    #[graphql("query ($of: Of!) { a }")]
    fn json_body(&self, #[json] of: &Of) -> Call<u8>;

    #[graphql("query ($id: ID!) { a }")]
    fn own_field(&self, #[variable] id: u64, #[field] query: &str) -> Call<u8>;

    #[get]
    fn variable_of_another(&self, #[variable] id: u64) -> Call<u8>;

    #[graphql("query ($id: ID!) { a }")]
    fn struct_and_variable(&self, #[variables] of: &Of, id: u64) -> Call<u8>;

    #[graphql("query ($withId: ID) { a }")]
    fn setter_of_a_call(&self, with_id: Option<u64>) -> Call<u8>;

    #[graphql("{ a }", pathh = "/other")]
    fn unknown_key(&self) -> Call<u8>;
}

struct NoEndpoint;

impl NoEndpoint {
    #[graphql("{ a }")]
    fn misplaced(&self) -> Call<u8>;
}

fn main() {}
