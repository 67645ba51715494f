//! Generates `Serialize` and `Deserialize`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned;

use super::parse::{Known, Other};

pub(super) fn expand(
    krate: &TokenStream,
    name: &Ident,
    tag: Option<&LitStr>,
    known: &[Known<'_>],
    other: Option<&Other<'_>>,
) -> TokenStream {
    let private = quote!(#krate::__private);
    let serialized = known.iter().map(|Known { ident, ty, values }| match (tag, values.first()) {
        (Some(tag), Some(value)) => {
            let tagged = quote_spanned!(ty.span()=> #private::tagged(data, #tag, #value, serializer));
            quote!(Self::#ident(data) => #tagged,)
        }
        _ => {
            let serialize = quote_spanned!(ty.span()=> #private::Serialize::serialize(data, serializer));
            quote!(Self::#ident(data) => #serialize,)
        }
    });
    // After a mistake the impls are written all the same, so that code which uses them causes no further errors.
    let (other_serialized, decoded) = match other.filter(|_| !known.is_empty()) {
        None => (quote!(_ => ::core::unreachable!(),), quote!(::core::unreachable!())),
        Some(Other { ident, ty }) => {
            let kept = quote_spanned!(ty.span()=> ::core::result::Result::Ok(Self::#ident(raw)));
            let decoded = match tag {
                Some(tag) => {
                    let arms = known.iter().map(|Known { ident, ty, values }| {
                        let decode = quote_spanned!(ty.span()=> #private::variant(&raw, Self::#ident));
                        quote!(::core::option::Option::Some(#(#values)|*) => #decode,)
                    });
                    quote! {
                        match ::core::option::Option::as_deref(&#private::tag_of(&raw, #tag)) {
                            #(#arms)*
                            _ => #kept,
                        }
                    }
                }
                None => {
                    let tries = known.iter().map(|Known { ident, ty, .. }| {
                        let decode = quote_spanned!(ty.span()=> #private::shaped(&raw, Self::#ident));
                        quote!(if let ::core::option::Option::Some(found) = #decode { return ::core::result::Result::Ok(found); })
                    });
                    quote!(#(#tries)* #kept)
                }
            };
            (quote!(Self::#ident(data) => #private::Serialize::serialize(data, serializer),), decoded)
        }
    };
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Serialize for #name {
            fn serialize<S: #private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self { #(#serialized)* #other_serialized }
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl<'de> #private::Deserialize<'de> for #name {
            fn deserialize<D: #private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let raw = <#krate::RawJson as #private::Deserialize<'de>>::deserialize(deserializer)?;
                #decoded
            }
        }
    }
}
