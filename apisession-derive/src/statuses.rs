//! The statuses in `#[status(200, 2xx)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, LitInt};

use crate::mistakes::Mistakes;
use crate::tokens::split_at_commas;

/// A status, or all statuses of a class.
pub(crate) struct Status {
    literal: LitInt,
    /// 404 for `404`, and 4 for `4xx`.
    number: u16,
    is_class: bool,
}

impl Parse for Status {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let literal: LitInt = input.parse()?;
        let is_class = literal.suffix() == "xx";
        let range = if is_class { 1..=9 } else { 100..=999 };
        match literal.base10_digits().parse() {
            Ok(number) if range.contains(&number) && (is_class || literal.suffix().is_empty()) => {
                Ok(Self { literal, number, is_class })
            }
            _ => Err(syn::Error::new(
                literal.span(),
                "a status must be a number from 100 to 999, or a class such as `2xx`",
            )),
        }
    }
}

impl Status {
    /// The statuses of an attribute, of which there must be one.
    pub(crate) fn parse_all(attribute: &Attribute, mistakes: &mut Mistakes) -> Vec<Self> {
        let mut statuses = Vec::new();
        let list = attribute.meta.require_list().map(|list| split_at_commas(list.tokens.clone()));
        let list = list.unwrap_or_default();
        if list.is_empty() {
            mistakes
                .at(attribute, "`status` needs at least one status: `#[status(200)]`, `#[status(201, 2xx)]`");
        }
        for status in list {
            statuses.extend(mistakes.take(syn::parse2(status)));
        }
        statuses
    }

    /// The class: 4 for `404` and `4xx`.
    pub(crate) fn class(&self) -> u16 {
        if self.is_class { self.number } else { self.number / 100 }
    }

    pub(crate) fn is_class(&self) -> bool {
        self.is_class
    }

    /// The status, or the first of the class.
    pub(crate) fn first(&self) -> u16 {
        if self.is_class { self.number * 100 } else { self.number }
    }

    /// The pattern that matches it, as a number.
    pub(crate) fn pattern(&self) -> TokenStream {
        let first = self.first();
        if !self.is_class {
            return quote!(#first);
        }
        let last = first + 99;
        quote!(#first..=#last)
    }
}

impl PartialEq for Status {
    fn eq(&self, other: &Self) -> bool {
        (self.number, self.is_class) == (other.number, other.is_class)
    }
}

/// As it was written.
impl ToTokens for Status {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.literal.to_tokens(tokens);
    }
}
