//! The XML body of a call, which the macros write.

use super::Call;
pub(crate) use crate::encode::Encodable as SentAsXml;
use crate::encode::xml;

impl<T, E> Call<T, E> {
    #[doc(hidden)]
    pub fn xml<V: SentAsXml + ?Sized>(mut self, name: &str, value: &V, of: &'static str) -> Self {
        self.arguments().encoded(name, of, value, xml::document);
        self
    }
}
