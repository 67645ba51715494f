//! Parts, files and bodies in places that send values.

use apisession::prelude::*;

#[endpoint]
struct Files;

#[endpoint]
impl Files {
    #[get]
    fn query(&self, #[query] file: Part) -> Call<()>;
    #[post]
    fn optional(&self, file: Option<Part>) -> Call<()>;
    #[post]
    fn left_over(&self, file: Part) -> Call<()>;
    #[post]
    fn json(&self, #[json] file: &Part) -> Call<()>;
    #[post]
    fn field(&self, #[field] file: Part) -> Call<()>;
    #[post(form)]
    fn form(&self, #[field] file: Body) -> Call<()>;
    #[post(fields("file" = Part::text("x")))]
    fn constant(&self) -> Call<()>;
    #[post]
    fn body(&self, #[body("application/pdf")] file: Part) -> Call<()>;
}

fn main() {}
