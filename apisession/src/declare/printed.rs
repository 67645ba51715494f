//! The text form of a description: a line for each fact, the same for the same declarations.

use std::fmt::{self, Formatter, Result};

use super::description::Description;
use super::route::Route;
use crate::describe::{Case, Constant, Group, Mode, Parameter};
use crate::encode::{ListStyle, Nested};
use crate::model::Values;

/// Shows all that is known, the session first and then each operation: one line for each fact, defaults left out. Operations stand below
/// the endpoint that declares them.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "session {}", self.name())?;
        docs(f, "    ", self.docs())?;
        let facts = [
            ("vendor", self.vendor()),
            ("product", self.product()),
            ("base_url", self.base_url()),
            ("base_path", self.base_path()),
        ];
        for (name, value) in facts {
            line(f, name, value)?;
        }
        for (name, about) in self.variables() {
            line(f, "variable", Some(name))?;
            docs(f, "        ", about)?;
        }
        constants(f, self.constants())?;
        let shown = facts.map(|(name, _)| name);
        keys(f, self.keys().filter(|(name, _)| !shown.contains(name)))?;
        let mut around: Vec<Group> = Vec::new();
        for route in self.operations() {
            let groups: Vec<_> = route.groups().collect();
            if groups != around {
                let common = groups.iter().zip(&around).take_while(|(one, other)| one == other).count();
                groups[common..].iter().try_for_each(|group| print_group(f, group))?;
                around = groups;
            }
            print_route(f, route)?;
        }
        Ok(())
    }
}

fn print_group(f: &mut Formatter<'_>, group: &Group) -> Result {
    let kind = if group.is_graft() { "graft" } else { "endpoint" };
    writeln!(f, "\n{kind} {}", group.name())?;
    docs(f, "    ", group.docs())?;
    list(f, "tags", group.tags())?;
    list(f, "scopes", group.scopes())?;
    group.parameters().try_for_each(|parameter| print_parameter(f, &parameter))?;
    constants(f, group.constants())?;
    keys(f, group.keys())
}

fn print_route(f: &mut Formatter<'_>, route: &Route) -> Result {
    let operation = route.operation();
    writeln!(f, "\n{} {}", operation.method(), route.path())?;
    line(f, "operation", Some(&operation.to_string()))?;
    docs(f, "    ", operation.docs())?;
    if let Some(deprecation) = operation.deprecation() {
        f.write_str("    deprecated")?;
        if let Some(since) = deprecation.since {
            write!(f, " since {since}")?;
        }
        match deprecation.note {
            Some(note) => writeln!(f, ": {note}")?,
            None => writeln!(f)?,
        }
    }
    if operation.mode() != Mode::Once {
        write!(f, "    mode {:?}", operation.mode())?;
        match operation.page_style().or(operation.poll_style()) {
            Some(style) => writeln!(f, ", {style}")?,
            None => writeln!(f)?,
        }
    }
    if let Some(document) = operation.graphql() {
        let kind = if document.is_query() { "query" } else { "mutation" };
        writeln!(f, "    graphql {}", [kind, document.name().unwrap_or_default()].join(" ").trim_end())?;
    }
    list(f, "tags", route.tags())?;
    list(f, "scopes", route.scopes())?;
    line(f, "base_url", route.base_url())?;
    flag(f, "without base path", route.base_url().is_none() && !route.uses_base_path())?;
    line(f, "credential", route.credential())?;
    flag(f, "restricted", route.is_restricted())?;
    line(f, "idempotency_key", operation.idempotency_key())?;
    operation.parameters().try_for_each(|parameter| print_parameter(f, &parameter))?;
    constants(f, operation.constants())?;
    if let Some(body) = operation.body() {
        write!(f, "    body {body:?}")?;
        option(f, "", operation.media_type())?;
        optional(f, "gzip", operation.has_gzip())?;
        writeln!(f)?;
    }
    line(f, "call", operation.call())?;
    write!(f, "    response {}", operation.response())?;
    write!(f, ", {:?}, accept {}", operation.response_kind(), route.accept())?;
    optional(f, "redirects", operation.returns_redirects())?;
    writeln!(f)?;
    operation.responses().try_for_each(|case| print_case(f, case))?;
    line(f, "error", operation.error())?;
    operation.errors().try_for_each(|case| print_case(f, case))?;
    keys(f, operation.keys())
}

fn print_parameter(f: &mut Formatter<'_>, parameter: &Parameter) -> Result {
    write!(f, "    {} {}: {}", parameter.place().name(), parameter.name(), parameter.type_name())?;
    if parameter.argument() != parameter.name() {
        option(f, "argument ", Some(parameter.argument()))?;
    }
    option(f, "default ", parameter.default())?;
    optional(f, "optional", !parameter.is_required() && parameter.default().is_none())?;
    optional(f, "secret", parameter.is_secret())?;
    match parameter.values() {
        Some(Values::Text(values)) => write!(f, ", values {}", values.join(" | "))?,
        Some(Values::Integers(values)) => {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            write!(f, ", values {}", values.join(" | "))?;
        }
        _ => {}
    }
    if parameter.list() != ListStyle::Repeat {
        write!(f, ", list {:?}", parameter.list())?;
    }
    if parameter.nested() != Nested::Refused {
        write!(f, ", nested {:?}", parameter.nested())?;
    }
    optional(f, "json", parameter.is_json())?;
    optional(f, "flag", parameter.is_flag())?;
    optional(f, "greedy", parameter.is_greedy())?;
    optional(f, "empty segments", parameter.has_empty_segments())?;
    option(f, "prefix ", parameter.prefix())?;
    option(f, "encode_with ", parameter.encode_with())?;
    option(f, "content_type ", parameter.content_type())?;
    option(f, "file_name ", parameter.file_name())?;
    writeln!(f)?;
    docs(f, "        ", parameter.docs())
}

fn print_case(f: &mut Formatter<'_>, case: Case) -> Result {
    write!(f, "        {}", case.name())?;
    let rest = [("default", case.is_default()), ("other", case.is_other())];
    let rest = rest.into_iter().filter(|(_, is_so)| *is_so).map(|(name, _)| name);
    let statuses: Vec<_> = case.statuses().chain(rest).collect();
    write!(f, ": {}", statuses.join(" | "))?;
    case.conditions().try_for_each(|(pointer, value)| write!(f, ", {pointer} = {value}"))?;
    case.fields().try_for_each(|field| write!(f, ", {field}"))?;
    writeln!(f)?;
    docs(f, "            ", case.docs())
}

fn constants(f: &mut Formatter<'_>, mut constants: impl Iterator<Item = Constant>) -> Result {
    constants.try_for_each(|constant| {
        let value = constant.value().unwrap_or("none");
        writeln!(f, "    constant {} {} = {value}", constant.place().name(), constant.name())
    })
}

fn keys<'a>(f: &mut Formatter<'_>, mut keys: impl Iterator<Item = (&'a str, &'a str)>) -> Result {
    keys.try_for_each(|(name, value)| match value {
        "" => writeln!(f, "    key {name}"),
        list if list.starts_with('(') => writeln!(f, "    key {name}{list}"),
        value => writeln!(f, "    key {name} = {value}"),
    })
}

fn docs(f: &mut Formatter<'_>, indent: &str, docs: &str) -> Result {
    docs.lines().try_for_each(|text| writeln!(f, "{}", format!("{indent}| {text}").trim_end()))
}

/// A line for a fact that is known.
fn line(f: &mut Formatter<'_>, name: &str, value: Option<&str>) -> Result {
    value.map_or(Ok(()), |value| writeln!(f, "    {name} {value}"))
}

/// A line for a fact that holds.
fn flag(f: &mut Formatter<'_>, name: &str, holds: bool) -> Result {
    if holds { writeln!(f, "    {name}") } else { Ok(()) }
}

/// A line for values, if there are any.
fn list<'a>(f: &mut Formatter<'_>, name: &str, values: impl Iterator<Item = &'a str>) -> Result {
    let values: Vec<_> = values.collect();
    if values.is_empty() { Ok(()) } else { writeln!(f, "    {name} {}", values.join(", ")) }
}

/// The rest of a line for a fact that is known.
fn option(f: &mut Formatter<'_>, name: &str, value: Option<&str>) -> Result {
    value.map_or(Ok(()), |value| write!(f, ", {name}{value}"))
}

/// The rest of a line for a fact that holds.
fn optional(f: &mut Formatter<'_>, name: &str, holds: bool) -> Result {
    if holds { write!(f, ", {name}") } else { Ok(()) }
}
