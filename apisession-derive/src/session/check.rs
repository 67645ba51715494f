//! Checks the struct of a session: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields};

use super::parse::{Field, Role, Session};
use crate::base_url;
use crate::mistakes::Mistakes;
use crate::settings;

/// The methods that the derive adds to a session.
const METHODS: [&str; 12] = [
    "base_url",
    "builder",
    "close",
    "credential_source",
    "description",
    "operations",
    "raw",
    "scope",
    "send",
    "stub",
    "transport_of",
    "with",
];

/// Whether every session has a method of this name.
pub(crate) fn is_method(name: &Ident) -> bool {
    // As text, since each comparison with an identifier makes one.
    METHODS.contains(&name.to_string().as_str())
}

pub(super) fn check(input: &DeriveInput, session: &mut Session<'_>) {
    variables(session);
    let mut shape = Mistakes::default();
    generics(input, &mut shape);
    fields(input, &session.fields, &mut shape);
    let named = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Named(_)));
    session.sound = shape.is_empty() && named;
    session.mistakes.extend(&shape);
}

/// ```text
/// #[session(base_url = "https://{subdomain}.acme.example")] struct Acme { session: Session }
/// ```
fn variables(session: &mut Session<'_>) {
    let Some(literal) = base_url::literal(session.base_url.as_ref()) else { return };
    base_url::check(literal, &mut session.mistakes);
    match base_url::variables(literal) {
        Err(message) => session.mistakes.at(literal, message),
        Ok(names) => {
            for name in names {
                let field = session.fields.iter().find(|field| field.ident.unraw() == name);
                match field.map(|field| field.role) {
                    Some(Role::Given | Role::Defaulted) => session.variables.push(name),
                    Some(Role::Session | Role::Endpoint) => session.mistakes.at(
                        literal,
                        format!(
                            "`{name}` is not a field whose value can be in `base_url`; rename the variable"
                        ),
                    ),
                    None => session.mistakes.at(
                        literal,
                        format!(
                            "`{{{name}}}` in `base_url` has no field; add `{name}: String` to the struct"
                        ),
                    ),
                }
            }
        }
    }
}

/// ```text
/// struct Acme<T> { session: Session, state: T }
/// ```
fn generics(input: &DeriveInput, mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "a session can't be generic; use concrete types or trait objects");
    }
}

/// ```text
/// struct Acme { events: Events }
/// struct Acme { one: Session, two: Session }
/// ```
fn fields(input: &DeriveInput, fields: &[Field<'_>], mistakes: &mut Mistakes) {
    let Data::Struct(data) = &input.data else { return };
    if let Fields::Unnamed(_) = data.fields {
        return;
    }
    let mut sessions = fields.iter().filter(|field| field.role == Role::Session);
    if sessions.next().is_none() {
        mistakes.at(&input.ident, "a session needs a field of type `Session`; add `session: Session`");
    }
    for second in sessions {
        mistakes.at(second, "a session can have only one field of type `Session`; remove this one");
    }
    for field in fields {
        let name = field.ident.to_string();
        match field.role {
            Role::Endpoint if METHODS.contains(&name.as_str()) => {
                mistakes.at(field, format!("every session has a method `{name}`; rename the endpoint"));
            }
            Role::Defaulted if settings::is_builder_method(&name) => {
                mistakes.at(field, format!("every builder has a method `{name}`; rename the field"));
            }
            _ => {}
        }
    }
}
