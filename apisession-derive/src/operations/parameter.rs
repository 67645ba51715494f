//! Parses the parameters of an operation or a graft.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, LitStr, Meta, Pat, PatType, Path, Type};

use super::conditional::Conditional;
use super::graphql;
use crate::keys::{self, Grammar, Keys};
use crate::mistakes::Mistakes;
use crate::part::Part;
use crate::types::{optional, ungrouped};

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
        let mut parameter = Self::new(pattern.ident.clone(), (*argument.ty).clone());
        for attribute in std::mem::take(&mut argument.attrs) {
            parameter.read(attribute, mistakes)?;
        }
        let is_body = matches!(parameter.marked, Some((Place::Body, _)));
        if let (Type::ImplTrait(ty), false) = (ungrouped(parameter.given()), is_body) {
            let message = "only a body can be generic; use a concrete type, or write `#[body(\"media/type\")]` before an `impl Into<Body>`";
            mistakes.at(ty, message);
        }
        Some(parameter)
    }

    fn new(ident: Ident, ty: Type) -> Self {
        Self {
            docs: Vec::new(),
            gates: Vec::new(),
            lints: Vec::new(),
            wire: ident.unraw().to_string(),
            ident,
            optional: optional(&ty),
            ty,
            marked: None,
            place: Place::Query,
            style: Style::default(),
            part: Part::default(),
            default: None,
            encode_with: None,
            content_type: None,
            empty_segments: None,
            prefix: None,
        }
    }

    /// Reads an attribute. Returns `None` for one that decides whether there is a place at all.
    fn read(&mut self, attribute: Attribute, mistakes: &mut Mistakes) -> Option<()> {
        let conditional = Conditional::of(&attribute);
        let sets_lints = |conditional: &Conditional| conditional.attributes.iter().all(is_lint_level);
        if attribute.path().is_ident("doc") {
            self.docs.push(attribute);
        } else if attribute.path().is_ident("cfg") {
            self.gates.push(attribute);
        } else if is_lint_level(&attribute.meta) || conditional.as_ref().is_some_and(sets_lints) {
            self.lints.push(attribute);
        } else if let Some(Conditional { condition, .. }) = conditional {
            let message = format!(
                "the place of a parameter can't depend on `cfg_attr`; declare the fn once for `#[cfg({condition})]` and once for all \
                 other cases"
            );
            mistakes.at(&attribute, message);
            return None;
        } else if let Some((place, name)) = place_of(&attribute, mistakes)
            && let Some(grammar) = grammar_of(place, &name)
        {
            self.mark(place, name, &Keys::from_attribute(&attribute, grammar, mistakes), mistakes);
        }
        Some(())
    }

    /// Sets the place that an attribute names, with its keys.
    fn mark(&mut self, place: Place, name: Ident, keys: &Keys, mistakes: &mut Mistakes) {
        let mut text = |name| keys.string(name, mistakes);
        let (content_type, rename) = (text("content_type"), text("rename"));
        self.prefix = text("prefix");
        // The string of a body without a key is its type.
        let (name_sent, content_type) = match place {
            Place::Body => (rename, keys.text.clone()),
            _ => (rename.or(keys.text.clone()), content_type),
        };
        self.content_type = content_type;
        match name_sent {
            Some(name) => self.wire = name.value(),
            None if place == Place::Header => self.wire = self.wire.replace('_', "-"),
            None => {}
        }
        if let Some(wire) = graphql::marked(&name.to_string(), &self.wire) {
            self.wire = wire;
        }
        self.style = Style::parse(place, keys, mistakes);
        self.part = Part::parse(keys, mistakes);
        self.default = keys.expression("default", mistakes, "50");
        self.encode_with = keys.get("encode_with").and_then(|key| key.path(mistakes));
        self.empty_segments = keys.flag("empty_segments", mistakes);
        if self.marked.replace((place, name.clone())).is_some() {
            let message =
                format!("`{}` can have only one place in the request; remove this attribute", self.ident);
            mistakes.at(name, message);
        }
    }

    /// Whether at most one of two parameters may be there, since both have a `cfg`.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        !self.gates.is_empty() && !other.gates.is_empty()
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
        let json = keys.flag("json", mistakes);
        let flag = keys.flag("flag", mistakes);
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
        let flat = keys.flag("flatten", mistakes).is_some().then_some("Flat");
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

    /// The keys that its attribute can have; `None` if it has no attribute.
    fn grammar(self) -> Option<Grammar> {
        Some(match self {
            Self::Body => keys::BODY,
            Self::Cookie => keys::COOKIE,
            Self::Field => keys::FIELD_OF_BODY,
            Self::Form => keys::FORM,
            Self::Header => keys::HEADER,
            Self::Headers => keys::HEADERS,
            Self::Json => keys::JSON,
            Self::Multipart => keys::MULTIPART_PARAMETER,
            Self::Part => keys::PART,
            Self::Path => keys::PARAMETER,
            Self::Query => keys::QUERY,
            Self::Url => return None,
            Self::Xml => keys::XML,
        })
    }

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
    let name = meta.path().get_ident().map(ToString::to_string);
    name.is_some_and(|name| ["allow", "deny", "expect", "forbid", "warn"].contains(&name.as_str()))
}

/// The keys of an attribute that sets a place.
fn grammar_of(place: Place, name: &Ident) -> Option<Grammar> {
    if name == "variable" {
        Some(keys::VARIABLE)
    } else if name == "variables" {
        Some(keys::VARIABLES)
    } else {
        place.grammar()
    }
}

fn place_of(attribute: &Attribute, mistakes: &mut Mistakes) -> Option<(Place, Ident)> {
    let ident = attribute.path().get_ident().cloned();
    let written = ident.as_ref().map(ToString::to_string);
    let is = |name: &str| written.as_ref().is_some_and(|written| written == name);
    let variable = (is("variable") || is("variables")).then_some(Place::Field);
    let place = variable.or_else(|| Place::ALL.into_iter().find(|place| is(place.attribute())));
    if place.is_none() {
        let [others @ .., last] = Place::ALL.map(|place| format!("`{}`", place.attribute()));
        mistakes.at(
            attribute.path(),
            format!("unknown attribute; a parameter can have {} or {last}", others.join(", ")),
        );
    }
    place.zip(ident)
}

pub(super) fn parameter_names(parameters: &[Parameter]) -> String {
    let names: Vec<_> = parameters.iter().map(|parameter| format!("`{}`", parameter.wire)).collect();
    match names.as_slice() {
        [] => "add a parameter".to_owned(),
        [name] => format!("the only parameter is {name}"),
        names => format!("the parameters are {}", names.join(", ")),
    }
}
