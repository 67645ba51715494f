//! Writes what an operation returns, and the enums of its responses and errors.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parameter::is_json;
use super::{Enum, Parts};
use crate::document::{Document, Operation, Response};
use crate::shape::Shape;

/// Returns the return type.
pub(super) fn write(document: &Document, operation: &Operation, parts: &mut Parts) -> Result<String, String> {
    let of_class =
        |class: char| operation.responses.iter().filter(move |response| response.status.starts_with(class));
    let default = operation.responses.iter().find(|response| response.status == "default");
    let mut successes: Vec<_> = of_class('2').map(|response| Success::of(document, response)).collect();
    let has_success = !successes.is_empty();
    // A document without a success has it as the default.
    if !has_success && of_class('3').next().is_none() {
        successes.extend(default.map(|response| Success::of(document, response)));
    }
    let errors: Vec<_> = of_class('4').chain(of_class('5')).chain(default.filter(|_| has_success)).collect();
    let response = match of_class('3').next() {
        _ if successes.is_empty() && of_class('1').next().is_some() => {
            return Err("the response switches to another protocol".to_owned());
        }
        Some(_) if successes.is_empty() => "Location".to_owned(),
        _ => returned(successes, parts),
    };
    Ok(match error(document, &errors) {
        Some(error) => {
            let returns = format!("Call<{response}, {}>", error.name);
            parts.enums.push(error);
            returns
        }
        None => format!("Call<{response}>"),
    })
}

/// A successful response, and what it is decoded as.
struct Success {
    status: String,
    ty: &'static str,
    media: String,
    schema: Value,
}

impl Success {
    fn of(document: &Document, response: &Response) -> Self {
        let (ty, content) = decoded(document, response);
        let (media, schema) = content.cloned().unwrap_or_default();
        Self { status: response.status.to_lowercase().replace("default", "2xx"), ty, media, schema }
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.ty, &self.schema) == (other.ty, &other.schema)
    }
}

/// Returns the type that a response is decoded as, and the content that it is chosen by.
fn decoded<'a>(document: &Document, response: &'a Response) -> (&'static str, Option<&'a (String, Value)>) {
    let Some(first) = response.contents.first() else { return ("()", None) };
    let find = |is: &dyn Fn(&str) -> bool| response.contents.iter().find(|(media, _)| is(media));
    let is_any =
        |media: &str| media.contains('*') && !first.1.is_null() && !Shape::of(document, &first.1).is_scalar();
    if let Some(content) = find(&is_json).or_else(|| find(&is_any)) {
        ("Value", Some(content))
    } else if let Some(content) =
        find(&|media| media.split(';').next().is_some_and(|essence| essence.ends_with("xml")))
    {
        ("Xml<Model>", Some(content))
    } else if let Some(content) = find(&|media| media.starts_with("text/") && !media.contains("event-stream"))
    {
        ("Text", Some(content))
    } else {
        ("Bytes", Some(first))
    }
}

/// Returns the type of the responses together.
fn returned(successes: Vec<Success>, parts: &mut Parts) -> String {
    let Some(first) = successes.first() else { return "()".to_owned() };
    let usual = ["", "application/json", "application/xml"];
    if successes.iter().all(|success| success.is_like(first)) {
        if matches!(first.ty, "Value" | "Xml<Model>")
            && !usual.contains(&first.media.as_str())
            && !first.media.contains('*')
        {
            parts.keys.push(format!("accept = {:?}", first.media));
        }
        return first.ty.to_owned();
    }
    let full: Vec<_> = successes.iter().filter(|success| success.ty != "()").collect();
    if full.iter().all(|success| success.is_like(full[0])) {
        return format!("Option<{}>", full[0].ty);
    }
    // One variant for each type, with all of its statuses.
    let mut variants: Vec<(&Success, Vec<&str>)> = Vec::new();
    for success in &successes {
        match variants.iter_mut().find(|(other, _)| other.is_like(success)) {
            Some((_, statuses)) => statuses.push(&success.status),
            None => variants.push((success, vec![&success.status])),
        }
    }
    let variant = |(success, statuses): &(&Success, Vec<&str>)| {
        let field = if success.ty == "()" { String::new() } else { format!("({})", success.ty) };
        format!("    #[status({})]\n    S{}{field},\n", statuses.join(", "), statuses[0])
    };
    let text: String = variants.iter().map(variant).collect();
    let named = Enum::new("ApiResponse", "Response", &text);
    let name = named.name.clone();
    parts.enums.push(named);
    name
}

/// Returns the enum of the errors, if the document describes any.
fn error(document: &Document, errors: &[&Response]) -> Option<Enum> {
    // Errors of one status are one, and the same order makes the same enum.
    let mut variants = BTreeMap::new();
    for response in errors {
        let (ty, _) = decoded(document, response);
        let field = match ty {
            "()" => "apisession::Error".to_owned(),
            ty => format!("{ty}, apisession::Error"),
        };
        let status = response.status.to_lowercase();
        let mark = if status == "default" { "default".to_owned() } else { format!("status({status})") };
        variants.insert(format!("S{status}"), format!("    #[{mark}]\n    S{status}({field}),\n"));
    }
    if variants.is_empty() {
        return None;
    }
    let text: String = variants.into_values().collect();
    Some(Enum::new("ApiError", "Error", &format!("{text}    #[other]\n    Other(apisession::Error),\n")))
}

impl Enum {
    fn new(derive: &'static str, prefix: &str, variants: &str) -> Self {
        let fields = variants
            .split("\n    S")
            .skip(1)
            .map(|variant| variant.split([',', ')']).next().unwrap_or_default());
        let words: Vec<_> =
            fields.map(|field| field.replace(|letter: char| !letter.is_ascii_alphanumeric(), "")).collect();
        let name = format!("{prefix}{}", words.join("")).replace("apisessionError", "Plain");
        let text = format!("#[derive(Debug, {derive})]\npub enum {name} {{\n{variants}}}\n");
        Self { derive, name, text }
    }
}
