//! `cfg` where it can't be.

use apisession::prelude::*;

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, #[cfg(all())] id: u64) -> Call<()>;

    #[get]
    fn list(&self, #[cfg_attr(all(), query)] since: u64) -> Call<()>;

    #[get]
    #[cfg_attr(all(), post)]
    fn create(&self) -> Call<()>;

    #[cfg_attr(any(), post)]
    fn never(&self) -> Call<()>;

    #[graft("/{owner}")]
    fn shared(&self, #[cfg(all())] owner: u64) -> Events;

    #[get("/a/%2e%2E/b")]
    fn dots(&self) -> Call<()>;

    #[graft("/%zz")]
    fn octets(&self) -> Events;
}

#[endpoint(path = "/100%")]
struct Percent;

fn main() {}
