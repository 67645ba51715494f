//! Generates the impl. Which names are those of secrets is decided at run time, by the framework's own list.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, GenericParam, parse_quote};

use super::parse::{Field, Mark, Shape};

pub(super) fn expand(krate: &TokenStream, input: &DeriveInput, shapes: &[Shape]) -> TokenStream {
    let name = &input.ident;
    let mut generics = input.generics.clone();
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param {
            param.bounds.push(parse_quote!(::core::fmt::Debug));
        }
    }
    let (generics, arguments, bounds) = generics.split_for_impl();
    let arms = shapes.iter().map(|shape| arm(krate, shape));
    let rest = shapes.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics ::core::fmt::Debug for #name #arguments #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#arms)* #rest }
            }
        }
    }
}

fn arm(krate: &TokenStream, shape: &Shape) -> TokenStream {
    let Shape { path, name, is_named, fields } = shape;
    let patterns = fields.iter().map(|Field { member, binding, mark, .. }| match mark {
        Mark::Secret => quote!(#member: _),
        Mark::None | Mark::Shown => quote!(#member: #binding),
    });
    // A reference to the reference, since the last field may have no size.
    let values = fields.iter().map(|Field { name, binding, mark, .. }| match mark {
        Mark::None => quote!((#name, ::core::option::Option::Some(&#binding), false)),
        Mark::Shown => quote!((#name, ::core::option::Option::Some(&#binding), true)),
        // Its type needs no `Debug`.
        Mark::Secret => quote!((#name, ::core::option::Option::None, false)),
    });
    quote!(#path { #(#patterns),* } => #krate::__private::safe_debug(f, #name, #is_named, &[#(#values),*]),)
}
