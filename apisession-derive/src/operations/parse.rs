//! Parses the declaration of one operation or graft. The checks are in `check.rs`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitStr, Meta, ReturnType, Signature, Token, Type, Visibility, parse_quote};

use super::check;
use super::conditional::{Conditional, named};
use super::graphql::GraphQl;
use super::page::Pages;
use super::parameter::{Parameter, Place};
use super::poll::Polls;
use super::stream::Stream;
use crate::base_url::Below;
use crate::header;
use crate::keys::{self, Key, Keys};
use crate::mistakes::Mistakes;
use crate::names;
use crate::record::Record;
use crate::setters::{selected, setters};
use crate::settings::EVERY_LEVEL;
use crate::template::Template;

/// A fn without a body.
#[derive(Clone)]
pub(crate) struct Declared {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
}

/// An operation, parsed from a declaration.
pub(super) struct Operation {
    pub(super) verb: Verb,
    pub(super) template: Template,
    pub(super) parameters: Vec<Parameter>,
    /// The type that the response is decoded as; of pages, that of an item.
    pub(super) response: Type,
    pub(super) error: Option<Type>,
    /// The name of the type with the setters. It is used only if there are optional parameters.
    pub(super) call: Ident,
}

/// A graft, parsed from a declaration.
pub(super) struct Graft {
    pub(super) template: Template,
    pub(super) parameters: Vec<Parameter>,
    pub(super) endpoint: Type,
}

impl Graft {
    /// Removes `#[graft]` from the fn, and returns it.
    pub(super) fn take(declared: &mut Declared) -> Option<Attribute> {
        declared.attrs.extract_if(.., |attribute| attribute.path().is_ident("graft")).next()
    }
}

impl Operation {
    /// Returns the parameters that are arguments of the method.
    pub(super) fn required(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.has_setter())
    }

    /// Whether the body is a form.
    pub(super) fn is_form(&self) -> bool {
        self.verb.form.is_some() || self.parameters.iter().any(|parameter| parameter.place == Place::Form)
    }

    /// How the pages of the list follow each other, if it is one.
    pub(super) fn pages(&self) -> Option<&Pages> {
        self.verb.pages.as_ref().map(|(_, pages)| pages)
    }

    /// How the state of the job is read, if the operation starts one or waits.
    pub(super) fn polls(&self) -> Option<&Polls> {
        self.verb.polls.as_ref()
    }

    /// Returns the parameters that have setters.
    pub(super) fn optional(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.has_setter())
    }
}

/// The attribute of an operation: a method, a path and keys.
pub(super) struct Verb {
    pub(super) method: String,
    pub(super) path: Option<LitStr>,
    /// The parameter that is the URL of the request.
    pub(super) at: Option<Ident>,
    /// The calls of setters for the operation's settings.
    pub(super) settings: TokenStream,
    /// The name of the credential that `auth` selects.
    pub(super) credential: Option<String>,
    /// The name of the header that has the idempotency key.
    pub(super) key: Option<String>,
    pub(super) below: Below,
    /// The key `use_base`.
    pub(super) use_base: Option<Ident>,
    /// The key `form`: the fields of the body are a form, and not a JSON object.
    pub(super) form: Option<Ident>,
    /// The fields of the body that are the same in each call.
    pub(super) constants: Vec<(LitStr, Expr)>,
    /// The key `gzip`: the body is compressed.
    pub(super) gzip: Option<Ident>,
    /// The keys of a stream.
    pub(super) stream: Option<Stream>,
    /// Where the body has the value that is returned.
    pub(super) value: Option<LitStr>,
    /// The keys, as the descriptor has them.
    pub(super) described: Record,
    /// The document of GraphQL, if it is an operation of it.
    pub(super) graphql: Option<GraphQl>,
    /// The key `page`, and how the pages follow each other.
    pub(super) pages: Option<(Ident, Pages)>,
    /// The keys `poll` and `wait`.
    pub(super) polls: Option<Polls>,
    name: Option<LitStr>,
}

const VERBS: [(&str, &str); 8] = [
    ("delete", "DELETE"),
    ("get", "GET"),
    // GraphQL over HTTP, §5.
    ("graphql", "POST"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
];

impl Declared {
    /// Returns the `cfg` attributes, which all code generated for the declaration gets.
    pub(super) fn gates(&self) -> Vec<Attribute> {
        named(&self.attrs, "cfg")
    }

    /// Returns the name of the constant: `GET` for `get`.
    pub(super) fn constant(&self) -> Ident {
        names::constant(&self.sig.ident)
    }

    /// Returns the `deprecated` attribute, which all that a user can name gets.
    pub(super) fn deprecated(&self) -> Vec<Attribute> {
        named(&self.attrs, "deprecated")
    }

    /// Returns one declaration for each `#[cfg_attr(…, get)]`, and the code for the case that none of them holds.
    pub(super) fn alternatives(mut self) -> (Vec<Self>, Option<TokenStream>) {
        let makes_operation = |meta: &Meta| {
            meta.path().is_ident("graft")
                || meta.path().get_ident().is_some_and(|ident| verb(ident).is_some())
        };
        let mut conditional = Vec::new();
        self.attrs.retain(|attribute| match Conditional::of(attribute) {
            Some(found) if found.attributes.iter().any(makes_operation) => {
                conditional.push(found);
                false
            }
            _ => true,
        });
        if conditional.is_empty() {
            return (vec![self], None);
        }
        let conditions = conditional.iter().map(|conditional| &conditional.condition);
        let none: Attribute = parse_quote!(#[cfg(not(any(#(#conditions),*)))]);
        let mut alternatives = Vec::new();
        for Conditional { condition, attributes } in &conditional {
            let mut attrs = self.attrs.clone();
            attrs.push(parse_quote!(#[cfg(#condition)]));
            for meta in attributes {
                attrs.push(parse_quote!(#[#meta]));
            }
            alternatives.push(Self { attrs, vis: self.vis.clone(), sig: self.sig.clone() });
        }
        if self.attrs.iter().any(|attribute| makes_operation(&attribute.meta)) {
            self.attrs.push(none);
            alternatives.push(self);
            return (alternatives, None);
        }
        let name = &self.sig.ident;
        let message = format!(
            "no `cfg_attr` makes `{name}` an operation here; add a `cfg` to it, or a method for this case"
        );
        let gates = named(&self.attrs, "cfg");
        let otherwise = quote_spanned!(name.span()=> #(#gates)* #none ::core::compile_error!(#message););
        (alternatives, Some(otherwise))
    }

    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig: Signature = input.parse()?;
        if input.is_empty() {
            return Err(syn::Error::new_spanned(
                &sig.ident,
                format!("the declaration of `{}` must end with `;`", sig.ident),
            ));
        }
        input.parse::<Token![;]>()?;
        Ok(Self { attrs, vis, sig })
    }
}

impl Verb {
    /// Removes the attribute of the operation from the fn, and parses it.
    pub(super) fn take(declared: &mut Declared, mistakes: &mut Mistakes) -> Option<Self> {
        let verbs: Vec<_> = declared.attrs.extract_if(.., |attribute| verb_of(attribute).is_some()).collect();
        let name = &declared.sig.ident;
        let Some(first) = verbs.first() else {
            let message = format!(
                "`{name}` has no body; add `#[get(\"/…\")]` or another method above it, or write a body"
            );
            mistakes.at(name, message);
            return None;
        };
        for second in &verbs[1..] {
            mistakes.at(second.path(), "an operation can have only one method; remove this attribute");
        }
        let attribute = verb_of(first)?;
        let known = VERBS.iter().find(|(name, _)| *name == attribute).map(|(_, method)| (*method).to_owned());
        let (method, keys) = match known {
            Some(method) => {
                let grammar = if attribute == "graphql" { keys::GRAPHQL } else { keys::OPERATION };
                (method, Keys::from_attribute(first, grammar.with_name(attribute), mistakes))
            }
            None => request(first, mistakes)?,
        };
        let name = keys.string("name", mistakes);
        let gzip = keys.flag("gzip", mistakes);
        let settings = settings(&keys, mistakes);
        let (credential, key) = (selected(&keys), idempotency_key(&keys, mistakes));
        let below = Below::parse(&keys, mistakes);
        let form = keys.flag("form", mistakes);
        let constants = keys.get("fields").map(|key| constants(key, mistakes)).unwrap_or_default();
        let at = match keys.get("at") {
            // Without a name, the places of the parameters are unknown.
            Some(key) => Some(key.parameter(mistakes)?),
            None => None,
        };
        let is_graphql = attribute == "graphql";
        let graphql = is_graphql.then(|| GraphQl::parse(first, &keys, mistakes)).flatten();
        if is_graphql && graphql.is_none() {
            // Without the document, the places of the parameters are unknown.
            return None;
        }
        let path = match keys.get("path") {
            Some(key) => key.string(mistakes),
            None if is_graphql => None,
            None => keys.text.clone(),
        };
        let stream = Stream::parse(&keys, &method, mistakes);
        let value = value(&keys, mistakes);
        let pages = match keys.get("page") {
            Some(key) => {
                // Without the style, nothing is known of the pages.
                let mut pages = Pages::parse(key, keys.get("items"), mistakes)?;
                if is_graphql {
                    pages.make_variables();
                }
                Some((key.name.clone(), pages))
            }
            None => {
                if let Some(items) = keys.get("items") {
                    mistakes.at(
                        items,
                        "`items` is the place of the items of a page, and there is no `page`; remove it",
                    );
                }
                None
            }
        };
        let polls = match keys.get("poll").or(keys.get("wait")) {
            // Without the operation that reads the state, nothing is known of the job.
            Some(_) => Some(Polls::parse(&keys, mistakes)?),
            None => None,
        };
        let use_base = keys.get("use_base").map(|key| key.name.clone());
        let mut described = Record::units();
        described.keys(&keys, mistakes);
        Some(Self {
            method,
            path,
            at,
            use_base,
            settings,
            credential,
            key,
            below,
            form,
            constants,
            gzip,
            described,
            graphql,
            pages,
            polls,
            stream,
            value,
            name,
        })
    }

    /// Returns the name of the type with the setters: the value of `name = "…"`, or by default a name like
    /// `EventsListCall`.
    pub(super) fn call_name(&self, owner: &Ident, operation: &Ident, mistakes: &mut Mistakes) -> Ident {
        if let Some(name) = &self.name {
            match name.parse::<Ident>() {
                Ok(ident) => return ident,
                Err(_) => mistakes.at(name, "`name` must be a valid type name: `name = \"ListEvents\"`"),
            }
        }
        match (&self.pages, &self.polls) {
            (Some(_), _) => names::pager(owner, operation),
            (None, Some(_)) => names::poller(owner, operation),
            (None, None) => names::call(owner, operation),
        }
    }
}

/// Returns the header name of `idempotency_key` or `idempotency_key = "x-key"`.
fn idempotency_key(keys: &Keys, mistakes: &mut Mistakes) -> Option<String> {
    let key = keys.get("idempotency_key")?;
    if key.has_no_value() {
        return Some("idempotency-key".to_owned());
    }
    let name = key.string(mistakes)?;
    if let Err(message) = header::check(&name.value()) {
        mistakes.at(&name, message);
        return None;
    }
    Some(name.value().to_ascii_lowercase())
}

/// Returns the pointer of `value = "/data"`.
///
/// ```text
/// #[get(value = "data")]
/// #[get(value = "/data", lines)]
/// ```
fn value(keys: &Keys, mistakes: &mut Mistakes) -> Option<LitStr> {
    let key = keys.get("value")?;
    if let Some(other) = ["events", "lines", "page"].into_iter().find(|other| keys.get(other).is_some()) {
        let place = match other {
            "events" => "each event is a value of its own",
            "lines" => "`lines(each = \"/row\")` is the place in each item",
            _ => "`items` is the place in each page",
        };
        mistakes
            .at(key, format!("`value` is the place of the one value in the body; remove it, since {place}"));
        return None;
    }
    let pointer = key.string(mistakes)?;
    check::pointers([&pointer].into_iter(), mistakes);
    Some(pointer)
}

/// Returns the fields of `fields("name" = value)`.
fn constants(key: &Key, mistakes: &mut Mistakes) -> Vec<(LitStr, Expr)> {
    let mut constants = Vec::new();
    for (name, value) in key.pairs(mistakes) {
        match value {
            Some(value) => constants.push((name, value)),
            None => mistakes.at(name, "a field can't be `none`; write its value, or leave it out"),
        }
    }
    constants
}

/// Returns the calls of setters for the operation's settings.
fn settings(keys: &Keys, mistakes: &mut Mistakes) -> TokenStream {
    let mut settings = setters(&[EVERY_LEVEL], keys, None, mistakes);
    if let Some(accept) = keys.get("accept").and_then(|key| key.text(mistakes)) {
        // A `String` as well as a `&str`.
        settings.extend(quote!(.header("accept", ::core::convert::AsRef::<str>::as_ref(&#accept))));
    }
    if let Some(key) = keys.get("restricted_paths").filter(|key| key.has_list()) {
        mistakes.at(key, "an operation has only one path; write `restricted_paths` without a list");
    }
    settings
}

/// Returns the name of the attribute, if it makes a fn an operation.
pub(super) fn verb_of(attribute: &Attribute) -> Option<&'static str> {
    verb(attribute.path().get_ident()?)
}

fn verb(ident: &Ident) -> Option<&'static str> {
    let ident = ident.to_string();
    if ident == "request" {
        return Some("request");
    }
    VERBS.iter().find(|(name, _)| ident == *name).map(|(name, _)| *name)
}

/// Returns the method and the keys of `#[request(METHOD, "…")]`.
fn request(attribute: &Attribute, mistakes: &mut Mistakes) -> Option<(String, Keys)> {
    let usage = "`request` needs a method in upper case first: `#[request(PURGE, \"/…\")]`";
    let Meta::List(list) = &attribute.meta else {
        mistakes.at(attribute, usage);
        return None;
    };
    let mut tokens = list.tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(method)), None | Some(TokenTree::Punct(_))) => {
            if method.to_string().chars().any(char::is_lowercase) {
                mistakes.at(&method, usage);
            }
            let keys = Keys::parse(tokens.collect(), keys::OPERATION.with_name("request"), mistakes);
            Some((method.to_string(), keys))
        }
        _ => {
            mistakes.at(&list.tokens, usage);
            None
        }
    }
}

/// Returns the return type of a fn, with its span.
pub(super) fn output(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}
