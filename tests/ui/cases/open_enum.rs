//! Open enums that can't be.

use apisession::prelude::*;

#[derive(OpenEnum)]
struct Struct;

#[derive(OpenEnum)]
enum Closed {
    One,
}

#[derive(OpenEnum)]
enum NotLast {
    Other(String),
    One,
}

#[derive(OpenEnum)]
enum Fields {
    One(u8),
    Two { a: u8 },
    Other(Vec<u8>),
}

#[derive(OpenEnum)]
enum Named {
    Other { value: String },
}

#[derive(OpenEnum)]
enum Generic<const N: usize> {
    One,
    Other(String),
}

#[derive(OpenEnum)]
#[open_enum(rename_all = "Title Case", rename = "x")]
enum Texts {
    One,
    #[open_enum(2)]
    Two,
    #[open_enum("One")]
    Three,
    #[open_enum("4")]
    #[open_enum("5")]
    Four,
    #[open_enum]
    Five,
    #[open_enum(six)]
    Six,
    #[open_enum("other")]
    Other(String),
}

#[derive(OpenEnum)]
#[open_enum(rename_all = "lowercase")]
enum Integers {
    One,
    #[open_enum("2")]
    Two,
    #[open_enum(3)]
    Three,
    #[open_enum(0x3)]
    Again,
    #[open_enum(9223372036854775808)]
    Large,
    #[open_enum(1u8)]
    Suffix,
    Other(i64),
}

/// What uses them has no further errors.
fn uses(text: &Texts, number: Integers) -> (String, i64, Texts) {
    (text.as_str().to_owned(), number.as_i64(), Texts::from("x"))
}

fn main() {}
