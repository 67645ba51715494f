//! Cookies.

use std::collections::BTreeMap;

use apisession::prelude::*;

use crate::Pairs;

/// The cookies of the client.
#[endpoint(path = "/cookies", tags("Cookies"))]
pub struct Cookies;

#[endpoint]
impl Cookies {
    /// Returns the cookies that were sent.
    #[get(value = "/cookies")]
    pub fn list(&self) -> Call<Pairs>;

    /// Sets a cookie, and returns those that are then sent.
    #[get("/set/{name}/{value}", value = "/cookies")]
    pub fn set(&self, name: &str, value: &str) -> Call<Pairs>;

    /// Sets several cookies, and returns those that are then sent.
    #[get("/set", value = "/cookies")]
    pub fn set_all(&self, #[query(flatten)] all: &BTreeMap<&str, &str>) -> Call<Pairs>;

    /// Deletes cookies, and returns those that are left.
    #[get("/delete", value = "/cookies")]
    pub fn delete(&self, #[query(flatten, encode_with = flags)] names: &[&str]) -> Call<Pairs>;
}

/// Parameters with these names and without values.
fn flags<'n>(names: &[&'n str]) -> BTreeMap<&'n str, &'static str> {
    names.iter().map(|name| (*name, "")).collect()
}
