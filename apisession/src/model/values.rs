//! The known values of an enum.

/// The known values of an [`OpenEnum`](trait@crate::OpenEnum).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Values {
    /// Texts.
    Text(&'static [&'static str]),
    /// Integers.
    Integers(&'static [i64]),
}
