//! The XML body of a call, which the macros write.

use super::{Call, OpenCall};
use crate::encode::{Encodable, xml};

impl<T, E> Call<T, E> {
    #[doc(hidden)]
    pub fn xml<V: Encodable + ?Sized>(mut self, name: &str, value: &V, of: &'static str) -> Self {
        self.arguments().encoded(name, of, value, xml::document);
        self
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    #[doc(hidden)]
    pub fn xml<V: Encodable + ?Sized>(&mut self, name: &str, value: &V, of: &'static str) {
        self.call().arguments().encoded(name, of, value, xml::document);
    }
}
