//! What the types of an operation tell of themselves, for its descriptor: the values of a parameter, the variants of an error.
//!
//! It is asked where a macro is expanded, by the constants of `Probe<T>`: they are those of a type that tells something, or else those of
//! a trait.

use crate::decode::Probe;
use crate::describe::Facts;
use crate::redact::Secret;

/// A type of which something is known.
pub trait Known {
    /// What is known.
    const FACTS: Facts;
}

impl Known for Secret {
    const FACTS: Facts = Facts { values: None, is_secret: true };
}

impl<T: Known> Known for Option<T> {
    const FACTS: Facts = T::FACTS;
}

impl<T: Known> Known for Vec<T> {
    const FACTS: Facts = T::FACTS;
}

impl<T: Known> Known for [T] {
    const FACTS: Facts = T::FACTS;
}

impl<T: Known, const N: usize> Known for [T; N] {
    const FACTS: Facts = T::FACTS;
}

impl<T: Known + ?Sized> Probe<T> {
    #[doc(hidden)]
    pub const FACTS: Facts = T::FACTS;
}

/// A type of which nothing is known.
pub trait Unknown {
    /// Nothing.
    const FACTS: Facts = Facts::NONE;
}

impl<T: ?Sized> Unknown for Probe<T> {}

/// A typed error, of which the derive writes down the variants.
pub trait TypedError {
    /// The text of the variants.
    const CASES: &'static str;
}

impl<T: TypedError> Probe<T> {
    #[doc(hidden)]
    pub const CASES: &'static str = T::CASES;
}

/// An error of another kind.
pub trait NoTypedError {
    /// No variants.
    const CASES: &'static str = "";
}

impl<T> NoTypedError for Probe<T> {}
