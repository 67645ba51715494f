use apisession::prelude::*;

#[derive(Debug)]
pub struct Opaque;

#[derive(Debug, ApiError)]
pub enum CalendarError {
    #[status(404)]
    NotFound(Opaque),
    #[other]
    Other(apisession::Error),
}

#[derive(Debug)]
pub struct NoError;

#[endpoint]
pub struct Events;

#[endpoint]
impl Events {
    #[get]
    pub fn get(&self) -> Call<(), NoError>;
}

fn main() {}
