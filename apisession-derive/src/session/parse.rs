//! Parses the struct of a session.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Generics, Type, Visibility};

use crate::base_url;
use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::record::{self, Record};
use crate::setters::setters;
use crate::settings;
use crate::types::ungrouped;

/// The struct of a session.
pub(super) struct Session<'a> {
    pub(super) mistakes: Mistakes,
    pub(super) krate: TokenStream,
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) vis: &'a Visibility,
    pub(super) base_url: Option<Expr>,
    /// The fields that are variables of the base URL.
    pub(super) variables: Vec<String>,
    /// The calls of setters for the keys of `#[session(…)]`.
    pub(super) setters: TokenStream,
    /// The keys, as the description has them.
    pub(super) described: Record,
    /// The keys whose values are not written as text, with the expressions.
    pub(super) values: Vec<(&'static str, Expr)>,
    /// Whether the author writes `impl APISession`, as the key `hooks` declares.
    pub(super) hooks: bool,
    pub(super) fields: Vec<Field<'a>>,
    /// Whether the struct has the shape of a session. Other mistakes don't matter here.
    pub(super) sound: bool,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) docs: Vec<&'a Attribute>,
    /// The `deprecated` attribute, which the accessor gets.
    pub(super) deprecated: Vec<&'a Attribute>,
    pub(super) role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The field of type `Session`.
    Session,
    /// A grafted endpoint.
    Endpoint,
    /// A field of the author's that is an argument of `builder(…)`.
    Given,
    /// A field of the author's that has a setter on the builder.
    Defaulted,
}

pub(super) fn parse(input: &DeriveInput) -> Session<'_> {
    let mut mistakes = Mistakes::default();
    let mut keys = Keys::of(&input.attrs, keys::SESSION, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let base_url = keys.get("base_url").and_then(|key| key.text(&mut Mistakes::default()));
    let mut described = Record::units();
    described.keys(&keys, &mut Mistakes::default());
    described.deprecated(&input.attrs);
    described.docs(&input.attrs);
    let mut values = Vec::new();
    for name in ["base_path", "base_url", "product", "vendor"] {
        let Some(value) = keys.get(name).and_then(|key| key.text(&mut Mistakes::default())) else { continue };
        match record::text(&value) {
            Some(text) => described.unit(name, &text),
            None => values.push((name, value)),
        }
    }
    if base_url::literal(base_url.as_ref()).is_some_and(|url| url.value().contains(['{', '}'])) {
        // It is set when the builder has the values.
        keys.remove("base_url");
    }
    let calls = setters(&[settings::SESSION, settings::EVERY_LEVEL], &keys, None, &mut mistakes);
    let hooks = keys.get("hooks").is_some_and(|key| key.flag(&mut mistakes));
    let fields = fields(input, &krate, &mut mistakes);
    let DeriveInput { ident, generics, vis, .. } = input;
    let (variables, setters) = (Vec::new(), calls);
    Session {
        mistakes,
        krate,
        ident,
        generics,
        vis,
        base_url,
        variables,
        setters,
        described,
        values,
        hooks,
        fields,
        sound: true,
    }
}

fn fields<'a>(input: &'a DeriveInput, krate: &TokenStream, mistakes: &mut Mistakes) -> Vec<Field<'a>> {
    let Data::Struct(data) = &input.data else {
        mistakes.at(&input.ident, "a session must be a struct; write `struct Name { session: Session, … }`");
        return Vec::new();
    };
    match &data.fields {
        Fields::Named(named) => {
            let mut fields: Vec<_> =
                named.named.iter().filter_map(|field| Field::parse(field, mistakes)).collect();
            let is_qualified = |field: &Field<'_>| is_session(field.ty, Some(krate));
            let is_ours: &dyn Fn(&Field<'_>) -> bool = if fields.iter().any(is_qualified) {
                &is_qualified
            } else {
                &|field| is_session(field.ty, None)
            };
            for field in &mut fields {
                if field.role == Role::Given && is_ours(field) {
                    field.role = Role::Session;
                }
            }
            fields
        }
        Fields::Unnamed(unnamed) => {
            mistakes.at(unnamed, "the fields of a session must have names; write `{ session: Session, … }`");
            Vec::new()
        }
        Fields::Unit => Vec::new(),
    }
}

impl<'a> Field<'a> {
    fn parse(field: &'a syn::Field, mistakes: &mut Mistakes) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let mut role = Role::Given;
        let (mut docs, mut deprecated) = (Vec::new(), Vec::new());
        for attribute in &field.attrs {
            if attribute.path().is_ident("doc") {
                docs.push(attribute);
            } else if attribute.path().is_ident("deprecated") {
                deprecated.push(attribute);
            } else if attribute.path().is_ident("endpoint") {
                if let syn::Meta::Path(_) = attribute.meta {
                    role = Role::Endpoint;
                } else {
                    mistakes
                        .at(attribute, "`#[endpoint]` on a field has no arguments; set the path on the struct of the endpoint");
                }
            } else if attribute.path().is_ident("session") {
                let keys = Keys::from_attribute(attribute, keys::FIELD, mistakes);
                if keys.get("default").is_some_and(|key| key.flag(mistakes)) {
                    role = Role::Defaulted;
                }
            }
        }
        Some(Self { ident, ty: &field.ty, docs, deprecated, role })
    }
}

/// Whether the type is written as `Session`: with the path of the framework before it, if `krate` is given, or with any. A
/// model of the same name is told from it by the longer path.
fn is_session(ty: &Type, krate: Option<&TokenStream>) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    let is_named =
        path.path.segments.last().is_some_and(|last| last.ident == "Session" && last.arguments.is_empty());
    // Without a leading `::`, which makes no difference.
    let written = |path: String| path.replace(' ', "").trim_start_matches("::").to_owned();
    let path = written(path.path.to_token_stream().to_string());
    is_named && krate.is_none_or(|krate| path == format!("{}::Session", written(krate.to_string())))
}

impl ToTokens for Field<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.ident.to_tokens(tokens);
    }
}
