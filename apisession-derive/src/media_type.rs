//! Checks media types.

use syn::LitStr;

use crate::mistakes::Mistakes;

/// ```text
/// #[body("text")]
/// ```
pub(crate) fn check(written: &LitStr, mistakes: &mut Mistakes) {
    let text = written.value();
    if !is_media_type(&text) {
        mistakes.at(written, format!("{text:?} is no media type; write one like `text/plain`"));
    }
}

/// Whether the text is `type/subtype`, perhaps with parameters (RFC 9110 §8.3.1).
fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+*".contains(c))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
        && text.chars().all(|c| matches!(c, ' '..='~'))
}
