//! Writes down an operation as the text that its descriptor reads.
//!
//! It is one literal, which costs the compiler next to nothing, whereas a constructor with an argument for everything costs it
//! more than the fn of the operation.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use super::parameter::{Parameter, Place};
use super::parse::{Declared, Operation};
use crate::types::written;

/// Ends a unit, except the last of a record.
const UNIT: char = '\u{1f}';
/// Ends a record, except the last.
const RECORD: char = '\u{1e}';

/// A record: a name, and units of a key and a value.
struct Record(String);

impl Record {
    fn new(name: &str) -> Self {
        Self(clean(name))
    }

    fn unit(&mut self, key: &str, value: &str) {
        self.0.extend([&UNIT.to_string(), key, "=", &clean(value)]);
    }

    /// Adds the unit, if there is a value.
    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.unit(key, value);
        }
    }

    /// Adds a unit without a value, if it holds.
    fn flag(&mut self, key: &str, holds: bool) {
        self.maybe(key, holds.then_some(""));
    }
}

/// A text in which no unit and no record ends.
fn clean(text: &str) -> String {
    text.replace([UNIT, RECORD], " ")
}

/// Generates the call that makes the declaration: its method, its path, and its text.
pub(super) fn declaration(
    krate: &TokenStream,
    owner: &str,
    declared: &Declared,
    operation: &Operation,
) -> TokenStream {
    let (method, path) = (&operation.verb.method, operation.template.to_string());
    let mut text = self::operation(owner, declared, operation).0;
    let parameters = operation.parameters.iter().map(|found| (found, parameter(found).0));
    let is_gated = operation.parameters.iter().any(|parameter| !parameter.gates.is_empty());
    let gated = is_gated.then(|| {
        let parameters = parameters.clone().map(|(Parameter { gates, .. }, text)| quote!(#(#gates)* #text));
        quote!(.with_parameters(&[#(#parameters),*]))
    });
    if !is_gated {
        for (_, parameter) in parameters {
            text.push(RECORD);
            text.push_str(&parameter);
        }
    }
    quote!(#krate::__private::Declaration::new(#method, #path, #text) #gated)
}

fn operation(owner: &str, declared: &Declared, operation: &Operation) -> Record {
    let Declared { attrs, sig, .. } = declared;
    let Operation { response, error, .. } = operation;
    let mut record = Record::new(&sig.ident.unraw().to_string());
    record.unit("endpoint", &owner.replace("r#", ""));
    record.unit("response", &written(response));
    record.maybe("error", error.as_ref().map(written).as_deref());
    record.maybe("docs", docs(attrs).as_deref());
    record
}

fn parameter(parameter: &Parameter) -> Record {
    let Parameter { wire, place, style, .. } = parameter;
    let mut record = Record::new(wire);
    let is_map = *place == Place::Headers;
    let place = if is_map { Place::Header } else { *place };
    record.unit("in", if place == Place::Url { "url" } else { place.attribute() });
    record.flag("optional", parameter.has_setter());
    record.flag("flattened", is_map || style.nested == Some("Flat"));
    record
}

/// Returns the text of the doc comments, if there are any.
fn docs(attrs: &[Attribute]) -> Option<String> {
    let lines = attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
        let text = text.value();
        Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}
