//! Checks a model: one fn for each rule. Above a fn is a sample of an input that breaks it.

use syn::ext::IdentExt;

use super::parse::{Model, ModelCall, Purpose};
use crate::keys::closest;
use crate::mistakes::Mistakes;

pub(super) fn check(model: &Model<'_>, mistakes: &mut Mistakes) {
    generics(model, mistakes);
    for call in &model.calls {
        placeholders(model, call, mistakes);
        body(call, mistakes);
    }
}

/// ```text
/// #[derive(APIModel)] #[model(…)] struct User<T> { id: u64, data: T }
/// ```
fn generics(model: &Model<'_>, mistakes: &mut Mistakes) {
    if !model.input.generics.params.is_empty() {
        mistakes.at(&model.input.generics, "a model can't be generic; use concrete types");
    }
}

/// ```text
/// #[derive(APIModel)] #[model(on = Acme, path = "/users/{uid}")] struct User { id: u64 }
/// ```
fn placeholders(model: &Model<'_>, call: &ModelCall, mistakes: &mut Mistakes) {
    let names: Vec<_> =
        model.fields.iter().filter_map(|field| Some(field.ident.as_ref()?.unraw().to_string())).collect();
    // The path of all calls is reported once.
    let first = model.calls.iter().find(|other| !other.has_own_path);
    let is_reported = !call.has_own_path && first.is_some_and(|first| first.purpose != call.purpose);
    if names.is_empty() || is_reported {
        return;
    }
    for name in call.template.parameters().filter(|name| !names.iter().any(|other| other == name)) {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let advice = match closest(name, &names) {
            Some(field) => format!("did you mean `{{{field}}}`?"),
            None => format!("the fields are `{}`", names.join("`, `")),
        };
        mistakes.at(&call.at, format!("no field has the name of `{{{name}}}` in the path; {advice}"));
    }
}

/// ```text
/// #[model(save = get)]
/// #[model(reload = delete)]
/// ```
fn body(call: &ModelCall, mistakes: &mut Mistakes) {
    let (name, method) = (call.purpose.name(), call.method.to_ascii_lowercase());
    let message = match (call.purpose, method.as_str()) {
        (Purpose::Create | Purpose::Save, "get" | "delete") => {
            format!("`{name}` sends the model, which `{method}` does not do; write `put`, `patch` or `post`")
        }
        (Purpose::Reload, "delete" | "put" | "patch") => {
            format!("`{name}` changes nothing on the server; write `get`, or `post` for a search")
        }
        (Purpose::Remove, "get") => {
            "`get` changes nothing on the server; write `delete`, or `post` with another path".to_owned()
        }
        _ => return,
    };
    mistakes.at(&call.written, message);
}
