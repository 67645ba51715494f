//! `#[cfg_attr(condition, attributes…)]`.

use proc_macro2::TokenStream;
use syn::{Attribute, Meta, parse_quote};

use crate::tokens::split_at_commas;

/// The arguments of `#[cfg_attr(condition, attributes…)]`.
pub(super) struct Conditional {
    pub(super) condition: TokenStream,
    pub(super) attributes: Vec<Meta>,
}

impl Conditional {
    pub(super) fn of(attribute: &Attribute) -> Option<Self> {
        let Meta::List(list) = &attribute.meta else { return None };
        if !list.path.is_ident("cfg_attr") {
            return None;
        }
        let mut parts = split_at_commas(list.tokens.clone()).into_iter();
        let condition = parts.next()?;
        let attributes = parts.map(syn::parse2).collect::<syn::Result<_>>().ok()?;
        Some(Self { condition, attributes })
    }
}

/// Returns the attributes of this name, also those in a `cfg_attr`.
pub(super) fn named(attrs: &[Attribute], name: &str) -> Vec<Attribute> {
    let mut found = Vec::new();
    for attribute in attrs {
        if attribute.path().is_ident(name) {
            found.push(attribute.clone());
        } else if let Some(Conditional { condition, mut attributes }) = Conditional::of(attribute) {
            attributes.retain(|meta| meta.path().is_ident(name));
            if !attributes.is_empty() {
                found.push(parse_quote!(#[cfg_attr(#condition, #(#attributes),*)]));
            }
        }
    }
    found
}
