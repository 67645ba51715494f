use apisession::prelude::*;

#[endpoint(base_url = "upload.test", use_base = false)]
pub struct Scheme;

#[endpoint(base_url = "https://ana:s3cret@upload.test")]
pub struct User;

#[endpoint(base_url = "https://{subdomain}.upload.test")]
pub struct Variable;

#[endpoint(path = "/events", base_ulr = "https://upload.test", use_base = 1)]
pub struct Events;

#[endpoint]
impl Events {
    #[get(base_url = "https://upload.test?a=b")]
    pub fn query(&self) -> Call<()>;

    #[get(base_url, use_base(true))]
    pub fn value(&self) -> Call<()>;

    #[get("https://upload.test/x", base_url = 7)]
    pub fn number(&self) -> Call<()>;

}

fn main() {}
