use apisession::prelude::*;

#[derive(serde::Deserialize)]
pub struct Report;

#[derive(ApiResponse)]
pub struct Struct;

#[derive(ApiResponse)]
pub enum NoSuccess {
    #[status(404)]
    Missing,
    #[status(3xx)]
    Elsewhere(Location),
}

#[derive(ApiResponse)]
pub enum Mistakes {
    Unmarked(Report),
    #[status()]
    NoStatus,
    #[status(2xxx)]
    NoClass,
    #[status(99, 200u8)]
    NoNumber,
    #[status(200)]
    Done(Report),
    #[status(201, 200)]
    Again(Report),
    #[status(2xx)]
    Any,
    #[status(2xx)]
    AnyAgain,
    #[status(100, 1xx)]
    Interim,
    #[status(202)]
    Two(Report, Report),
    #[status(203)]
    Named { report: Report },
    #[status(204)]
    #[status(205)]
    Twice,
}

#[derive(ApiResponse)]
pub enum Generic<T> {
    #[status(200)]
    Done(T),
}

fn use_it(response: Response) -> Result<NoSuccess> {
    apisession::FromResponse::from_response(response)
}

fn main() {}
