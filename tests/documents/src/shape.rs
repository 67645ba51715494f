//! What a value looks like in a request, by its schema.

use serde_json::Value;

use crate::document::Document;

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    /// The content of a file.
    File,
    List(Box<Shape>),
    Object(Vec<Shape>),
    /// One of several, such as an id or an object.
    Either(Vec<Shape>),
}

impl Shape {
    /// Reads a schema, and follows its references.
    pub fn of(document: &Document, schema: &Value) -> Self {
        Self::at(document, schema, 0)
    }

    fn at(document: &Document, schema: &Value, depth: u8) -> Self {
        let schema = document.resolved(schema);
        // A type can contain itself. What is that deep in a parameter is not sent.
        if depth > 8 {
            return Self::Object(Vec::new());
        }
        let inner = |schema: &Value| Self::at(document, schema, depth + 1);
        for key in ["oneOf", "anyOf"] {
            if let Some(variants) = schema[key].as_array() {
                let variants = variants.iter().filter(|variant| document.resolved(variant)["type"] != "null");
                return Self::either(variants.map(inner).collect());
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let shapes: Vec<_> = parts.iter().map(inner).collect();
            let typed = shapes.iter().position(|shape| *shape != Self::Text);
            return typed.map_or(Self::Text, |at| shapes[at].clone());
        }
        if let Some(types) = schema["type"].as_array() {
            let types = types.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            return Self::either(types.map(|name| Self::named(name, schema, &inner)).collect());
        }
        let name = schema["type"].as_str().unwrap_or(match () {
            () if schema["properties"].is_object() => "object",
            () if schema.get("items").is_some() => "array",
            () => "string",
        });
        Self::named(name, schema, &inner)
    }

    fn named(name: &str, schema: &Value, inner: &dyn Fn(&Value) -> Self) -> Self {
        match name {
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "file" => Self::File,
            "array" => Self::List(Box::new(inner(&schema["items"]))),
            "object" => {
                let properties = schema["properties"].as_object().into_iter().flat_map(|map| map.values());
                let others = Some(&schema["additionalProperties"]).filter(|others| others.is_object());
                Self::Object(properties.chain(others).map(inner).collect())
            }
            _ if schema["format"] == "binary" || schema["contentMediaType"] == "application/octet-stream" => {
                Self::File
            }
            _ => Self::Text,
        }
    }

    fn either(mut shapes: Vec<Self>) -> Self {
        shapes.dedup();
        match shapes.len() {
            0 => Self::Text,
            1 => shapes.remove(0),
            _ => Self::Either(shapes),
        }
    }

    /// Whether it is one piece of text in a request.
    pub fn is_scalar(&self) -> bool {
        match self {
            Self::List(_) | Self::Object(_) => false,
            Self::Either(shapes) => shapes.iter().all(Self::is_scalar),
            _ => true,
        }
    }

    /// Whether it is or contains a list.
    pub fn has_list(&self) -> bool {
        match self {
            Self::List(_) => true,
            Self::Object(shapes) | Self::Either(shapes) => shapes.iter().any(Self::has_list),
            _ => false,
        }
    }

    /// Whether it can be an object.
    pub fn is_object(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::Either(shapes) => shapes.iter().any(Self::is_object),
            _ => false,
        }
    }

    /// Whether it has a list whose items are no scalars.
    pub fn has_deep_list(&self) -> bool {
        match self {
            Self::List(item) => !item.is_scalar(),
            Self::Object(shapes) | Self::Either(shapes) => shapes.iter().any(Self::has_deep_list),
            _ => false,
        }
    }

    /// Whether a field of the object is no scalar.
    pub fn is_deep_object(&self) -> bool {
        match self {
            Self::Object(shapes) => shapes.iter().any(|shape| !shape.is_scalar()),
            Self::Either(shapes) => shapes.iter().any(Self::is_deep_object),
            _ => false,
        }
    }

    /// Whether it has a part that is a file.
    pub fn is_file(&self) -> bool {
        match self {
            Self::File => true,
            Self::List(item) => item.is_file(),
            Self::Either(shapes) => shapes.iter().any(Self::is_file),
            _ => false,
        }
    }
}
