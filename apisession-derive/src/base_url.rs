//! Base URLs: that of a session, which can have variables, and those that endpoints and operations declare.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::keys::Keys;
use crate::mistakes::Mistakes;

/// What the paths of an endpoint or an operation are below: the keys `base_url` and `use_base`.
#[derive(Default)]
pub(crate) struct Below {
    base_url: Option<Expr>,
    use_base: Option<bool>,
}

impl Below {
    /// ```text
    /// #[endpoint(base_url = "https://upload.acme.example", use_base = false)]
    /// #[get(base_url = "https://{subdomain}.acme.example")]
    /// ```
    pub(crate) fn parse(keys: &Keys, mistakes: &mut Mistakes) -> Self {
        let base_url = keys.get("base_url").and_then(|key| key.text(mistakes));
        let use_base = keys.get("use_base").and_then(|key| key.switch(mistakes));
        if let (Some(key), Some(_)) = (keys.get("use_base"), &base_url) {
            mistakes.at(
                &key.name,
                "`use_base` has no effect beside `base_url`, which has no base path; remove one of them",
            );
        }
        if let Some(literal) = literal(base_url.as_ref()) {
            check(literal, mistakes);
            if literal.value().contains(['{', '}']) {
                mistakes
                    .at(literal, "only the `base_url` of a session can have variables; write the whole URL");
            }
        }
        Self { base_url, use_base }
    }

    /// Generates the value, if there is a key.
    pub(crate) fn expand(&self, krate: &TokenStream) -> Option<TokenStream> {
        let private = quote!(#krate::__private);
        match (&self.base_url, self.use_base) {
            (Some(url), _) => Some(quote! {{
                static __BASE: #private::BaseUrl = #private::BaseUrl::new(#url);
                #private::Below::Other(&__BASE)
            }}),
            (None, Some(use_base)) => Some(quote!(#private::Below::Session { use_base: #use_base })),
            (None, None) => None,
        }
    }
}

/// The text, if the expression is a string.
pub(crate) fn literal(url: Option<&Expr>) -> Option<&LitStr> {
    match url {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(literal), .. })) => Some(literal),
        _ => None,
    }
}

/// ```text
/// #[session(base_url = "api.example.com")]
/// ```
pub(crate) fn check(literal: &LitStr, mistakes: &mut Mistakes) {
    let url = literal.value();
    let Some(rest) = without_scheme(&url) else {
        mistakes.at(literal, "`base_url` must start with `https://` or `http://`");
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        let message = "`base_url` can't have a user name or password; return them as a `Credential` from `authenticate`";
        mistakes.at(literal, message);
    }
    if authority.is_empty() {
        mistakes.at(literal, "`base_url` has no host; write one like `https://api.example.com/v1`");
    }
    if rest.contains(['?', '#']) {
        mistakes.at(literal, "`base_url` can't have a query or a fragment; remove everything after the path");
    }
}

fn without_scheme(url: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme))
}

/// The names of the variables. The error is a complete message.
///
/// ```text
/// #[session(base_url = "https://{subdomain.acme.example:{port}")]
/// ```
pub(crate) fn variables(literal: &LitStr) -> Result<Vec<String>, String> {
    let url = literal.value();
    let rest = without_scheme(&url).unwrap_or_default();
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let port = authority.rfind(':');
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(open) = rest[at..].find(['{', '}']).map(|found| at + found) {
        let name =
            rest[open..].strip_prefix('{').and_then(|after| after.split_once('}')).map(|(name, _)| name);
        let name = name.filter(|name| !name.contains('{'));
        let name = name.ok_or("`base_url` has an unmatched brace; write variables as `{name}`")?;
        if syn::Ident::parse_any.parse_str(name).is_err() {
            return Err(format!("`{{{name}}}` in `base_url` is not the name of a field"));
        }
        if open < authority.len() && port.is_some_and(|port| port < open) {
            return Err(format!(
                "`{{{name}}}` can't be the port of `base_url`; a variable can be in the host or in the path"
            ));
        }
        let place = names.partition_point(|other: &String| other.as_str() < name);
        if names.get(place).is_none_or(|other| other != name) {
            names.insert(place, name.to_owned());
        }
        at = open + name.len() + 2;
    }
    Ok(names)
}
