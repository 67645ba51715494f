use apisession::prelude::*;

#[endpoint(path = "/uploads")]
pub struct Uploads;

type Text = str;

#[endpoint]
impl Uploads {
    #[patch(at = to)]
    pub fn text(&self, to: &str) -> Call<()>;

    #[patch(at = to)]
    pub fn hidden(&self, to: &Text) -> Call<()>;

    #[put(at = id)]
    pub fn number(&self, id: u64, digest: Option<&str>) -> Call<()>;

    #[get(at = response)]
    pub fn response(&self, response: &Response) -> Call<()>;
}

fn main() {}
