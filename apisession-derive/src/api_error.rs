//! `#[derive(ApiError)]`: an enum of the known errors of operations.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitInt, Type};

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::types::ungrouped;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let mut keys = Keys::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("api_error")) {
        keys.extend(Keys::from_attribute(attribute, keys::ERROR, &mut mistakes), keys::ERROR, &mut mistakes);
    }
    let krate = krate(&keys, &mut mistakes);
    let variants = variants(&input, &mut mistakes);
    check(&input, &variants, &mut mistakes);
    let variants = if mistakes.is_empty() { variants } else { Vec::new() };
    let impls = input.generics.params.is_empty().then(|| expand(&krate, &input.ident, &variants));
    quote!(#mistakes #impls)
}

/// A variant, and the errors that become it.
struct Variant<'a> {
    ident: &'a Ident,
    /// The statuses of `#[status(…)]`.
    statuses: Vec<LitInt>,
    /// Whether the variant is marked with `#[other]`.
    other: bool,
    fields: Vec<Field<'a>>,
}

enum Field<'a> {
    /// The decoded body of the response.
    Body(&'a Type),
    /// The error itself.
    Error,
}

fn variants<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<Variant<'a>> {
    let Data::Enum(data) = &input.data else {
        mistakes.at(
            &input.ident,
            "`ApiError` can only be derived for an enum; write one variant for each known error",
        );
        return Vec::new();
    };
    let variants = data.variants.iter().filter_map(|variant| {
        let mut marks = variant.attrs.iter().filter(|attribute| is_mark(attribute));
        let Some(mark) = marks.next() else {
            let message = "this variant has no status; add `#[status(404)]` or `#[other]` above it";
            mistakes.at(&variant.ident, message);
            return None;
        };
        for second in marks {
            mistakes.at(second, "a variant can have only one of these; put all statuses in one `#[status(…)]`, or keep `#[other]`");
        }
        let other = mark.path().is_ident("other");
        let statuses = if other { Vec::new() } else { parse_statuses(mark, mistakes) };
        Some(Variant { ident: &variant.ident, statuses, other, fields: fields(&variant.fields, mistakes) })
    });
    variants.collect()
}

fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident("status") || attribute.path().is_ident("other")
}

fn parse_statuses(attribute: &Attribute, mistakes: &mut Mistakes) -> Vec<LitInt> {
    let list = attribute.meta.require_list().and_then(|list| {
        list.parse_args_with(syn::punctuated::Punctuated::<LitInt, syn::Token![,]>::parse_terminated)
    });
    let statuses: Vec<_> = match list {
        Ok(list) => list.into_iter().collect(),
        Err(_) => Vec::new(),
    };
    if statuses.is_empty() {
        mistakes.at(attribute, "`status` needs at least one status: `#[status(404)]`, `#[status(409, 422)]`");
    }
    for status in &statuses {
        if !status.base10_parse::<u16>().is_ok_and(|status| (100..1000).contains(&status)) {
            mistakes.at(status, "a status must be a number from 100 to 999");
        }
    }
    statuses
}

fn fields<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Vec<Field<'a>> {
    if let Fields::Named(named) = fields {
        mistakes.at(
            named,
            "a variant can't have named fields; write `Variant(Body)` or `Variant(Body, apisession::Error)`",
        );
        return Vec::new();
    }
    fields
        .iter()
        .map(|field| if is_error(&field.ty) { Field::Error } else { Field::Body(&field.ty) })
        .collect()
}

/// Whether the type is written as `Error` or `apisession::Error`. A body type that is also named `Error` needs its
/// module.
fn is_error(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
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
        mistakes.at(&input.generics, "the enum can't be generic; use concrete types");
    }
    let mut seen: Vec<&str> = Vec::new();
    for variant in variants {
        for status in &variant.statuses {
            if seen.contains(&status.base10_digits()) {
                mistakes.at(status, format!("another variant has the status {status} already; keep one"));
            }
            seen.push(status.base10_digits());
        }
        let bodies = variant.fields.iter().filter(|field| matches!(field, Field::Body(_))).count();
        if bodies > 1 || variant.fields.len() - bodies > 1 {
            mistakes.at(
                variant.ident,
                "a variant can have one field for the response body, one for the `apisession::Error`, or both",
            );
        }
    }
    let mut others = variants.iter().filter(|variant| variant.other);
    match (others.next(), others.next()) {
        (Some(other), None) if matches!(other.fields.as_slice(), [Field::Error]) => {}
        (Some(other), None) => {
            mistakes.at(
                other.ident,
                "the `#[other]` variant must contain only the error: `Other(apisession::Error)`",
            );
        }
        (Some(_), Some(second)) => {
            mistakes.at(second.ident, "only one variant can be `#[other]`; remove one");
        }
        (None, _) if variants.is_empty() => {}
        (None, _) => {
            mistakes.at(
                &input.ident,
                "the enum has no variant for all other errors; add `#[other] Other(apisession::Error)`",
            );
        }
    }
}

fn expand(krate: &TokenStream, name: &Ident, variants: &[Variant<'_>]) -> TokenStream {
    let error = quote!(#krate::Error);
    let from = variants.iter().filter(|variant| !variant.other).map(|variant| variant.creating_arm(krate));
    let other = variants.iter().find(|variant| variant.other).map(|variant| variant.ident);
    let other = other.map_or_else(|| quote!(::core::unreachable!()), |other| quote!(Self::#other(error)));
    let into = variants.iter().map(|variant| variant.arm(name, &quote!(error), &variant.status_error(krate)));
    let displays = variants.iter().map(|variant| {
        let status_error = variant.status_error(krate);
        variant.arm(
            name,
            &quote!(::core::fmt::Display::fmt(error, f)),
            &quote!(::core::fmt::Display::fmt(&#status_error, f)),
        )
    });
    let sources = variants.iter().map(|variant| {
        variant.arm(name, &quote!(::core::error::Error::source(error)), &quote!(::core::option::Option::None))
    });
    // If the input has mistakes, there are no variants here. The impls are written all the same, so that code which
    // uses them causes no further errors.
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
                match self { #(#displays)* #rest }
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
    /// The match arm that creates the variant, if the body can be decoded as its type.
    fn creating_arm(&self, krate: &TokenStream) -> TokenStream {
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
        let create = match body {
            // The span makes the compiler underline the body type if it can't be decoded.
            Some(ty) => {
                let decode = quote::quote_spanned!(ty.span()=> #krate::Error::body_as::<#ty>);
                quote!(if let ::core::option::Option::Some(body) = #decode(&error) { return #value; })
            }
            None => quote!(return #value),
        };
        quote!(::core::option::Option::Some(#(#statuses)|*) => { #create })
    }

    /// The match arm of the variant: `with` if it contains the error, bound to `error`, and `without` if not.
    fn arm(&self, name: &Ident, with: &TokenStream, without: &TokenStream) -> TokenStream {
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

    /// The error for a variant that doesn't contain one. It has only the variant's first status.
    fn status_error(&self, krate: &TokenStream) -> TokenStream {
        let status =
            self.statuses.first().and_then(|status| status.base10_parse::<u16>().ok()).unwrap_or_default();
        quote!(#krate::__private::of_status(#status))
    }
}
