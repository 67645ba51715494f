//! Parses the variants, and the values that they stand for.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Data, DeriveInput, Fields, LitInt, LitStr, Token, Type, Variant};

use crate::case::Case;
use crate::mistakes::Mistakes;
use crate::types::ungrouped;

/// What the values are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
}

pub(super) struct Parsed<'a> {
    pub(super) kind: Kind,
    pub(super) known: Vec<Known<'a>>,
    /// The variant for all other values.
    pub(super) other: Option<&'a Ident>,
}

/// A variant for one value.
pub(super) struct Known<'a> {
    pub(super) ident: &'a Ident,
    pub(super) value: Value,
}

/// A value, with the tokens that a message is about.
pub(super) enum Value {
    Text(String, TokenStream),
    Integer(i64, TokenStream),
}

impl Value {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Text(..) => Kind::Text,
            Self::Integer(..) => Kind::Integer,
        }
    }

    pub(super) fn tokens(&self) -> &TokenStream {
        match self {
            Self::Text(_, tokens) | Self::Integer(_, tokens) => tokens,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one, _), Self::Text(two, _)) => one == two,
            (Self::Integer(one, _), Self::Integer(two, _)) => one == two,
            (Self::Text(..), Self::Integer(..)) | (Self::Integer(..), Self::Text(..)) => false,
        }
    }
}

/// The value in a pattern and in the table.
impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text, _) => text.to_tokens(tokens),
            Self::Integer(number, _) => proc_macro2::Literal::i64_unsuffixed(*number).to_tokens(tokens),
        }
    }
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            return Ok(Self::Text(text.value(), text.to_token_stream()));
        }
        let minus: Option<Token![-]> = input.parse()?;
        let number: LitInt = input.parse().map_err(|error| {
            let usage = "a value must be a string or an integer: `#[open_enum(\"+1\")]`, `#[open_enum(-1)]`";
            syn::Error::new(error.span(), usage)
        })?;
        let tokens = quote!(#minus #number);
        let sign = if minus.is_some() { "-" } else { "" };
        match format!("{sign}{}", number.base10_digits()).parse() {
            Ok(value) if number.suffix().is_empty() => Ok(Self::Integer(value, tokens)),
            _ => Err(syn::Error::new_spanned(tokens, "the integer must be an `i64` without a suffix")),
        }
    }
}

pub(super) fn parse<'a>(input: &'a DeriveInput, case: Option<Case>, mistakes: &mut Mistakes) -> Parsed<'a> {
    let mut parsed = Parsed { kind: Kind::Text, known: Vec::new(), other: None };
    let Data::Enum(data) = &input.data else {
        mistakes
            .at(&input.ident, "`OpenEnum` can only be derived for an enum; write one variant for each value");
        return parsed;
    };
    let is_other = |variant: &Variant| !matches!(variant.fields, Fields::Unit);
    if let Some(other) = data.variants.last().filter(|variant| is_other(variant)) {
        parsed.kind = other_kind(other, mistakes);
        parsed.other = Some(&other.ident);
        if let Some(attribute) = other.attrs.iter().find(|attribute| attribute.path().is_ident("open_enum")) {
            mistakes
                .at(attribute, "the last variant keeps every other value, so it can't have one; remove this");
        }
    } else {
        let last = data.variants.last().map_or(&input.ident, |variant| &variant.ident);
        mistakes.at(last, "the enum has no last variant for other values; add `Other(String)`, or `Other(i64)` for integers");
    }
    let known = data.variants.iter().take(data.variants.len() - usize::from(parsed.other.is_some()));
    for variant in known {
        if is_other(variant) {
            mistakes.at(
                &variant.fields,
                "only the last variant can have a field, which keeps every other value; remove it",
            );
            continue;
        }
        if let Some(value) = value(variant, parsed.kind, case, mistakes) {
            parsed.known.push(Known { ident: &variant.ident, value });
        }
    }
    parsed
}

/// The kind of values, by the field of the last variant.
fn other_kind(other: &Variant, mistakes: &mut Mistakes) -> Kind {
    let usage = "the last variant must have one field, of the type `String`, or `i64` for integers";
    let field = match &other.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
        _ => None,
    };
    let name = field.and_then(|field| match ungrouped(&field.ty) {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    });
    match name.as_deref() {
        Some("String") => Kind::Text,
        Some("i64") => Kind::Integer,
        _ => {
            mistakes.at(&other.fields, usage);
            Kind::Text
        }
    }
}

fn value(variant: &Variant, kind: Kind, case: Option<Case>, mistakes: &mut Mistakes) -> Option<Value> {
    let mut attributes = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("open_enum"));
    let Some(first) = attributes.next() else {
        if kind == Kind::Integer {
            mistakes.at(&variant.ident, "this variant has no integer; add `#[open_enum(1)]` above it");
            return None;
        }
        let name = variant.ident.unraw().to_string();
        let name = case.map_or(name.clone(), |case| of_variant(case, &name));
        return Some(Value::Text(name, variant.ident.to_token_stream()));
    };
    for second in attributes {
        mistakes.at(second, "a variant stands for one value; remove this one");
    }
    if first.meta.require_list().is_err() {
        mistakes.at(first, "`open_enum` needs the value in parentheses: `#[open_enum(\"+1\")]`");
        return None;
    }
    mistakes.take(first.parse_args())
}

/// The name of a variant, which is written in `PascalCase`. As for serde, each capital begins a word.
fn of_variant(case: Case, name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    case.join(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_capital_of_a_variant_begins_a_word() {
        let rows = [
            (Case::Camel, "ParentId", "parentId"),
            (Case::Lower, "ParentId", "parentid"),
            (Case::ScreamingKebab, "ParentId", "PARENT-ID"),
            (Case::Snake, "Http2Only", "http2_only"),
            (Case::Pascal, "URL", "URL"),
        ];
        for (case, name, expected) in rows {
            assert_eq!(of_variant(case, name), expected, "{name} in {case:?}");
        }
    }
}
