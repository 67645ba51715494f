//! Checks the names and styles of parameters in the path, in headers and in cookies. Above a fn is a sample of an input that breaks the
//! rule.

use crate::header;
use crate::mistakes::Mistakes;
use crate::operations::parameter::{Parameter, Place};
use crate::template::Template;

/// ```text
/// #[get] pub fn list(&self, #[cookie("a b")] theme: &str) -> Call<Vec<Event>>;
/// ```
pub(super) fn cookies(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for Parameter { ident, wire, .. } in
        parameters.iter().filter(|parameter| parameter.place == Place::Cookie)
    {
        if !header::is_token(wire) {
            mistakes.at(ident, format!("`{wire}` is not a valid name of a cookie; write one like `theme`"));
        }
    }
}

/// ```text
/// #[put] pub fn put(&self, #[headers(prefix = "x meta ")] meta: &BTreeMap<String, String>) -> Call<()>;
/// ```
pub(super) fn prefixes(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for prefix in parameters.iter().filter_map(|parameter| parameter.prefix.as_ref()) {
        if !header::is_token(&prefix.value()) {
            let message = format!(
                "{:?} can't begin the name of a header; write a prefix like `\"x-amz-meta-\"`",
                prefix.value()
            );
            mistakes.at(prefix, message);
        }
    }
}

/// ```text
/// #[get("/files/{path+}")] pub fn get(&self, #[path(list = "comma")] path: &[&str]) -> Call<Bytes>;
/// ```
pub(super) fn lists_in_path(template: &Template, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let has_list = |parameter: &&Parameter| parameter.place == Place::Path && parameter.style.list.is_some();
    for Parameter { ident, wire, .. } in parameters.iter().filter(has_list) {
        if template.is_greedy(wire) {
            let message = format!(
                "a list is joined by slashes in `{{{wire}+}}`; write `{{{wire}}}` in the path, or remove `list`"
            );
            mistakes.at(ident, message);
        }
    }
}
