//! Parses the variants, and which errors become them.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Data, DeriveInput, Fields, Lit, LitInt, LitStr, Meta, Token, Type};

use crate::mistakes::Mistakes;
use crate::statuses::Status;
use crate::tokens::split_at_commas;

/// A variant, and the errors that become it.
pub(super) struct Variant<'a> {
    pub(super) ident: &'a Ident,
    pub(super) mark: Mark,
    pub(super) attrs: &'a [Attribute],
    /// The types of the fields. Which of them is the error is decided by type, where the code is compiled.
    pub(super) fields: Vec<&'a Type>,
}

/// The attribute of a variant.
pub(super) enum Mark {
    /// Errors with one of the statuses, whose body meets all conditions.
    Status { statuses: Vec<Status>, conditions: Vec<Condition> },
    /// All other error responses whose body can be decoded.
    Default,
    /// All other errors.
    Other,
}

/// What the body must have at a JSON pointer.
pub(super) struct Condition {
    pub(super) pointer: LitStr,
    pub(super) value: Lit,
}

impl Mark {
    pub(super) fn is_other(&self) -> bool {
        matches!(self, Self::Other)
    }
}

pub(super) fn variants<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<Variant<'a>> {
    let Data::Enum(data) = &input.data else {
        mistakes.at(
            &input.ident,
            "`ApiError` can only be derived for an enum; write one variant for each known error",
        );
        return Vec::new();
    };
    let mut variants = Vec::new();
    for variant in &data.variants {
        let mut marks = variant.attrs.iter().filter(|attribute| is_mark(attribute));
        let Some(first) = marks.next() else {
            let message =
                "this variant has no status; add `#[status(404)]`, `#[default]` or `#[other]` above it";
            mistakes.at(&variant.ident, message);
            continue;
        };
        for second in marks {
            mistakes.at(second, "a variant can have only one of these; put all statuses in one `#[status(…)]`, or keep `#[other]`");
        }
        let mark = mark(first, mistakes);
        let fields = fields(&variant.fields, mistakes);
        variants.push(Variant { ident: &variant.ident, mark, attrs: &variant.attrs, fields });
    }
    variants
}

fn is_mark(attribute: &Attribute) -> bool {
    ["status", "default", "other"].iter().any(|name| attribute.path().is_ident(name))
}

fn mark(attribute: &Attribute, mistakes: &mut Mistakes) -> Mark {
    let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
    if name == "status" {
        return statuses(attribute, mistakes);
    }
    if !matches!(attribute.meta, Meta::Path(_)) {
        mistakes.at(attribute, format!("`{name}` has no statuses; write `#[{name}]`"));
    }
    if name == "other" { Mark::Other } else { Mark::Default }
}

/// Parses `#[status(404, 5xx, "/code" = "GONE")]`.
fn statuses(attribute: &Attribute, mistakes: &mut Mistakes) -> Mark {
    let (mut statuses, mut conditions) = (Vec::new(), Vec::new());
    let mut own = Mistakes::default();
    let usage =
        "`status` needs at least one status: `#[status(404)]`, `#[status(409, 422)]`, `#[status(5xx)]`";
    let Meta::List(list) = &attribute.meta else {
        mistakes.at(attribute, usage);
        return Mark::Status { statuses, conditions };
    };
    for part in split_at_commas(list.tokens.clone()) {
        match part_of_status.parse2(part.clone()) {
            Ok(Part::Status(status)) => statuses.push(status),
            Ok(Part::Condition(condition)) => conditions.push(condition),
            Err(error) => {
                own.take::<()>(Err(error));
            }
        }
    }
    if statuses.is_empty() && own.is_empty() {
        own.at(attribute, usage);
    }
    mistakes.extend(&own);
    Mark::Status { statuses, conditions }
}

enum Part {
    Status(Status),
    Condition(Condition),
}

fn part_of_status(input: ParseStream<'_>) -> syn::Result<Part> {
    if input.peek(LitInt) {
        return input.parse().map(Part::Status);
    }
    let tokens = input.fork().parse::<TokenStream>()?;
    let condition = || -> syn::Result<Condition> {
        let pointer = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Condition { pointer, value: input.parse()? })
    };
    let usage = "expected a status like `404`, a class like `5xx`, or a value in the body, as in `\"/error/code\" = \"GONE\"`";
    condition().map(Part::Condition).map_err(|_| syn::Error::new_spanned(tokens, usage))
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
