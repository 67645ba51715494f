//! Multipart bodies that can't be.

use apisession::prelude::*;
use serde::Serialize;

#[derive(Serialize)]
struct Meta {
    id: u8,
}

#[derive(Multipart)]
enum Either {
    One,
}

#[derive(Multipart)]
struct Tuple(Part);

#[derive(Multipart)]
struct Generic<T> {
    meta: T,
}

#[derive(Multipart)]
#[multipart(rename_all = "Title Case")]
struct Keys {
    #[multipart(rename = "a", content_type = "pdf", mime = "x/y")]
    file: Part,
    #[multipart("b")]
    other: Part,
}

#[derive(Multipart)]
struct NewFile {
    file: Part,
}

#[endpoint]
struct Files;

#[endpoint]
impl Files {
    #[post]
    fn beside_json(&self, #[part] file: Part, #[json] meta: &Meta) -> Call<()>;
    #[post]
    fn beside_body(&self, #[part] file: Part, meta: &Meta) -> Call<()>;
    #[post]
    fn beside_field(&self, #[part] file: Part, #[field] note: &str) -> Call<()>;
    #[post(fields("source" = "sdk"))]
    fn beside_constant(&self, #[part] file: Part) -> Call<()>;
    #[post(form)]
    fn form(&self, #[part] file: Part) -> Call<()>;
    #[head]
    fn head(&self, #[part] file: Part) -> Call<()>;
    #[post]
    fn taken(&self, #[part] build: Option<&str>) -> Call<()>;
    #[post]
    fn beside_struct(&self, #[part] note: &str, #[multipart] file: &NewFile) -> Call<()>;
    #[post]
    fn key_of_the_struct(&self, #[multipart(rename_all = "camelCase")] file: &NewFile) -> Call<()>;
    #[post]
    fn name_of_the_struct(&self, #[multipart("file")] file: &NewFile) -> Call<()>;
    #[post]
    fn two(&self, #[multipart] one: &NewFile, #[multipart] two: &NewFile) -> Call<()>;
    #[post]
    fn two_kinds(&self, #[json] meta: &Meta, #[multipart] file: &NewFile) -> Call<()>;
    #[post]
    fn keys(&self, #[part("a", content_type = "pdf", list = "comma")] file: Part) -> Call<()>;
    #[post]
    fn twice(&self, #[part] file: Part, #[part("file")] other: Part) -> Call<()>;
}

fn main() {}
