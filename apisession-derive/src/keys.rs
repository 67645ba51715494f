//! Parses the keys of an attribute: `name`, `name = value`, `name(…)`, and one string without a key.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Lit, LitBool, LitInt, LitStr, Meta, Path, Token, token};

use crate::mistakes::Mistakes;
use crate::settings::{self, EVERY_LEVEL, Setting};
use crate::source::source;
use crate::tokens::split_at_commas;

/// The keys of `#[session(…)]`, on the struct.
pub(crate) const SESSION: Grammar =
    Grammar { settings: &[EVERY_LEVEL, settings::SESSION], ..Grammar::new("session", &["crate", "hooks"]) };

/// The keys of `#[session(…)]`, on a field.
pub(crate) const FIELD: Grammar = Grammar::new("session", &["default"]);

/// The keys of `#[endpoint(…)]`, on a struct.
pub(crate) const GROUP: Grammar = Grammar {
    settings: &[EVERY_LEVEL],
    ..Grammar::new("endpoint", &["base_url", "crate", "path", "scopes", "tags", "use_base"])
};

/// The keys of `#[endpoint(…)]`, on an impl.
pub(crate) const IMPL: Grammar = Grammar::new("endpoint", &["crate"]);

/// The keys of `#[get(…)]` and the attributes of the other methods.
pub(crate) const OPERATION: Grammar = Grammar {
    settings: &[EVERY_LEVEL],
    text: true,
    ..Grammar::new(
        "get",
        &[
            "accept",
            "at",
            "base_url",
            "events",
            "expired_when_item",
            "fields",
            "form",
            "gzip",
            "idempotency_key",
            "items",
            "lines",
            "name",
            "page",
            "poll",
            "resume",
            "scopes",
            "tags",
            "use_base",
            "value",
            "wait",
        ],
    )
};

/// The keys of `#[graphql(…)]`.
pub(crate) const GRAPHQL: Grammar = Grammar {
    settings: &[EVERY_LEVEL],
    text: true,
    ..Grammar::new(
        "graphql",
        &[
            "accept",
            "base_url",
            "data",
            "fields",
            "file",
            "gzip",
            "idempotency_key",
            "items",
            "name",
            "operation",
            "page",
            "path",
            "scopes",
            "tags",
            "use_base",
        ],
    )
};

/// The keys of `events(…)`, of an operation.
pub(crate) const EVENTS: Grammar = Grammar::new("events", &["done", "error", "reconnect"]);

/// The keys of `lines(…)`, of an operation.
pub(crate) const LINES: Grammar =
    Grammar::new("lines", &["array", "concatenated", "done", "each", "error", "separate", "sequence"]);

/// The keys of `page = connection(…)`.
pub(crate) const PAGE_CONNECTION: Grammar =
    Grammar::new("connection", &["at", "default_size", "items", "max_size", "param", "size", "total"]);

/// The keys of `page = cursor(…)`.
pub(crate) const PAGE_CURSOR: Grammar = Grammar::new(
    "cursor",
    &[
        "default_size",
        "empty_ends",
        "items",
        "max_size",
        "more",
        "next",
        "omits_empty",
        "param",
        "past_end",
        "size",
        "total",
        "xml",
    ],
);

/// The keys of `page = last_id(…)`.
pub(crate) const PAGE_LAST_ID: Grammar = Grammar::new(
    "last_id",
    &[
        "default_size",
        "id",
        "items",
        "max_size",
        "more",
        "omits_empty",
        "param",
        "past_end",
        "size",
        "total",
        "xml",
    ],
);

/// The keys of `page = link(…)`.
pub(crate) const PAGE_LINK: Grammar = Grammar::new(
    "link",
    &[
        "default_size",
        "items",
        "max_size",
        "more",
        "omits_empty",
        "past_end",
        "relation",
        "size",
        "total",
        "xml",
    ],
);

/// The keys of `page = next(…)`, after the fn.
pub(crate) const PAGE_NEXT: Grammar = Grammar::new("next", &["items", "omits_empty", "past_end", "total"]);

/// The keys of `page = number(…)`.
pub(crate) const PAGE_NUMBER: Grammar = Grammar::new(
    "number",
    &[
        "default_size",
        "first",
        "items",
        "max_size",
        "more",
        "omits_empty",
        "pages",
        "param",
        "past_end",
        "size",
        "total",
        "xml",
    ],
);

/// The keys of `page = offset(…)`.
pub(crate) const PAGE_OFFSET: Grammar = Grammar::new(
    "offset",
    &[
        "default_size",
        "items",
        "limit",
        "max_size",
        "more",
        "offset",
        "omits_empty",
        "past_end",
        "total",
        "xml",
    ],
);

/// The keys of `page = style(…)`, after the value.
pub(crate) const PAGE_STYLE: Grammar = Grammar::new(
    "style",
    &[
        "default_size",
        "items",
        "max_size",
        "more",
        "next",
        "omits_empty",
        "pages",
        "param",
        "past_end",
        "size",
        "total",
        "xml",
    ],
);

/// The keys of `page = url(…)`.
pub(crate) const PAGE_URL: Grammar = Grammar::new(
    "url",
    &["default_size", "items", "max_size", "more", "next", "omits_empty", "past_end", "size", "total", "xml"],
);

/// The keys of `poll(…)`, of an operation.
pub(crate) const POLL: Grammar = Grammar::new(
    "poll",
    &["adopt", "cancel", "done", "failed", "interval", "read", "result", "running", "state", "total"],
);

/// The keys of `wait(…)`, of an operation.
pub(crate) const WAIT: Grammar = Grammar::new(
    "wait",
    &["done", "failed", "interval", "result", "running", "state", "total", "until_exists", "until_gone"],
);

/// The keys of `#[cookie(…)]`, on a parameter.
pub(crate) const COOKIE: Grammar =
    Grammar { text: true, ..Grammar::new("cookie", &["default", "encode_with", "rename"]) };

/// The keys of `#[header(…)]`, on a parameter.
pub(crate) const HEADER: Grammar =
    Grammar { text: true, ..Grammar::new("header", &["default", "encode_with", "json", "rename"]) };

/// The keys of `#[headers(…)]`, on a parameter.
pub(crate) const HEADERS: Grammar = Grammar::new("headers", &["encode_with", "prefix"]);

/// The keys of `#[api_error(…)]`.
pub(crate) const ERROR: Grammar = Grammar::new("api_error", &["crate"]);

/// The keys of `#[api_response(…)]`.
pub(crate) const RESPONSE: Grammar = Grammar::new("api_response", &["crate"]);

/// The keys of `#[model(…)]`.
pub(crate) const MODEL: Grammar = Grammar {
    settings: &[EVERY_LEVEL],
    ..Grammar::new(
        "model",
        &["crate", "create", "error", "on", "path", "reload", "remove", "save", "scopes", "tags"],
    )
};

/// The keys of `#[debug(…)]`, on a type.
pub(crate) const DEBUG: Grammar = Grammar::new("debug", &["crate"]);

/// The keys of `#[debug(…)]`, on a field.
pub(crate) const DEBUG_FIELD: Grammar = Grammar::new("debug", &["secret", "shown"]);

/// The keys of `#[open_enum(…)]`, on an enum.
pub(crate) const OPEN_ENUM: Grammar = Grammar::new("open_enum", &["crate", "rename_all"]);

/// The keys of `#[union(…)]`, on an enum.
pub(crate) const UNION: Grammar = Grammar::new("union", &["crate", "tag"]);

/// The keys of `#[graft(…)]`.
pub(crate) const GRAFT: Grammar = Grammar { text: true, ..Grammar::new("graft", &[]) };

/// The keys of `#[variable(…)]`, on a parameter.
pub(crate) const VARIABLE: Grammar =
    Grammar { text: true, ..Grammar::new("variable", &["default", "encode_with", "rename"]) };

/// The keys of `#[variables]`, on a parameter.
pub(crate) const VARIABLES: Grammar = Grammar::new("variables", &["encode_with"]);

/// The keys of `#[query(…)]`, on a parameter.
pub(crate) const QUERY: Grammar =
    Grammar::new("query", &["default", "encode_with", "flag", "flatten", "json", "list", "nested", "rename"]);

/// The keys of `#[path]`, on a parameter.
pub(crate) const PARAMETER: Grammar =
    Grammar::new("path", &["empty_segments", "encode_with", "list", "rename"]);

/// The keys of `#[json]`, on a parameter.
pub(crate) const JSON: Grammar = Grammar::new("json", &["content_type", "encode_with"]);

/// The keys of `#[xml]`, on a parameter.
pub(crate) const XML: Grammar = Grammar::new("xml", &["content_type", "encode_with"]);

/// The keys of `#[field(…)]`, on a parameter.
pub(crate) const FIELD_OF_BODY: Grammar = Grammar {
    text: true,
    ..Grammar::new("field", &["default", "encode_with", "json", "list", "nested", "rename"])
};

/// The keys of `#[form(…)]`, on a parameter.
pub(crate) const FORM: Grammar = Grammar::new("form", &["encode_with", "list", "nested"]);

/// The keys of `#[body(…)]`, on a parameter: only a media type.
pub(crate) const BODY: Grammar = Grammar { text: true, ..Grammar::new("body", &[]) };

/// The keys of `#[multipart(…)]`, on a struct.
pub(crate) const MULTIPART: Grammar = Grammar::new("multipart", &["crate", "rename_all"]);

/// The keys of `#[multipart(…)]`, on a field.
pub(crate) const MULTIPART_FIELD: Grammar =
    Grammar::new("multipart", &["content_type", "file_name", "json", "rename"]);

/// The keys of `#[multipart]`, on a parameter.
pub(crate) const MULTIPART_PARAMETER: Grammar = Grammar::new("multipart", &[]);

/// The keys of `#[part(…)]`, on a parameter.
pub(crate) const PART: Grammar =
    Grammar { text: true, ..Grammar::new("part", &["content_type", "file_name", "json", "rename"]) };

/// The keys that an attribute can have.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    attribute: &'static str,
    /// The keys that are not settings.
    own: &'static [&'static str],
    /// The settings that can be keys as well.
    settings: &'static [&'static [Setting]],
    /// Whether one string without a key is allowed.
    text: bool,
}

impl Grammar {
    const fn new(attribute: &'static str, own: &'static [&'static str]) -> Self {
        Self { attribute, own, settings: &[], text: false }
    }

    /// Returns all keys in alphabetical order.
    fn keys(self) -> Vec<&'static str> {
        let mut keys = self.own.to_vec();
        for settings in self.settings {
            for Setting { key, .. } in settings.iter().filter(|setting| !setting.key.is_empty()) {
                keys.insert(keys.partition_point(|other| other < key), key);
            }
        }
        keys
    }

    /// Returns all keys for a message.
    fn listed(self) -> String {
        let mut list = String::new();
        for key in self.keys() {
            let gap = if list.is_empty() { "" } else { ", " };
            list += &format!("{gap}`{key}`");
        }
        list
    }

    /// Returns the same grammar for another attribute.
    pub(crate) fn with_name(self, attribute: &'static str) -> Self {
        Self { attribute, ..self }
    }
}

/// The keys that an author wrote in an attribute.
#[derive(Default)]
pub(crate) struct Keys {
    /// The string without a key.
    pub(crate) text: Option<LitStr>,
    keys: Vec<Key>,
}

/// A key and its value, with their spans.
pub(crate) struct Key {
    pub(crate) name: Ident,
    value: Value,
}

enum Value {
    None,
    Is(TokenStream),
    List(TokenStream),
}

impl Keys {
    /// Parses the arguments of an attribute. Each key is parsed on its own, so that one mistake doesn't hide another.
    pub(crate) fn parse(tokens: TokenStream, grammar: Grammar, mistakes: &mut Mistakes) -> Self {
        let mut keys = Self::default();
        for part in split_at_commas(tokens) {
            if let (true, Ok(text)) = (grammar.text, syn::parse2::<LitStr>(part.clone())) {
                match keys.text {
                    Some(_) => {
                        let attribute = grammar.attribute;
                        mistakes.at(
                            text,
                            format!("`{attribute}` can have only one string without a key; remove this one"),
                        );
                    }
                    None => keys.text = Some(text),
                }
                continue;
            }
            if let Ok(text) = syn::parse2::<LitStr>(part.clone()) {
                mistakes.at(&text, grammar.nameless(&text));
                continue;
            }
            let Some(key) = mistakes.take(Key::parse.parse2(part)) else { continue };
            keys.add(key, grammar, mistakes);
        }
        keys
    }

    /// Parses a whole attribute, `#[name]` or `#[name(…)]`.
    pub(crate) fn from_attribute(attribute: &Attribute, grammar: Grammar, mistakes: &mut Mistakes) -> Self {
        match &attribute.meta {
            Meta::Path(_) => Self::default(),
            Meta::List(list) => Self::parse(list.tokens.clone(), grammar, mistakes),
            Meta::NameValue(pair) => {
                let name = grammar.attribute;
                mistakes
                    .at(&pair.path, format!("`{name}` needs its arguments in parentheses: `#[{name}(…)]`"));
                Self::default()
            }
        }
    }

    /// Parses all attributes of the grammar's name.
    pub(crate) fn of(attributes: &[Attribute], grammar: Grammar, mistakes: &mut Mistakes) -> Self {
        let mut keys = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(grammar.attribute)) {
            for key in Self::from_attribute(attribute, grammar, mistakes).keys {
                keys.add(key, grammar, mistakes);
            }
        }
        keys
    }

    /// Returns all keys in source order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, name: &str) {
        self.keys.retain(|key| key.name != name);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Returns the value of `name = "…"`, if the key is there.
    pub(crate) fn string(&self, name: &str, mistakes: &mut Mistakes) -> Option<LitStr> {
        self.get(name)?.string(mistakes)
    }

    /// Returns the value of `name = …`, which can be any expression, if the key is there. Messages show `example`.
    pub(crate) fn expression(&self, name: &str, mistakes: &mut Mistakes, example: &str) -> Option<Expr> {
        self.get(name)?.expression(mistakes, example)
    }

    /// Returns the name of a key without a value, if it is there.
    pub(crate) fn flag(&self, name: &str, mistakes: &mut Mistakes) -> Option<Ident> {
        let key = self.get(name)?;
        key.flag(mistakes).then(|| key.name.clone())
    }

    fn add(&mut self, key: Key, grammar: Grammar, mistakes: &mut Mistakes) {
        if grammar.attribute == "graphql" && key.name == "query" && matches!(key.value, Value::Is(_)) {
            mistakes.at(&key.name, "write the document without a key: `#[graphql(\"query { … }\")]`");
            self.text = key.string(mistakes);
        } else if grammar.text && key.name == "path" && !grammar.own.contains(&"path") {
            let attribute = grammar.attribute;
            mistakes.at(&key.name, format!("write the path without a key: `#[{attribute}(\"/…\")]`"));
            self.text = key.string(mistakes);
        } else if !grammar.keys().contains(&key.name.to_string().as_str()) {
            mistakes.at(&key.name, grammar.unknown(&key.name.to_string()));
        } else if self.get(&key.name.to_string()).is_some() {
            mistakes.at(&key.name, format!("`{}` is set twice; keep one", key.name));
        } else {
            self.keys.push(key);
        }
    }
}

impl Grammar {
    fn nameless(self, text: &LitStr) -> String {
        if self.own.contains(&"path") {
            return format!("this string has no key; write `path = {:?}`", text.value());
        }
        if self.keys().is_empty() {
            return format!("`{}` has no keys; remove this", self.attribute);
        }
        format!("this string has no key; the keys are {}", self.listed())
    }

    fn unknown(self, name: &str) -> String {
        let attribute = self.attribute;
        match closest(name, &self.keys()) {
            Some(key) => format!("unknown `{attribute}` key `{name}`; did you mean `{key}`?"),
            None if self.keys().is_empty() => {
                let accepted = match (self.text, attribute) {
                    (false, _) => "has no keys",
                    (true, "body") => "accepts only a media type",
                    (true, _) => "accepts only a path",
                };
                format!("unknown `{attribute}` key `{name}`; `{attribute}` {accepted}")
            }
            None => {
                format!("unknown `{attribute}` key `{name}`; the keys are {}", self.listed())
            }
        }
    }
}

impl Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.is_empty() {
            Value::None
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Is(input.parse()?)
        } else if input.peek(token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            Value::List(list.parse()?)
        } else {
            return Err(input.error(format!("expected `{name}`, `{name} = …` or `{name}(…)`")));
        };
        if input.is_empty() { Ok(Self { name, value }) } else { Err(input.error("expected a comma")) }
    }

    /// Returns the value of `name = "…"`.
    pub(crate) fn string(&self, mistakes: &mut Mistakes) -> Option<LitStr> {
        self.value(mistakes, "\"…\"", "a string")
    }

    /// Returns the value of `name = some::path`.
    pub(crate) fn path(&self, mistakes: &mut Mistakes) -> Option<Path> {
        self.value(mistakes, "some::path", "a path")
    }

    /// Returns the values of `name("…", "…")`.
    pub(crate) fn strings(&self, mistakes: &mut Mistakes) -> Vec<LitStr> {
        let name = &self.name;
        let Value::List(list) = &self.value else {
            mistakes.at(name, format!("`{name}` needs a list of strings: `{name}(\"…\", \"…\")`"));
            return Vec::new();
        };
        let mut strings = Vec::new();
        for part in split_at_commas(list.clone()) {
            match syn::parse2(part.clone()) {
                Ok(string) => strings.push(string),
                Err(_) => mistakes.at(part, format!("expected a string, as in `{name}(\"…\")`")),
            }
        }
        strings
    }

    /// Returns the value of `name = …`, which can be any expression. Messages show `example`.
    pub(crate) fn expression(&self, mistakes: &mut Mistakes, example: &str) -> Option<Expr> {
        self.value(mistakes, example, "an expression")
    }

    /// Returns the value of `name = "…"`, or any other expression that is not a literal.
    pub(crate) fn text(&self, mistakes: &mut Mistakes) -> Option<Expr> {
        let text = self.value(mistakes, "\"…\"", "a string")?;
        match &text {
            Expr::Lit(ExprLit { lit, .. }) if !matches!(lit, Lit::Str(_)) => {
                let name = &self.name;
                mistakes.at(lit, format!("`{name}` must be a string: `{name} = \"…\"`"));
                None
            }
            _ => Some(text),
        }
    }

    /// Returns the value of `name = word`.
    pub(crate) fn word(&self, mistakes: &mut Mistakes, example: &str) -> Option<Ident> {
        self.value(mistakes, example, "`none`, `session`, or the name of a credential without quotes")
    }

    /// Returns the value of `name = parameter`.
    pub(crate) fn parameter(&self, mistakes: &mut Mistakes) -> Option<Ident> {
        self.value(mistakes, "location", "the name of a parameter, without quotes")
    }

    /// Returns `true` for `name` and `name = true`, and `false` for `name = false`.
    pub(crate) fn switch(&self, mistakes: &mut Mistakes) -> Option<bool> {
        match self.value {
            Value::None => Some(true),
            Value::Is(_) => self.value::<LitBool>(mistakes, "false", "`true` or `false`").map(|is| is.value),
            Value::List(_) => {
                mistakes.at(
                    &self.name,
                    format!("`{0}` can't have a list; write `{0}` or `{0} = false`", self.name),
                );
                None
            }
        }
    }

    /// Returns the statuses of `name(423, 425)`.
    pub(crate) fn statuses(&self, mistakes: &mut Mistakes) -> Option<Vec<LitInt>> {
        let name = &self.name;
        let Value::List(list) = &self.value else {
            mistakes.at(name, format!("`{name}` needs a list of statuses: `{name}(423, 425)`"));
            return None;
        };
        let mut statuses = Vec::new();
        for part in split_at_commas(list.clone()) {
            match syn::parse2::<LitInt>(part.clone()) {
                Ok(status) if status.base10_parse().is_ok_and(|code: u16| (100..=599).contains(&code)) => {
                    statuses.push(status);
                }
                _ => mistakes.at(part, "a status must be a number from 100 to 599"),
            }
        }
        Some(statuses)
    }

    /// Returns the pairs of `name("a" = value, "b" = none)`. The value `none` becomes `None`.
    pub(crate) fn pairs(&self, mistakes: &mut Mistakes) -> Vec<(LitStr, Option<Expr>)> {
        let name = &self.name;
        // A level can unset what an outer one sets. There is no outer level of a body.
        let second = if name == "fields" { "\"other\" = 1" } else { "\"other\" = none" };
        let usage = format!("`{name}` needs pairs: `{name}(\"name\" = \"value\", {second})`");
        let Value::List(list) = &self.value else {
            mistakes.at(name, usage);
            return Vec::new();
        };
        let mut pairs: Vec<(LitStr, _)> = Vec::new();
        for part in split_at_commas(list.clone()) {
            match pair.parse2(part.clone()) {
                Ok((key, _)) if pairs.iter().any(|(other, _)| other.value() == key.value()) => {
                    mistakes.at(&key, format!("{:?} is set twice; keep one", key.value()));
                }
                Ok(pair) => pairs.push(pair),
                Err(_) => mistakes.at(part, &usage),
            }
        }
        pairs
    }

    /// Returns the origins of `name("https://…", "https://…" = bodies)`, each with its grant, which is empty if there is none.
    pub(crate) fn origins(&self, mistakes: &mut Mistakes) -> Vec<(LitStr, String)> {
        let name = &self.name;
        let usage = format!(
            "`{name}` needs origins: `{name}(\"https://cdn.example.com\", \"https://*.blob.example.com\" = bodies, \
             \"https://upload.example.com\" = credential)`"
        );
        let Value::List(list) = &self.value else {
            mistakes.at(name, usage);
            return Vec::new();
        };
        let mut origins = Vec::new();
        for part in split_at_commas(list.clone()) {
            match origin.parse2(part.clone()) {
                Ok((origin, grant)) => {
                    let known = ["", "bodies", "credential"];
                    let word = grant.as_ref().map(Ident::to_string).unwrap_or_default();
                    if let Some(grant) = grant.filter(|_| !known.contains(&word.as_str())) {
                        mistakes.at(&grant, format!("`{grant}` can't be granted; write `bodies` or `credential`, or only the origin"));
                    }
                    origins.push((origin, word));
                }
                Err(_) => mistakes.at(part, &usage),
            }
        }
        origins
    }

    /// Returns the keys in the parentheses of `name(…)`; none for a `name` alone.
    pub(crate) fn keys(&self, grammar: Grammar, mistakes: &mut Mistakes) -> Keys {
        match &self.value {
            Value::None => Keys::default(),
            Value::List(list) => Keys::parse(list.clone(), grammar, mistakes),
            Value::Is(_) => {
                let name = &self.name;
                mistakes.at(name, format!("`{name}` needs its keys in parentheses: `{name}(…)`"));
                Keys::default()
            }
        }
    }

    /// Returns the value as it is written, and nothing for a key without one.
    pub(crate) fn source(&self) -> String {
        match &self.value {
            Value::None => String::new(),
            Value::Is(value) => source(value),
            Value::List(list) => format!("({})", source(list)),
        }
    }

    /// Returns the tokens of the value of `name = …`.
    pub(crate) fn tokens(&self) -> Option<&TokenStream> {
        match &self.value {
            Value::Is(tokens) if !tokens.is_empty() => Some(tokens),
            _ => None,
        }
    }

    /// Returns the tokens of the value, if it is `name = …`, and reports any other.
    pub(crate) fn assigned(&self, mistakes: &mut Mistakes, example: &str) -> Option<&TokenStream> {
        let tokens = self.tokens();
        if tokens.is_none() {
            let name = &self.name;
            mistakes.at(name, format!("`{name}` needs a value: `{name} = {example}`"));
        }
        tokens
    }

    /// Returns the type of `name = Type`.
    pub(crate) fn ty(&self, mistakes: &mut Mistakes, example: &str) -> Option<syn::Type> {
        self.value(mistakes, example, "a type")
    }

    /// Returns the tokens in the parentheses of `name(…)`.
    pub(crate) fn list(&self) -> Option<&TokenStream> {
        match &self.value {
            Value::List(list) => Some(list),
            Value::None | Value::Is(_) => None,
        }
    }

    /// Whether the key has no value.
    pub(crate) fn has_no_value(&self) -> bool {
        matches!(self.value, Value::None)
    }

    /// Whether the key has a list of values.
    pub(crate) fn has_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Returns the patterns of `name("…", "…")`. A key without a value means every path.
    pub(crate) fn patterns(&self, mistakes: &mut Mistakes) -> Vec<LitStr> {
        match self.value {
            Value::None => vec![LitStr::new("/**", self.name.span())],
            Value::Is(_) | Value::List(_) => self.strings(mistakes),
        }
    }

    /// Checks that the key has no value, and returns `true`.
    pub(crate) fn flag(&self, mistakes: &mut Mistakes) -> bool {
        if !matches!(self.value, Value::None) {
            mistakes.at(&self.name, format!("`{0}` can't have a value; write `{0}` alone", self.name));
        }
        true
    }

    fn value<T: syn::parse::Parse>(&self, mistakes: &mut Mistakes, example: &str, what: &str) -> Option<T> {
        let name = &self.name;
        let Value::Is(value) = &self.value else {
            mistakes.at(name, format!("`{name}` needs a value: `{name} = {example}`"));
            return None;
        };
        match syn::parse2(value.clone()) {
            Ok(value) => Some(value),
            Err(_) if value.is_empty() => {
                mistakes.at(name, format!("`{name}` needs a value: `{name} = {example}`"));
                None
            }
            Err(_) => {
                mistakes.at(value, format!("`{name}` must be {what}: `{name} = {example}`"));
                None
            }
        }
    }
}

fn origin(input: ParseStream<'_>) -> syn::Result<(LitStr, Option<Ident>)> {
    let origin = input.parse()?;
    let grant = input.parse::<Option<Token![=]>>()?.map(|_| input.parse()).transpose()?;
    Ok((origin, grant))
}

fn pair(input: ParseStream<'_>) -> syn::Result<(LitStr, Option<Expr>)> {
    let key = input.parse()?;
    input.parse::<Token![=]>()?;
    let value: Expr = input.parse()?;
    let is_none = matches!(&value, Expr::Path(path) if path.path.is_ident("none"));
    Ok((key, Some(value).filter(|_| !is_none)))
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
    }
}

/// Returns the candidate that `name` is probably a misspelling of.
pub(crate) fn closest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = |candidate: &&str| distance(name, candidate);
    let best = candidates.iter().copied().min_by_key(near)?;
    (near(&best) <= 1 + name.len() / 4).then_some(best)
}

/// Returns the Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_misspelled_key_has_a_suggestion() {
        let keys = ["base_path", "base_url", "hooks", "vendor"];
        let rows = [
            ("bse_url", Some("base_url")),
            ("base_ulr", Some("base_url")),
            ("baseurl", Some("base_url")),
            ("hook", Some("hooks")),
            ("timeout", None),
            ("x", None),
        ];
        for (name, expected) in rows {
            assert_eq!(closest(name, &keys), expected, "{name}");
        }
    }
}
