//! The fields of a variant, by their types.

use apisession::prelude::*;

type Failure = apisession::Error;

#[derive(Debug, serde::Deserialize)]
struct Model;

#[derive(Debug)]
struct Opaque;

#[derive(Debug, ApiError)]
enum TwoBodies {
    #[status(404)]
    Both(Problem, Problem),
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum TwoErrors {
    #[status(404)]
    Both(Failure, Error),
    #[other]
    Other(Failure),
}

#[derive(Debug, ApiError)]
enum OtherIsABody {
    #[other]
    Other(Model),
}

#[derive(Debug, ApiError)]
enum OtherIsOpaque {
    #[status(404)]
    NotFound(Opaque),
    #[other]
    Other(Error),
}

#[derive(Debug, ApiError)]
enum BesideAnotherMistake {
    #[status(404)]
    #[status(405)]
    Both(Failure, Error),
    #[other]
    Other(Error),
}

fn main() {}
