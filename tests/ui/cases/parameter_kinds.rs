use std::collections::BTreeMap;

use apisession::http::HeaderMap;
use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn json(&self, #[query(json, list = "comma")] a: &[u8], #[query(flag, json)] b: bool, #[cookie(json)] c: u8) -> Call<()>;

    #[get]
    pub fn lists(&self, #[query(list = "commas")] a: &[u8], #[header(list = "pipes")] b: &[u8]) -> Call<()>;

    #[get("/{a}/{b+}")]
    pub fn path(&self, #[path(list = "pipes")] a: &[u8], #[path(list = "comma")] b: &[u8]) -> Call<()>;

    #[get]
    pub fn cookies(&self, #[cookie("a b")] a: u8, #[cookie("c")] b: u8, #[cookie] c: u8) -> Call<()>;

    #[get]
    pub fn headers(&self, #[headers("x-")] a: &HeaderMap, #[headers(prefix = "x a")] b: &HeaderMap, #[headers(prefix = 1)] c: &HeaderMap) -> Call<()>;

    #[get]
    pub fn unknown(&self, #[cokie] a: u8) -> Call<()>;

    #[get]
    pub fn fine(&self, #[headers] a: &BTreeMap<String, u8>) -> Call<()>;
}

fn main() {}
