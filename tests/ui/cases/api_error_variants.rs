//! Which variant an error becomes.

use apisession::prelude::*;

#[derive(Debug, ApiError)]
enum Statuses {
    #[status(4xy)]
    Suffix,
    #[status(44)]
    TwoDigits(Error),
    #[status(40x)]
    Digits(Error),
    #[status("/code" = "GONE")]
    OnlyACondition(Error),
    #[status(404, "code" = "GONE")]
    NoPointer,
    #[status(404, "/code" = 1.5)]
    Float,
    #[status(404, "/code" = "A", "/code" = "B")]
    Twice,
    #[status(404, code = "A")]
    Key,
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum Hidden {
    #[status(404)]
    All,
    #[status(404)]
    Hidden(Problem),
    #[status(404, "/code" = 1)]
    NotHidden(Problem),
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum HiddenByType {
    #[status(404, 410)]
    All(Option<Problem>, Error),
    #[status(410)]
    Hidden(Problem),
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum Defaults {
    #[default]
    Empty,
    #[default]
    Second(Problem, Error),
    #[default(404)]
    WithAStatus(Problem, Error),
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum WithoutTheError {
    #[status(5xx)]
    Down,
    #[status(4xx)]
    Client(Problem),
    #[default]
    Api(Problem),
    #[other]
    Other(Error),
}

fn main() {}
