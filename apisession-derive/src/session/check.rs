//! Checks the struct of a session: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Expr, ExprLit, Fields, Lit};

use super::parse::{Field, Role, Session};
use crate::mistakes::Mistakes;
use crate::settings;

/// The methods that the derive adds to a session.
const METHODS: [&str; 7] = ["builder", "close", "operations", "raw", "scope", "stub", "with"];

/// Whether every session has a method of this name.
pub(crate) fn is_method(name: &Ident) -> bool {
    METHODS.iter().any(|method| name == method)
}

pub(super) fn check(input: &DeriveInput, session: &mut Session<'_>) {
    base_url(session.base_url.as_ref(), &mut session.mistakes);
    let mut shape = Mistakes::default();
    generics(input, &mut shape);
    fields(input, &session.fields, &mut shape);
    let named = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Named(_)));
    session.sound = shape.is_empty() && named;
    session.mistakes.extend(&shape);
}

/// ```text
/// #[session(base_url = "api.example.com")]
/// ```
fn base_url(base_url: Option<&Expr>, mistakes: &mut Mistakes) {
    let Some(Expr::Lit(ExprLit { lit: Lit::Str(literal), .. })) = base_url else { return };
    let url = literal.value();
    let Some(rest) = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)) else {
        mistakes.at(literal, "`base_url` must start with `https://` or `http://`");
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        let message = "`base_url` can't have a user name or password; return them as a `Credential` from `authenticate`";
        mistakes.at(literal, message);
    }
    if authority.is_empty() {
        mistakes.at(literal, "`base_url` has no host; write one like `https://api.example.com/v1`");
    }
    if rest.contains(['?', '#']) {
        mistakes.at(literal, "`base_url` can't have a query or a fragment; remove everything after the path");
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
