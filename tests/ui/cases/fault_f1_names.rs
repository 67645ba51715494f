//! Names of which others are made, which are then the same.

use apisession::prelude::*;

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[get]
    fn größe(&self) -> Call<u8>;

    #[get]
    fn grösse(&self) -> Call<u8>;

    #[get]
    fn list_all(&self, since: Option<u8>) -> Call<u8>;

    #[get]
    fn listAll(&self, since: Option<u8>) -> Call<u8>;

    #[get]
    fn list(&self) -> Call<u8>;

    const LIST: u8 = 1;

    // Only one of these is there.
    #[cfg(all())]
    #[get]
    fn maß(&self) -> Call<u8>;

    #[cfg(not(all()))]
    #[get]
    fn mass(&self) -> Call<u8>;
}

fn main() {}
