use apisession::prelude::*;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    pub fn which(&self) -> Call<()>;

    #[get]
    #[post]
    pub fn both(&self) -> Call<()>;

    #[get]
    pub fn body(&self) -> Call<()> {
        todo!()
    }

    #[get]
    pub async fn waits(&self) -> Call<()>;

    #[get]
    pub fn generic<T>(&self) -> Call<T>;

    #[get]
    pub fn by_value(self) -> Call<()>;

    #[get]
    pub fn free() -> Call<()>;

    #[get]
    pub fn nothing(&self);

    #[get]
    pub fn plain(&self) -> Vec<u8>;

    #[get("/a", "/b")]
    pub fn twice(&self) -> Call<()>;

    #[get(nmae = "X")]
    pub fn typo(&self) -> Call<()>;

    #[get(name = "not a name")]
    pub fn name(&self) -> Call<()>;

    #[get(path = "/{id}")]
    pub fn key(&self, id: u64) -> Call<()>;

    #[get]
    pub fn raw(&self) -> Call<()>;

    #[get = "/a"]
    pub fn assigned(&self) -> Call<()>;
}

fn main() {}
