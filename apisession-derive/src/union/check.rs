//! Checks the variants: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use syn::{DeriveInput, LitStr};

use super::parse::Parsed;
use crate::mistakes::Mistakes;

pub(super) fn check(input: &DeriveInput, tag: Option<&LitStr>, parsed: &Parsed<'_>, mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "the enum can't be generic; use concrete types");
    }
    empty(tag, mistakes);
    repeated(parsed, mistakes);
}

/// ```text
/// #[union(tag = "")]
/// ```
fn empty(tag: Option<&LitStr>, mistakes: &mut Mistakes) {
    if let Some(tag) = tag.filter(|tag| tag.value().is_empty()) {
        mistakes.at(tag, "the tag must be the name of a member: `tag = \"type\"`");
    }
}

/// ```text
/// #[union("a")] One(One), #[union("a")] Two(Two),
/// ```
fn repeated(parsed: &Parsed<'_>, mistakes: &mut Mistakes) {
    let all: Vec<_> =
        parsed.known.iter().flat_map(|known| known.values.iter().map(move |value| (known, value))).collect();
    for (index, (_, value)) in all.iter().enumerate() {
        if let Some((earlier, _)) = all[..index].iter().find(|(_, other)| other.value() == value.value()) {
            mistakes
                .at(value, format!("this value selects `{}` already; keep one of the two", earlier.ident));
        }
    }
}
