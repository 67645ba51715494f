//! Generates the conversions of the enum.

use std::cmp::Reverse;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Lit, Type};

use super::parse::{Condition, Mark, Variant};
use crate::record::Record;
use crate::source::source;
use crate::statuses::Status;

pub(super) fn expand(krate: &TokenStream, name: &Ident, variants: &[Variant<'_>]) -> TokenStream {
    let error = quote!(#krate::Error);
    let mut arms: Vec<Arm<'_>> = Vec::new();
    for variant in variants {
        for arm in Arm::of(variant) {
            let place = arms.partition_point(|other| other.rank() <= arm.rank());
            arms.insert(place, arm);
        }
    }
    let mut from = TokenStream::new();
    for arm in &arms {
        from.extend(arm.expand(krate));
    }
    let other = variants.iter().find(|variant| variant.mark.is_other()).map(|variant| variant.other(krate));
    let other = other.unwrap_or_else(|| quote!(::core::unreachable!()));
    let (mut into, mut displays, mut sources) = (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for variant in variants {
        let status_error = variant.status_error(krate);
        let held = variant.held(krate, "into_error", &error);
        let value = quote!(::core::option::Option::unwrap_or_else(#held, || #status_error));
        into.extend(variant.arm(name, &value));
        let held = variant.held(krate, "as_error", &quote!(&#error));
        let display = quote! {
            match #held {
                ::core::option::Option::Some(error) => ::core::fmt::Display::fmt(error, f),
                ::core::option::Option::None => ::core::fmt::Display::fmt(&#status_error, f),
            }
        };
        displays.extend(variant.arm(name, &display));
        let source = quote!(::core::option::Option::and_then(#held, ::core::error::Error::source));
        sources.extend(variant.arm(name, &source));
    }
    let cases = cases(variants);
    // If the input has mistakes, there are no variants here. The impls are written all the same, so that code which
    // uses them causes no further errors.
    let rest = variants.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<#error> for #name {
            fn from(error: #error) -> Self {
                #[allow(unused_imports)]
                use #krate::__private::{FieldByBody as _, FieldByNothing as _, FieldBySerde as _};
                let status = error.status().map(|status| status.as_u16());
                #from
                #other
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::TypedError for #name {
            const CASES: &'static str = #cases;
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<#name> for #error {
            fn from(error: #name) -> Self {
                match error { #into #rest }
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #displays #rest }
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::error::Error for #name {
            fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
                match self { #sources #rest }
            }
        }
    }
}

/// The text of the variants, for the descriptors of operations.
fn cases(variants: &[Variant<'_>]) -> Record {
    let mut cases = Record::units();
    for Variant { ident, mark, attrs, fields } in variants {
        let mut case = Record::new(&ident.unraw().to_string());
        match mark {
            Mark::Status { statuses, conditions } => {
                statuses.iter().for_each(|status| case.unit("status", &source(status)));
                for Condition { pointer, value } in conditions {
                    case.pair("condition", &pointer.value(), &source(value));
                }
            }
            Mark::Default => case.flag("default", true),
            Mark::Other => case.flag("other", true),
        }
        fields.iter().for_each(|field| case.unit("field", &source(*field)));
        case.docs(*attrs);
        cases.push(&case);
    }
    cases
}

/// The errors that become a variant: those of some statuses, and those of any other status for the default.
struct Arm<'a> {
    variant: &'a Variant<'a>,
    /// Whether the statuses are classes. `None` for any status.
    is_class: Option<bool>,
    statuses: Vec<&'a Status>,
    conditions: &'a [Condition],
}

impl<'a> Arm<'a> {
    fn of(variant: &'a Variant<'a>) -> Vec<Self> {
        let arm = |is_class, statuses, conditions| Self { variant, is_class, statuses, conditions };
        match &variant.mark {
            Mark::Other => Vec::new(),
            Mark::Default => vec![arm(None, Vec::new(), &[])],
            Mark::Status { statuses, conditions } => {
                let mut arms =
                    vec![arm(Some(false), Vec::new(), conditions), arm(Some(true), Vec::new(), conditions)];
                for status in statuses {
                    arms[usize::from(status.is_class())].statuses.push(status);
                }
                arms.retain(|arm| !arm.statuses.is_empty());
                arms
            }
        }
    }

    /// The most exact arm is the first: a status before a class, a class before any, and more conditions before fewer.
    fn rank(&self) -> (bool, Option<bool>, Reverse<usize>) {
        (self.is_class.is_none(), self.is_class, Reverse(self.conditions.len()))
    }

    /// Generates the code that returns the variant, if the body can be decoded as its type.
    fn expand(&self, krate: &TokenStream) -> TokenStream {
        let Self { variant: Variant { ident, fields, .. }, is_class, statuses, conditions } = self;
        let private = quote!(#krate::__private);
        let statuses = statuses.iter().map(|status| status.pattern());
        let matches = match is_class {
            Some(_) => quote!(::core::matches!(status, ::core::option::Option::Some(#(#statuses)|*))),
            None => quote!(#private::is_error_response(&error)),
        };
        let conditions = conditions.iter().map(|Condition { pointer, value }| match value {
            Lit::Int(number) => {
                let number = number.base10_parse::<i64>().unwrap_or_default();
                quote!(&& #private::body_has(&error, #pointer, &#number))
            }
            value => quote!(&& #private::body_has(&error, #pointer, &#value)),
        });
        let matches = quote!(#matches #(#conditions)*);
        if fields.is_empty() {
            return quote!(if #matches { return Self::#ident; });
        }
        let names = self.variant.names();
        // The span makes the compiler underline the type of a field if it can't be decoded.
        let decoded = fields
            .iter()
            .map(|ty| probed(&private, ty, &quote_spanned!(ty.span()=> decoded), &quote!(&error)));
        let completed = fields.iter().zip(&names).map(|(ty, name)| {
            probed(&private, ty, &quote_spanned!(ty.span()=> completed), &quote!(#name, &mut error))
        });
        quote! {
            if #matches {
                if let (#(::core::option::Option::Some(#names),)*) = (#(#decoded,)*) {
                    let mut error = ::core::option::Option::Some(error);
                    return Self::#ident(#(#completed),*);
                }
            }
        }
    }
}

/// Generates the call of a method by which a field of this type is created.
fn probed(private: &TokenStream, ty: &Type, method: &TokenStream, arguments: &TokenStream) -> TokenStream {
    quote!((&&&#private::Probe::<#ty>::new()).#method(#arguments))
}

impl Variant<'_> {
    /// The variant for all other errors.
    fn other(&self, krate: &TokenStream) -> TokenStream {
        let Self { ident, fields, .. } = self;
        let fields = fields
            .iter()
            .map(|ty| quote_spanned!(ty.span()=> <#ty as #krate::__private::OtherField>::of(error)));
        quote!(Self::#ident(#(#fields),*))
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
        let status = match &self.mark {
            Mark::Status { statuses, .. } => statuses.first().map(Status::first).unwrap_or_default(),
            Mark::Default | Mark::Other => 0,
        };
        quote!(#krate::__private::of_status(#status))
    }
}
