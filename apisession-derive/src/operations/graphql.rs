//! `#[graphql(…)]`: the document, the place of the data, and the checks. Above a rule is a sample of an input that breaks it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, LitStr};

use super::page::Pages;
use super::parameter::{Parameter, Place};
use super::parse::Verb;
use crate::keys::Keys;
use crate::mistakes::Mistakes;

/// Where the variables are in the body of the request.
pub(super) const VARIABLES: &str = "/variables";

/// An operation of GraphQL.
pub(super) struct GraphQl {
    text: Source,
    /// Which operation of the document is called.
    operation: Option<LitStr>,
    /// Where the data are in `data`.
    data: Option<LitStr>,
}

enum Source {
    Text(LitStr),
    File(LitStr),
}

impl GraphQl {
    /// ```text
    /// #[graphql] pub fn get(&self) -> Call<User>;
    /// #[graphql("{ a }", file = "src/user.graphql")] pub fn get(&self) -> Call<User>;
    /// #[graphql("{ a }", data = "user")] pub fn get(&self) -> Call<User>;
    /// #[graphql("{ a }", data = "/users", page = connection(at = "/users"))] pub fn list(&self) -> Pager<User>;
    /// ```
    pub(super) fn parse(attribute: &Attribute, keys: &Keys, mistakes: &mut Mistakes) -> Option<Self> {
        let file = keys.get("file").map(|key| key.string(mistakes));
        let text = match (keys.text.clone(), file) {
            (Some(text), None) => Source::Text(text),
            (None, Some(file)) => Source::File(file?),
            (Some(_), Some(file)) => {
                let message = "the document is written here already; remove it, or `file`";
                if let Some(file) = file {
                    mistakes.at(file, message);
                }
                return None;
            }
            (None, None) => {
                let message = "`graphql` needs a document: `#[graphql(\"query User($id: ID!) { … }\")]`, or one in a file: \
                               `#[graphql(file = \"src/user.graphql\")]`";
                mistakes.at(attribute, message);
                return None;
            }
        };
        let operation = keys.string("operation", mistakes);
        let data = keys.string("data", mistakes);
        if let Some(data) = data.as_ref().filter(|data| !is_pointer(&data.value())) {
            mistakes.at(
                data,
                "this is no pointer into the data; it begins with a slash, as in `data = \"/user\"`",
            );
        }
        if let (Some(data), Some(_)) = (&data, keys.get("page")) {
            mistakes.at(data, "the items of a page have a place of their own, in `page`; remove `data`");
        }
        Some(Self { text, operation, data })
    }

    /// The place of the value in the body.
    pub(super) fn data(&self) -> String {
        format!("/data{}", self.data.as_ref().map(LitStr::value).unwrap_or_default())
    }

    /// Generates the document, checked against the variables that are set.
    pub(super) fn document(
        &self,
        krate: &TokenStream,
        parameters: &[Parameter],
        pages: Option<&Pages>,
    ) -> TokenStream {
        let mut variables = Vec::new();
        for parameter in parameters.iter().filter(|parameter| parameter.place == Place::Field) {
            variables.extend(shown(&parameter.wire).map(str::to_owned));
        }
        variables.extend(pages.map(Pages::variables).unwrap_or_default());
        let are_all = !parameters.iter().any(|parameter| parameter.wire == VARIABLES);
        let operation = match &self.operation {
            Some(operation) => quote!(::core::option::Option::Some(#operation)),
            None => quote!(::core::option::Option::None),
        };
        let (text, span) = match &self.text {
            Source::Text(text) => (quote!(#text), text.span()),
            Source::File(file) => {
                // The span makes a file that does not exist be reported where the author named it.
                let included = quote_spanned! {file.span()=>
                    ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #file))
                };
                (included, file.span())
            }
        };
        // The spans make the compiler underline the document, or the name of its file, if it can't be sent.
        let of = quote!(#krate::GraphQlDocument::new);
        let of = of.into_iter().map(|mut token| {
            token.set_span(span);
            token
        });
        let of: TokenStream = of.collect();
        let new = quote_spanned!(span=> #of(#text, #operation, &[#(#variables),*], #are_all));
        quote!(.with_graphql(const { &#new }))
    }
}

fn is_pointer(text: &str) -> bool {
    let is_escape = |(at, _): (usize, &str)| text[at + 1..].starts_with(['0', '1']);
    text.starts_with('/') && text.match_indices('~').all(is_escape)
}

/// Makes the parameters without a place variables.
pub(super) fn place(parameter: &mut Parameter) -> Place {
    parameter.wire = format!("{VARIABLES}/{}", parameter.wire);
    Place::Field
}

/// What `#[variable]` and `#[variables]` make the place of a parameter in the body.
pub(super) fn marked(attribute: &str, wire: &str) -> Option<String> {
    match attribute {
        "variable" => Some(format!("{VARIABLES}/{wire}")),
        "variables" => Some(VARIABLES.to_owned()),
        _ => None,
    }
}

/// ```text
/// #[get] pub fn list(&self, #[variable] id: u64) -> Call<Vec<Event>>;
/// #[graphql("{ a }")] pub fn get(&self, #[json] user: &User) -> Call<User>;
/// #[graphql("{ a }")] pub fn get(&self, #[variables] of: &Of, id: u64) -> Call<User>;
/// ```
pub(super) fn check(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let is_marked = |parameter: &Parameter| {
        parameter.marked.as_ref().filter(|(_, name)| *name == "variable" || *name == "variables").cloned()
    };
    if verb.graphql.is_none() {
        for (_, name) in parameters.iter().filter_map(is_marked) {
            mistakes.at(
                &name,
                format!("`{name}` is for operations of GraphQL; write `#[graphql(\"…\")]` above the fn, or remove it"),
            );
        }
        return;
    }
    for parameter in parameters {
        if parameter.place.is_in_body() && parameter.place != Place::Field {
            let message = "the body of a GraphQL request is its document with the variables; remove the attribute for a variable, or write \
                           `#[variables]` for a struct of all of them";
            match &parameter.marked {
                Some((_, attribute)) => mistakes.at(attribute, message),
                None => mistakes.at(&parameter.ident, message),
            }
        }
        let own = ["query", "operationName", "/query", "/operationName"];
        if parameter.place == Place::Field && own.contains(&parameter.wire.as_str()) {
            let message = "the document and its operation are set already; a variable has no attribute, or `#[variable]`";
            mistakes.at(&parameter.ident, message);
        }
    }
}

/// The name without its place: of a variable, for messages and docs.
pub(super) fn shown(wire: &str) -> Option<&str> {
    wire.strip_prefix(VARIABLES)?.strip_prefix('/')
}
