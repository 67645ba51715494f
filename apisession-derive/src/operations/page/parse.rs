//! Parses `page = style(…)`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitInt, LitStr, token};

use crate::keys::{self, Grammar, Key, Keys};
use crate::mistakes::Mistakes;
use crate::operations::graphql::{VARIABLES, shown};
use crate::tokens::split_at_commas;

/// How the pages of a list follow each other, as it is declared.
#[derive(Default)]
pub(in crate::operations) struct Pages {
    /// The name of the style.
    pub(super) style: Option<(Kind, Ident)>,
    /// The fn of `next`, or the value of `style`.
    pub(super) value: Option<Expr>,
    pub(super) items: Option<Place>,
    pub(super) param: Option<Place>,
    pub(super) size: Option<Place>,
    pub(super) next: Option<Place>,
    pub(super) more: Option<Place>,
    pub(super) total: Option<Place>,
    pub(super) pages: Option<Place>,
    pub(super) id: Option<Place>,
    /// Where a connection is in the data.
    pub(super) at: Option<LitStr>,
    pub(super) relation: Option<LitStr>,
    pub(super) first: Option<Expr>,
    pub(super) default_size: Option<Expr>,
    pub(super) max_size: Option<Expr>,
    pub(super) past_end: Vec<LitInt>,
    pub(super) empty_ends: bool,
    pub(super) omits_empty: bool,
    pub(super) is_xml: bool,
}

/// A style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connection,
    Cursor,
    LastId,
    Link,
    Next,
    Number,
    Offset,
    Style,
    Url,
}

/// A place in a request or a response: `"text"` or `word("text")`.
pub(super) struct Place {
    pub(super) word: Option<Ident>,
    pub(super) text: LitStr,
}

/// The styles, with their keys.
const STYLES: [(&str, Kind, Grammar); 9] = [
    ("connection", Kind::Connection, keys::PAGE_CONNECTION),
    ("cursor", Kind::Cursor, keys::PAGE_CURSOR),
    ("last_id", Kind::LastId, keys::PAGE_LAST_ID),
    ("link", Kind::Link, keys::PAGE_LINK),
    ("next", Kind::Next, keys::PAGE_NEXT),
    ("number", Kind::Number, keys::PAGE_NUMBER),
    ("offset", Kind::Offset, keys::PAGE_OFFSET),
    ("style", Kind::Style, keys::PAGE_STYLE),
    ("url", Kind::Url, keys::PAGE_URL),
];

impl Pages {
    /// Parses the key. `items` is the key of that name beside it, if there is one.
    pub(in crate::operations) fn parse(
        key: &Key,
        items: Option<&Key>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let usage = "`page` needs a style: `connection(…)`, `cursor(…)`, `last_id(…)`, `link(…)`, `next(…)`, `number(…)`, `offset(…)`, `url(…)`, or \
                     one of your own by `style(…)`";
        let Some(tokens) = key.tokens() else {
            mistakes.at(&key.name, usage);
            return None;
        };
        let Ok((name, list)) = style.parse2(tokens.clone()) else {
            mistakes.at(tokens, usage);
            return None;
        };
        let Some((_, kind, grammar)) = STYLES.iter().find(|(style, ..)| name == style) else {
            mistakes.at(&name, usage);
            return None;
        };
        let mut pages = Self { style: Some((*kind, name.clone())), ..Self::default() };
        let mut parts = split_at_commas(list);
        if matches!(kind, Kind::Next | Kind::Style) {
            let first = parts.first().cloned().filter(|_| !parts.is_empty()).map(syn::parse2::<Expr>);
            match first {
                Some(Ok(value)) if !matches!(value, Expr::Assign(_)) => {
                    parts.remove(0);
                    pages.value = Some(value);
                }
                _ => {
                    let example = if *kind == Kind::Next {
                        "the fn that makes the next request: `next(Scan::after, items = \"/rows\")`"
                    } else {
                        "a value of a type that is a `PageStyle`: `style(UntilLast, items = \"/data\")`"
                    };
                    mistakes.at(&name, format!("`{name}` needs {example}"));
                }
            }
        }
        let keys = Keys::parse(quote!(#(#parts),*), *grammar, mistakes);
        pages.read(&keys, mistakes);
        if let Some(items) = items {
            match pages.items.replace_with(items, mistakes) {
                Some(()) => {}
                None => mistakes.at(&items.name, "`items` is set in `page` already; remove this one"),
            }
        }
        if let (Some(at), None) = (&pages.at, &pages.items) {
            pages.items = Some(Place { word: None, text: in_connection(at, "/nodes") });
        }
        Some(pages)
    }

    fn read(&mut self, keys: &Keys, mistakes: &mut Mistakes) {
        let mut place = |names: &[&str], words: &[&str]| {
            let key = names.iter().find_map(|name| keys.get(name))?;
            Place::parse(key, words, mistakes)
        };
        self.items = place(&["items"], &["values"]);
        self.param = place(&["param", "offset"], &["field", "header"]);
        self.size = place(&["size", "limit"], &["field", "header"]);
        self.next = place(&["next"], &["header"]);
        self.more = place(&["more"], &["header"]);
        self.total = place(&["total"], &["header"]);
        self.pages = place(&["pages"], &["header"]);
        self.id = place(&["id"], &[]);
        self.at = keys.string("at", mistakes);
        if let Some(at) = &self.at {
            self.read_connection(&at.clone());
        }
        self.relation = keys.string("relation", mistakes);
        self.first = keys.expression("first", mistakes, "0");
        self.default_size = keys.expression("default_size", mistakes, "100");
        self.max_size = keys.expression("max_size", mistakes, "1000");
        self.past_end = keys.get("past_end").and_then(|key| key.statuses(mistakes)).unwrap_or_default();
        let mut flag = |name| keys.flag(name, mistakes).is_some();
        (self.empty_ends, self.omits_empty, self.is_xml) =
            (flag("empty_ends"), flag("omits_empty"), flag("xml"));
    }

    /// Sets where a connection has its parts, and the variable for its cursor (GraphQL Cursor Connections).
    fn read_connection(&mut self, at: &LitStr) {
        let place = |member| Some(Place { word: None, text: in_connection(at, member) });
        (self.next, self.more) = (place("/pageInfo/endCursor"), place("/pageInfo/hasNextPage"));
        if self.param.is_none() {
            self.param = Some(Place { word: None, text: LitStr::new("after", at.span()) });
        }
    }

    /// Makes the parameters that have no other place variables.
    pub(in crate::operations) fn make_variables(&mut self) {
        for place in [&mut self.param, &mut self.size].into_iter().flatten() {
            if place.word.is_none() {
                let span = place.text.span();
                place.text = LitStr::new(&variable(&place.text.value()), span);
                place.word = Some(Ident::new("field", span));
            }
        }
    }

    /// The names of the variables that take values of a page.
    pub(in crate::operations) fn variables(&self) -> Vec<String> {
        let places = [&self.param, &self.size].into_iter().flatten();
        places.filter_map(|place| shown(&place.text.value()).map(str::to_owned)).collect()
    }

    pub(super) fn kind(&self) -> Kind {
        self.style.as_ref().map_or(Kind::Style, |(kind, _)| *kind)
    }

    /// The name of the style: `cursor`.
    pub(in crate::operations) fn name(&self) -> String {
        self.style.as_ref().map(|(_, name)| name.to_string()).unwrap_or_default()
    }

    pub(in crate::operations) fn is_xml(&self) -> bool {
        self.is_xml
    }
}

trait ReplaceWith {
    /// Sets the place from a key, unless it is set.
    fn replace_with(&mut self, key: &Key, mistakes: &mut Mistakes) -> Option<()>;
}

impl ReplaceWith for Option<Place> {
    fn replace_with(&mut self, key: &Key, mistakes: &mut Mistakes) -> Option<()> {
        if self.is_some() {
            return None;
        }
        *self = Place::parse(key, &["values"], mistakes);
        Some(())
    }
}

impl Place {
    fn parse(key: &Key, words: &[&str], mistakes: &mut Mistakes) -> Option<Self> {
        let name = &key.name;
        let value = key.expression(mistakes, "\"…\"")?;
        let place = match &value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(Self { word: None, text: text.clone() }),
            Expr::Call(call) => match (&*call.func, call.args.first(), call.args.len()) {
                (Expr::Path(path), Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })), 1) => {
                    let word = path.path.get_ident().filter(|word| words.iter().any(|known| *word == known));
                    word.map(|word| Self { word: Some(word.clone()), text: text.clone() })
                }
                _ => None,
            },
            _ => None,
        };
        if place.is_none() {
            let others: String = words.iter().map(|word| format!(" or `{name} = {word}(\"…\")`")).collect();
            mistakes.at(value, format!("`{name}` must be a string: `{name} = \"…\"`{others}"));
        }
        place
    }

    /// Whether the word before it is this one.
    pub(super) fn is(&self, word: &str) -> bool {
        self.word.as_ref().is_some_and(|own| own == word)
    }
}

fn style(input: ParseStream<'_>) -> syn::Result<(Ident, TokenStream)> {
    let name = input.parse()?;
    if input.is_empty() {
        return Ok((name, TokenStream::new()));
    }
    let list;
    let _: token::Paren = syn::parenthesized!(list in input);
    let list = list.parse()?;
    if input.is_empty() { Ok((name, list)) } else { Err(input.error("expected one style")) }
}

/// The variable that takes a value of a page.
fn variable(name: &str) -> String {
    format!("{VARIABLES}/{name}")
}

/// The place of what a connection has, as text of the source.
fn in_connection(at: &LitStr, member: &str) -> LitStr {
    LitStr::new(&format!("/data{}{member}", at.value()), at.span())
}
