use apisession::prelude::*;

#[endpoint]
pub struct Files;

#[endpoint]
impl Files {
    #[get("/{+path}")]
    pub fn before(&self, path: &str) -> Call<()>;

    #[get("/{path+}{more}")]
    pub fn both(&self, path: &str, more: &str) -> Call<()>;

    #[get("/{path+}")]
    pub fn optional(&self, path: Option<&str>) -> Call<()>;
}

fn main() {}
