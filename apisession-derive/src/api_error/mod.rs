//! `#[derive(ApiError)]`: an enum of the known errors of operations.

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
    let keys = Keys::of(&input.attrs, keys::ERROR, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let variants = parse::variants(&input, &mut mistakes);
    check::check(&input, &variants, &mut mistakes);
    if !input.generics.params.is_empty() {
        return quote!(#mistakes);
    }
    let checks = check::by_type(&krate, &variants);
    let impls = expand::expand(&krate, &input.ident, if mistakes.is_empty() { &variants } else { &[] });
    quote!(#mistakes #checks #impls)
}
