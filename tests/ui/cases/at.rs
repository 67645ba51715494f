use apisession::prelude::*;

#[endpoint(path = "/uploads")]
pub struct Uploads;

#[endpoint]
impl Uploads {
    #[patch(at = too)]
    pub fn misspelt(&self, to: &Location, #[query] digest: &str) -> Call<()>;

    #[get(at = to)]
    pub fn missing(&self) -> Call<()>;

    #[patch("/{id}", at = to)]
    pub fn path(&self, id: u64, to: &Location) -> Call<()>;

    #[patch("/{to}", at = to)]
    pub fn in_path_as_well(&self, to: &Location) -> Call<()>;

    #[put(at = to)]
    pub fn twice(&self, #[query] to: &Location) -> Call<()>;

    #[put(at = to)]
    pub fn body_as_well(&self, #[json] to: &Location) -> Call<()>;

    #[get(at = to, at = next)]
    pub fn two(&self, to: &Location, next: &Location) -> Call<()>;

    #[get(at = to)]
    pub fn optional(&self, to: Option<&Location>) -> Call<()>;

    #[get(at = to)]
    pub fn gated(&self, #[cfg(unix)] to: &Location) -> Call<()>;

    #[get(at = to, use_base = false)]
    pub fn base(&self, to: &Location) -> Call<()>;

    #[get(at = "to")]
    pub fn text(&self, to: &Location) -> Call<()>;

    #[get(at)]
    pub fn flag(&self, to: &Location) -> Call<()>;

    #[get(at = to)]
    pub fn other_without_place(&self, to: &Location, id: u64) -> Call<()>;

    #[get(at = to)]
    pub fn generic(&self, to: impl Into<Location>) -> Call<()>;
}

fn main() {}
