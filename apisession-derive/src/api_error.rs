//! `#[derive(ApiError)]`: an enum of the errors that an operation is known to answer.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitInt, Type};

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::types::peeled;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let mut keys = Keys::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("api_error")) {
        keys.extend(Keys::of(attribute, keys::ERROR, &mut mistakes), keys::ERROR, &mut mistakes);
    }
    let krate = krate(&keys, &mut mistakes);
    let variants = variants(&input, &mut mistakes);
    check(&input, &variants, &mut mistakes);
    let variants = if mistakes.is_empty() { variants } else { Vec::new() };
    let impls = input.generics.params.is_empty().then(|| expand(&krate, &input.ident, &variants));
    quote!(#mistakes #impls)
}

/// A variant, and when it is meant.
struct Variant<'a> {
    ident: &'a Ident,
    /// The statuses of `#[status(…)]`.
    statuses: Vec<LitInt>,
    /// Whether it is `#[other]`.
    other: bool,
    fields: Vec<Field<'a>>,
}

enum Field<'a> {
    /// The body of the answer, decoded.
    Body(&'a Type),
    /// The error itself.
    Error,
}

fn variants<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<Variant<'a>> {
    let Data::Enum(data) = &input.data else {
        mistakes.at(
            &input.ident,
            "the errors of an operation are an enum, with a variant for each that is known",
        );
        return Vec::new();
    };
    let variants = data.variants.iter().filter_map(|variant| {
        let mut marks = variant.attrs.iter().filter(|attribute| is_mark(attribute));
        let Some(mark) = marks.next() else {
            let message = "when is this meant? put `#[status(404)]` above it, or `#[other]`";
            mistakes.at(&variant.ident, message);
            return None;
        };
        for second in marks {
            mistakes.at(second, "a variant has one `#[status(…)]`, with all its statuses, or `#[other]`");
        }
        let other = mark.path().is_ident("other");
        let statuses = if other { Vec::new() } else { statuses_of(mark, mistakes) };
        Some(Variant { ident: &variant.ident, statuses, other, fields: fields(&variant.fields, mistakes) })
    });
    variants.collect()
}

fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident("status") || attribute.path().is_ident("other")
}

fn statuses_of(attribute: &Attribute, mistakes: &mut Mistakes) -> Vec<LitInt> {
    let list = attribute.meta.require_list().and_then(|list| {
        list.parse_args_with(syn::punctuated::Punctuated::<LitInt, syn::Token![,]>::parse_terminated)
    });
    let statuses: Vec<_> = match list {
        Ok(list) => list.into_iter().collect(),
        Err(_) => Vec::new(),
    };
    if statuses.is_empty() {
        mistakes.at(attribute, "`status` takes one status or more: `#[status(404)]`, `#[status(409, 422)]`");
    }
    for status in &statuses {
        if !status.base10_parse::<u16>().is_ok_and(|status| (100..1000).contains(&status)) {
            mistakes.at(status, "a status has three digits, from 100 to 999");
        }
    }
    statuses
}

fn fields<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Vec<Field<'a>> {
    if let Fields::Named(named) = fields {
        mistakes.at(
            named,
            "the fields have no names here; write `Variant(Body)` or `Variant(Body, apisession::Error)`",
        );
        return Vec::new();
    }
    fields
        .iter()
        .map(|field| if is_error(&field.ty) { Field::Error } else { Field::Body(&field.ty) })
        .collect()
}

/// Whether the type is written `Error` or `apisession::Error`. A body of that name is written with its module.
fn is_error(ty: &Type) -> bool {
    let Type::Path(path) = peeled(ty) else { return false };
    let names: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    matches!(
        names.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["Error"] | ["apisession", "Error"]
    )
}

/// ```text
/// #[status(404)] A(Problem), #[status(404)] B(Problem, Problem),
/// ```
fn check(input: &DeriveInput, variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "the errors of an operation have no generics; write the types out");
    }
    let mut seen: Vec<&str> = Vec::new();
    for variant in variants {
        for status in &variant.statuses {
            if seen.contains(&status.base10_digits()) {
                mistakes.at(status, format!("{status} has a variant already; it can mean one thing"));
            }
            seen.push(status.base10_digits());
        }
        let bodies = variant.fields.iter().filter(|field| matches!(field, Field::Body(_))).count();
        if bodies > 1 || variant.fields.len() - bodies > 1 {
            mistakes.at(
                variant.ident,
                "a variant holds the body of the answer, the `apisession::Error`, or both",
            );
        }
    }
    let mut others = variants.iter().filter(|variant| variant.other);
    match (others.next(), others.next()) {
        (Some(other), None) if matches!(other.fields.as_slice(), [Field::Error]) => {}
        (Some(other), None) => {
            mistakes.at(other.ident, "`#[other]` holds what no variant means: `Other(apisession::Error)`");
        }
        (Some(_), Some(second)) => mistakes.at(second.ident, "a second `#[other]`; one holds all the rest"),
        (None, _) if variants.is_empty() => {}
        (None, _) => {
            mistakes.at(&input.ident, "no variant holds the rest; add `#[other] Other(apisession::Error)`");
        }
    }
}

fn expand(krate: &TokenStream, name: &Ident, variants: &[Variant<'_>]) -> TokenStream {
    let error = quote!(#krate::Error);
    let from = variants.iter().filter(|variant| !variant.other).map(|variant| variant.made(krate));
    let other = variants.iter().find(|variant| variant.other).map(|variant| variant.ident);
    let other = other.map_or_else(|| quote!(::core::unreachable!()), |other| quote!(Self::#other(error)));
    let into = variants.iter().map(|variant| variant.matched(name, &quote!(error), &variant.lost(krate)));
    let shown = variants.iter().map(|variant| {
        let lost = variant.lost(krate);
        variant.matched(
            name,
            &quote!(::core::fmt::Display::fmt(error, f)),
            &quote!(::core::fmt::Display::fmt(&#lost, f)),
        )
    });
    let sources = variants.iter().map(|variant| {
        variant.matched(
            name,
            &quote!(::core::error::Error::source(error)),
            &quote!(::core::option::Option::None),
        )
    });
    // With mistakes there are no variants here, and the impls are only there for those who use them.
    let rest = variants.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#error> for #name {
            fn from(error: #error) -> Self {
                match error.status().map(|status| status.as_u16()) {
                    #(#from)*
                    _ => {}
                }
                #other
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#name> for #error {
            fn from(error: #name) -> Self {
                match error { #(#into)* #rest }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#shown)* #rest }
            }
        }

        #[automatically_derived]
        impl ::core::error::Error for #name {
            fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
                match self { #(#sources)* #rest }
            }
        }
    }
}

impl Variant<'_> {
    /// The arm that makes the variant, if the body is what it says.
    fn made(&self, krate: &TokenStream) -> TokenStream {
        let Self { ident, statuses, fields, .. } = self;
        let statuses = statuses.iter().map(|status| status.base10_parse::<u16>().unwrap_or_default());
        let values = fields.iter().map(|field| match field {
            Field::Body(_) => quote!(body),
            Field::Error => quote!(error),
        });
        let value = if fields.is_empty() { quote!(Self::#ident) } else { quote!(Self::#ident(#(#values),*)) };
        let body = fields.iter().find_map(|field| match field {
            Field::Body(ty) => Some(ty),
            Field::Error => None,
        });
        let made = match body {
            // The type is named so that it is underlined if it can't be decoded.
            Some(ty) => {
                let decode = quote::quote_spanned!(ty.span()=> #krate::Error::body_as::<#ty>);
                quote!(if let ::core::option::Option::Some(body) = #decode(&error) { return #value; })
            }
            None => quote!(return #value),
        };
        quote!(::core::option::Option::Some(#(#statuses)|*) => { #made })
    }

    /// An arm that has the error, if the variant holds it, and otherwise goes without.
    fn matched(&self, name: &Ident, with: &TokenStream, without: &TokenStream) -> TokenStream {
        let Self { ident, fields, .. } = self;
        let patterns = fields.iter().map(|field| match field {
            Field::Body(_) => quote!(_),
            Field::Error => quote!(error),
        });
        let pattern = if fields.is_empty() { quote!() } else { quote!((#(#patterns),*)) };
        let holds = fields.iter().any(|field| matches!(field, Field::Error));
        let value = if holds { with } else { without };
        quote!(#name::#ident #pattern => #value,)
    }

    /// The error of a variant that does not hold it: what the status alone says.
    fn lost(&self, krate: &TokenStream) -> TokenStream {
        let status =
            self.statuses.first().and_then(|status| status.base10_parse::<u16>().ok()).unwrap_or_default();
        quote!(#krate::__private::of_status(#status))
    }
}
