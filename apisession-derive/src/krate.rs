//! The path of the framework in generated code: `::apisession`, or the value of `crate = …`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::keys::Keys;
use crate::mistakes::Mistakes;

pub(crate) fn krate(keys: &Keys, mistakes: &mut Mistakes) -> TokenStream {
    match keys.get("crate").and_then(|key| key.path(mistakes)) {
        Some(path) => path.into_token_stream(),
        None => quote!(::apisession),
    }
}
