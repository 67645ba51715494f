//! Four mistakes cause four errors. The correct uses below cause none.

use apisession::prelude::*;

#[endpoint(path = "/events")]
pub struct Events;

#[derive(Clone, APISession)]
#[session(bse_url = "https://api.test", vendor = 7, base_url = "api.test")]
pub struct Acme {
    #[endpoint]
    events: Events,
}

fn use_it(api: &Acme) -> Events {
    fn is_session<T: APISession>(_: &T) {}
    is_session(api);
    api.events()
}

fn main() {}
