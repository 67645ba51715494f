//! The rules, one fn each.

use syn::{Data, DeriveInput, Expr, ExprLit, Fields, Lit};

use super::parse::{Field, Role, Session};
use crate::mistakes::Mistakes;

/// The methods that the derive adds to a session.
const METHODS: [&str; 7] = ["builder", "close", "operations", "raw", "scope", "stub", "with"];

/// The setters that every builder has.
const SETTERS: [&str; 50] = [
    "add_credential",
    "add_user_agent",
    "allowed_origins",
    "attempt_timeout",
    "base_path",
    "base_url",
    "build",
    "build_name",
    "client",
    "connect",
    "connect_timeout",
    "credential",
    "credential_named",
    "error_map",
    "gone_is_ok",
    "header",
    "idempotent",
    "idle_timeout",
    "lib",
    "limiter",
    "max_attempts",
    "max_body",
    "max_in_flight",
    "min_throughput",
    "mount",
    "on_request",
    "on_response",
    "per_attempt",
    "per_call",
    "pool_idle_timeout",
    "product",
    "proxies",
    "query",
    "rate_limit",
    "redirects",
    "rejected_on",
    "restricted_path",
    "retry",
    "retry_budget",
    "retry_on",
    "session_credential",
    "timeout",
    "tls",
    "transport",
    "user_agent",
    "vendor",
    "without_credential",
    "without_header",
    "without_query",
    "without_retry_budget",
];

pub(super) fn check(input: &DeriveInput, session: &mut Session<'_>) {
    base_url(&session.texts, &mut session.mistakes);
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
fn base_url(texts: &[(&str, Expr)], mistakes: &mut Mistakes) {
    let Some((_, Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }))) =
        texts.iter().find(|(setter, _)| *setter == "base_url")
    else {
        return;
    };
    let url = literal.value();
    let Some(rest) = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)) else {
        mistakes.at(literal, "`base_url` starts with `https://` or `http://`");
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        let message =
            "`base_url` has a user name or password; return them as a `Credential` from `authenticate`";
        mistakes.at(literal, message);
    }
    if authority.is_empty() {
        mistakes.at(literal, "`base_url` has no host; write one like `https://api.example.com/v1`");
    }
    if rest.contains(['?', '#']) {
        mistakes.at(literal, "`base_url` has a query or a fragment; it ends with its path");
    }
}

/// ```text
/// struct Acme<T> { session: Session, state: T }
/// ```
fn generics(input: &DeriveInput, mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "a session has no generics; write the types out, or box what differs");
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
        mistakes.at(&input.ident, "no field holds the session; add `session: Session`");
    }
    for second in sessions {
        mistakes.at(second, "a second `Session`; a struct has one");
    }
    for field in fields {
        let name = field.ident.to_string();
        match field.role {
            Role::Endpoint if METHODS.contains(&name.as_str()) => {
                mistakes.at(
                    field,
                    format!("every session has a method `{name}`; give the endpoint another name"),
                );
            }
            Role::Defaulted if SETTERS.contains(&name.as_str()) => {
                mistakes
                    .at(field, format!("every builder has a setting `{name}`; give the field another name"));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SETTERS;

    /// The names before the `with_…` of a list of setters, or before `_b`.
    fn setters(source: &str) -> impl Iterator<Item = &str> {
        source.lines().filter_map(|line| {
            let (name, rest) = line.trim_start().split_once(' ')?;
            let is_setter = ["with_", "without_", "_b("].iter().any(|start| rest.starts_with(start));
            Some(name).filter(|name| is_setter && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        })
    }

    #[test]
    fn the_setters_are_those_of_the_builder() {
        let settings = setters(include_str!("../../../apisession/src/settings.rs"));
        let options = setters(include_str!("../../../apisession/src/options.rs"));
        // `build` and `connect` are the methods that end a builder.
        let mut names: Vec<_> = settings.chain(options).chain(["build", "connect"]).collect();
        names.sort_unstable();
        assert_eq!(names, SETTERS);
    }
}
