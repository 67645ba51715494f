//! `#[endpoint]`. On a struct it declares an endpoint, on an impl its operations.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::{group, operations};

pub(crate) fn endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let is_impl =
        item.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"));
    if is_impl {
        return operations::endpoint(arguments, item);
    }
    match syn::parse2(item.clone()) {
        Ok(item) => group::endpoint(arguments, &item),
        Err(_) => {
            let message = "`#[endpoint]` can only be used on `struct Name;` or `impl Name { … }`";
            let error = syn::Error::new_spanned(&item, message).to_compile_error();
            quote!(#error #item)
        }
    }
}
