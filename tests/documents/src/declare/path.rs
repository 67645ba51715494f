//! Writes the path: its placeholders, and a query that is the same in each call.

use super::Parts;
use crate::document::{Operation, Parameter};
use crate::shape::Shape;

/// Returns the template, and adds the parameters in it.
pub(super) fn write(operation: &Operation, parts: &mut Parts) -> Result<String, String> {
    // Fragments are not sent. They tell operations of one path apart.
    let written = operation.path.split('#').next().unwrap_or_default();
    let (path, query) = written.split_once('?').unwrap_or((written, ""));
    let mut template = String::new();
    for piece in pieces(path) {
        match piece {
            Piece::Literal(text) => text.chars().for_each(|letter| push(&mut template, letter)),
            Piece::Placeholder(name) => {
                let parameter = operation
                    .parameters
                    .iter()
                    .find(|parameter| parameter.place == "path" && parameter.name == name);
                placeholder(name, parameter, &mut template, parts)?;
            }
        }
    }
    let mut fixed = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match pieces(value)[..] {
            [Piece::Placeholder(_)] => {
                let ident = parts.names.give(name);
                parts.parameters.push(format!("#[query(rename = {name:?})] {ident}: &str"));
            }
            _ => fixed.push(format!("{name:?} = {value:?}")),
        }
    }
    if !fixed.is_empty() {
        parts.keys.push(format!("query({})", fixed.join(", ")));
    }
    Ok(template)
}

enum Piece<'a> {
    Literal(&'a str),
    Placeholder(&'a str),
}

fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, (name, after))) =
        text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        if !before.is_empty() {
            pieces.push(Piece::Literal(before));
        }
        pieces.push(Piece::Placeholder(name));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Literal(text));
    }
    pieces
}

/// What a path can't contain is percent-encoded.
fn push(template: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() || "/%-._~!$&'()*+,;=:@".contains(letter) {
        template.push(letter);
    } else {
        let mut buffer = [0; 4];
        letter.encode_utf8(&mut buffer).bytes().for_each(|byte| *template += &format!("%{byte:02X}"));
    }
}

fn placeholder(
    name: &str,
    parameter: Option<&Parameter>,
    template: &mut String,
    parts: &mut Parts,
) -> Result<(), String> {
    let ident = parts.names.give(name);
    let (style, explode) =
        parameter.map_or(("simple", false), |parameter| (parameter.style.as_str(), parameter.explode));
    match style {
        "label" => template.push('.'),
        "matrix" => *template += &format!(";{name}="),
        _ => {}
    }
    *template += &format!("{{{}}}", ident.trim_start_matches("r#"));
    let text = Shape::Text;
    let shape = parameter.map_or(&text, |parameter| &parameter.shape);
    let is_joined =
        matches!(shape, Shape::List(_)) && !shape.has_deep_list() && (style == "simple" || !explode);
    let written = match shape {
        _ if shape.is_scalar() => format!("{ident}: {}", super::parameter::scalar(shape)),
        Shape::List(item) if is_joined => {
            format!("#[path(list = \"comma\")] {ident}: &[{}]", super::parameter::scalar(item))
        }
        _ => {
            parts
                .by_hand
                .push(format!("`{name}` in the path is an object, or a list that is not joined by commas"));
            format!("#[path(encode_with = by_hand)] {ident}: &Value")
        }
    };
    parts.parameters.push(written);
    Ok(())
}
