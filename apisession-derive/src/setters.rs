//! Turns the keys of an attribute into calls of setters.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::header;
use crate::keys::{Key, Keys};
use crate::mistakes::Mistakes;
use crate::settings::{Kind, Setting};

/// Returns the calls of setters for `keys`: `.timeout(…).header("x-a", "b")`. A rate limit without a name gets the name
/// `scope`; with `None` it gets its name later.
pub(crate) fn setters(
    settings: &[&[Setting]],
    keys: &Keys,
    scope: Option<&str>,
    mistakes: &mut Mistakes,
) -> TokenStream {
    let mut calls = TokenStream::new();
    // In source order, so that mistakes are reported in that order.
    for key in keys.iter() {
        // As text, since each comparison with an identifier makes one.
        let name = key.name.to_string();
        let setting = settings.iter().find_map(|settings| settings.iter().find(|other| other.key == name));
        calls.extend(setting.and_then(|setting| setter_calls(setting, key, scope, mistakes)));
    }
    calls
}

fn setter_calls(
    setting: &Setting,
    key: &Key,
    scope: Option<&str>,
    mistakes: &mut Mistakes,
) -> Option<TokenStream> {
    let setter = Ident::new(setting.setters.first()?, Span::mixed_site());
    Some(match setting.kind {
        Kind::Auth => auth(key, mistakes)?,
        Kind::Expression => {
            let value = key.expression(mistakes, setting.example)?;
            quote!(.#setter(#value))
        }
        Kind::Headers => headers(key, mistakes),
        Kind::Origins => {
            let origins = key.origins(mistakes).into_iter().map(|(origin, grant)| quote!((#origin, #grant)));
            quote!(.#setter([#(#origins),*]))
        }
        Kind::Names => {
            let names = names(key, mistakes);
            quote!(.#setter(&[#(#names),*]))
        }
        Kind::Patterns => {
            let patterns = key.patterns(mistakes);
            quote!(#(.#setter(#patterns))*)
        }
        Kind::Query => query(key, mistakes),
        Kind::RateLimit => {
            let limit = key.expression(mistakes, setting.example)?;
            let named = scope.map(|name| quote!(.or_named(#name)));
            quote!(.#setter((#limit) #named))
        }
        Kind::Redirects => {
            let max = key.expression(mistakes, setting.example)?;
            let is_off = matches!(&max, Expr::Path(path) if path.path.is_ident("off"));
            if is_off { quote!(.#setter(0)) } else { quote!(.#setter(#max)) }
        }
        Kind::Scope => {
            let scope = scope_text(key, mistakes)?;
            quote!(.#setter(#scope))
        }
        Kind::Statuses => {
            let statuses = key.statuses(mistakes)?;
            quote!(.#setter(&[#(#statuses),*]))
        }
        Kind::Switch => {
            let is_on = key.switch(mistakes)?;
            quote!(.#setter(#is_on))
        }
        Kind::Text => {
            let text = key.text(mistakes)?;
            quote!(.#setter(#text))
        }
        Kind::None => return None,
    })
}

/// ```text
/// headers("x-acme-version" = "2026-11", "x-debug" = none)
/// ```
fn headers(key: &Key, mistakes: &mut Mistakes) -> TokenStream {
    let mut calls = TokenStream::new();
    for (name, value) in key.pairs(mistakes) {
        if let Err(message) = header::check(&name.value()) {
            mistakes.at(&name, message);
        }
        calls.extend(match value {
            Some(value) => quote!(.header(#name, #value)),
            None => quote!(.without_header(#name)),
        });
    }
    calls
}

/// ```text
/// query("locale" = "en", "debug" = none)
/// ```
fn query(key: &Key, mistakes: &mut Mistakes) -> TokenStream {
    let mut calls = TokenStream::new();
    for (name, value) in key.pairs(mistakes) {
        calls.extend(match value {
            Some(value) => quote!(.query(#name, &(#value))),
            None => quote!(.without_query(#name)),
        });
    }
    calls
}

/// ```text
/// redact("x-account", "/customer/email")
/// redact_allow("x-plan", "/items/*/name")
/// redact_allow("authorization")
/// ```
fn names(key: &Key, mistakes: &mut Mistakes) -> Vec<LitStr> {
    let names = key.strings(mistakes);
    for name in &names {
        let text = name.value();
        let (above, _) = text.rsplit_once('/').unwrap_or_default();
        if text.trim().is_empty() {
            mistakes.at(
                name,
                "the name is empty; name a header, a query parameter, a field, or a JSON pointer such as `/items/*/name`",
            );
        } else if key.name == "redact_allow"
            && CREDENTIALS.iter().any(|other| other.eq_ignore_ascii_case(&text))
        {
            mistakes
                .at(name, format!("`{text}` is a header with a credential, which is never shown; remove it"));
        } else if text.starts_with('/') && above.split('/').any(|segment| segment == "**") {
            mistakes.at(
                name,
                "`**` must be at the end of a pointer; `*` stands for one segment, and `**` for all that follow",
            );
        }
    }
    names
}

/// The headers that `redact_allow` can't show.
const CREDENTIALS: [&str; 5] = ["authorization", "cookie", "cookie2", "proxy-authorization", "set-cookie"];

/// ```text
/// scope = "shelf:{name}:read"
/// scope = "shelf:{name:read"
/// ```
fn scope_text(key: &Key, mistakes: &mut Mistakes) -> Option<Expr> {
    let text = key.text(mistakes)?;
    if let Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) = &text {
        let scope = literal.value();
        let mut parts = scope.split('{');
        let start = parts.next().unwrap_or_default();
        let is_closed = |part: &str| {
            part.split_once('}').is_some_and(|(name, rest)| !name.trim().is_empty() && !rest.contains('}'))
        };
        if scope.trim().is_empty() {
            mistakes.at(literal, "the scope is empty; leave it out for the one that the server asks for");
        } else if start.contains('}') || !parts.all(is_closed) {
            mistakes.at(literal, "a placeholder in the scope is not closed or not named; write `{name}`");
        }
    }
    Some(text)
}

/// Returns the credential that `auth = NAME` selects by its name. Its mistakes are reported by [`setters`].
pub(crate) fn selected(keys: &Keys) -> Option<String> {
    let word = keys.get("auth")?.word(&mut Mistakes::default(), "none")?.to_string();
    (word != "none" && word != "session").then_some(word)
}

/// ```text
/// auth = none
/// auth = session
/// auth = admin
/// ```
fn auth(key: &Key, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let word = key.word(mistakes, "none")?;
    if word == "none" {
        Some(quote!(.without_credential()))
    } else if word == "session" {
        Some(quote!(.session_credential()))
    } else {
        let name = word.to_string();
        let keyword = ["none", "session"].into_iter().find(|known| name.eq_ignore_ascii_case(known));
        if let Some(known) = keyword {
            mistakes.at(&word, format!("`auth = {name}` names a credential; did you mean `auth = {known}`?"));
            return None;
        }
        Some(quote!(.credential_named(#name)))
    }
}
