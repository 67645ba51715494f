use apisession::prelude::*;

pub struct Opaque;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn response(&self) -> Call<Opaque>;

    #[get("/{key}")]
    pub fn path(&self, key: Opaque) -> Call<()>;

    #[get]
    pub fn query(&self, key: Option<Opaque>) -> Call<()>;

    #[post]
    pub fn body(&self, #[json] body: &Opaque) -> Call<()>;
}

fn main() {}
