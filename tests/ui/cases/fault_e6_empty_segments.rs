//! `empty_segments` where no value of several segments is.

use apisession::prelude::*;

#[endpoint]
struct Objects;

#[endpoint]
impl Objects {
    #[get("/{key}")]
    fn one(&self, #[path(empty_segments)] key: &str) -> Call<()>;

    #[get("/v{key}/x")]
    fn part(&self, #[path(empty_segments)] key: &str) -> Call<()>;

    #[get("/{bucket}/{key+}")]
    fn another(&self, #[path(empty_segments)] bucket: &str, #[path(empty_segments)] key: &str) -> Call<()>;

    #[get("/{key}")]
    fn renamed(&self, #[path(rename = "key", empty_segments)] name: &str) -> Call<()>;

    #[get]
    fn absent(&self, #[path(empty_segments)] key: &str) -> Call<()>;

    #[get("/{key+}")]
    fn with_value(&self, #[path(empty_segments = 2)] key: &str) -> Call<()>;

    #[get("/query")]
    fn query(&self, #[query(empty_segments)] key: &str) -> Call<()>;

    #[get("/header")]
    fn header(&self, #[header("x-key", empty_segments)] key: &str) -> Call<()>;

    #[post("/json")]
    fn json(&self, #[json(empty_segments)] key: &Key) -> Call<()>;

    #[get("/{key+}", empty_segments)]
    fn operation(&self, key: &str) -> Call<()>;

    #[graft("/{key}")]
    fn graft(&self, #[path(empty_segments)] key: &str) -> Objects;

    #[get("/{key+}")]
    fn right(&self, #[path(empty_segments)] key: &str) -> Call<()>;
}

#[endpoint(path = "/x", empty_segments)]
struct Endpoint;

struct Key;

fn main() {}
