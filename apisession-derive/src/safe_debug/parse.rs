//! Parses the fields of a struct or of each variant, and what their marks are.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Index, Member};

use crate::keys::{self, Keys};
use crate::mistakes::Mistakes;

/// The struct, or a variant.
pub(super) struct Shape {
    /// `Self`, or `Self::Variant`.
    pub(super) path: TokenStream,
    pub(super) name: String,
    pub(super) is_named: bool,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) member: Member,
    /// The name in the output; empty in a tuple.
    pub(super) name: String,
    /// What patterns bind it to.
    pub(super) binding: Ident,
    pub(super) mark: Mark,
}

#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// Its name decides.
    None,
    Secret,
    Shown,
}

pub(super) fn shapes(input: &DeriveInput, mistakes: &mut Mistakes) -> Vec<Shape> {
    match &input.data {
        Data::Struct(data) => vec![shape(quote!(Self), &input.ident, &data.fields, mistakes)],
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| {
                let ident = &variant.ident;
                if let Some(attribute) =
                    variant.attrs.iter().find(|attribute| attribute.path().is_ident("debug"))
                {
                    mistakes.at(attribute, "a variant can't be hidden; write this above its field");
                }
                shape(quote!(Self::#ident), ident, &variant.fields, mistakes)
            });
            variants.collect()
        }
        Data::Union(_) => {
            mistakes.at(&input.ident, "`SafeDebug` can only be derived for a struct or an enum");
            Vec::new()
        }
    }
}

fn shape(path: TokenStream, ident: &Ident, fields: &Fields, mistakes: &mut Mistakes) -> Shape {
    let is_named = matches!(fields, Fields::Named(_));
    let fields = fields.iter().enumerate().map(|(index, field)| Field {
        member: field.ident.clone().map_or(Member::Unnamed(Index::from(index)), Member::Named),
        name: field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default(),
        binding: format_ident!("field_{}", index, span = proc_macro2::Span::mixed_site()),
        mark: mark(&field.attrs, mistakes),
    });
    Shape { path, name: ident.unraw().to_string(), is_named, fields: fields.collect() }
}

/// ```text
/// #[debug(secret, shown)] code: String,
/// ```
fn mark(attrs: &[Attribute], mistakes: &mut Mistakes) -> Mark {
    let keys = Keys::of(attrs, keys::DEBUG_FIELD, mistakes);
    let secret = keys.get("secret").filter(|key| key.flag(mistakes));
    let shown = keys.get("shown").filter(|key| key.flag(mistakes));
    match (secret, shown) {
        (Some(_), Some(shown)) => {
            mistakes.at(shown, "a field can't be `secret` and `shown`; keep one");
            Mark::Secret
        }
        (Some(_), None) => Mark::Secret,
        (None, Some(_)) => Mark::Shown,
        (None, None) => Mark::None,
    }
}
