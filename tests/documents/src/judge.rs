//! Asks the macros whether they accept a declaration.

use apisession_documents_macros as macros;
use proc_macro2::{TokenStream, TokenTree};

use crate::declare::Declaration;

/// Returns the messages of the macros about a declaration: none, if they accept it.
#[must_use]
pub fn mistakes(declaration: &Declaration) -> Vec<String> {
    let mut mistakes = endpoint(&format!("impl Endpoint {{\n{}}}", declaration.item));
    for named in &declaration.enums {
        let derive = if named.derive == "ApiError" { macros::api_error } else { macros::api_response };
        mistakes.extend(run(&named.text, derive));
    }
    mistakes
}

/// Returns the messages about the impl of an endpoint.
#[must_use]
pub fn endpoint(text: &str) -> Vec<String> {
    run(text, |item| macros::endpoint(TokenStream::new(), item))
}

/// Returns the messages about a session.
#[must_use]
pub fn session(text: &str) -> Vec<String> {
    run(text, macros::session)
}

fn run(text: &str, run: fn(TokenStream) -> TokenStream) -> Vec<String> {
    match text.parse() {
        Ok(item) => errors(run(item)),
        Err(error) => vec![format!("{error}: {text}")],
    }
}

/// Returns the text of each `compile_error!`.
fn errors(output: TokenStream) -> Vec<String> {
    let mut errors = Vec::new();
    let mut is_error = false;
    for token in output {
        match token {
            TokenTree::Ident(ident) => is_error = ident == "compile_error",
            TokenTree::Punct(_) => {}
            TokenTree::Group(group) if is_error => {
                errors.push(group.stream().to_string().trim_matches('"').replace("\\\"", "\""));
                is_error = false;
            }
            TokenTree::Group(group) => errors.extend(self::errors(group.stream())),
            TokenTree::Literal(_) => is_error = false,
        }
    }
    errors
}
