//! A document, and the operations that it has, in one form for Swagger 2.0 and OpenAPI 3.

use serde_json::{Map, Value};

use crate::shape::Shape;

/// A description of an API.
pub struct Document {
    root: Value,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The method in upper case.
    pub method: String,
    /// The path as it is written.
    pub path: String,
    /// The name that the document gives it.
    pub id: Option<String>,
    /// The URL that the path is below, if it isn't that of the document.
    pub server: Option<String>,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub responses: Vec<Response>,
    pub is_deprecated: bool,
    /// Whether it states that it needs no credential.
    pub is_public: bool,
}

/// A parameter outside of the body, or a field of a body.
#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    /// `path`, `query`, `header` or `cookie`; empty for a field.
    pub place: String,
    pub is_required: bool,
    pub shape: Shape,
    /// The style of OpenAPI 3, and whether lists are repeated.
    pub style: String,
    pub explode: bool,
    /// The media type of the value, if the document states one.
    pub media: Option<String>,
}

/// The body of a request: one of several media types.
#[derive(Debug)]
pub struct Body {
    pub is_required: bool,
    pub contents: Vec<Content>,
}

#[derive(Debug)]
pub struct Content {
    pub media: String,
    pub shape: Shape,
    /// The fields of a form or a multipart body.
    pub fields: Vec<Parameter>,
}

/// The response of a status.
#[derive(Debug)]
pub struct Response {
    /// `200`, `2XX` or `default`.
    pub status: String,
    /// Its media types, each with its schema.
    pub contents: Vec<(String, Value)>,
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Document {
    #[must_use]
    pub fn new(root: Value) -> Self {
        Self { root }
    }

    /// Returns what references lead to.
    pub fn resolved<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        for _ in 0..32 {
            let Some(reference) = value["$ref"].as_str() else { return value };
            let pointer = percent_decoded(reference.strip_prefix('#').unwrap_or(reference));
            let Some(target) = self.root.pointer(&pointer) else { return &Value::Null };
            value = target;
        }
        &Value::Null
    }

    fn is_swagger(&self) -> bool {
        self.root["swagger"].is_string()
    }

    /// The URL that paths are below, with its variables. It can be relative or empty.
    #[must_use]
    pub fn base_url(&self) -> String {
        if self.is_swagger() {
            let schemes = strings(&self.root["schemes"]);
            let scheme = if schemes.contains(&"https") || schemes.is_empty() { "https" } else { schemes[0] };
            let host = self.root["host"].as_str().unwrap_or("api.example.com");
            let path = self.root["basePath"].as_str().unwrap_or_default();
            return format!("{scheme}://{host}{}", path.trim_end_matches('/'));
        }
        absolute("https://api.example.com", &server(&self.root["servers"][0]).unwrap_or_default())
    }

    /// All operations, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.root["paths"].as_object().into_iter().flatten();
        let paths = paths.map(|(path, item)| (path, self.resolved(item)));
        let operations = paths.flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter(|method| item[**method].is_object())
                .map(|method| self.operation(path, item, method))
        });
        operations.collect()
    }

    fn operation(&self, path: &str, item: &Value, method: &str) -> Operation {
        let operation = &item[method];
        let mut parameters: Vec<&Value> = Vec::new();
        // The parameters of an operation replace those of its path.
        for parameter in
            [&item["parameters"], &operation["parameters"]].into_iter().filter_map(Value::as_array).flatten()
        {
            let parameter = self.resolved(parameter);
            parameters
                .retain(|other| (&other["name"], &other["in"]) != (&parameter["name"], &parameter["in"]));
            parameters.push(parameter);
        }
        let body =
            if self.is_swagger() { self.old_body(operation, &parameters) } else { self.body(operation) };
        let base_url = self.base_url();
        let server = [&operation["servers"][0], &item["servers"][0]].into_iter().find_map(server);
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            id: operation["operationId"].as_str().map(str::to_owned),
            server: server.map(|url| absolute(&base_url, &url)).filter(|url| *url != base_url),
            parameters: parameters.iter().filter_map(|parameter| self.parameter(parameter)).collect(),
            body,
            responses: self.responses(operation),
            is_deprecated: operation["deprecated"] == true,
            is_public: operation["security"].as_array().is_some_and(Vec::is_empty),
        }
    }

    fn parameter(&self, parameter: &Value) -> Option<Parameter> {
        let place = parameter["in"].as_str()?;
        let name = parameter["name"].as_str()?;
        // OpenAPI 3.1 §4.8.12.1: these are described elsewhere.
        let is_described =
            ["accept", "authorization", "content-type"].contains(&name.to_lowercase().as_str());
        if ["body", "formData"].contains(&place) || place == "header" && is_described {
            return None;
        }
        if self.is_swagger() {
            return Some(self.old_parameter(parameter, name, place));
        }
        let content = parameter["content"].as_object().and_then(|content| content.iter().next());
        let schema = content.map_or(&parameter["schema"], |(_, content)| &content["schema"]);
        let default = if ["query", "cookie"].contains(&place) { "form" } else { "simple" };
        let style = parameter["style"].as_str().unwrap_or(default);
        Some(Parameter {
            name: name.to_owned(),
            place: place.to_owned(),
            is_required: parameter["required"] == true || place == "path",
            shape: Shape::of(self, schema),
            style: style.to_owned(),
            explode: parameter["explode"].as_bool().unwrap_or(style == "form" || style == "deepObject"),
            media: content.map(|(media, _)| media.clone()),
        })
    }

    /// A parameter of Swagger 2.0, which is its own schema.
    fn old_parameter(&self, parameter: &Value, name: &str, place: &str) -> Parameter {
        let (style, explode) = match parameter["collectionFormat"].as_str() {
            Some("multi") => ("form", true),
            Some("ssv") => ("spaceDelimited", false),
            Some("pipes") => ("pipeDelimited", false),
            Some("tsv") => ("tabDelimited", false),
            _ if ["path", "header"].contains(&place) => ("simple", false),
            _ => ("form", false),
        };
        Parameter {
            name: name.to_owned(),
            place: place.to_owned(),
            is_required: parameter["required"] == true || place == "path",
            shape: Shape::of(self, parameter),
            style: style.to_owned(),
            explode,
            media: None,
        }
    }

    fn body(&self, operation: &Value) -> Option<Body> {
        let body = self.resolved(&operation["requestBody"]);
        let contents: Vec<_> = body["content"]
            .as_object()?
            .iter()
            .map(|(media, content)| self.content(media, content))
            .collect();
        // Some documents have an empty form on each GET.
        let is_empty = |content: &Content| {
            content.fields.is_empty()
                && content.media.starts_with("application/x-www-form")
                && matches!(&content.shape, Shape::Object(fields) if fields.is_empty())
        };
        if body["required"] != true && contents.iter().all(is_empty) {
            return None;
        }
        Some(Body { is_required: body["required"] == true, contents })
    }

    fn content(&self, media: &str, content: &Value) -> Content {
        let mut properties = Map::new();
        let mut required = Vec::new();
        self.properties(&content["schema"], &mut properties, &mut required, 0);
        let field = |(name, schema): (&String, &Value)| {
            let encoding = &content["encoding"][name];
            let shape = Shape::of(self, schema);
            let style = encoding["style"].as_str();
            // The default of OpenAPI: an object is JSON, unless there is a style.
            let json = (style.is_none() && shape.is_object()).then(|| "application/json".to_owned());
            let written = encoding["contentType"].as_str().filter(|media| !media.contains([',', '*']));
            Parameter {
                name: name.clone(),
                place: String::new(),
                is_required: required.contains(name),
                shape,
                style: style.unwrap_or("form").to_owned(),
                explode: encoding["explode"]
                    .as_bool()
                    .unwrap_or(style.is_none_or(|style| style == "form" || style == "deepObject")),
                media: written.map(str::to_owned).or(json),
            }
        };
        Content {
            media: media.to_owned(),
            shape: Shape::of(self, &content["schema"]),
            fields: properties.iter().map(field).collect(),
        }
    }

    /// Adds the properties of a schema, and those of its parts.
    fn properties(
        &self,
        schema: &Value,
        all: &mut Map<String, Value>,
        required: &mut Vec<String>,
        depth: u8,
    ) {
        let schema = self.resolved(schema);
        if depth > 8 {
            return;
        }
        let parts =
            ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
        parts.for_each(|part| self.properties(part, all, required, depth + 1));
        required.extend(strings(&schema["required"]).into_iter().map(str::to_owned));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["readOnly"] != true {
                all.insert(name.clone(), property.clone());
            }
        }
    }

    /// The body of Swagger 2.0, which is among the parameters.
    fn old_body(&self, operation: &Value, parameters: &[&Value]) -> Option<Body> {
        let consumes =
            if operation["consumes"].is_array() { &operation["consumes"] } else { &self.root["consumes"] };
        let mut medias = strings(consumes);
        let is_body = |parameter: &&&Value| parameter["in"] == "body";
        if let Some(body) = parameters.iter().find(is_body) {
            if medias.is_empty() {
                medias.push("application/json");
            }
            let content = |media: &&str| self.content(media, body);
            return Some(Body {
                is_required: body["required"] == true,
                contents: medias.iter().map(content).collect(),
            });
        }
        let fields = parameters.iter().filter(|parameter| parameter["in"] == "formData");
        let fields: Vec<_> = fields
            .map(|field| self.old_parameter(field, field["name"].as_str().unwrap_or_default(), ""))
            .collect();
        if fields.is_empty() {
            return None;
        }
        let is_form = |media: &&&str| media.contains("form");
        let default = if fields.iter().any(|field| field.shape.is_file()) {
            "multipart/form-data"
        } else {
            "application/x-www-form-urlencoded"
        };
        Some(Body {
            is_required: true,
            contents: vec![Content {
                media: (*medias.iter().find(is_form).unwrap_or(&default)).to_owned(),
                shape: Shape::Object(Vec::new()),
                fields,
            }],
        })
    }

    fn responses(&self, operation: &Value) -> Vec<Response> {
        let produces =
            if operation["produces"].is_array() { &operation["produces"] } else { &self.root["produces"] };
        let mut medias = strings(produces);
        if medias.is_empty() {
            medias.push("application/json");
        }
        let responses = operation["responses"].as_object().into_iter().flatten();
        let responses =
            responses.filter(|(status, _)| !status.starts_with("x-")).map(|(status, response)| {
                let response = self.resolved(response);
                let contents = match response.get("schema") {
                    Some(schema) if self.is_swagger() => {
                        medias.iter().map(|media| ((*media).to_owned(), schema.clone())).collect()
                    }
                    _ => {
                        let contents = response["content"].as_object().into_iter().flatten();
                        contents.map(|(media, content)| (media.clone(), content["schema"].clone())).collect()
                    }
                };
                Response { status: status.to_uppercase().replace("DEFAULT", "default"), contents }
            });
        responses.collect()
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The URL of a server. A variable stays, unless the framework can't have it there: in the scheme or the port.
fn server(server: &Value) -> Option<String> {
    let mut url = server["url"].as_str()?.to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        let placeholder = format!("{{{name}}}");
        let is_fixed = url.starts_with(&placeholder) || url.contains(&format!(":{placeholder}"));
        if is_fixed {
            url = url.replace(&placeholder, variable["default"].as_str().unwrap_or_default());
        }
    }
    Some(url.trim_end_matches('/').to_owned())
}

fn absolute(base_url: &str, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    let after = base_url.find("://").map_or(0, |at| at + 3);
    let origin = base_url[after..].find('/').map_or(base_url, |at| &base_url[..after + at]);
    format!("{origin}/{}", url.trim_start_matches('/')).trim_end_matches('/').to_owned()
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            None => bytes.extend(format!("%{part}").as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
