//! Parses the declaration of one operation or graft. The checks are in `check.rs`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Attribute, Expr, GenericArgument, LitStr, Meta, Pat, PatType, Path, PathArguments, ReturnType, Signature,
    Token, Type, Visibility, parse_quote,
};

use crate::base_url::Below;
use crate::header;
use crate::keys::{self, Key, Keys};
use crate::mistakes::Mistakes;
use crate::names;
use crate::part::Part;
use crate::setters::{selected, setters};
use crate::settings::EVERY_LEVEL;
use crate::template::Template;
use crate::tokens::split_at_commas;
use crate::types::ungrouped;

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
    /// The type that the response is decoded as.
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

    /// Returns the parameters that have setters.
    pub(super) fn optional(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.has_setter())
    }
}

/// A parameter of an operation.
pub(super) struct Parameter {
    pub(super) docs: Vec<Attribute>,
    /// The `cfg` attributes.
    pub(super) gates: Vec<Attribute>,
    /// The levels of lints, such as `allow`.
    pub(super) lints: Vec<Attribute>,
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// `T`, if the type is `Option<T>`.
    pub(super) optional: Option<Type>,
    /// The place that an attribute sets, and the name of the attribute.
    pub(super) marked: Option<(Place, Ident)>,
    pub(super) place: Place,
    /// The name in the request.
    pub(super) wire: String,
    pub(super) style: Style,
    /// How a part is sent.
    pub(super) part: Part,
    /// The value that is sent if the setter isn't called.
    pub(super) default: Option<Expr>,
    /// The fn that converts the value before it is sent.
    pub(super) encode_with: Option<Path>,
    /// The content type of a body.
    pub(super) content_type: Option<LitStr>,
    /// The key `empty_segments`: a value of several segments can contain empty ones.
    pub(super) empty_segments: Option<Ident>,
    /// The key `prefix`: the names of a map of headers begin with it.
    pub(super) prefix: Option<LitStr>,
}

/// How the value of a parameter is encoded.
#[derive(Default)]
pub(super) struct Style {
    /// The key `json`: the value is sent as JSON.
    pub(super) json: Option<Ident>,
    /// The key `flag`: if the value is `true`, the name is sent without a value.
    pub(super) flag: Option<Ident>,
    /// A variant of `ListStyle`.
    pub(super) list: Option<&'static str>,
    /// A variant of `Nested`.
    pub(super) nested: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Body,
    Cookie,
    Field,
    Form,
    Header,
    /// A map of headers.
    Headers,
    Json,
    Multipart,
    Part,
    Path,
    Query,
    /// The URL of the request. The key `at` of the operation names it.
    Url,
    Xml,
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
    name: Option<LitStr>,
}

const VERBS: [(&str, &str); 7] = [
    ("delete", "DELETE"),
    ("get", "GET"),
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
        let conditional: Vec<_> = self
            .attrs
            .extract_if(.., |attribute| {
                Conditional::of(attribute)
                    .is_some_and(|conditional| conditional.attributes.iter().any(makes_operation))
            })
            .filter_map(|attribute| Conditional::of(&attribute))
            .collect();
        if conditional.is_empty() {
            return (vec![self], None);
        }
        let conditions = conditional.iter().map(|conditional| &conditional.condition);
        let none: Attribute = parse_quote!(#[cfg(not(any(#(#conditions),*)))]);
        let mut alternatives: Vec<_> = conditional
            .iter()
            .map(|Conditional { condition, attributes }| {
                let mut attrs = self.attrs.clone();
                attrs.push(parse_quote!(#[cfg(#condition)]));
                attrs.extend(attributes.iter().map(|meta| -> Attribute { parse_quote!(#[#meta]) }));
                Self { attrs, vis: self.vis.clone(), sig: self.sig.clone() }
            })
            .collect();
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
                (method, Keys::from_attribute(first, keys::OPERATION.with_name(attribute), mistakes))
            }
            None => request(first, mistakes)?,
        };
        let name = keys.get("name").and_then(|key| key.string(mistakes));
        let gzip = keys.get("gzip").filter(|key| key.flag(mistakes)).map(|key| key.name.clone());
        let settings = settings(&keys, mistakes);
        let (credential, key) = (selected(&keys), idempotency_key(&keys, mistakes));
        let below = Below::parse(&keys, mistakes);
        let form = keys.get("form").filter(|key| key.flag(mistakes)).map(|key| key.name.clone());
        let constants = keys.get("fields").map(|key| constants(key, mistakes)).unwrap_or_default();
        let at = match keys.get("at") {
            // Without a name, the places of the parameters are unknown.
            Some(key) => Some(key.parameter(mistakes)?),
            None => None,
        };
        let use_base = keys.get("use_base").map(|key| key.name.clone());
        Some(Self {
            method,
            path: keys.text,
            at,
            use_base,
            settings,
            credential,
            key,
            below,
            form,
            constants,
            gzip,
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
        names::call(owner, operation)
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

/// The arguments of `#[cfg_attr(condition, attributes…)]`.
struct Conditional {
    condition: TokenStream,
    attributes: Vec<Meta>,
}

impl Conditional {
    fn of(attribute: &Attribute) -> Option<Self> {
        let Meta::List(list) = &attribute.meta else { return None };
        if !list.path.is_ident("cfg_attr") {
            return None;
        }
        let mut parts = split_at_commas(list.tokens.clone()).into_iter();
        let condition = parts.next()?;
        let attributes = parts.map(syn::parse2).collect::<syn::Result<_>>().ok()?;
        Some(Self { condition, attributes })
    }
}

/// Returns the attributes of this name, also those in a `cfg_attr`.
fn named(attrs: &[Attribute], name: &str) -> Vec<Attribute> {
    let found = attrs.iter().filter_map(|attribute| {
        if attribute.path().is_ident(name) {
            return Some(attribute.clone());
        }
        let Conditional { condition, mut attributes } = Conditional::of(attribute)?;
        attributes.retain(|meta| meta.path().is_ident(name));
        (!attributes.is_empty()).then(|| parse_quote!(#[cfg_attr(#condition, #(#attributes),*)]))
    });
    found.collect()
}

/// Returns the name of the attribute, if it makes a fn an operation.
pub(super) fn verb_of(attribute: &Attribute) -> Option<&'static str> {
    verb(attribute.path().get_ident()?)
}

fn verb(ident: &Ident) -> Option<&'static str> {
    VERBS.iter().map(|(name, _)| *name).chain(["request"]).find(|name| ident == name)
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

impl Parameter {
    /// Parses a parameter, and removes its attributes.
    pub(super) fn take(argument: &mut PatType, mistakes: &mut Mistakes) -> Option<Self> {
        let Pat::Ident(pattern) = &*argument.pat else {
            mistakes.at(
                &argument.pat,
                "a parameter of an operation must be a name, which is sent, and not a pattern",
            );
            return None;
        };
        let ident = pattern.ident.clone();
        let mut wire = ident.unraw().to_string();
        let mut marked = None;
        let (mut docs, mut gates, mut lints) = (Vec::new(), Vec::new(), Vec::new());
        let (mut style, mut part) = (Style::default(), Part::default());
        let (mut default, mut encode_with, mut empty_segments, mut content_type) = (None, None, None, None);
        let mut prefix = None;
        for attribute in std::mem::take(&mut argument.attrs) {
            if attribute.path().is_ident("doc") {
                docs.push(attribute);
                continue;
            }
            if attribute.path().is_ident("cfg") {
                gates.push(attribute);
                continue;
            }
            if is_lint_level(&attribute.meta) {
                lints.push(attribute);
                continue;
            }
            if let Some(Conditional { condition, attributes }) = Conditional::of(&attribute) {
                if attributes.iter().all(is_lint_level) {
                    lints.push(attribute);
                } else {
                    mistakes.at(
                        &attribute,
                        format!(
                            "the place of a parameter can't depend on `cfg_attr`; declare the fn once for `#[cfg({condition})]` \
                             and once for all other cases"
                        ),
                    );
                    return None;
                }
                continue;
            }
            let Some((place, name)) = place_of(&attribute, mistakes) else { continue };
            let grammar = match place {
                Place::Cookie => keys::COOKIE,
                Place::Header => keys::HEADER,
                Place::Headers => keys::HEADERS,
                Place::Query => keys::QUERY,
                Place::Path => keys::PARAMETER,
                Place::Json => keys::JSON,
                Place::Field => keys::FIELD_OF_BODY,
                Place::Form => keys::FORM,
                Place::Body => keys::BODY,
                Place::Xml => keys::XML,
                Place::Multipart => keys::MULTIPART_PARAMETER,
                Place::Part => keys::PART,
                Place::Url => continue,
            };
            let keys = Keys::from_attribute(&attribute, grammar, mistakes);
            if place == Place::Header {
                wire = wire.replace('_', "-");
            }
            content_type = keys.get("content_type").and_then(|key| key.string(mistakes));
            let mut text = keys.text.clone();
            if place == Place::Body {
                content_type = text.take();
            }
            if let Some(name) = keys.get("rename").and_then(|key| key.string(mistakes)).or(text) {
                wire = name.value();
            }
            style = Style::parse(place, &keys, mistakes);
            prefix = keys.get("prefix").and_then(|key| key.string(mistakes));
            part = Part::parse(&keys, mistakes);
            default = keys.get("default").and_then(|key| key.expression(mistakes, "50"));
            encode_with = keys.get("encode_with").and_then(|key| key.path(mistakes));
            let key = keys.get("empty_segments").filter(|key| key.flag(mistakes));
            empty_segments = key.map(|key| key.name.clone());
            if marked.replace((place, name.clone())).is_some() {
                mistakes.at(
                    name,
                    format!("`{ident}` can have only one place in the request; remove this attribute"),
                );
            }
        }
        let optional = optional(&argument.ty);
        let given = optional.as_ref().unwrap_or(&argument.ty);
        if let (Type::ImplTrait(ty), false) = (ungrouped(given), matches!(marked, Some((Place::Body, _)))) {
            let message = "only a body can be generic; use a concrete type, or write `#[body(\"media/type\")]` before an `impl Into<Body>`";
            mistakes.at(ty, message);
        }
        Some(Self {
            docs,
            gates,
            lints,
            ident,
            ty: (*argument.ty).clone(),
            optional,
            marked,
            place: Place::Query,
            wire,
            style,
            part,
            default,
            encode_with,
            content_type,
            empty_segments,
            prefix,
        })
    }

    /// Whether the parameter has a setter instead of an argument.
    pub(super) fn has_setter(&self) -> bool {
        self.optional.is_some() || self.default.is_some()
    }

    /// Returns the type of the value that the caller passes: `T` for `Option<T>`.
    pub(super) fn given(&self) -> &Type {
        self.optional.as_ref().unwrap_or(&self.ty)
    }
}

impl Style {
    fn parse(place: Place, keys: &Keys, mistakes: &mut Mistakes) -> Self {
        let json = keys.get("json").filter(|key| key.flag(mistakes)).map(|key| key.name.clone());
        let flag = keys.get("flag").filter(|key| key.flag(mistakes)).map(|key| key.name.clone());
        let list = keys.get("list").and_then(|key| {
            let list = key.string(mistakes)?;
            match list.value().as_str() {
                "comma" if place == Place::Path => Some("Comma"),
                _ if place == Place::Path => {
                    mistakes.at(list, "`list` must be `\"comma\"` in the path");
                    None
                }
                "repeat" => Some("Repeat"),
                "comma" => Some("Comma"),
                "brackets" => Some("Brackets"),
                "indices" => Some("Indices"),
                "pipes" => Some("Pipes"),
                "spaces" => Some("Spaces"),
                _ => {
                    let styles = "`\"repeat\"` (the default), `\"comma\"`, `\"brackets\"`, `\"indices\"`, `\"pipes\"` or \
                                  `\"spaces\"`";
                    mistakes.at(list, format!("`list` must be {styles}"));
                    None
                }
            }
        });
        let nested = keys.get("nested").and_then(|key| {
            let nested = key.string(mistakes)?;
            match nested.value().as_str() {
                "dots" => Some("Dots"),
                "brackets" => Some("Brackets"),
                _ => {
                    mistakes.at(nested, "`nested` must be `\"dots\"` or `\"brackets\"`");
                    None
                }
            }
        });
        let flat = keys.get("flatten").is_some_and(|key| key.flag(mistakes)).then_some("Flat");
        if let (Some(key), Some(_)) = (keys.get("nested"), flat) {
            mistakes.at(key, "`nested` can't be combined with `flatten`; keep one of them");
        }
        let written = [list.map(|_| "list"), nested.map(|_| "nested"), flat.map(|_| "flatten")];
        if let (Some(flag), Some(other)) = (&flag, written.into_iter().flatten().next()) {
            mistakes.at(flag, format!("a flag has no value; remove `{other}` or `flag`"));
        }
        let flagged = flag.as_ref().map(|_| "flag");
        if let (Some(json), Some(other)) = (&json, written.into_iter().flatten().chain(flagged).next()) {
            mistakes.at(json, format!("the value is sent as JSON; remove `{other}` or `json`"));
        }
        Self { json, flag, list, nested: flat.or(nested) }
    }

    /// Whether each value is sent as one pair, which is the default.
    pub(super) fn is_plain(&self) -> bool {
        self.list.is_none() && self.nested.is_none()
    }
}

impl Place {
    /// All places that an attribute sets, in alphabetical order.
    const ALL: [Self; 12] = [
        Self::Body,
        Self::Cookie,
        Self::Field,
        Self::Form,
        Self::Header,
        Self::Headers,
        Self::Json,
        Self::Multipart,
        Self::Part,
        Self::Path,
        Self::Query,
        Self::Xml,
    ];

    /// Whether the value is the body or a part of it.
    pub(super) fn is_in_body(self) -> bool {
        self.is_whole_body() || matches!(self, Self::Field | Self::Part)
    }

    /// Whether the value is the body.
    pub(super) fn is_whole_body(self) -> bool {
        matches!(self, Self::Body | Self::Form | Self::Json | Self::Multipart | Self::Xml)
    }

    pub(super) fn attribute(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Cookie => "cookie",
            Self::Field => "field",
            Self::Form => "form",
            Self::Header => "header",
            Self::Headers => "headers",
            Self::Json => "json",
            Self::Multipart => "multipart",
            Self::Part => "part",
            Self::Path => "path",
            Self::Query => "query",
            Self::Url => "at",
            Self::Xml => "xml",
        }
    }
}

/// Whether the attribute sets the level of lints.
fn is_lint_level(meta: &Meta) -> bool {
    ["allow", "deny", "expect", "forbid", "warn"].iter().any(|level| meta.path().is_ident(level))
}

fn place_of(attribute: &Attribute, mistakes: &mut Mistakes) -> Option<(Place, Ident)> {
    let ident = attribute.path().get_ident().cloned();
    let place =
        Place::ALL.into_iter().find(|place| ident.as_ref().is_some_and(|ident| ident == place.attribute()));
    if place.is_none() {
        let [others @ .., last] = Place::ALL.map(|place| format!("`{}`", place.attribute()));
        mistakes.at(
            attribute.path(),
            format!("unknown attribute; a parameter can have {} or {last}", others.join(", ")),
        );
    }
    place.zip(ident)
}

/// Returns `T`, if the type is `Option<T>`.
fn optional(ty: &Type) -> Option<Type> {
    let mut arguments = arguments_of(ty, "Option")?;
    if arguments.len() == 1 { arguments.pop() } else { None }
}

/// Returns the type arguments, if the type is a path that ends in `name<…>`.
pub(super) fn arguments_of(ty: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let types = arguments.args.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    types.collect()
}

/// Returns the return type of a fn, with its span.
pub(super) fn output(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}
