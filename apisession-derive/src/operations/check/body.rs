//! Checks what makes up the body of a request: one value, or fields.

use crate::media_type;
use crate::mistakes::Mistakes;
use crate::operations::parameter::{Parameter, Place};
use crate::operations::parse::Verb;

/// Checks the body of an operation. The places of its parameters are known.
pub(super) fn check(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    method(verb, parameters, mistakes);
    single(parameters, mistakes);
    parts(verb, parameters, mistakes);
    fields_beside(verb, parameters, mistakes);
    styles(verb, parameters, mistakes);
    content_types(parameters, mistakes);
    places(verb, parameters, mistakes);
    compressed(verb, parameters, mistakes);
}

fn is_whole(parameter: &Parameter) -> bool {
    parameter.place.is_whole_body()
}

fn is_field(parameter: &Parameter) -> bool {
    parameter.place == Place::Field
}

/// ```text
/// #[head] pub fn probe(&self, #[json] filter: &Filter) -> Call<()>;
/// ```
fn method(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    if verb.method != "HEAD" {
        return;
    }
    let message = "a HEAD request can't have a body; use `#[query]` or another method";
    if let Some(parameter) = parameters.iter().find(|parameter| parameter.place.is_in_body()) {
        mistakes.at(&parameter.ident, message);
    }
    if let Some((name, _)) = verb.constants.first() {
        mistakes.at(name, message);
    }
}

/// ```text
/// #[post] pub fn create(&self, #[json] event: &Event, #[json] note: &Note) -> Call<Event>;
/// ```
fn single(parameters: &[Parameter], mistakes: &mut Mistakes) {
    let mut bodies = parameters.iter().filter(|parameter| is_whole(parameter));
    let Some(first) = bodies.next() else { return };
    for second in bodies.filter(|second| !first.excludes(second)) {
        mistakes.at(&second.ident, "a request can have only one body; put both values in one struct");
    }
    for field in parameters.iter().filter(|parameter| is_field(parameter) && !first.excludes(parameter)) {
        let body = &first.ident;
        mistakes.at(
            &field.ident,
            format!(
                "`{}` is a field of the body, and `{body}` is the whole body; put the field into the struct of `{body}`, or make all \
                 values fields",
                field.ident
            ),
        );
    }
}

/// ```text
/// #[post] pub fn create(&self, #[part] meta: &Meta, #[json] event: &Event) -> Call<Event>;
/// #[post] pub fn create(&self, #[multipart] upload: &Upload, #[part] note: &str) -> Call<Event>;
/// #[post] pub fn create(&self, #[part] file: Part, #[field] note: &str) -> Call<Event>;
/// ```
fn parts(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let mut parts = parameters.iter().filter(|parameter| parameter.place == Place::Part).peekable();
    if let (Some(part), Some((name, _))) = (parts.peek(), verb.constants.first()) {
        mistakes
            .at(name, format!("`{}` is a part of a multipart body; make this a part as well", part.ident));
    }
    for part in parts {
        let is_other = |other: &&Parameter| {
            other.place.is_in_body() && other.place != Place::Part && !part.excludes(other)
        };
        let Some(Parameter { place, ident: other, .. }) = parameters.iter().find(is_other) else { continue };
        let message = match place {
            Place::Multipart => {
                "the body has its parts from a struct already; make this a field of the struct".to_owned()
            }
            Place::Field => {
                format!("a part can't be beside a field of the body; write `#[part]` before `{other}` too")
            }
            _ => format!(
                "a part can't be beside the whole body `{other}`; write `#[part]` before both, or send only one"
            ),
        };
        mistakes.at(&part.ident, message);
    }
}

/// ```text
/// #[post(form)] pub fn create(&self, #[json] event: &Event) -> Call<Event>;
/// #[put(fields("a" = 1))] pub fn put(&self, #[body("text/plain")] text: &str) -> Call<()>;
/// ```
fn fields_beside(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let whole = parameters.iter().find(|parameter| is_whole(parameter));
    if let Some(form) = &verb.form {
        match whole {
            Some(json) if json.place == Place::Json => mistakes.at(
                form,
                format!("`{}` is JSON, not a form; write `#[form]` before it, or remove `form`", json.ident),
            ),
            _ if whole.is_some() || parameters.iter().any(|parameter| parameter.place == Place::Part) => {
                mistakes.at(form, "`form` is for `#[field]` parameters, of which there are none; remove it");
            }
            _ if verb.constants.is_empty() && !parameters.iter().any(is_field) => {
                mistakes.at(form, "a form needs fields; write `#[field]` before its parameters, or `fields(\"name\" = value)` after `form`");
            }
            _ => {}
        }
    }
    if let (Some(body), Some((name, _))) = (
        whole.filter(|body| matches!(body.place, Place::Body | Place::Multipart | Place::Xml)),
        verb.constants.first(),
    ) {
        mistakes
            .at(name, format!("`{}` is neither JSON nor a form, so no field can be added to it", body.ident));
    }
}

/// ```text
/// #[post] pub fn create(&self, #[field(list = "comma")] tags: &[&str]) -> Call<Event>;
/// #[post] pub fn create(&self, #[field(json)] tags: &[&str]) -> Call<Event>;
/// ```
fn styles(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    if verb.form.is_some() {
        return;
    }
    for parameter in parameters.iter().filter(|parameter| is_field(parameter)) {
        if let Some(json) = &parameter.style.json {
            mistakes.at(
                json,
                "a field of a JSON object is JSON already; remove `json`, or add `form` to the operation",
            );
        }
        if parameter.style.is_plain() {
            continue;
        }
        let message = format!(
            "`{}` is a field of a JSON object, which has lists and objects of its own; remove `list` and `nested`, or add `form` to \
             the operation",
            parameter.ident
        );
        mistakes.at(&parameter.ident, message);
    }
}

/// ```text
/// #[put] pub fn put(&self, #[body] text: &str) -> Call<()>;
/// #[put] pub fn put(&self, #[body("text")] text: &str) -> Call<()>;
/// ```
fn content_types(parameters: &[Parameter], mistakes: &mut Mistakes) {
    // The keys of a part are checked where they are parsed.
    let bodies = parameters.iter().filter(|parameter| parameter.place != Place::Part);
    for Parameter { ident, place, content_type, .. } in bodies {
        match content_type {
            Some(written) => media_type::check(written, mistakes),
            None if *place == Place::Body => {
                let message = format!(
                    "`{ident}` needs a media type: `#[body(\"application/octet-stream\")]`, or the one that the server expects"
                );
                mistakes.at(ident, message);
            }
            None => {}
        }
    }
}

/// ```text
/// #[get(gzip)] pub fn list(&self) -> Call<Vec<Event>>;
/// ```
fn compressed(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let has_body =
        !verb.constants.is_empty() || parameters.iter().any(|parameter| parameter.place.is_in_body());
    if let Some(gzip) = verb.gzip.as_ref().filter(|_| !has_body) {
        let message = "`gzip` compresses the body of the request, and there is none; remove it. Responses are decompressed without it";
        mistakes.at(gzip, message);
    }
}

/// The place of a field, and where it was written.
struct Field<'a> {
    wire: String,
    at: &'a dyn quote::ToTokens,
    parameter: Option<&'a Parameter>,
}

/// ```text
/// #[post] pub fn scale(&self, #[field("/spec")] spec: &Spec, #[field("/spec/replicas")] replicas: u8) -> Call<()>;
/// #[post] pub fn first(&self, #[field("/items/0")] item: &Item) -> Call<()>;
/// #[post(form)] pub fn scale(&self, #[field("/spec/replicas")] replicas: u8) -> Call<()>;
/// ```
fn places(verb: &Verb, parameters: &[Parameter], mistakes: &mut Mistakes) {
    let is_form = verb.form.is_some() || parameters.iter().any(|parameter| parameter.place == Place::Form);
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (name, _) in &verb.constants {
        fields.push(Field { wire: name.value(), at: name, parameter: None });
    }
    for parameter in parameters.iter().filter(|parameter| is_field(parameter)) {
        fields.push(Field { wire: parameter.wire.clone(), at: &parameter.ident, parameter: Some(parameter) });
    }
    for (index, field) in fields.iter().enumerate() {
        if field.wire.starts_with('/')
            && let Err(message) =
                if is_form { Err(pointer_in_form(&field.wire)) } else { pointer(&field.wire) }
        {
            mistakes.at(field.at, message);
            continue;
        }
        let excludes = |other: &Field<'_>| match (field.parameter, other.parameter) {
            (Some(one), Some(other)) => one.excludes(other),
            _ => false,
        };
        // Two parameters of one name are reported where names are checked.
        let is_reported = |other: &Field<'_>| {
            field.parameter.is_some() && other.parameter.is_some() && field.wire == other.wire
        };
        let clash = fields[..index].iter().find(|other| {
            !excludes(other) && !is_reported(other) && overlap(&field.wire, &other.wire, is_form)
        });
        if let Some(other) = clash {
            let (wire, other) = (&field.wire, &other.wire);
            let message = if wire == other {
                format!("the operation already has a field `{wire}`; remove one of the two")
            } else {
                format!(
                    "`{wire}` and `{other}` are the same place, or one is inside of the other; keep one of them"
                )
            };
            mistakes.at(field.at, message);
        }
    }
}

pub(in crate::operations) fn pointer_in_form(text: &str) -> String {
    format!(
        "the pointer `{text}` reaches into a JSON object, and the body is a form, which has none; write the name that is sent, such as \
         `spec[replicas]`"
    )
}

/// Checks a JSON pointer (RFC 6901) of names.
pub(in crate::operations) fn pointer(text: &str) -> Result<(), String> {
    for token in text[1..].split('/') {
        if token.is_empty() {
            return Err(format!("the pointer `{text}` has an empty name; write one like `/spec/replicas`"));
        }
        if token == "-" || token.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!(
                "`{token}` in the pointer `{text}` is an index of a list, and a pointer makes only objects; pass the list as one field"
            ));
        }
        let is_escape = |(at, _): (usize, &str)| token[at + 1..].starts_with(['0', '1']);
        if !token.match_indices('~').all(is_escape) {
            return Err(format!(
                "the pointer `{text}` has a `~` without `0` or `1`; write `~0` for `~`, and `~1` for `/`"
            ));
        }
    }
    Ok(())
}

/// Whether two fields are in the same place, or one is inside of the other.
fn overlap(one: &str, other: &str, is_form: bool) -> bool {
    if is_form {
        return one == other;
    }
    let (one, other) = (as_pointer(one), as_pointer(other));
    one == other || one.starts_with(&format!("{other}/")) || other.starts_with(&format!("{one}/"))
}

fn as_pointer(place: &str) -> String {
    if place.starts_with('/') {
        place.to_owned()
    } else {
        format!("/{}", place.replace('~', "~0").replace('/', "~1"))
    }
}
