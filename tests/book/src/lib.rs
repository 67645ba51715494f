//! The program of the book's tutorial, as it is at the end of each chapter.
//!
//! A reader has one `src/lib.rs` and one `src/main.rs`, which grow. Here they are modules, `lib_04` and `main_04`, so that all chapters are
//! compiled as one crate. A program is included below the name `acme` of its library, and is what the reader has, byte for byte.

// Each program has the vendor in a module of its own.
#![allow(clippy::duplicate_mod, unreachable_pub)]

pub mod lib_01;
pub mod lib_02;
pub mod lib_03;
pub mod lib_04;
pub mod lib_05;
pub mod lib_06;
pub mod lib_07;
pub mod lib_08;
pub mod lib_10;

pub use lib_10::*;

macro_rules! program {
    ($name:ident, $lib:ident, $source:literal) => {
        mod $name {
            use super::$lib as acme;

            include!($source);

            pub(super) fn run() -> std::process::ExitCode {
                std::process::Termination::report(main())
            }
        }
    };
}

program!(main_01, lib_01, "main_01.rs");
program!(main_02, lib_02, "main_02.rs");
program!(main_03, lib_03, "main_03.rs");
program!(main_04, lib_04, "main_04.rs");
program!(main_05, lib_05, "main_05.rs");
program!(main_06, lib_06, "main_06.rs");
program!(main_07, lib_07, "main_07.rs");
program!(main_08, lib_08, "main_08.rs");
program!(main_10, lib_10, "main_10.rs");

/// Runs the program of a chapter.
///
/// # Panics
///
/// Panics if the chapter has none.
pub fn run(chapter: &str) -> std::process::ExitCode {
    match chapter {
        "01" => main_01::run(),
        "02" => main_02::run(),
        "03" => main_03::run(),
        "04" => main_04::run(),
        "05" => main_05::run(),
        "06" => main_06::run(),
        "07" => main_07::run(),
        "08" => main_08::run(),
        "10" => main_10::run(),
        _ => panic!("chapter {chapter} has no program"),
    }
}
