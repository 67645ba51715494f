//! The text in which a declaration is written down for its descriptor, which reads it (`describe/text.rs`).
//!
//! It is one literal, which costs the compiler next to nothing, whereas a constructor with an argument for everything costs it
//! more than the fn of the operation.

use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::keys::Keys;
use crate::mistakes::Mistakes;
use crate::source::source;

/// Ends a unit, except the last of a record.
const UNIT: char = '\u{1f}';
/// Ends a record, except the last.
const RECORD: char = '\u{1e}';
/// Ends the first of two values.
const VALUE: char = '\u{1d}';

/// A record: a name, and units of a key and a value. Others can follow.
pub(crate) struct Record(String);

impl Record {
    pub(crate) fn new(name: &str) -> Self {
        Self(clean(name))
    }

    /// Units without a name, which are added to a record later.
    pub(crate) fn units() -> Self {
        Self(String::new())
    }

    pub(crate) fn unit(&mut self, key: &str, value: &str) {
        self.0.push(UNIT);
        self.0.extend([key, "=", &clean(value)]);
    }

    /// Adds a unit of two values.
    pub(crate) fn pair(&mut self, key: &str, first: &str, second: &str) {
        self.unit(key, first);
        self.0.push(VALUE);
        self.0.push_str(&clean(second));
    }

    /// Adds the unit, if there is a value.
    pub(crate) fn maybe(&mut self, key: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.unit(key, value.as_ref());
        }
    }

    /// Adds a unit without a value, if it holds.
    pub(crate) fn flag(&mut self, key: &str, holds: bool) {
        self.maybe(key, holds.then_some(""));
    }

    /// Adds the doc comment, if there is one.
    pub(crate) fn docs<'a>(&mut self, attributes: impl IntoIterator<Item = &'a Attribute>) {
        let lines = attributes.into_iter().filter(|attribute| attribute.path().is_ident("doc"));
        let lines = lines.filter_map(|attribute| {
            let Meta::NameValue(pair) = &attribute.meta else { return None };
            let text = text(&pair.value)?;
            Some(text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned())
        });
        let lines: Vec<_> = lines.collect();
        self.maybe("docs", (!lines.is_empty()).then(|| lines.join("\n")));
    }

    /// Adds that it is deprecated, if it is.
    pub(crate) fn deprecated(&mut self, attributes: &[Attribute]) {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.path().is_ident("deprecated"))
        else {
            return;
        };
        self.flag("deprecated", true);
        if let Meta::NameValue(pair) = &attribute.meta {
            self.maybe("note", text(&pair.value));
        } else if let Meta::List(list) = &attribute.meta {
            // rustc reports its mistakes.
            let _ = list.parse_nested_meta(|meta| {
                let value: Expr = meta.value()?.parse()?;
                let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                self.maybe(&key, text(&value));
                Ok(())
            });
        }
    }

    /// Adds the keys of a declaration. Only the mistakes of those that are for the descriptor alone are reported here.
    pub(crate) fn keys(&mut self, keys: &Keys, mistakes: &mut Mistakes) {
        let mut reported = Mistakes::default();
        for key in keys.iter() {
            let name = key.name.to_string();
            match name.as_str() {
                "crate" | "name" => {}
                "scopes" => key.strings(mistakes).iter().for_each(|scope| self.unit("scope", &scope.value())),
                "tags" => key.strings(mistakes).iter().for_each(|tag| self.unit("tag", &tag.value())),
                "fields" | "headers" | "query" => {
                    let place = match name.as_str() {
                        "fields" => "field",
                        "headers" => "header",
                        _ => "query",
                    };
                    for (name, value) in key.pairs(&mut reported) {
                        match value {
                            Some(value) => self.pair(place, &name.value(), &source(&value)),
                            None => self.unit(&format!("no-{place}"), &name.value()),
                        }
                    }
                }
                _ => {
                    if name == "restricted_paths" {
                        let patterns = key.patterns(&mut reported);
                        patterns.iter().for_each(|pattern| self.unit("restricted", &pattern.value()));
                    }
                    self.pair("key", &name, &key.source());
                }
            }
        }
    }

    /// The value of the only unit.
    pub(crate) fn value(&self) -> &str {
        self.0.split_once('=').map_or("", |(_, value)| value)
    }

    /// Adds units.
    pub(crate) fn extend(&mut self, units: &Self) {
        self.0.push_str(&units.0);
    }

    /// Adds another record.
    pub(crate) fn push(&mut self, record: &Self) {
        if !self.0.is_empty() {
            self.0.push(RECORD);
        }
        self.0.push_str(&record.0);
    }
}

impl ToTokens for Record {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The text, if the expression is a string.
pub(crate) fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// A text in which no value, no unit and no record ends.
fn clean(text: &str) -> String {
    let ends = [UNIT, RECORD, VALUE];
    // The search for each is that of the standard library, which is optimized in every build.
    if ends.iter().any(|end| text.contains(*end)) { text.replace(ends, " ") } else { text.to_owned() }
}
