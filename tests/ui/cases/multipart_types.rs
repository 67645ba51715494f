//! Types that can't be a part, or a multipart body.

use apisession::prelude::*;

struct Opaque;

struct Fields {
    a: u8,
}

#[derive(Multipart)]
struct NewFile {
    file: Opaque,
    files: Vec<Opaque>,
    #[multipart(json)]
    meta: Opaque,
}

#[endpoint]
struct Files;

#[endpoint]
impl Files {
    #[post]
    fn part(&self, #[part] file: &Opaque) -> Call<()>;
    #[post]
    fn optional(&self, #[part] file: Option<Opaque>) -> Call<()>;
    #[post]
    fn fields(&self, #[multipart] file: &Fields) -> Call<()>;
}

fn main() {}
