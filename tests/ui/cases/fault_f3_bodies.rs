//! Bare scalars and bytes that would be the JSON body, by their types.

use apisession::Secret;
use apisession::prelude::*;
use std::borrow::Cow;
use std::num::NonZeroU8;

type Image = Vec<u8>;
type Amount = u32;
type Maybe = Option<bool>;

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[post]
    fn slice(&self, bytes: &[u8]) -> Call<()>;
    #[post]
    fn vec(&self, bytes: Vec<u8>) -> Call<()>;
    #[put]
    fn bytes(&self, bytes: Bytes) -> Call<()>;
    #[put]
    fn array(&self, bytes: &[u8; 4]) -> Call<()>;
    #[patch]
    fn alias(&self, image: &Image) -> Call<()>;
    #[patch]
    fn boxed(&self, bytes: Box<[u8]>) -> Call<()>;
    #[post]
    fn body(&self, body: Body) -> Call<()>;
    #[post]
    fn text(&self, text: &str) -> Call<()>;
    #[post]
    fn string(&self, text: String) -> Call<()>;
    #[post]
    fn cow(&self, text: Cow<'_, str>) -> Call<()>;
    #[post]
    fn number(&self, amount: Amount) -> Call<()>;
    #[post]
    fn float(&self, amount: &f64) -> Call<()>;
    #[post]
    fn whole(&self, amount: NonZeroU8) -> Call<()>;
    #[post]
    fn truth(&self, truth: bool) -> Call<()>;
    #[post]
    fn maybe(&self, truth: Maybe) -> Call<()>;
    #[post]
    fn secret(&self, secret: &Secret) -> Call<()>;
    #[post("/{id}/name")]
    fn beside(&self, id: u64, name: &str, notify: Option<bool>) -> Call<()>;
}

fn main() {}
