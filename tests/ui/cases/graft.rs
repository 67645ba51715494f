use apisession::prelude::*;

#[endpoint]
pub struct Shared;

#[endpoint]
pub struct Root;

#[endpoint]
impl Root {
    #[graft("/{owner}")]
    pub fn misspelt(&self, onwer: &str) -> Shared;

    #[graft("/{owner}")]
    pub fn optional(&self, owner: Option<&str>) -> Shared;

    #[graft("/{owner}")]
    pub fn query(&self, owner: &str, #[query] full: bool) -> Shared;

    #[graft("/{owner}")]
    #[get]
    pub fn both(&self, owner: &str) -> Shared;

    #[graft("/{owner}")]
    pub fn nothing(&self, owner: &str);

    #[graft(path = "/{owner}")]
    pub fn key(&self, owner: &str) -> Shared;
}

fn main() {}
