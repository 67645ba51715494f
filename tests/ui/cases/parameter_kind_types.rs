use apisession::prelude::*;

#[derive(Clone, Copy)]
pub struct Opaque;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn headers(&self, #[headers] a: &[u8], #[headers(prefix = "x-")] b: Option<Opaque>) -> Call<()>;

    #[get]
    pub fn others(&self, #[query(json)] a: Opaque, #[header("x-a", json)] b: Option<Opaque>, #[cookie] c: Opaque) -> Call<()>;
}

fn main() {}
