//! `#[endpoint(path = "…")]` on a struct: declares an endpoint, which groups operations.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Fields, ItemStruct};

use crate::base_url::Below;
use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::record::Record;
use crate::setters::setters;
use crate::settings::EVERY_LEVEL;
use crate::template::Template;

pub(crate) fn endpoint(arguments: TokenStream, item: &ItemStruct) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let keys = Keys::parse(arguments, keys::GROUP, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    check(item, &mut mistakes);
    let path = path(&keys, &mut mistakes);
    let mut text = Record::new(&item.ident.unraw().to_string());
    text.keys(&keys, &mut mistakes);
    text.deprecated(&item.attrs);
    text.docs(&item.attrs);
    let settings = settings(&keys, &item.ident.unraw().to_string(), &krate, &mut mistakes);

    let below = Below::parse(&keys, &mut mistakes).expand(&krate);

    let private = quote!(#krate::__private);
    let below = below.map(|below| {
        quote! {
            fn below() -> ::core::option::Option<#private::Below> {
                ::core::option::Option::Some(#below)
            }
        }
    });
    let ItemStruct { attrs, vis, ident, .. } = item;
    let allowed = attrs.iter().any(is_deprecated).then(|| quote!(#[allow(deprecated)]));
    // `check` has reported a `derive`. If it were kept, the compiler would report conflicting impls as well.
    let attrs = attrs.iter().filter(|attribute| !is_derive(attribute));
    let name = ident.unraw().to_string();
    let about = (!path.is_empty()).then(|| format!("Its path is `{path}`."));
    let about = about.map(|about| quote!(#[doc = ""] #[doc = #about]));
    // The macro has what is the same for every endpoint: rustc transcribes it faster than unoptimized code quotes it.
    quote! {
        #mistakes

        #private::endpoint! {
            { #(#attrs)* #about } #vis #ident #name #path #text [#allowed] { #below #settings }
        }
    }
}

fn check(item: &ItemStruct, mistakes: &mut Mistakes) {
    let ident = &item.ident;
    if !matches!(item.fields, Fields::Unit) {
        mistakes.at(&item.fields, format!("an endpoint can't have fields; write `struct {ident};`"));
    }
    if !item.generics.params.is_empty() {
        mistakes.at(&item.generics, "an endpoint can't be generic; use concrete types");
    }
    for attribute in item.attrs.iter().filter(|attribute| is_derive(attribute)) {
        mistakes.at(attribute, "`#[endpoint]` implements `Clone` and `Debug`; remove this `derive`");
    }
}

/// The settings of the endpoint, if it has any.
fn settings(keys: &Keys, name: &str, krate: &TokenStream, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let setters = setters(&[EVERY_LEVEL], keys, Some(name), mistakes);
    (!setters.is_empty()).then(|| {
        quote! {
            fn settings() -> ::core::option::Option<#krate::Settings> {
                ::core::option::Option::Some(#krate::Settings::new() #setters)
            }
        }
    })
}

fn is_derive(attribute: &Attribute) -> bool {
    attribute.path().is_ident("derive")
}

/// Whether the attribute is `#[deprecated]`, also in a `cfg_attr`.
fn is_deprecated(attribute: &Attribute) -> bool {
    attribute.path().is_ident("deprecated") || attribute.path().is_ident("cfg_attr")
}

fn path(keys: &Keys, mistakes: &mut Mistakes) -> String {
    let Some(literal) = keys.string("path", mistakes) else { return String::new() };
    match Template::parse(&literal.value()) {
        Ok(template) => {
            if let Some(name) = template.parameters().next() {
                let message = format!(
                    "the path of an endpoint can't have placeholders; put `{{{name}}}` in the paths of its operations, or declare \
                     a graft: `#[graft(\"{}\")] fn …(&self, {name}: …) -> …;`",
                    literal.value()
                );
                mistakes.at(&literal, message);
            }
            template.to_string()
        }
        Err(message) => {
            mistakes.at(&literal, message);
            String::new()
        }
    }
}
