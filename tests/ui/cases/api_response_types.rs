use apisession::prelude::*;

pub struct Opaque;

#[derive(ApiResponse)]
pub enum Started {
    #[status(200)]
    Done(Opaque),
    #[status(202)]
    Accepted(Location),
}

#[endpoint]
pub struct Reports;

#[endpoint]
impl Reports {
    #[post]
    pub fn start(&self) -> Call<Option<Started>>;
}

fn main() {}
