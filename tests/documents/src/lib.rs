//! Counts which operations of public API descriptions a declaration can express.
//!
//! Each operation of a [`document`] is written as a declaration ([`declare()`]), and the macros themselves are asked whether they accept
//! it ([`judge`]). So the figures drop if a key is removed from them.

pub mod declare;
pub mod document;
mod ident;
pub mod judge;
pub mod report;
pub mod requests;
pub mod shape;
pub mod source;
pub mod stubs;
mod yaml;

pub use self::declare::declare;
