//! Parses the variants, and the values of the tag that select them.

use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Type, Variant};

use crate::mistakes::Mistakes;

pub(super) struct Parsed<'a> {
    pub(super) known: Vec<Known<'a>>,
    /// The variant for all other data.
    pub(super) other: Option<Other<'a>>,
}

/// A variant for data of one type.
pub(super) struct Known<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    /// The values of the tag. Data without a tag has none.
    pub(super) values: Vec<LitStr>,
}

pub(super) struct Other<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
}

pub(super) fn parse<'a>(input: &'a DeriveInput, has_tag: bool, mistakes: &mut Mistakes) -> Parsed<'a> {
    let mut parsed = Parsed { known: Vec::new(), other: None };
    let Data::Enum(data) = &input.data else {
        mistakes.at(&input.ident, "`Union` can only be derived for an enum; write one variant for each type");
        return parsed;
    };
    let last = data.variants.last().filter(|variant| variant.ident == "Other");
    if let Some(other) = last {
        if let Some(attribute) = marks(other).next() {
            mistakes
                .at(attribute, "the last variant keeps all other data, so it can't have one; remove this");
        }
        parsed.other = field(other, mistakes).map(|ty| Other { ident: &other.ident, ty });
    } else {
        let at = data.variants.last().map_or(&input.ident, |variant| &variant.ident);
        mistakes.at(at, "the enum has no last variant for other data; add `Other(apisession::RawJson)`");
    }
    for variant in data.variants.iter().take(data.variants.len() - usize::from(last.is_some())) {
        let values = values(variant, has_tag, mistakes);
        if let Some(ty) = field(variant, mistakes) {
            parsed.known.push(Known { ident: &variant.ident, ty, values });
        }
    }
    parsed
}

fn marks(variant: &Variant) -> impl Iterator<Item = &Attribute> {
    variant.attrs.iter().filter(|attribute| attribute.path().is_ident("union"))
}

/// ```text
/// Text { text: String },
/// ```
fn field<'a>(variant: &'a Variant, mistakes: &mut Mistakes) -> Option<&'a Type> {
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first().map(|field| &field.ty),
        _ => {
            let message =
                format!("a variant must have one field, the type of its data: `{}(Data)`", variant.ident);
            mistakes.at(variant, message);
            None
        }
    }
}

/// ```text
/// #[union(tag = "type")] enum Block { Text(Text), Other(RawJson) }
/// ```
fn values(variant: &Variant, has_tag: bool, mistakes: &mut Mistakes) -> Vec<LitStr> {
    let mut values = Vec::new();
    for attribute in marks(variant) {
        if !has_tag {
            mistakes.at(attribute, "the union has no tag, so the first variant that fits is selected; remove this, or write `#[union(tag = \"type\")]` above the enum");
        }
        match attribute.parse_args::<LitStr>() {
            Ok(value) => values.push(value),
            Err(error) => {
                let usage = "a value of the tag must be a string: `#[union(\"text\")]`";
                mistakes.take::<()>(Err(syn::Error::new(error.span(), usage)));
            }
        }
    }
    if has_tag && marks(variant).next().is_none() {
        mistakes
            .at(&variant.ident, "this variant has no value of the tag; add `#[union(\"text\")]` above it");
    }
    values
}
