//! Checks `poll` and `wait`: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use quote::ToTokens;
use syn::LitStr;
use syn::ext::IdentExt;

use super::parse::{Mark, Polls, Read, Running, Target, Value};
use crate::header;
use crate::keys::closest;
use crate::mistakes::Mistakes;
use crate::operations::check;
use crate::operations::item::Item;
use crate::operations::parameter::{Parameter, Place};
use crate::operations::parse::{Operation, Verb};
use crate::operations::pointer;

/// Why a `Poller` can't be returned without the keys `poll` and `wait`.
pub(in crate::operations) const UNDECLARED: &str = "a `Poller` has to know how the state of its job is read; write `poll(…)` above it, such as `poll(read = get(\"/id\"), state = \
     \"/status\", done(\"FINISHED\"), failed(\"ERROR\"))`, or `wait(…)` to repeat the call itself";

/// Checks the polling of an operation.
pub(in crate::operations) fn check(
    verb: &Verb,
    polls: &Polls,
    parameters: &[Parameter],
    mistakes: &mut Mistakes,
) {
    alone(verb, polls, mistakes);
    pointers(polls, mistakes);
    states(polls, mistakes);
    headers(polls, mistakes);
    adopted(polls, mistakes);
    setters(parameters, mistakes);
}

/// ```text
/// #[post(page = link(items = ""), poll(read = location))] fn export(&self) -> Poller<Export>;
/// ```
fn alone(verb: &Verb, polls: &Polls, mistakes: &mut Mistakes) {
    let name = &polls.name;
    if verb.pages.is_some() {
        mistakes.at(name, format!("a list in pages is no job; keep `page` or `{name}(…)`"));
    }
    if verb.stream.is_some() {
        mistakes.at(name, format!("a stream is no job; remove `{name}(…)`, or the keys of the stream"));
    }
}

/// ```text
/// #[post(poll(read = get("id")))] fn export(&self) -> Poller<Export>;
/// ```
fn pointers(polls: &Polls, mistakes: &mut Mistakes) {
    let of_value = |value: Option<&Value>| match value {
        Some(Value::Url(pointer) | Value::At(pointer)) => Some(pointer.clone()),
        _ => None,
    };
    let read = match &polls.read {
        Read::Value(value) => of_value(Some(value)),
        _ => None,
    };
    let of_targets = polls.targets().flat_map(|(_, target)| target.path.clone());
    let others = [read, of_value(polls.result.as_ref()), of_value(polls.adopt.as_ref()), polls.state.clone()];
    let all: Vec<LitStr> = others.into_iter().flatten().chain(of_targets).collect();
    for pointer in all {
        if let Err(message) = pointer::check(&pointer.value()) {
            mistakes.at(&pointer, message);
        }
    }
}

/// ```text
/// #[post(poll(read = get("/id"), done("FINISHED")))] fn export(&self) -> Poller<Export>;
/// ```
fn states(polls: &Polls, mistakes: &mut Mistakes) {
    let running: &[Mark] = match &polls.running {
        Running::Marks(marks) => marks,
        Running::Usual | Running::Any => &[],
    };
    let mut seen: Vec<String> = Vec::new();
    for mark in polls.failed.iter().chain(&polls.done).chain(running) {
        let (text, tokens) = match mark {
            Mark::Text(text) => (text.value(), text.to_token_stream()),
            Mark::Status(status) => (status.base10_digits().to_owned() + " ", status.to_token_stream()),
        };
        if text.starts_with('/')
            && let Err(message) = pointer::check(&text)
        {
            mistakes.at(&tokens, message);
        }
        if let (Mark::Text(_), None, false) = (mark, &polls.state, text.starts_with('/')) {
            let message =
                format!("where is the state `{text}`? write `state = \"/status\"` as well, or a status");
            mistakes.at(&tokens, message);
        }
        if seen.contains(&text) {
            mistakes.at(&tokens, format!("`{}` is listed twice; keep one", text.trim()));
        }
        seen.push(text);
    }
    if let (Some(state), true) = (&polls.state, polls.done.is_empty()) {
        mistakes.at(state, "the states that mean success are missing; write `done(\"FINISHED\")` as well");
    }
}

/// ```text
/// #[post(poll(read = header("x job")))] fn export(&self) -> Poller<Export>;
/// ```
fn headers(polls: &Polls, mistakes: &mut Mistakes) {
    let read = match &polls.read {
        Read::Value(value) => Some(value),
        _ => None,
    };
    for value in [read, polls.result.as_ref(), polls.adopt.as_ref()].into_iter().flatten() {
        if let Value::Header(_, name) = value
            && let Err(message) = header::check(&name.value())
        {
            mistakes.at(name, message);
        }
    }
}

/// ```text
/// #[post(poll(read = get("/project", "/id"), adopt = "/existing"))] fn export(&self) -> Poller<Export>;
/// ```
fn adopted(polls: &Polls, mistakes: &mut Mistakes) {
    let Some(adopt) = &polls.adopt else { return };
    if let Value::Operation(target) = adopt {
        let message = "`adopt` is where the 409 has the job: a pointer, `header(\"…\")`, or `location` if its state is at a URL";
        mistakes.at(&target.operation, message);
    }
    let mut paths =
        polls.targets().filter(|(name, _)| *name != "result").flat_map(|(_, target)| &target.path);
    let Some(first) = paths.next() else { return };
    if let Some(other) = paths.find(|other| other.value() != first.value()) {
        let message = format!(
            "`adopt` has one value, and the operations of the job need those at `{}` and `{}`; leave it out",
            first.value(),
            other.value()
        );
        mistakes.at(other, message);
    }
}

/// The methods of every poller, which a setter can't have the name of.
const TAKEN: [&str; 5] = ["call", "into_poller", "resume", "start", "to_poller"];

/// ```text
/// #[post(poll(read = location))] fn export(&self, start: Option<u32>) -> Poller<Export>;
/// ```
fn setters(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for parameter in parameters.iter().filter(|parameter| parameter.has_setter()) {
        let name = parameter.ident.unraw().to_string();
        if TAKEN.contains(&name.as_str()) {
            let wire = &parameter.wire;
            let advice = match check::renamed(parameter, wire) {
                Some(attribute) => format!("rename the parameter, and send it as `{wire}`: `{attribute}`"),
                None => "rename the parameter, whose name is not sent".to_owned(),
            };
            mistakes.at(&parameter.ident, format!("a poller already has a method `{name}`; {advice}"));
        }
    }
}

/// Checks the other operations that jobs name, which are in the same impl: there is one for each type.
pub(in crate::operations) fn targets(items: &mut [Item]) {
    let mut found: Vec<(usize, Mistakes)> = Vec::new();
    let names: Vec<_> = items.iter().filter_map(operation_name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (index, item) in items.iter().enumerate() {
        let Item::Operation(_, operation) = item else { continue };
        let Some(polls) = &operation.verb.polls else { continue };
        let mut mistakes = Mistakes::default();
        // An operation with mistakes of its own has no constant to refer to.
        let mut is_usable = true;
        for (key, target) in polls.targets() {
            exists(target, &names, &mut mistakes);
            for other in items.iter().filter(|other| other.name() == Some(&target.operation)) {
                match other {
                    Item::Operation(_, other) => arguments(key, target, other, &mut mistakes),
                    _ => is_usable = false,
                }
            }
        }
        if !is_usable || !mistakes.is_empty() {
            found.push((index, mistakes));
        }
    }
    for (index, mistakes) in found {
        if let Item::Operation(declared, _) = &items[index] {
            items[index] = Item::Mistaken(declared.clone(), mistakes);
        }
    }
}

/// The name of an operation, also of one with mistakes.
fn operation_name(item: &Item) -> Option<String> {
    match item {
        Item::Operation(declared, _) | Item::Mistaken(declared, _) => Some(declared.sig.ident.to_string()),
        _ => None,
    }
}

/// ```text
/// #[post(poll(read = gte("/id")))] fn export(&self) -> Poller<Export>;
/// #[get("/{id}")] fn get(&self, id: u64) -> Call<Export>;
/// ```
fn exists(target: &Target, names: &[&str], mistakes: &mut Mistakes) {
    let operation = &target.operation;
    let name = operation.to_string();
    if names.contains(&name.as_str()) {
        return;
    }
    let advice = match closest(&name, names) {
        Some(other) => format!("did you mean `{other}`?"),
        None => "declare it here, or correct the name".to_owned(),
    };
    mistakes.at(operation, format!("no operation of this impl is named `{name}`; {advice}"));
}

/// ```text
/// #[post(poll(read = get("/id")))] fn export(&self) -> Poller<Export>;
/// #[get("/{project}/{id}")] fn get(&self, project: u64, id: u64) -> Call<Export>;
/// #[get("/{id}")] fn get(&self, id: u64, #[query] view: &str) -> Call<Export>;
/// ```
fn arguments(key: &str, target: &Target, other: &Operation, mistakes: &mut Mistakes) {
    let Target { operation, path } = target;
    if other.verb.polls.is_some() || other.verb.pages.is_some() {
        mistakes.at(operation, format!("`{operation}` is no single call; name one that returns a `Call`"));
        return;
    }
    let names: Vec<_> = other.template.parameters().collect();
    if names.len() != path.len() {
        let needed = match &*names {
            [] => "none".to_owned(),
            names => format!("those of `{}`", names.join("`, `")),
        };
        let pointers: Vec<_> = names.iter().map(|name| format!("\"/{name}\"")).collect();
        let message = format!(
            "the path of `{operation}` needs {needed}, and this has {}; write `{key} = {operation}({})`, with pointers into the response",
            path.len(),
            pointers.join(", ")
        );
        mistakes.at(operation, message);
    }
    if let Some(parameter) = other.required().find(|parameter| parameter.place != Place::Path) {
        let message = format!(
            "`{operation}` needs `{}`, which a job has no value for; make it an `Option`, or name another operation",
            parameter.ident.unraw()
        );
        mistakes.at(operation, message);
    }
}
