//! `#[derive(OpenEnum)]`: an enum of known values that keeps an unknown one.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::case::Case;
use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let keys = Keys::of(&input.attrs, keys::OPEN_ENUM, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let rename_all = keys.get("rename_all");
    let case = rename_all.and_then(|key| Case::parse(&key.string(&mut mistakes)?, &mut mistakes));
    let parsed = parse::parse(&input, case, &mut mistakes);
    check::check(&input, &parsed, rename_all, &mut mistakes);
    if !input.generics.params.is_empty() {
        return quote!(#mistakes);
    }
    let known = if mistakes.is_empty() { &*parsed.known } else { &[] };
    let impls = expand::expand(&krate, &input.ident, parsed.kind, known, parsed.other);
    quote!(#mistakes #impls)
}
