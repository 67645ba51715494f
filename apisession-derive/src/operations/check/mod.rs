//! Checks the declarations in an impl: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

mod at;
pub(super) mod body;
mod parameters;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{FnArg, ImplItem, ItemImpl, LitStr, ReceiverKind, Signature, Type};

use super::graphql;
use super::item::Item;
use super::parameter::{Parameter, Place, parameter_names};
use super::parse::{Declared, Verb, output, verb_of};
use super::{page, poll};
use crate::header;
use crate::mistakes::Mistakes;
use crate::template::Template;
use crate::types::{arguments_of, ungrouped};

/// ```text
/// #[endpoint] impl<T> Display for Events<T> { … }
/// ```
pub(super) fn owner(head: &ItemImpl, mistakes: &mut Mistakes) -> Ident {
    if let Some((name, _)) = &head.trait_ {
        mistakes.at(name, "operations can't be declared in the impl of a trait; write `impl Name { … }`");
    }
    if !head.generics.params.is_empty() {
        mistakes.at(&head.generics, "an endpoint can't be generic; use concrete types");
    }
    if let Type::Path(path) = ungrouped(&head.self_ty)
        && let Some(last) = path.path.segments.last()
    {
        return last.ident.clone();
    }
    mistakes.at(
        &head.self_ty,
        "operations can only be declared on an endpoint or a session; write `impl Name { … }`",
    );
    Ident::new("Endpoint", head.impl_token.span)
}

/// ```text
/// #[get("/{id}")] pub fn get(&self, id: u64) -> Call<Event> { … }
/// ```
pub(super) fn plain(item: &ImplItem, mistakes: &mut Mistakes) {
    let ImplItem::Fn(function) = item else { return };
    for attribute in function.attrs.iter().filter(|attribute| verb_of(attribute).is_some()) {
        let message =
            "a fn with a body is not an operation; replace the body with `;`, or remove this attribute";
        mistakes.at(attribute, message);
    }
}

/// ```text
/// pub async fn get<T>(self, id: u64) -> Call<Event>;
/// ```
pub(super) fn signature(sig: &Signature, mistakes: &mut Mistakes) {
    if sig.ident == "raw" {
        mistakes.at(&sig.ident, "every endpoint and session has a method `raw`; rename this fn");
    }
    if let Some(asyncness) = &sig.asyncness {
        mistakes.at(asyncness, "an operation returns a call, which is awaited later; remove `async`");
    }
    if let Some(constness) = &sig.constness {
        mistakes.at(constness, "an operation can't be a `const fn`; remove `const`");
    }
    if !sig.generics.params.is_empty() {
        mistakes.at(&sig.generics, "an operation can't be generic; use concrete types");
    }
    let by_reference = sig.receiver().is_some_and(|receiver| {
        matches!(receiver.kind, ReceiverKind::Reference(_, None, None)) && receiver.mutability.is_none()
    });
    if !by_reference {
        match sig.inputs.first() {
            Some(receiver @ FnArg::Receiver(_)) => mistakes.at(receiver, "an operation must take `&self`"),
            _ => mistakes
                .at(&sig.ident, format!("an operation must take `&self`: `fn {}(&self, …)`", sig.ident)),
        }
    }
}

/// ```text
/// pub fn größe(&self) -> Call<u8>;
/// pub fn grösse(&self) -> Call<u8>;
/// ```
pub(super) fn names_of_items(items: &mut [Item]) {
    // Of each operation without a `cfg`: its name, its constant, and its type with setters. As texts, since each comparison of
    // identifiers makes two.
    let mut taken: Vec<(String, String, Option<String>)> = Vec::new();
    for item in &mut *items {
        let Item::Operation(declared, operation) = item else { continue };
        if !declared.gates().is_empty() {
            continue;
        }
        let (name, constant) = (declared.sig.ident.to_string(), declared.constant().to_string());
        let call = operation.optional().next().map(|_| operation.call.to_string());
        let message = taken.iter().filter(|(other, ..)| *other != name).find_map(|(other, others, other_call)| {
            if *others == constant {
                return Some(format!("`{name}` and `{other}` have the same constant `{constant}`; rename one of them"));
            }
            let call = call.as_ref().filter(|_| call == *other_call)?;
            Some(format!(
                "`{name}` and `{other}` have the same type with setters `{call}`; rename one of them, or set another type by \
                 `name = \"…\"`"
            ))
        });
        match message {
            Some(message) => {
                let mut mistakes = Mistakes::default();
                mistakes.at(&declared.sig.ident, message);
                *item = Item::Mistaken(declared.clone(), mistakes);
            }
            None => taken.push((name, constant, call)),
        }
    }
    for item in items {
        let Item::Plain(plain, _) = item else { continue };
        let ImplItem::Const(own) = &**plain else { continue };
        if let Some((name, constant, _)) = taken.iter().find(|(_, constant, _)| own.ident == *constant) {
            let mut mistakes = Mistakes::default();
            mistakes.at(
                &own.ident,
                format!("the operation `{name}` has a constant `{constant}`; rename this one"),
            );
            *item = Item::Broken(mistakes);
        }
    }
}

/// ```text
/// #[get("/{id")]
/// ```
pub(super) fn template(path: Option<&LitStr>, mistakes: &mut Mistakes) -> Option<Template> {
    let Some(literal) = path else { return Some(Template::default()) };
    Template::parse(&literal.value()).map_err(|message| mistakes.at(literal, message)).ok()
}

/// ```text
/// pub fn get(&self, id: u64);
/// pub fn get(&self, id: u64) -> Event;
/// #[get] pub fn list(&self) -> Pager<Event>;
/// #[get(page = link(items = ""))] pub fn list(&self) -> Call<Vec<Event>>;
/// ```
pub(super) fn returns(verb: &Verb, sig: &Signature, mistakes: &mut Mistakes) -> Option<(Type, Option<Type>)> {
    let Some(ty) = output(sig) else {
        let message = format!(
            "`{}` has no return type; write `-> Call<…>`, or `-> Call<()>` to ignore the body",
            sig.ident
        );
        mistakes.at(&sig.ident, message);
        return None;
    };
    let of = |name| arguments_of(ty, name).filter(|types| matches!(types.len(), 1 | 2));
    if let Some(polls) = &verb.polls {
        let Some(mut types) = of("Poller").map(Vec::into_iter) else {
            let message =
                format!("an operation with `{}` must return `Poller<T>` or `Poller<T, E>`", polls.name());
            mistakes.at(ty, message);
            return None;
        };
        return types.next().map(|response| (response, types.next()));
    }
    if of("Poller").is_some() {
        mistakes.at(ty, poll::UNDECLARED);
        return None;
    }
    let (calls, pagers) = (of("Call"), of("Pager"));
    let mut types = match (&verb.pages, calls, pagers) {
        (None, Some(types), _) | (Some(_), None, Some(types)) => types.into_iter(),
        (Some((page, _)), Some(_), _) => {
            let message =
                format!("the pages of `{}` are a list; write `-> Pager<Item>`, or remove `page`", sig.ident);
            mistakes.at(page, message);
            return None;
        }
        (None, None, Some(_)) => {
            mistakes.at(ty, page::UNDECLARED);
            return None;
        }
        (Some(_), None, None) => {
            mistakes.at(ty, "an operation with `page` must return `Pager<T>` or `Pager<T, E>`");
            return None;
        }
        (None, None, None) => {
            mistakes
                .at(ty, "an operation must return `Call<T>` or `Call<T, E>`, or a `Pager` with `page = …`");
            return None;
        }
    };
    types.next().map(|response| (response, types.next()))
}

/// Sets the place of each parameter in the request. An attribute on the parameter decides. Without one, a parameter
/// with the name of a placeholder is in the path, an optional one in the query, and the only one left over on POST, PUT,
/// PATCH or QUERY is the body.
pub(super) fn places(
    verb: &Verb,
    template: Option<&Template>,
    parameters: &mut [Parameter],
    mistakes: &mut Mistakes,
) {
    let in_path = |parameter: &Parameter| {
        template.is_some_and(|template| template.parameters().any(|name| name == parameter.wire))
    };
    let has_body = matches!(verb.method.as_str(), "POST" | "PUT" | "PATCH" | "QUERY");
    let is_url = |parameter: &Parameter| at::names(verb, parameter);
    let is_left = |parameter: &Parameter| {
        parameter.marked.is_none() && !in_path(parameter) && !parameter.has_setter() && !is_url(parameter)
    };
    let body_is_marked = parameters
        .iter()
        .any(|parameter| parameter.marked.as_ref().is_some_and(|(place, _)| place.is_in_body()));
    let left = parameters.iter().filter(|parameter| is_left(parameter)).count();
    // The one that `at` means is among those without a place.
    let is_reported = template.is_none() || at::is_missing(verb, parameters);
    let single = has_body && !body_is_marked && verb.form.is_none() && left == 1;
    let ways = ways(verb, has_body, parameters);
    for parameter in &mut *parameters {
        parameter.place = match &parameter.marked {
            _ if is_url(parameter) => Place::Url,
            Some((place, _)) => *place,
            None if in_path(parameter) => Place::Path,
            None if verb.graphql.is_some() => graphql::place(parameter),
            None if parameter.has_setter() => Place::Query,
            None if single => Place::Json,
            None => {
                // Without a template, a mistake in the path was reported. The path may contain the parameter's name.
                if !is_reported {
                    mistakes.at(&parameter.ident, no_place_message(parameter, ways));
                }
                continue;
            }
        };
    }
    at::check(verb, parameters, mistakes);
    // With `at`, the path is a mistake as a whole.
    if let (Some(template), None) = (template, &verb.at) {
        placeholders(verb.path.as_ref(), template, parameters, mistakes);
    }
    graphql::check(verb, parameters, mistakes);
    body::check(verb, parameters, mistakes);
    flags(parameters, mistakes);
    parameters::cookies(parameters, mistakes);
    parameters::prefixes(parameters, mistakes);
    names(parameters, mistakes);
    setters(parameters, mistakes);
    duplicates(parameters, mistakes);
}

/// ```text
/// #[get] pub fn list(&self, #[query(flag)] verbose: u8) -> Call<Vec<Event>>;
/// ```
fn flags(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for Parameter { ident, style, encode_with, .. } in parameters {
        if let (Some(flag), Some(_)) = (&style.flag, encode_with) {
            mistakes.at(flag, format!("`{ident}` is a flag, whose value is not sent; remove `encode_with`"));
        }
    }
}

/// ```text
/// #[graft("/shared/{owner}")] #[get] pub fn shared(&self, owner: &str) -> Shared;
/// ```
pub(super) fn single_purpose(declared: &Declared, mistakes: &mut Mistakes) {
    for attribute in declared.attrs.iter().filter(|attribute| verb_of(attribute).is_some()) {
        mistakes.at(attribute, "a graft makes no request; remove this attribute or `#[graft]`");
    }
}

/// ```text
/// #[graft("/shared/{owner}")] pub fn shared(&self, owner: &str, calendar: &str) -> Shared;
/// ```
pub(super) fn captured(
    path: Option<&LitStr>,
    template: Option<&Template>,
    parameters: &mut [Parameter],
    mistakes: &mut Mistakes,
) {
    for parameter in &mut *parameters {
        match &parameter.marked {
            Some((place, name)) if *place != Place::Path => {
                mistakes.at(name, "a parameter of a graft is always in the path; remove this attribute");
            }
            _ => {}
        }
        parameter.place = Place::Path;
    }
    if let Some(template) = template {
        placeholders(path, template, parameters, mistakes);
    }
}

/// ```text
/// #[graft("/shared/{owner}")] pub fn shared(&self, owner: &str);
/// ```
pub(super) fn grafted(sig: &Signature, mistakes: &mut Mistakes) -> Option<Type> {
    let endpoint = output(sig).cloned();
    if endpoint.is_none() {
        let message =
            format!("`{}` has no return type; write the type of the endpoint: `-> Shared`", sig.ident);
        mistakes.at(&sig.ident, message);
    }
    endpoint
}

/// ```text
/// #[get] pub fn list(&self, #[query(rename = "tag")] one: &str, #[query(rename = "tag")] two: &str) -> …;
/// ```
fn names(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for (index, parameter) in parameters.iter().enumerate() {
        let Parameter { ident, wire, place, .. } = parameter;
        let is_same = |other: &&Parameter| {
            other.wire == *wire
                && other.place == *place
                && other.ident != *ident
                && !parameter.excludes(other)
        };
        if *place == Place::Header
            && let Err(message) = header::check(wire)
        {
            mistakes.at(ident, message);
        }
        if !place.is_whole_body() && parameters[..index].iter().any(|other| is_same(&other)) {
            mistakes.at(
                ident,
                format!(
                    "another parameter is sent as `{wire}`; send a list of values as one parameter: `&[…]`"
                ),
            );
        }
    }
}

/// ```text
/// #[get(lines(each = "row"))]
/// ```
pub(super) fn pointers<'a>(marks: impl Iterator<Item = &'a LitStr>, mistakes: &mut Mistakes) {
    for mark in marks {
        let text = mark.value();
        let has_bad_escape = text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
        if !text.starts_with('/') || has_bad_escape {
            let message = "this is not a JSON pointer (RFC 6901); it begins with a slash, as in \"/error\", and has `~0` and `~1` for `~` and `/`";
            mistakes.at(mark, message);
        }
    }
}

/// The attributes that can give a parameter a place, beside those that are written.
fn ways(verb: &Verb, has_body: bool, parameters: &[Parameter]) -> &'static str {
    let is_marked = |is: fn(Place) -> bool| {
        parameters.iter().any(|parameter| parameter.marked.as_ref().is_some_and(|(place, _)| is(*place)))
    };
    if is_marked(|place| place == Place::Part) {
        "`#[query]`, or `#[part]` for a part of the body,"
    } else if is_marked(|place| place == Place::Field) || verb.form.is_some() {
        "`#[query]`, or `#[field]` for a field of the body,"
    } else if has_body && !is_marked(Place::is_whole_body) {
        "`#[query]`, `#[field]` for a field of the body, or `#[json]` for the whole body,"
    } else {
        "`#[query]`"
    }
}

fn no_place_message(parameter: &Parameter, ways: &str) -> String {
    let name = parameter.ident.unraw();
    format!(
        "`{name}` has no place in the request; add `{{{name}}}` to the path, write {ways} before it, or make it an \
         `Option`, whose value then goes into the query"
    )
}

/// ```text
/// #[get("/{uid}")] pub fn get(&self, #[path] id: u64, uid: Option<u64>) -> Call<Event>;
/// ```
fn placeholders(
    path: Option<&LitStr>,
    template: &Template,
    parameters: &[Parameter],
    mistakes: &mut Mistakes,
) {
    parameters::lists_in_path(template, parameters, mistakes);
    let in_path = |parameter: &&Parameter| parameter.place == Place::Path;
    for name in template.parameters() {
        if !parameters.iter().filter(in_path).any(|parameter| parameter.wire == name) {
            let message = format!(
                "no parameter has the name of `{{{name}}}` in the path; {}",
                parameter_names(parameters)
            );
            mistakes.at(path, message);
        }
    }
    for parameter in parameters.iter().filter(in_path) {
        let (name, wire) = (&parameter.ident, &parameter.wire);
        if !template.parameters().any(|other| other == wire) {
            let several = if parameter.empty_segments.is_some() { "+" } else { "" };
            let message =
                format!("the path doesn't contain `{{{wire}{several}}}`; add it where `{name}` belongs");
            mistakes.at(name, message);
            continue;
        }
        if let Some(gate) = parameter.gates.first() {
            mistakes.at(
                gate,
                format!("`{name}` is in the path, which is the same in all builds; put the `cfg` on a fn for each path"),
            );
        } else if parameter.optional.is_some() {
            mistakes.at(
                &parameter.ty,
                format!("`{name}` is in the path and can't be optional; remove the `Option`"),
            );
        }
        if let Some(key) = &parameter.empty_segments
            && !template.is_greedy(wire)
        {
            mistakes.at(
                key,
                format!(
                    "`empty_segments` needs a value of several segments; write `{{{wire}+}}` in the path"
                ),
            );
        }
    }
}

/// The methods of every call, which a setter can't have the name of.
const TAKEN: [&str; 8] = ["block", "build", "json_as", "raw", "response", "send", "streaming", "to_call"];

/// ```text
/// #[get] pub fn list(&self, raw: Option<bool>) -> Call<Vec<Event>>;
/// ```
fn setters(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for parameter in parameters.iter().filter(|parameter| parameter.has_setter()) {
        let name = parameter.ident.to_string();
        if TAKEN.contains(&name.as_str()) || name.starts_with("with_") || name.starts_with("without_") {
            let advice = match renamed(parameter, &parameter.wire) {
                Some(attribute) => {
                    format!("rename the parameter, and send it as `{}`: `{attribute}`", parameter.wire)
                }
                None => "rename the parameter, whose name is not sent".to_owned(),
            };
            mistakes.at(&parameter.ident, format!("a call already has a method `{name}`; {advice}"));
        }
    }
}

/// The attribute by which a parameter is sent under another name than its own, if its name is sent at all.
pub(super) fn renamed(parameter: &Parameter, wire: &str) -> Option<String> {
    let place = parameter.place;
    if let Some(variable) = graphql::shown(wire).filter(|_| place == Place::Field) {
        return Some(format!("#[variable(\"{variable}\")]"));
    }
    match place {
        Place::Cookie | Place::Field | Place::Header | Place::Part => {
            Some(format!("#[{}(\"{wire}\")]", place.attribute()))
        }
        Place::Path | Place::Query => Some(format!("#[{}(rename = \"{wire}\")]", place.attribute())),
        Place::Body
        | Place::Form
        | Place::Headers
        | Place::Json
        | Place::Multipart
        | Place::Url
        | Place::Xml => None,
    }
}

/// ```text
/// #[get] pub fn list(&self, since: Option<u8>, since: Option<u8>, maybe_since: Option<u8>) -> Call<Vec<Event>>;
/// ```
fn duplicates(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for (index, parameter) in parameters.iter().enumerate() {
        let name = parameter.ident.unraw().to_string();
        let is_same = |other: &Parameter| other.ident.unraw() == name && !parameter.excludes(other);
        if parameters[..index].iter().any(is_same) {
            let advice = match renamed(parameter, "…") {
                Some(attribute) => format!("rename this one, and set the name that is sent: `{attribute}`"),
                None => "rename this one, whose name is not sent".to_owned(),
            };
            mistakes.at(&parameter.ident, format!("another parameter is named `{name}`; {advice}"));
        }
        let Some(original) = name.strip_prefix("maybe_") else { continue };
        let is_original = |other: &Parameter| other.has_setter() && other.ident.unraw() == original;
        if parameter.has_setter() && parameters.iter().any(is_original) {
            let message = format!("`{original}` already has a setter `{name}`; rename this parameter");
            mistakes.at(&parameter.ident, message);
        }
    }
}
