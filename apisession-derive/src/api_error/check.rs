//! Checks the variants: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, Lit};

use super::parse::{Condition, Mark, Variant};
use crate::mistakes::Mistakes;
use crate::statuses::Status;

const FIELDS: &str =
    "a variant can have one field for the response body, one for the `apisession::Error`, or both";

pub(super) fn check(input: &DeriveInput, variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "the enum can't be generic; use concrete types");
    }
    for variant in variants {
        if variant.fields.len() > 2 {
            mistakes.at(variant.ident, FIELDS);
        }
        conditions(variant, mistakes);
    }
    reachable(variants, mistakes);
    defaults(variants, mistakes);
    others(input, variants, mistakes);
}

/// ```text
/// #[status(404, "error/code" = 1.5)] NotFound(Problem),
/// ```
fn conditions(variant: &Variant<'_>, mistakes: &mut Mistakes) {
    let Mark::Status { conditions, .. } = &variant.mark else { return };
    for (index, Condition { pointer, value }) in conditions.iter().enumerate() {
        if !pointer.value().starts_with('/') {
            mistakes.at(pointer, "a JSON pointer begins with a slash: `\"/error/code\"`");
        }
        let is_comparable = match value {
            Lit::Str(_) | Lit::Bool(_) => true,
            Lit::Int(number) => number.base10_parse::<i64>().is_ok(),
            _ => false,
        };
        if !is_comparable {
            mistakes.at(value, "the value must be a string, an integer, `true` or `false`");
        }
        if conditions[..index].iter().any(|other| other.pointer.value() == pointer.value()) {
            mistakes.at(pointer, format!("{:?} is compared twice; keep one", pointer.value()));
        }
    }
}

/// ```text
/// #[status(404)] Missing, #[status(404)] NotFound(Problem),
/// ```
fn reachable(variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    for (index, variant) in variants.iter().enumerate() {
        for (status, other) in hidden(variant, &variants[..index]) {
            // A variant with fields leaves the bodies that can't be decoded as its type.
            if other.fields.is_empty() {
                let message = format!(
                    "`{}` can't be reached: `{}` takes every response with the status {}; give it a field, or remove one of the two",
                    variant.ident,
                    other.ident,
                    status.to_token_stream()
                );
                mistakes.at(status, message);
            }
        }
    }
}

/// The statuses of a variant that an earlier one has as well, with the same conditions.
fn hidden<'a>(variant: &'a Variant<'_>, earlier: &'a [Variant<'a>]) -> Vec<(&'a Status, &'a Variant<'a>)> {
    let Mark::Status { statuses, conditions } = &variant.mark else { return Vec::new() };
    let mut hidden = Vec::new();
    for status in statuses {
        let other = earlier.iter().find(|other| match &other.mark {
            Mark::Status { statuses, conditions: others } => {
                statuses.contains(status) && same(conditions, others)
            }
            Mark::Default | Mark::Other => false,
        });
        if let Some(other) = other {
            hidden.push((status, other));
        }
    }
    hidden
}

fn same(conditions: &[Condition], others: &[Condition]) -> bool {
    let text =
        |condition: &Condition| (condition.pointer.value(), condition.value.to_token_stream().to_string());
    conditions.len() == others.len()
        && conditions.iter().all(|condition| others.iter().any(|other| text(condition) == text(other)))
}

/// ```text
/// #[default] Api(Problem, apisession::Error), #[default] Vendor(Problem, apisession::Error),
/// ```
fn defaults(variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    let mut defaults = variants.iter().filter(|variant| matches!(variant.mark, Mark::Default));
    if let Some(first) = defaults.next()
        && first.fields.is_empty()
    {
        mistakes.at(
            first.ident,
            "the `#[default]` variant must contain the body: `Api(Body, apisession::Error)`",
        );
    }
    for second in defaults {
        mistakes.at(second.ident, "only one variant can be `#[default]`; remove one");
    }
}

/// ```text
/// #[other] Other(apisession::Error), #[other] Unknown(apisession::Error),
/// ```
fn others(input: &DeriveInput, variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    let mut others = variants.iter().filter(|variant| variant.mark.is_other());
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

/// Generates the checks that need the types of the fields.
pub(super) fn by_type(krate: &TokenStream, variants: &[Variant<'_>]) -> TokenStream {
    let mut checks = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        checks.extend(one_is_the_error(krate, variant));
        checks.extend(status_is_known(krate, variant));
        for (status, other) in hidden(variant, &variants[..index]) {
            if other.fields.is_empty() {
                continue;
            }
            let message = format!(
                "`{}` can't be reached: `{}` takes every response with the status {}",
                variant.ident,
                other.ident,
                status.to_token_stream()
            );
            let takes_all = all(krate, other, "TAKES_ALL");
            checks.push(quote_spanned!(variant.ident.span()=> ::core::assert!(!(#takes_all), #message);));
        }
    }
    // One constant for each, since the evaluation of a constant ends with its first mistake.
    quote! {
        #(
            const _: () = {
                #[allow(unused_imports)]
                use #krate::__private::IsBody as _;
                #checks
            };
        )*
    }
}

/// The conjunction of a constant of all fields.
fn all(krate: &TokenStream, variant: &Variant<'_>, constant: &str) -> TokenStream {
    let constant = proc_macro2::Ident::new(constant, variant.ident.span());
    let fields = variant.fields.iter().map(|ty| quote!(#krate::__private::Probe::<#ty>::#constant));
    quote!(true #(&& #fields)*)
}

/// ```text
/// #[status(404)] Both(Problem, Problem),
/// ```
fn one_is_the_error(krate: &TokenStream, variant: &Variant<'_>) -> Option<TokenStream> {
    let [one, two] = variant.fields.as_slice() else { return None };
    let probe = quote!(#krate::__private::Probe);
    Some(quote_spanned! {variant.ident.span()=>
        ::core::assert!(#probe::<#one>::IS_ERROR != #probe::<#two>::IS_ERROR, #FIELDS);
    })
}

/// ```text
/// #[status(5xx)] Down(Problem),
/// ```
fn status_is_known(krate: &TokenStream, variant: &Variant<'_>) -> Option<TokenStream> {
    let is_class = match &variant.mark {
        Mark::Status { statuses, .. } => statuses.iter().any(Status::is_class),
        Mark::Default => !variant.fields.is_empty(),
        Mark::Other => false,
    };
    if !is_class {
        return None;
    }
    let message = format!(
        "`{0}` stands for several statuses, so it must contain the error, which has the one of the response: \
         `{0}(apisession::Error)` or `{0}(Body, apisession::Error)`",
        variant.ident
    );
    let fields = variant.fields.iter().map(|ty| quote!(#krate::__private::Probe::<#ty>::IS_ERROR));
    Some(quote_spanned!(variant.ident.span()=> ::core::assert!(false #(|| #fields)*, #message);))
}
