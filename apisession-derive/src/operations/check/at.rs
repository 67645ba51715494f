//! Checks the key `at`, which names the parameter that is the URL of the request. Above a fn is a sample of an input that breaks the
//! rule.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::mistakes::Mistakes;
use crate::operations::parameter::{Parameter, parameter_names};
use crate::operations::parse::Verb;

/// Checks an operation with `at`. The places of its parameters are known.
pub(super) fn check(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let Some(at) = &verb.at else { return };
    place(verb, at, mistakes);
    if is_missing(verb, parameters) {
        missing(at, parameters, mistakes);
    }
    for parameter in parameters.iter().filter(|parameter| names(verb, parameter)) {
        single_place(at, parameter, mistakes);
        always(parameter, mistakes);
    }
}

/// Whether `at` names the parameter.
pub(super) fn names(verb: &Verb, parameter: &Parameter) -> bool {
    verb.at.as_ref().is_some_and(|at| at.unraw() == parameter.ident.unraw())
}

/// Whether no parameter has the name that `at` is.
pub(super) fn is_missing(verb: &Verb, parameters: &[Parameter]) -> bool {
    verb.at.is_some() && !parameters.iter().any(|parameter| names(verb, parameter))
}

/// ```text
/// #[patch("/uploads/{id}", at = to)] pub fn append(&self, id: u64, to: &Location) -> Call<Location>;
/// #[patch(at = to, use_base = false)] pub fn append(&self, to: &Location) -> Call<Location>;
/// ```
fn place(verb: &Verb, at: &Ident, mistakes: &mut Mistakes) {
    if let Some(path) = &verb.path {
        mistakes.at(path, format!("an operation at the URL `{at}` has no path; remove the path, or `at`"));
    }
    if let Some(use_base) = &verb.use_base {
        mistakes.at(
            use_base,
            format!("`use_base` has no effect on an operation at the URL `{at}`; remove it, or `at`"),
        );
    }
}

/// ```text
/// #[patch(at = too)] pub fn append(&self, to: &Location) -> Call<Location>;
/// ```
fn missing(at: &Ident, parameters: &[Parameter], mistakes: &mut Mistakes) {
    mistakes.at(at, format!("no parameter is named `{at}`; {}", parameter_names(parameters)));
}

/// ```text
/// #[patch(at = to)] pub fn append(&self, #[query] to: &Location) -> Call<Location>;
/// ```
fn single_place(at: &Ident, parameter: &Parameter, mistakes: &mut Mistakes) {
    if let Some((_, attribute)) = &parameter.marked {
        mistakes.at(
            attribute,
            format!("`{at}` is the URL of the request; remove this attribute, or send it by another parameter as well"),
        );
    }
}

/// ```text
/// #[patch(at = to)] pub fn append(&self, to: Option<&Location>) -> Call<Location>;
/// #[patch(at = to)] pub fn append(&self, #[cfg(unix)] to: &Location) -> Call<Location>;
/// ```
fn always(parameter: &Parameter, mistakes: &mut Mistakes) {
    let name = &parameter.ident;
    if let Some(gate) = parameter.gates.first() {
        mistakes.at(
            gate,
            format!("`{name}` is the URL of the request, which every build needs; put the `cfg` on the fn"),
        );
    }
    if parameter.optional.is_some() {
        mistakes.at(
            &parameter.ty,
            format!("`{name}` is the URL of the request and can't be optional; remove the `Option`"),
        );
    }
}
