//! Parses `#[model(…)]` and the fields of the struct.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Data, DeriveInput, Field, Fields, LitStr, Type, token};

use crate::keys::{Key, Keys};
use crate::mistakes::Mistakes;
use crate::record::Record;
use crate::setters::{selected, setters};
use crate::settings::EVERY_LEVEL;
use crate::template::Template;

/// A model and its calls.
pub(super) struct Model<'a> {
    pub(super) input: &'a DeriveInput,
    pub(super) fields: Vec<&'a Field>,
    /// The session or the endpoint at which it is called.
    pub(super) on: Type,
    pub(super) error: Option<Type>,
    pub(super) calls: Vec<ModelCall>,
    /// The calls of setters for the settings of all calls.
    pub(super) settings: TokenStream,
    /// The name of the credential that `auth` selects.
    pub(super) credential: Option<String>,
    /// The keys, as the descriptor has them.
    pub(super) described: Record,
}

/// One call of a model.
pub(super) struct ModelCall {
    pub(super) purpose: Purpose,
    pub(super) method: String,
    /// The method as it is written.
    pub(super) written: Option<Ident>,
    pub(super) template: Template,
    /// Where the path is written.
    pub(super) at: Option<LitStr>,
    /// Whether that is for this call alone.
    pub(super) has_own_path: bool,
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Reload,
    Remove,
    Save,
}

/// The purposes, with the key of each and its default method.
const PURPOSES: [(&str, Purpose, Option<&str>); 4] = [
    ("save", Purpose::Save, Some("PUT")),
    ("create", Purpose::Create, None),
    ("reload", Purpose::Reload, Some("GET")),
    ("remove", Purpose::Remove, Some("DELETE")),
];

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        let found = PURPOSES.iter().find(|(_, purpose, _)| *purpose == self);
        found.map_or("", |(name, ..)| name)
    }

    /// Whether the model is sent.
    pub(super) fn sends(self) -> bool {
        matches!(self, Self::Create | Self::Save)
    }
}

impl<'a> Model<'a> {
    /// ```text
    /// #[derive(APIModel)] #[model(path = "/users/{id}")] struct User { id: u64 }
    /// #[derive(APIModel)] #[model(on = Acme)] struct User { id: u64 }
    /// ```
    pub(super) fn parse(input: &'a DeriveInput, keys: &Keys, mistakes: &mut Mistakes) -> Option<Self> {
        let path = match keys.get("path") {
            Some(key) => key.string(mistakes),
            None => {
                let message = "a model needs the path of one: `#[model(path = \"/users/{id}\", …)]`, with its fields in braces";
                mistakes.at(&input.ident, message);
                None
            }
        };
        let on = match keys.get("on") {
            Some(key) => key.ty(mistakes, "Acme"),
            None => {
                let message = "a model needs the session or the endpoint at which it is called: `#[model(on = Acme, …)]`";
                mistakes.at(&input.ident, message);
                None
            }
        };
        let error = keys.get("error").and_then(|key| key.ty(mistakes, "AcmeError"));
        // It is that of several calls, and reported once.
        if let Some(literal) = &path
            && let Err(message) = Template::parse(&literal.value())
        {
            mistakes.at(literal, message);
        }
        let calls = PURPOSES.iter().filter_map(|(name, purpose, default)| {
            let written = keys.get(name).map(|key| Method::parse(key, mistakes));
            let (written, own) = match (written, default) {
                (Some(Some(Method { name, path })), _) => (Some(name?), path),
                (Some(None), _) | (None, None) => return None,
                (None, Some(_)) => (None, None),
            };
            let method = written.as_ref().map(|name| name.to_string().to_ascii_uppercase());
            let method = method.or_else(|| default.map(str::to_owned)).unwrap_or_default();
            if let (Purpose::Create, None, Some(key)) = (purpose, &own, keys.get(name)) {
                let message =
                    "a model that is created has no path of its own yet; write the one to create it: `create = post(\"/users\")`";
                mistakes.at(key, message);
                return None;
            }
            let has_own_path = own.is_some();
            let at = own.or_else(|| path.clone());
            let template = match &at {
                Some(literal) => match Template::parse(&literal.value()) {
                    Ok(template) => template,
                    Err(message) => {
                        if has_own_path {
                            mistakes.at(literal, message);
                        }
                        Template::default()
                    }
                },
                None => Template::default(),
            };
            Some(ModelCall { purpose: *purpose, method, written, template, at, has_own_path })
        });
        let calls = calls.collect();
        let fields = fields(input, mistakes);
        let settings = setters(&[EVERY_LEVEL], keys, None, mistakes);
        if let Some(key) = keys.get("restricted_paths").filter(|key| key.has_list()) {
            mistakes.at(key, "a model has paths of its own; write `restricted_paths` without a list");
        }
        let mut described = Record::units();
        described.keys(keys, mistakes);
        let credential = selected(keys);
        Some(Self { input, fields, on: on?, error, calls, settings, credential, described })
    }
}

/// A method, maybe with a path: `put`, `post("/users/{id}/archive")`, or `none`.
struct Method {
    /// `None` for `none`.
    name: Option<Ident>,
    path: Option<LitStr>,
}

impl Method {
    const NAMES: [&'static str; 5] = ["delete", "get", "patch", "post", "put"];

    /// ```text
    /// #[model(save = fetch)]
    /// #[model(save = "PUT")]
    /// ```
    fn parse(key: &Key, mistakes: &mut Mistakes) -> Option<Self> {
        let tokens = key.assigned(mistakes, "patch")?;
        let Ok((name, path)) = method.parse2(tokens.clone()) else {
            mistakes.at(tokens, usage(&key.name));
            return None;
        };
        if name == "none" && path.is_none() {
            return Some(Self { name: None, path: None });
        }
        if !Self::NAMES.iter().any(|known| name == known) {
            mistakes.at(&name, usage(&key.name));
            return None;
        }
        Some(Self { name: Some(name), path })
    }
}

fn usage(key: &Ident) -> String {
    format!(
        "`{key}` must be a method, `delete`, `get`, `patch`, `post` or `put`, with a path if it has another one: `{key} = post(\"/users/{{id}}\")`; \
         `{key} = none` leaves the call out"
    )
}

fn method(input: ParseStream<'_>) -> syn::Result<(Ident, Option<LitStr>)> {
    let name = input.parse()?;
    if input.is_empty() {
        return Ok((name, None));
    }
    let list;
    let _: token::Paren = syn::parenthesized!(list in input);
    let path = list.parse()?;
    if input.is_empty() && list.is_empty() {
        Ok((name, Some(path)))
    } else {
        Err(input.error("expected one path"))
    }
}

/// ```text
/// #[derive(APIModel)] struct User(u64);
/// ```
fn fields<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<&'a Field> {
    if let Data::Struct(data) = &input.data
        && let Fields::Named(fields) = &data.fields
    {
        return fields.named.iter().collect();
    }
    let message = "`APIModel` can only be derived for a struct with named fields, which the placeholders of its path name";
    mistakes.at(&input.ident, message);
    Vec::new()
}
