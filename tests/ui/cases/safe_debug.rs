//! Marks of a safe `Debug` that can't be.

use apisession::prelude::*;

#[derive(SafeDebug)]
union Union {
    one: u8,
}

#[derive(SafeDebug)]
#[debug(secret)]
struct Marks {
    #[debug(secret, shown)]
    both: u8,
    #[debug(secret = true)]
    value: u8,
    #[debug(hidden)]
    unknown: u8,
    #[debug = "secret"]
    pair: u8,
}

#[derive(SafeDebug)]
enum Variants {
    #[debug(secret)]
    One(u8),
}

fn uses(marks: &Marks, variants: &Variants) -> String {
    format!("{marks:?} {variants:?}")
}

fn main() {}
