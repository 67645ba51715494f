//! Writes a parameter in the query, in a header or in a cookie, and a field of a form.

use super::Parts;
use crate::document::Parameter;
use crate::shape::Shape;

pub(super) fn write(parameter: &Parameter, parts: &mut Parts) -> Result<(), String> {
    let Parameter { name, place, .. } = parameter;
    let ident = parts.names.give(name);
    let style = match style(parameter) {
        Ok(style) => style,
        Err(why) => {
            parts.by_hand.push(why);
            Style { keys: vec!["encode_with = by_hand".to_owned()], is_value: true }
        }
    };
    let mut keys = style.keys;
    match place.as_str() {
        "query" if ident.trim_start_matches("r#") != name => keys.push(format!("rename = {name:?}")),
        "query" => {}
        "header" | "cookie" => keys.insert(0, format!("{name:?}")),
        _ => return Err(format!("`{name}` is in {place:?}, which is no place")),
    }
    let ty = if style.is_value { "&Value".to_owned() } else { type_of(&parameter.shape) };
    let ty = if parameter.is_required { ty } else { format!("Option<{ty}>") };
    parts.parameters.push(format!("#[{place}{}] {ident}: {ty}", in_parentheses(&keys)));
    Ok(())
}

/// The keys that encode a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) keys: Vec<String>,
    /// Whether the value has a type of its own.
    pub(super) is_value: bool,
}

/// Returns the keys that encode the value of a parameter or a field.
///
/// # Errors
///
/// Fails with what the grammar has no key for.
pub(super) fn style(parameter: &Parameter) -> Result<Style, String> {
    let Parameter { name, shape, explode, .. } = parameter;
    let plain = |keys: &[&str]| {
        let is_value = !shape.is_scalar() && !matches!(shape, Shape::List(item) if item.is_scalar());
        Ok(Style { keys: keys.iter().map(|key| (*key).to_owned()).collect(), is_value })
    };
    if let Some(media) = &parameter.media {
        return match media {
            _ if is_json(media) && parameter.place != "cookie" => {
                Ok(Style { keys: vec!["json".to_owned()], is_value: true })
            }
            _ if shape.is_scalar() => plain(&[]),
            _ => Err(format!("`{name}` is sent as {media}")),
        };
    }
    if shape.is_scalar() {
        return plain(&[]);
    }
    let is_nested = shape.is_object() || shape.has_deep_list();
    match (parameter.place.as_str(), parameter.style.as_str()) {
        ("header", "simple") if !is_nested => plain(&[]),
        ("header" | "cookie", style) => {
            Err(format!("`{name}` in a {} is a list or an object in the style {style}", parameter.place))
        }
        (_, "deepObject") if shape.has_deep_list() => plain(&["nested = \"brackets\"", "list = \"indices\""]),
        (_, "deepObject") if is_nested && shape.has_list() => {
            plain(&["nested = \"brackets\"", "list = \"brackets\""])
        }
        (_, "deepObject") if is_nested => plain(&["nested = \"brackets\""]),
        (_, "deepObject") => plain(&["list = \"brackets\""]),
        (_, "form")
            if *explode && matches!(shape, Shape::Object(_)) && !shape.has_deep_list() && !deep(shape) =>
        {
            plain(&["flatten"])
        }
        (_, style) if is_nested => {
            let explode = if *explode { ", exploded" } else { "" };
            Err(format!("`{name}` is an object or a list of objects in the style {style}{explode}"))
        }
        (_, "form" | "spaceDelimited" | "pipeDelimited") if *explode => plain(&[]),
        (_, "form") => plain(&["list = \"comma\""]),
        (_, "spaceDelimited") => plain(&["list = \"spaces\""]),
        (_, "pipeDelimited") => plain(&["list = \"pipes\""]),
        (_, style) => Err(format!("`{name}` is a list in the style {style}")),
    }
}

/// Whether a field of the object is itself an object.
fn deep(shape: &Shape) -> bool {
    matches!(shape, Shape::Object(fields) if fields.iter().any(Shape::is_object))
}

pub(super) fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim();
    (essence.ends_with("/json") || essence.ends_with("+json")) && !essence.contains('*')
}

/// The type of a scalar.
pub(super) fn scalar(shape: &Shape) -> &'static str {
    match shape {
        Shape::Integer => "i64",
        Shape::Number => "f64",
        Shape::Boolean => "bool",
        _ => "&str",
    }
}

/// The type of a parameter.
pub(super) fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::List(item) if item.is_scalar() => format!("&[{}]", scalar(item)),
        _ if shape.is_scalar() => scalar(shape).to_owned(),
        _ => "&Value".to_owned(),
    }
}

pub(super) fn in_parentheses(keys: &[String]) -> String {
    if keys.is_empty() { String::new() } else { format!("({})", keys.join(", ")) }
}
