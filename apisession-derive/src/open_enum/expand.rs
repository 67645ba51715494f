//! Generates the table of values, and the conversions of the enum.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::parse::{Kind, Known};

pub(super) fn expand(
    krate: &TokenStream,
    name: &Ident,
    kind: Kind,
    known: &[Known<'_>],
    other: Option<&Ident>,
) -> TokenStream {
    let values = known.iter().map(|known| &known.value);
    let to = known.iter().map(|Known { ident, value }| quote!(Self::#ident => #value,));
    let from = known.iter().map(|Known { ident, value }| quote!(#value => Self::#ident,));
    // After a mistake there may be variants that have no arm. The impls are written all the same, so that code which uses them
    // causes no further errors.
    let (kept, rest, to_rest) = match (other, known) {
        (Some(other), [_, ..]) if kind == Kind::Text => (
            quote!(Self::#other(text) => text,),
            quote!(_ => Self::#other(::core::convert::Into::into(value)),),
            TokenStream::new(),
        ),
        (Some(other), [_, ..]) => {
            (quote!(Self::#other(number) => *number,), quote!(_ => Self::#other(value),), TokenStream::new())
        }
        _ => (TokenStream::new(), quote!(_ => ::core::unreachable!(),), quote!(_ => ::core::unreachable!(),)),
    };
    let (table, value, method, docs, from_str, serialize, deserialize) = match kind {
        Kind::Text => (
            quote!(Text),
            quote!(&str),
            quote!(as_str(&self) -> &str),
            "Returns the value as it is sent.",
            quote! {
                type Err = ::core::convert::Infallible;
                fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                    ::core::result::Result::Ok(<Self as ::core::convert::From<&str>>::from(text))
                }
            },
            quote!(#krate::__private::Serializer::serialize_str(serializer, self.as_str())),
            quote!(text_of),
        ),
        Kind::Integer => (
            quote!(Integers),
            quote!(i64),
            quote!(as_i64(&self) -> i64),
            "Returns the value as it is sent.",
            quote! {
                type Err = ::core::num::ParseIntError;
                fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                    ::core::result::Result::map(<i64 as ::core::str::FromStr>::from_str(text), |number| {
                        <Self as ::core::convert::From<i64>>::from(number)
                    })
                }
            },
            quote!(#krate::__private::Serializer::serialize_i64(serializer, self.as_i64())),
            quote!(integer_of),
        ),
    };
    let shown = match kind {
        Kind::Text => quote!(f.pad(self.as_str())),
        Kind::Integer => quote!(::core::fmt::Display::fmt(&self.as_i64(), f)),
    };
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #name {
            #[doc = #docs]
            #[must_use]
            pub fn #method {
                match self { #(#to)* #kept #to_rest }
            }
        }

        #[automatically_derived]
        impl #krate::OpenEnum for #name {
            const VALUES: #krate::Values = #krate::Values::#table(&[#(#values),*]);
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<#value> for #name {
            fn from(value: #value) -> Self {
                match value { #(#from)* #rest }
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            #from_str
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #shown
            }
        }

        #[automatically_derived]
        impl #krate::__private::Serialize for #name {
            fn serialize<S: #krate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #serialize
            }
        }

        #[automatically_derived]
        impl<'de> #krate::__private::Deserialize<'de> for #name {
            fn deserialize<D: #krate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #krate::__private::#deserialize(deserializer, |value| <Self as ::core::convert::From<#value>>::from(value))
            }
        }
    }
}
