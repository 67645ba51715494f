//! Checks `page`: one fn for each rule. Above a fn is a sample of an input that breaks the rule.

use quote::ToTokens;
use syn::Signature;
use syn::ext::IdentExt;

use super::parse::{Kind, Pages, Place};
use crate::header;
use crate::mistakes::Mistakes;
use crate::operations::check::{self, body};
use crate::operations::parameter::{Parameter, Place as ParameterPlace};
use crate::operations::parse::Verb;
use crate::operations::pointer;

/// Why a `Pager` can't be returned without the key `page`.
pub(in crate::operations) const UNDECLARED: &str = "a `Pager` has to know how its pages follow each other; write `page = …` above it, such as `page = cursor(items = \"/data\", next = \
     \"/next\", param = \"after\")`";

/// Checks the pages of an operation. The places of its parameters are known.
pub(in crate::operations) fn check(
    verb: &Verb,
    pages: &Pages,
    sig: &Signature,
    parameters: &[Parameter],
    mistakes: &mut Mistakes,
) {
    needs(pages, mistakes);
    connection(verb, pages, mistakes);
    pointers(pages, mistakes);
    headers(pages, mistakes);
    fields(verb, pages, parameters, mistakes);
    sizes(pages, mistakes);
    xml(pages, mistakes);
    if pages.kind() == Kind::Next && pages.value.is_some() && request_parameter(parameters).is_none() {
        let message = format!(
            "`next` makes the next request from the last, and no parameter of `{}` is that request; write `#[json]` before a `&Request`, \
             `#[form]`, or `#[query(flatten)]`",
            sig.ident
        );
        mistakes.at(&pages.value, message);
    }
    setters(parameters, mistakes);
}

/// The parameter from which the fn of `next` makes the next request.
pub(super) fn request_parameter(parameters: &[Parameter]) -> Option<&Parameter> {
    let is_whole = |parameter: &&Parameter| {
        matches!(parameter.place, ParameterPlace::Json | ParameterPlace::Form)
            || parameter.place == ParameterPlace::Query && parameter.style.nested == Some("Flat")
    };
    let mut requests = parameters.iter().filter(is_whole);
    let first = requests.next().filter(|parameter| !parameter.has_setter() && parameter.gates.is_empty())?;
    requests.next().is_none().then_some(first)
}

/// ```text
/// #[get(page = cursor(items = "/data"))] pub fn list(&self) -> Pager<Event>;
/// ```
fn needs(pages: &Pages, mistakes: &mut Mistakes) {
    let Some((kind, name)) = &pages.style else { return };
    let needed: &[(&str, bool, &str)] = match kind {
        Kind::Connection => &[(
            "at",
            pages.at.is_none(),
            "where the connection is in the data: `at = \"/viewer/repositories\"`",
        )],
        Kind::Cursor => &[
            (
                "next",
                pages.next.is_none(),
                "where a page has the cursor of the next: `next = \"/meta/next\"`",
            ),
            ("param", pages.param.is_none(), "the parameter that takes the cursor: `param = \"after\"`"),
        ],
        Kind::LastId => &[
            ("id", pages.id.is_none(), "where an item has its id: `id = \"/id\"`"),
            ("param", pages.param.is_none(), "the parameter that takes the id: `param = \"starting_after\"`"),
        ],
        Kind::Number => {
            &[("param", pages.param.is_none(), "the parameter that takes the number: `param = \"page\"`")]
        }
        Kind::Offset => {
            &[("offset", pages.param.is_none(), "the parameter that takes the offset: `offset = \"offset\"`")]
        }
        Kind::Url => {
            &[("next", pages.next.is_none(), "where a page has the URL of the next: `next = \"/next\"`")]
        }
        Kind::Link | Kind::Next | Kind::Style => &[],
    };
    for (_, _, what) in needed.iter().filter(|(_, is_missing, _)| *is_missing) {
        mistakes.at(name, format!("`{name}` needs {what}"));
    }
    if pages.items.is_none() && *kind != Kind::Connection {
        let message = format!(
            "`{name}` needs the place of the items: `items = \"/data\"`, or `items = \"\"` for a body that is the list"
        );
        mistakes.at(name, message);
    }
}

/// ```text
/// #[get(page = connection(at = "/users"))] pub fn list(&self) -> Pager<User>;
/// #[graphql("…", page = connection(at = "users"))] pub fn list(&self) -> Pager<User>;
/// ```
fn connection(verb: &Verb, pages: &Pages, mistakes: &mut Mistakes) {
    let Some((Kind::Connection, name)) = &pages.style else { return };
    if verb.graphql.is_none() {
        mistakes.at(name, "a connection is a list of GraphQL; write `#[graphql(\"…\")]`, or use another style, such as `cursor(…)`");
    }
    if let Some(at) = pages.at.as_ref().filter(|at| !at.value().starts_with('/')) {
        mistakes.at(
            at,
            "this is no pointer into the data; it begins with a slash, as in `at = \"/viewer/repositories\"`",
        );
    }
}

/// ```text
/// #[get(page = link(items = "data"))] pub fn list(&self) -> Pager<Event>;
/// ```
fn pointers(pages: &Pages, mistakes: &mut Mistakes) {
    let facts = [&pages.next, &pages.more, &pages.total, &pages.pages, &pages.id];
    let in_body = |place: &&Place| !place.is("header");
    for place in facts.into_iter().chain([&pages.items]).flatten().filter(in_body) {
        if let Err(message) = pointer::check(&place.text.value()) {
            mistakes.at(&place.text, message);
        }
    }
    for place in facts.into_iter().flatten().filter(in_body).filter(|place| place.text.value().is_empty()) {
        mistakes.at(
            &place.text,
            "this is the whole body; write the pointer to the value in it, such as `\"/meta/next\"`",
        );
    }
}

/// ```text
/// #[get(page = link(items = "", total = header("x total")))] pub fn list(&self) -> Pager<Event>;
/// ```
fn headers(pages: &Pages, mistakes: &mut Mistakes) {
    let places = [&pages.next, &pages.more, &pages.total, &pages.pages, &pages.param, &pages.size];
    for place in places.into_iter().flatten().filter(|place| place.is("header")) {
        if let Err(message) = header::check(&place.text.value()) {
            mistakes.at(&place.text, message);
        }
    }
}

/// ```text
/// #[get(page = offset(offset = field("/items/0"), items = ""))] pub fn list(&self) -> Pager<Event>;
/// #[head(page = offset(offset = field("offset"), items = ""))] pub fn list(&self) -> Pager<Event>;
/// ```
fn fields(verb: &Verb, pages: &Pages, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let is_form =
        verb.form.is_some() || parameters.iter().any(|parameter| parameter.place == ParameterPlace::Form);
    let other_body = parameters.iter().find(|parameter| {
        matches!(
            parameter.place,
            ParameterPlace::Body | ParameterPlace::Multipart | ParameterPlace::Part | ParameterPlace::Xml
        )
    });
    for place in [&pages.param, &pages.size].into_iter().flatten() {
        let text = place.text.value();
        if text.is_empty() {
            mistakes.at(&place.text, "the name is empty; write that of the parameter");
        }
        if !place.is("field") {
            continue;
        }
        if verb.method == "HEAD" {
            mistakes
                .at(&place.word, "a HEAD request can't have a body; use a query parameter or another method");
        }
        if let Some(body) = other_body {
            let message =
                format!("`{}` is neither JSON nor a form, so no field can be added to it", body.ident);
            mistakes.at(&place.word, message);
        }
        if text.starts_with('/') && is_form {
            mistakes.at(&place.text, body::pointer_in_form(&text));
        } else if text.starts_with('/')
            && let Err(message) = body::pointer(&text)
        {
            mistakes.at(&place.text, message);
        }
    }
}

/// ```text
/// #[get(page = link(items = "", default_size = 100))] pub fn list(&self) -> Pager<Event>;
/// ```
fn sizes(pages: &Pages, mistakes: &mut Mistakes) {
    let size = if pages.kind() == Kind::Offset { "limit" } else { "size" };
    for value in [&pages.default_size, &pages.max_size].into_iter().flatten().filter(|_| pages.size.is_none())
    {
        let message = format!("no parameter takes the size of a page; write `{size} = \"per_page\"` as well");
        mistakes.at(value.to_token_stream(), message);
    }
}

/// ```text
/// #[get(page = last_id(items = "/Item", id = "/Id", param = "after", xml))] pub fn list(&self) -> Pager<Item>;
/// ```
fn xml(pages: &Pages, mistakes: &mut Mistakes) {
    let Some((_, name)) = pages.style.as_ref().filter(|_| pages.is_xml) else { return };
    let Some(items) = &pages.items else { return };
    if items.is("values") {
        mistakes.at(&items.word, "in XML there are no values of an object; write the place of the elements");
    } else if items.text.value().is_empty() {
        mistakes.at(
            &items.text,
            "the items are elements inside of the root; write their place, such as `\"/Contents\"`",
        );
    }
    if pages.id.is_some() {
        mistakes.at(name, "the id of the last item is read from JSON; use `cursor` for a page of XML");
    }
}

/// The methods of every pager, which a setter can't have the name of.
const TAKEN: [&str; 7] = ["block", "build", "call", "items", "pages", "to_pager", "try_collect"];

/// ```text
/// #[get(page = link(items = ""))] pub fn list(&self, items: Option<u32>) -> Pager<Event>;
/// ```
fn setters(parameters: &[Parameter], mistakes: &mut Mistakes) {
    for parameter in parameters.iter().filter(|parameter| parameter.has_setter()) {
        let name = parameter.ident.unraw().to_string();
        if TAKEN.contains(&name.as_str()) {
            let wire = &parameter.wire;
            let advice = match check::renamed(parameter, wire) {
                Some(attribute) => format!("rename the parameter, and send it as `{wire}`: `{attribute}`"),
                None => "rename the parameter, whose name is not sent".to_owned(),
            };
            mistakes.at(&parameter.ident, format!("a pager already has a method `{name}`; {advice}"));
        }
    }
}
