//! Replaces reqwest in a build without it.

use std::convert::Infallible;

/// The builder of a client that a transport starts with. Only reqwest has one.
pub(crate) type OwnClient = Infallible;
