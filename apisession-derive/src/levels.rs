//! The keys that every level has, from attributes to the setters that they call.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Expr;

use crate::header;
use crate::keys::{Key, Keys};
use crate::mistakes::Mistakes;

/// The calls of setters that `keys` stand for: `.timeout(…).header("x-a", "b")`. Limits without a name are named by the
/// `scope`, where it is not known later.
pub(crate) fn setters(keys: &Keys, scope: Option<&str>, mistakes: &mut Mistakes) -> TokenStream {
    let mut setters = TokenStream::new();
    for (name, setter) in [
        ("timeout", quote!(timeout)),
        ("attempt_timeout", quote!(attempt_timeout)),
        ("max_attempts", quote!(max_attempts)),
        ("idle_timeout", quote!(idle_timeout)),
        ("min_throughput", quote!(min_throughput)),
        ("max_body", quote!(max_body)),
        ("error_map", quote!(error_map)),
        ("retry", quote!(retry)),
    ] {
        let example = EXAMPLES.iter().find(|(key, _)| *key == name).map_or("…", |(_, example)| *example);
        if let Some(value) = keys.get(name).and_then(|key| key.expression(mistakes, example)) {
            setters.extend(quote!(.#setter(#value)));
        }
    }
    for (name, setter) in [("retry_on", quote!(retry_on)), ("rejected_on", quote!(rejected_on))] {
        if let Some(statuses) = keys.get(name).and_then(|key| key.statuses(mistakes)) {
            setters.extend(quote!(.#setter(&[#(#statuses),*])));
        }
    }
    for (name, setter) in [("idempotent", quote!(idempotent)), ("gone_is_ok", quote!(gone_is_ok))] {
        if let Some(is_on) = keys.get(name).and_then(|key| key.switch(mistakes)) {
            setters.extend(quote!(.#setter(#is_on)));
        }
    }
    if let Some(limit) = keys.get("rate_limit").and_then(|key| key.expression(mistakes, "RateLimit::new(…)"))
    {
        let named = scope.map(|name| quote!(.or_named(#name)));
        setters.extend(quote!(.rate_limit((#limit) #named)));
    }
    if let Some(key) = keys.get("redirects") {
        setters.extend(redirects(key, mistakes));
    }
    if let Some(key) = keys.get("allowed_origins") {
        let origins = key.strings(mistakes);
        setters.extend(quote!(.allowed_origins(&[#(#origins),*])));
    }
    if let Some(key) = keys.get("headers") {
        setters.extend(headers(key, mistakes));
    }
    if let Some(key) = keys.get("query") {
        for (name, value) in key.pairs(mistakes) {
            setters.extend(match value {
                Some(value) => quote!(.query(#name, &#value)),
                None => quote!(.without_query(#name)),
            });
        }
    }
    if let Some(key) = keys.get("auth") {
        setters.extend(auth(key, mistakes));
    }
    setters
}

/// What stands after `key =` in the message about a value that is missing.
const EXAMPLES: [(&str, &str); 8] = [
    ("timeout", "Duration::from_secs(30)"),
    ("attempt_timeout", "Duration::from_secs(30)"),
    ("max_attempts", "5"),
    ("idle_timeout", "Duration::from_secs(30)"),
    ("min_throughput", "1024"),
    ("max_body", "1024 * 1024"),
    ("error_map", "ErrorMap::new()"),
    ("retry", "RetryPolicy::new()"),
];

/// ```text
/// headers("x-acme-version" = "2026-11", "x-debug" = none)
/// ```
fn headers(key: &Key, mistakes: &mut Mistakes) -> TokenStream {
    let headers = key.pairs(mistakes).into_iter().map(|(name, value)| {
        if let Err(message) = header::check(&name.value()) {
            mistakes.at(&name, message);
        }
        match value {
            Some(value) => quote!(.header(#name, #value)),
            None => quote!(.without_header(#name)),
        }
    });
    headers.collect()
}

/// ```text
/// redirects = off
/// ```
fn redirects(key: &Key, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let max = key.expression(mistakes, "5")?;
    let is_off = matches!(&max, Expr::Path(path) if path.path.is_ident("off"));
    Some(if is_off { quote!(.redirects(0)) } else { quote!(.redirects(#max)) })
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
        let meant = ["none", "session"].into_iter().find(|known| name.eq_ignore_ascii_case(known));
        if let Some(known) = meant {
            mistakes.at(
                &word,
                format!("did you mean `auth = {known}`? `{name}` would be the name of a credential"),
            );
            return None;
        }
        Some(quote!(.credential_named(#name)))
    }
}
