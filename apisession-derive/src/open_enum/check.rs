//! Checks the variants: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use syn::DeriveInput;

use super::parse::{Kind, Parsed};
use crate::keys::Key;
use crate::mistakes::Mistakes;

pub(super) fn check(
    input: &DeriveInput,
    parsed: &Parsed<'_>,
    rename_all: Option<&Key>,
    mistakes: &mut Mistakes,
) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "the enum can't be generic, since its values are known; remove this");
    }
    kinds(parsed, mistakes);
    repeated(parsed, mistakes);
    cases(parsed, rename_all, mistakes);
}

/// ```text
/// #[open_enum("1")] One, Other(i64),
/// ```
fn kinds(parsed: &Parsed<'_>, mistakes: &mut Mistakes) {
    for known in parsed.known.iter().filter(|known| known.value.kind() != parsed.kind) {
        let message = match parsed.kind {
            Kind::Text => "the last variant keeps text, so this must be a string; or write `Other(i64)`",
            Kind::Integer => "the last variant keeps integers, so this must be one; or write `Other(String)`",
        };
        mistakes.at(known.value.tokens(), message);
    }
}

/// ```text
/// #[open_enum("a")] One, #[open_enum("a")] Two, Other(String),
/// ```
fn repeated(parsed: &Parsed<'_>, mistakes: &mut Mistakes) {
    for (index, known) in parsed.known.iter().enumerate() {
        if let Some(earlier) = parsed.known[..index].iter().find(|earlier| earlier.value == known.value) {
            let message = format!("`{}` stands for this value already; keep one of the two", earlier.ident);
            mistakes.at(known.value.tokens(), message);
        }
    }
}

/// ```text
/// #[open_enum(rename_all = "lowercase")] enum Level { #[open_enum(1)] Low, Other(i64) }
/// ```
fn cases(parsed: &Parsed<'_>, rename_all: Option<&Key>, mistakes: &mut Mistakes) {
    if let Some(key) = rename_all.filter(|_| parsed.kind == Kind::Integer) {
        mistakes.at(key, "the values are integers, which have no case; remove `rename_all`");
    }
}
