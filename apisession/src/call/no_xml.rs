//! In place of the XML body of a call, without the feature.

use super::Call;

/// Required of XML bodies. No type implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`#[xml]` needs the feature `xml` of apisession",
    label = "this can't be sent as XML",
    note = "write `features = [\"xml\"]` for it in Cargo.toml"
)]
pub trait SentAsXml {}

impl<T, E> Call<T, E> {
    #[doc(hidden)]
    pub fn xml<V: SentAsXml + ?Sized>(self, _: &str, _: &V, _: &'static str) -> Self {
        self
    }
}
