use apisession::prelude::*;

#[endpoint(path = "/orders", redact = "card", redact_allow("cookie", "x-plan", 7))]
pub struct Orders;

#[endpoint]
impl Orders {
    #[get(redact("", "/items/**/name"), redact_allow)]
    pub fn list(&self) -> Call<()>;
}

fn main() {}
