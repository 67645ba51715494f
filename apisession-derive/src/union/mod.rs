//! `#[derive(Union)]`: an enum of types, of which the data selects one.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let keys = Keys::of(&input.attrs, keys::UNION, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let tag = keys.string("tag", &mut mistakes);
    let parsed = parse::parse(&input, keys.get("tag").is_some(), &mut mistakes);
    check::check(&input, tag.as_ref(), &parsed, &mut mistakes);
    if !input.generics.params.is_empty() {
        return quote!(#mistakes);
    }
    let known = if mistakes.is_empty() { &*parsed.known } else { &[] };
    let impls = expand::expand(&krate, &input.ident, tag.as_ref(), known, parsed.other.as_ref());
    quote!(#mistakes #impls)
}
