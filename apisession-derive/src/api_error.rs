//! `#[derive(ApiError)]`: an enum of the known errors of operations.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitInt, Type};

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;

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
    if !input.generics.params.is_empty() {
        return quote!(#mistakes);
    }
    let checks = variants.iter().map(|variant| variant.field_check(&krate));
    let impls = expand(&krate, &input.ident, if mistakes.is_empty() { &variants } else { &[] });
    quote!(#mistakes #(#checks)* #impls)
}

/// A variant, and the errors that become it.
struct Variant<'a> {
    ident: &'a Ident,
    /// The statuses of `#[status(…)]`.
    statuses: Vec<LitInt>,
    /// Whether the variant is marked with `#[other]`.
    other: bool,
    /// The types of the fields. Which of them is the error is decided by type, where the code is compiled.
    fields: Vec<&'a Type>,
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

fn fields<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Vec<&'a Type> {
    if let Fields::Named(named) = fields {
        mistakes.at(
            named,
            "a variant can't have named fields; write `Variant(Body)` or `Variant(Body, apisession::Error)`",
        );
        return Vec::new();
    }
    fields.iter().map(|field| &field.ty).collect()
}

const FIELDS: &str =
    "a variant can have one field for the response body, one for the `apisession::Error`, or both";

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
        if variant.fields.len() > 2 {
            mistakes.at(variant.ident, FIELDS);
        }
    }
    let mut others = variants.iter().filter(|variant| variant.other);
    match (others.next(), others.next()) {
        (Some(other), None) if other.fields.len() == 1 => {}
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
    let other = variants.iter().find(|variant| variant.other).map(|variant| variant.other(krate));
    let other = other.unwrap_or_else(|| quote!(::core::unreachable!()));
    let into = variants.iter().map(|variant| {
        let (held, status_error) = (variant.held(krate, "into_error", &error), variant.status_error(krate));
        variant.arm(name, &quote!(::core::option::Option::unwrap_or_else(#held, || #status_error)))
    });
    let displays = variants.iter().map(|variant| {
        let (held, status_error) =
            (variant.held(krate, "as_error", &quote!(&#error)), variant.status_error(krate));
        let display = quote! {
            match #held {
                ::core::option::Option::Some(error) => ::core::fmt::Display::fmt(error, f),
                ::core::option::Option::None => ::core::fmt::Display::fmt(&#status_error, f),
            }
        };
        variant.arm(name, &display)
    });
    let sources = variants.iter().map(|variant| {
        let held = variant.held(krate, "as_error", &quote!(&#error));
        variant.arm(name, &quote!(::core::option::Option::and_then(#held, ::core::error::Error::source)))
    });
    // If the input has mistakes, there are no variants here. The impls are written all the same, so that code which
    // uses them causes no further errors.
    let rest = variants.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
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
        #[allow(deprecated)]
        impl ::core::convert::From<#name> for #error {
            fn from(error: #name) -> Self {
                match error { #(#into)* #rest }
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#displays)* #rest }
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
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
        if fields.is_empty() {
            return quote!(::core::option::Option::Some(#(#statuses)|*) => return Self::#ident,);
        }
        let names = self.names();
        // The span makes the compiler underline the type of a field if it can't be decoded.
        let decoded = fields
            .iter()
            .map(|ty| quote_spanned!(ty.span()=> <#ty as #krate::__private::ErrorField>::decoded(&error)));
        let completed = fields.iter().zip(&names).map(|(ty, name)| {
            quote_spanned!(ty.span()=> <#ty as #krate::__private::ErrorField>::completed(#name, &mut error))
        });
        quote! {
            ::core::option::Option::Some(#(#statuses)|*) => {
                if let (#(::core::option::Option::Some(#names),)*) = (#(#decoded,)*) {
                    let mut error = ::core::option::Option::Some(error);
                    return Self::#ident(#(#completed),*);
                }
            }
        }
    }

    /// The variant for all other errors.
    fn other(&self, krate: &TokenStream) -> TokenStream {
        let Self { ident, fields, .. } = self;
        let fields = fields
            .iter()
            .map(|ty| quote_spanned!(ty.span()=> <#ty as #krate::__private::OtherField>::of(error)));
        quote!(Self::#ident(#(#fields),*))
    }

    /// The check that one of two fields is the error.
    fn field_check(&self, krate: &TokenStream) -> Option<TokenStream> {
        let [one, two] = self.fields.as_slice() else { return None };
        let private = quote!(#krate::__private);
        let check = quote_spanned!(self.ident.span()=> ::core::assert!(ONE != TWO, #FIELDS));
        Some(quote! {
            const _: () = {
                use #private::IsBody as _;
                const ONE: bool = #private::Probe::<#one>::IS_ERROR;
                const TWO: bool = #private::Probe::<#two>::IS_ERROR;
                #check
            };
        })
    }

    /// The match arm of the variant.
    fn arm(&self, name: &Ident, value: &TokenStream) -> TokenStream {
        let (ident, names) = (self.ident, self.names());
        let pattern = (!names.is_empty()).then(|| quote!((#(#names),*)));
        quote!(#name::#ident #pattern => #value,)
    }

    /// The error that the variant contains, by a fn for each field.
    fn held(&self, krate: &TokenStream, function: &str, error: &TokenStream) -> TokenStream {
        let function = Ident::new(function, Span::mixed_site());
        self.names().iter().fold(
            quote!(::core::option::Option::None::<#error>),
            |held, name| quote!(::core::option::Option::or(#held, #krate::__private::#function(#name))),
        )
    }

    /// The names to which patterns bind the fields.
    fn names(&self) -> Vec<Ident> {
        ["one", "two"]
            .iter()
            .take(self.fields.len())
            .map(|name| Ident::new(name, Span::mixed_site()))
            .collect()
    }

    /// The error for a variant that doesn't contain one. It has only the variant's first status.
    fn status_error(&self, krate: &TokenStream) -> TokenStream {
        let status =
            self.statuses.first().and_then(|status| status.base10_parse::<u16>().ok()).unwrap_or_default();
        quote!(#krate::__private::of_status(#status))
    }
}
