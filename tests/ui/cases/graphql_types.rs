//! Types that the data of GraphQL can't be decoded as.

use apisession::prelude::*;

pub struct NotDeserialize;

#[endpoint(path = "/graphql")]
pub struct Graph;

#[endpoint]
impl Graph {
    #[graphql("{ a }")]
    fn data(&self) -> Call<NotDeserialize>;

    #[graphql("{ b }")]
    fn part(&self) -> Call<GraphQl<NotDeserialize>>;
}

fn main() {}
