use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get("/{uid}")]
    pub fn misspelt(&self, id: u64) -> Call<()>;

    #[get("/{id}")]
    pub fn missing(&self) -> Call<()>;

    #[get("/all")]
    pub fn marked(&self, #[path] id: u64) -> Call<()>;

    #[get("/{id}")]
    pub fn optional(&self, id: Option<u64>) -> Call<()>;
}

fn main() {}
