//! Writes the body of a request. Of several media types, the one that a model is written for most easily wins.

use super::Parts;
use super::parameter::{self, Style, in_parentheses, is_json};
use crate::document::{Body, Content, Operation, Parameter};
use crate::shape::Shape;

pub(super) fn write(operation: &Operation, body: &Body, parts: &mut Parts) -> Result<(), String> {
    if operation.method == "HEAD" {
        return Err("a HEAD request with a body".to_owned());
    }
    let ranks: [fn(&str) -> bool; 6] =
        [is_json, is_form, is_multipart, is_xml, |media| media.starts_with("text/"), |_| true];
    let chosen = ranks.iter().find_map(|is| body.contents.iter().find(|content| is(&content.media)));
    let Some(content) = chosen else { return Ok(()) };
    let media = content.media.as_str();
    let ident = parts.names.give("request_body");
    let optional = |ty: &str| if body.is_required { ty.to_owned() } else { format!("Option<{ty}>") };
    let typed = |usual: &str| {
        let content_type = (media != usual).then(|| format!("content_type = {media:?}"));
        in_parentheses(&content_type.into_iter().collect::<Vec<_>>())
    };
    match media {
        _ if is_json(media) => {
            parts.parameters.push(format!(
                "#[json{}] {ident}: {}",
                typed("application/json"),
                optional("&Value")
            ));
        }
        _ if is_form(media) => form(content, &optional("&Value"), &ident, parts)?,
        _ if is_multipart(media) => multipart(content, &ident, parts),
        _ if is_xml(media) => {
            parts.parameters.push(format!(
                "#[xml{}] {ident}: {}",
                typed("application/xml"),
                optional("&Model")
            ));
        }
        _ => {
            let media = if media.contains('*') { "application/octet-stream" } else { media };
            parts.parameters.push(format!("#[body({media:?})] {ident}: {}", optional("Body")));
        }
    }
    Ok(())
}

fn is_form(media: &str) -> bool {
    media.starts_with("application/x-www-form-urlencoded")
}

fn is_multipart(media: &str) -> bool {
    media.starts_with("multipart/form-data")
}

fn is_xml(media: &str) -> bool {
    media.split(';').next().is_some_and(|essence| essence.ends_with("/xml") || essence.ends_with("+xml"))
}

/// One struct, if all of its fields can have the same style. Otherwise each field has its own.
fn form(content: &Content, ty: &str, ident: &str, parts: &mut Parts) -> Result<(), String> {
    let styles: Vec<_> = content.fields.iter().map(parameter::style).collect();
    if let Some(keys) = common(&content.fields, &styles) {
        parts.parameters.push(format!("#[form{}] {ident}: {ty}", in_parentheses(&keys)));
        return Ok(());
    }
    parts.keys.push("form".to_owned());
    for (field, style) in content.fields.iter().zip(styles) {
        let style = style.unwrap_or_else(|why| {
            parts.by_hand.push(why);
            Style { keys: vec!["encode_with = by_hand".to_owned()], is_value: true }
        });
        let mut keys = vec![format!("{:?}", field.name)];
        keys.extend(style.keys);
        let ty = if style.is_value { "&Value".to_owned() } else { parameter::type_of(&field.shape) };
        push(field, "field", &keys, &ty, parts);
    }
    Ok(())
}

/// Returns the keys of all fields together, if no field would be sent otherwise with the keys of another.
fn common(fields: &[Parameter], styles: &[Result<Style, String>]) -> Option<Vec<String>> {
    const BRACKETS: &str = "list = \"brackets\"";
    const INDICES: &str = "list = \"indices\"";
    let mut all: Vec<&str> = Vec::new();
    for style in styles {
        for key in &style.as_ref().ok()?.keys {
            if key == "json" || key == "flatten" {
                return None;
            }
            let name = key.split(' ').next();
            match all.iter_mut().find(|other| other.split(' ').next() == name) {
                None => all.push(key),
                Some(other) if *other == key => {}
                // Lists of objects need indices, and a server that reads these reads them in other lists too.
                Some(other)
                    if [BRACKETS, INDICES].contains(other) && [BRACKETS, INDICES].contains(&key.as_str()) =>
                {
                    *other = INDICES
                }
                Some(_) => return None,
            }
        }
    }
    let is_list = |key: &str| key.starts_with("list");
    let has_list = all.iter().any(|key| is_list(key));
    let is_repeated = |(field, style): (&Parameter, &Result<Style, String>)| {
        field.shape.has_list() && style.iter().all(|style| !style.keys.iter().any(|key| is_list(key)))
    };
    if has_list && fields.iter().zip(styles).any(is_repeated) {
        return None;
    }
    Some(all.into_iter().map(str::to_owned).collect())
}

fn multipart(content: &Content, ident: &str, parts: &mut Parts) {
    if content.fields.is_empty() {
        parts.parameters.push(format!("#[multipart] {ident}: &AnyParts"));
        return;
    }
    for field in &content.fields {
        let mut keys = vec![format!("{:?}", field.name)];
        let is_text = field.shape.is_scalar() && !field.shape.is_file();
        if let Some(media) =
            field.media.as_deref().filter(|media| !(is_text || field.shape.is_object() && is_json(media)))
        {
            keys.push(format!("content_type = {media:?}"));
        }
        let ty = match &field.shape {
            shape if shape.is_file() && shape.has_list() => "Vec<Part>".to_owned(),
            shape if shape.is_file() => "Part".to_owned(),
            Shape::List(item) if item.is_scalar() => parameter::type_of(&field.shape),
            shape if shape.is_scalar() => parameter::scalar(shape).to_owned(),
            _ => {
                keys.push("json".to_owned());
                "&Value".to_owned()
            }
        };
        push(field, "part", &keys, &ty, parts);
    }
}

fn push(field: &Parameter, attribute: &str, keys: &[String], ty: &str, parts: &mut Parts) {
    let ident = parts.names.give(&field.name);
    let ty = if field.is_required { ty.to_owned() } else { format!("Option<{ty}>") };
    parts.parameters.push(format!("#[{attribute}({})] {ident}: {ty}", keys.join(", ")));
}
