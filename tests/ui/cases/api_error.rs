use apisession::prelude::*;

#[derive(Debug, ApiError)]
pub struct Struct;

#[derive(Debug, ApiError)]
pub enum NoOther {
    #[status(404)]
    NotFound,
}

#[derive(Debug, ApiError)]
pub enum Mistakes {
    Unmarked,
    #[status]
    NoStatus,
    #[status(44)]
    TwoDigits,
    #[status(404)]
    NotFound(Problem, Problem),
    #[status(404)]
    Again,
    #[status(409)]
    Named { problem: Problem },
    #[status(410)]
    #[other]
    Both,
    #[other]
    Other(Problem),
}

#[derive(Debug, ApiError)]
pub enum TwoOthers {
    #[other]
    One(apisession::Error),
    #[other]
    Two(apisession::Error),
}

#[derive(Debug, ApiError)]
pub enum Generic<T> {
    #[status(404)]
    NotFound(T),
    #[other]
    Other(apisession::Error),
}

fn use_it(error: apisession::Error) -> NoOther {
    error.into()
}

fn main() {}
