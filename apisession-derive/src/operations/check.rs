//! The rules, one fn each.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{FnArg, ImplItem, ItemImpl, LitStr, ReceiverKind, Signature, Type};

use super::parse::{Declared, Parameter, Place, Verb, arguments_of, output, verb_of};
use crate::header;
use crate::mistakes::Mistakes;
use crate::template::Template;
use crate::types::peeled;

/// ```text
/// #[endpoint] impl<T> Display for Events<T> { … }
/// ```
pub(super) fn owner(head: &ItemImpl, mistakes: &mut Mistakes) -> Ident {
    if let Some((name, _)) = &head.trait_ {
        mistakes
            .at(name, "operations are methods of the type itself; write `impl Name { … }` without a trait");
    }
    if !head.generics.params.is_empty() {
        mistakes.at(&head.generics, "an endpoint has no generics; write the types out");
    }
    if let Type::Path(path) = peeled(&head.self_ty)
        && let Some(last) = path.path.segments.last()
    {
        return last.ident.clone();
    }
    mistakes.at(&head.self_ty, "operations belong to a struct that is an endpoint or a session");
    Ident::new("Endpoint", head.impl_token.span)
}

/// ```text
/// #[get("/{id}")] pub fn get(&self, id: u64) -> Call<Event> { … }
/// ```
pub(super) fn plain(item: &ImplItem, mistakes: &mut Mistakes) {
    let ImplItem::Fn(function) = item else { return };
    for attribute in function.attrs.iter().filter(|attribute| verb_of(attribute).is_some()) {
        let message =
            "a fn with a body makes its own requests; drop the body (`;` instead) or this attribute";
        mistakes.at(attribute, message);
    }
}

/// ```text
/// pub async fn get<T>(self, id: u64) -> Call<Event>;
/// ```
pub(super) fn signature(sig: &Signature, mistakes: &mut Mistakes) {
    if sig.ident == "raw" {
        mistakes.at(&sig.ident, "endpoints and sessions have a method `raw` already; give this another name");
    }
    if let Some(asyncness) = &sig.asyncness {
        mistakes.at(asyncness, "a call is awaited by whoever makes it; drop the `async`");
    }
    if let Some(constness) = &sig.constness {
        mistakes.at(constness, "a request can't be made in a `const fn`; drop the `const`");
    }
    if !sig.generics.params.is_empty() {
        mistakes.at(&sig.generics, "an operation has no generics; write the types out");
    }
    let by_reference = sig.receiver().is_some_and(|receiver| {
        matches!(receiver.kind, ReceiverKind::Reference(_, None, None)) && receiver.mutability.is_none()
    });
    if !by_reference {
        match sig.inputs.first() {
            Some(receiver @ FnArg::Receiver(_)) => mistakes.at(receiver, "an operation takes `&self`"),
            _ => mistakes.at(&sig.ident, format!("an operation takes `&self`: `fn {}(&self, …)`", sig.ident)),
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
/// ```
pub(super) fn returns(sig: &Signature, mistakes: &mut Mistakes) -> Option<(Type, Option<Type>)> {
    let Some(ty) = output(sig) else {
        let message =
            format!("what does `{}` answer? write `-> Call<…>`, or `-> Call<()>` for nothing", sig.ident);
        mistakes.at(&sig.ident, message);
        return None;
    };
    let mut arguments = arguments_of(ty, "Call").unwrap_or_default().into_iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(answer), error, None) => Some((answer, error)),
        _ => {
            mistakes.at(ty, "an operation returns `Call<Answer>` or `Call<Answer, Error>`");
            None
        }
    }
}

/// Gives each parameter its place: an attribute says it outright, a placeholder takes its namesake, an
/// `Option` goes into the query, and a single one that is left over is the body of a write.
pub(super) fn places(
    verb: &Verb,
    template: Option<&Template>,
    parameters: &mut [Parameter],
    mistakes: &mut Mistakes,
) {
    let in_path = |parameter: &Parameter| {
        template.is_some_and(|template| template.parameters().any(|name| name == parameter.wire))
    };
    let has_body = matches!(verb.method.as_str(), "POST" | "PUT" | "PATCH");
    let is_left =
        |parameter: &Parameter| parameter.marked.is_none() && !in_path(parameter) && !parameter.has_setter();
    let json_is_marked =
        parameters.iter().any(|parameter| matches!(parameter.marked, Some((Place::Json, _))));
    let left = parameters.iter().filter(|parameter| is_left(parameter)).count();
    let single = has_body && !json_is_marked && left == 1;
    for parameter in &mut *parameters {
        parameter.place = match &parameter.marked {
            Some((place, _)) => *place,
            None if in_path(parameter) => Place::Path,
            None if parameter.has_setter() => Place::Query,
            None if single => Place::Json,
            None => {
                // A template that is wrong was reported, and might have named it.
                if template.is_some() {
                    mistakes.at(&parameter.ident, without_place(parameter, has_body));
                }
                continue;
            }
        };
    }
    if let Some(template) = template {
        placeholders(verb.path.as_ref(), template, parameters, mistakes);
    }
    bodies(verb, parameters, mistakes);
    flags(parameters, mistakes);
    names(parameters, mistakes);
    setters(parameters, mistakes);
    twins(parameters, mistakes);
}

/// ```text
/// #[get] pub fn list(&self, #[query(flag)] verbose: u8) -> Call<Vec<Event>>;
/// ```
fn flags(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for Parameter { ident, style, encode_with, .. } in parameters {
        if let (Some(flag), Some(_)) = (&style.flag, encode_with) {
            mistakes
                .at(flag, format!("`{ident}` is a flag, whose value is not sent; take `encode_with` away"));
        }
    }
}

/// ```text
/// #[graft("/shared/{owner}")] #[get] pub fn shared(&self, owner: &str) -> Shared;
/// ```
pub(super) fn single_purpose(declared: &Declared, mistakes: &mut Mistakes) {
    for attribute in declared.attrs.iter().filter(|attribute| verb_of(attribute).is_some()) {
        mistakes.at(attribute, "a graft makes no request; take this away, or `#[graft]`");
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
                mistakes.at(name, "a graft captures segments of its path, and nothing else");
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
        let message = format!("what does `{}` graft? write the type of an endpoint: `-> Shared`", sig.ident);
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
        let is_same =
            |other: &&Parameter| other.wire == *wire && other.place == *place && other.ident != *ident;
        if *place == Place::Header
            && let Err(message) = header::check(wire)
        {
            mistakes.at(ident, message);
        }
        if *place != Place::Json && parameters[..index].iter().any(|other| is_same(&other)) {
            mistakes
                .at(ident, format!("`{wire}` is sent already; a list of values is one parameter: `&[…]`"));
        }
    }
}

fn without_place(parameter: &Parameter, has_body: bool) -> String {
    let name = parameter.ident.unraw();
    let json = if has_body { ", `#[json]` for the body" } else { "" };
    format!(
        "`{name}` has no place in the request; write `{{{name}}}` in the path, `#[query]` before it{json}, or make it \
         an `Option` to send it only when it is set"
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
    let in_path = |parameter: &&Parameter| parameter.place == Place::Path;
    for name in template.parameters() {
        if !parameters.iter().filter(in_path).any(|parameter| parameter.wire == name) {
            let message =
                format!("the path has `{{{name}}}`, but no parameter of that name; {}", known(parameters));
            mistakes.at(path, message);
        }
    }
    for parameter in parameters.iter().filter(in_path) {
        let name = &parameter.ident;
        if !template.parameters().any(|other| other == parameter.wire) {
            let message =
                format!("the path has no `{{{}}}`; write it where `{name}` belongs", parameter.wire);
            mistakes.at(name, message);
        } else if parameter.optional.is_some() {
            mistakes.at(
                &parameter.ty,
                format!("`{name}` is in the path, where it can't be left out; drop the `Option`"),
            );
        }
    }
}

fn known(parameters: &[Parameter]) -> String {
    let names: Vec<_> = parameters.iter().map(|parameter| format!("`{}`", parameter.wire)).collect();
    match names.as_slice() {
        [] => "add one".to_owned(),
        names => format!("there is {}", names.join(", ")),
    }
}

/// ```text
/// #[get] pub fn list(&self, #[json] filter: &Filter) -> Call<Vec<Event>>;
/// #[post] pub fn create(&self, #[json] event: &Event, #[json] note: &Note) -> Call<Event>;
/// ```
fn bodies(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let mut bodies = parameters.iter().filter(|parameter| parameter.place == Place::Json);
    if let (Some(body), "GET" | "HEAD") = (bodies.next(), verb.method.as_str()) {
        let message = format!("a {} has no body; use `#[query]`, or another method", verb.method);
        mistakes.at(&body.ident, message);
    }
    for second in bodies {
        mistakes.at(&second.ident, "a second body; put both values into one struct");
    }
}

/// The methods that a call with setters has already.
const TAKEN: [&str; 7] = ["block", "build", "json_as", "raw", "response", "send", "streaming"];

/// ```text
/// #[get] pub fn list(&self, raw: Option<bool>) -> Call<Vec<Event>>;
/// ```
fn setters(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for parameter in parameters.iter().filter(|parameter| parameter.has_setter()) {
        let name = parameter.ident.to_string();
        if TAKEN.contains(&name.as_str()) || name.starts_with("with_") || name.starts_with("without_") {
            let wire = &parameter.wire;
            let message = format!(
                "a call has a method `{name}` already; give the parameter another name and send it as `{wire}`: \
                 `#[query(rename = \"{wire}\")]`"
            );
            mistakes.at(&parameter.ident, message);
        }
    }
}

/// ```text
/// #[get] pub fn list(&self, since: Option<u8>, since: Option<u8>, maybe_since: Option<u8>) -> Call<Vec<Event>>;
/// ```
fn twins(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for (index, parameter) in parameters.iter().enumerate() {
        let name = parameter.ident.unraw().to_string();
        if parameters[..index].iter().any(|other| other.ident.unraw() == name) {
            let message = format!(
                "a second parameter `{name}`; give it another name, and send it as `#[query(rename = \"…\")]`"
            );
            mistakes.at(&parameter.ident, message);
        }
        let Some(twin) = name.strip_prefix("maybe_") else { continue };
        let is_twin = |other: &Parameter| other.has_setter() && other.ident.unraw() == twin;
        if parameter.has_setter() && parameters.iter().any(is_twin) {
            let message = format!("`{twin}` has a setter `{name}` already; give this parameter another name");
            mistakes.at(&parameter.ident, message);
        }
    }
}
