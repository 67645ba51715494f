//! The keys `form`, `fields`, `gzip`, `base_url` and `use_base` with other values, and where they don't belong.

use apisession::prelude::*;

#[endpoint(gzip, form)]
struct Level;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", use_base = false, fields("a" = 1))]
struct Acme {
    session: Session,
}

#[endpoint]
struct Events;

#[endpoint]
impl Events {
    #[post(form = true)]
    fn value_of_form(&self, #[field] a: u8) -> Call<()>;

    #[post(fields)]
    fn no_fields(&self) -> Call<()>;

    #[post(fields = "a")]
    fn value_of_fields(&self) -> Call<()>;

    #[post(fields("a"))]
    fn no_value(&self) -> Call<()>;

    #[post(fields(a = 1))]
    fn name(&self) -> Call<()>;

    #[post(fields("a" = 1, "a" = 2))]
    fn twice(&self) -> Call<()>;

    #[post(gzip, gzip("x"))]
    fn list_of_gzip(&self, #[json] a: u8) -> Call<()>;

    #[graft("/{id}", base_url = "https://upload.test", use_base = false)]
    fn graft(&self, id: u8) -> Level;
}

fn main() {}
