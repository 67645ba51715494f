//! What a call of a model returns.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::message::Response;

/// A model that replaces another one. A success without a body has none.
#[doc(hidden)]
pub struct Replacement<T>(pub Option<T>);

impl<T> fmt::Debug for Replacement<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replacement")
    }
}

impl<T: DeserializeOwned> Replacement<T> {
    pub(crate) fn of(response: &Response) -> Result<Self> {
        let is_blank = response.body().is_some_and(|body| body.trim_ascii().is_empty());
        Ok(Self(if is_blank { None } else { Some(response.json()?) }))
    }
}
