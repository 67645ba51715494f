//! Unions that can't be.

use apisession::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Data {
    id: u8,
}

#[derive(Union)]
struct Struct;

#[derive(Union)]
enum Closed {
    One(Data),
}

#[derive(Union)]
enum NotLast {
    Other(RawJson),
    One(Data),
}

#[derive(Union)]
enum Fields {
    None,
    Named { id: u8 },
    Two(Data, Data),
    Other(RawJson),
}

#[derive(Union)]
enum Generic<const N: usize> {
    Other(RawJson),
}

#[derive(Union)]
#[union(tag = "", untagged)]
enum Tagged {
    One(Data),
    #[union("two")]
    Two(Data),
    #[union("three")]
    #[union("two")]
    Three(Data),
    #[union(4)]
    Four(Data),
    #[union("other")]
    Other(RawJson),
}

#[derive(Union)]
enum Shaped {
    #[union("one")]
    One(Data),
    Other(RawJson),
}

fn uses(one: &Tagged) -> serde_json::Result<String> {
    serde_json::to_string(one)
}

fn main() {}
