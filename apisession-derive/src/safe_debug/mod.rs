//! `#[derive(SafeDebug)]`: a `Debug` that hides secrets.

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
    let keys = Keys::of(&input.attrs, keys::DEBUG, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let shapes = parse::shapes(&input, &mut mistakes);
    let expanded = expand::expand(&krate, &input, &shapes);
    quote!(#mistakes #expanded)
}
