//! Writes the declaration of an operation.

mod body;
mod parameter;
mod path;
mod response;

use crate::document::{Document, Operation};
use crate::ident::Names;

/// A declaration in the grammar of the macros.
#[derive(Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The fn, for an `#[endpoint] impl`.
    pub item: String,
    /// The enums that its return type names.
    pub enums: Vec<Enum>,
    /// The types of its arguments, in order.
    pub required: Vec<String>,
    /// What the grammar has no key for, so that the author writes a fn that converts the value.
    pub by_hand: Vec<String>,
}

/// An enum that the return type of an operation names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Enum {
    pub derive: &'static str,
    /// It states what the enum has, so that two of one name are the same.
    pub name: String,
    pub text: String,
}

/// Writes the declaration of a fn with this name.
///
/// # Errors
///
/// Fails with the reason if there is no way to write it.
pub fn declare(document: &Document, operation: &Operation, name: &str) -> Result<Declaration, String> {
    let mut parts = Parts::default();
    let path = path::write(operation, &mut parts)?;
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place != "path") {
        parameter::write(parameter, &mut parts)?;
    }
    if let Some(body) = &operation.body {
        body::write(operation, body, &mut parts)?;
    }
    let returns = response::write(document, operation, &mut parts)?;
    if let Some(url) = &operation.server {
        parts.keys.push(format!("base_url = {url:?}"));
    }
    if operation.is_public {
        parts.keys.push("auth = none".to_owned());
    }
    let method = operation.method.to_lowercase();
    let (verb, first) = match method.as_str() {
        "trace" => ("request", Some("TRACE".to_owned())),
        method => (method, None),
    };
    let arguments: Vec<_> = first.into_iter().chain([format!("{path:?}")]).chain(parts.keys).collect();
    let deprecated = if operation.is_deprecated { "#[deprecated]\n    " } else { "" };
    let item = format!(
        "    {deprecated}#[{verb}({})]\n    pub fn {name}(&self, {}) -> {returns};\n",
        arguments.join(", "),
        parts.parameters.join(", "),
    );
    let types = parts
        .parameters
        .iter()
        .filter_map(|parameter| parameter.rsplit_once(": "))
        .map(|(_, ty)| ty.to_owned());
    let required = types.filter(|ty| !ty.starts_with("Option<")).collect();
    Ok(Declaration { item, required, enums: parts.enums, by_hand: parts.by_hand })
}

/// What the parts of an operation add to its declaration.
#[derive(Default)]
struct Parts {
    /// The keys of the operation.
    keys: Vec<String>,
    /// The pairs of the key `query`.
    parameters: Vec<String>,
    enums: Vec<Enum>,
    by_hand: Vec<String>,
    names: Names,
}
