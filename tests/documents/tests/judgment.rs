//! What is declared of odd operations, and what is not. The excerpts are of real documents: see `excerpts/NOTICE.md`.

use apisession_documents::document::Document;
use apisession_documents::report::Report;
use apisession_documents::{declare, judge};
use serde_json::{Value, json};

/// Returns the signature of the one operation, or the reason why there is none.
fn declared(document: &Document, at: &str) -> Result<String, String> {
    let operations = document.operations();
    let is_it = |method: &str, path: &str| format!("{method} {path}") == at;
    let operation = operations.iter().find(|operation| is_it(&operation.method, &operation.path)).expect(at);
    let declaration = declare(document, operation, "call")?;
    match &judge::mistakes(&declaration)[..] {
        [] => Ok(declaration.item.split_whitespace().collect::<Vec<_>>().join(" ")),
        mistakes => Err(mistakes.join("; ")),
    }
}

#[test]
fn an_odd_operation_of_a_real_document_is_judged() {
    let box_file = include_str!("../excerpts/box.json");
    let jira = include_str!("../excerpts/jira.json");
    let podman = include_str!("../excerpts/podman.json");
    let styles = include_str!("../excerpts/parameters-style.json");
    let rows: [(&str, &str, &[&str]); 14] = [
        // A multipart body at another origin: JSON first, then the file.
        (
            box_file,
            "POST /files/content",
            &[
                "#[post(\"/files/content\", base_url = \"https://upload.box.com/api/2.0\")]",
                "#[query(list = \"comma\")] fields: Option<&[&str]>",
                "#[part(\"attributes\", json)] attributes: &Value, #[part(\"file\")] file: Part)",
            ],
        ),
        // A placeholder that is a part of a segment, and a success without a body.
        (
            box_file,
            "GET /files/{file_id}/thumbnail.{extension}",
            &["#[get(\"/files/{file_id}/thumbnail.{extension}\")]", "-> Call<Option<Bytes>, "],
        ),
        // A list of structs in a style that OpenAPI leaves open.
        (box_file, "GET /search", &["#[query(encode_with = by_hand)] mdfilters: Option<&Value>"]),
        // The fragment only tells it from another operation.
        (
            box_file,
            "GET /shared_items#folders",
            &["#[get(\"/shared_items\")]", "#[header(\"boxapi\")] boxapi: &str"],
        ),
        (
            box_file,
            "PUT /files/upload_sessions/{upload_session_id}",
            &["#[header(\"content-range\")] content_range: &str", "#[body(\"application/octet-stream\")]"],
        ),
        (box_file, "POST /oauth2/token#refresh", &["#[post(\"/oauth2/token\", ", "#[form] request_body: "]),
        // Each call has methods that begin with `with_`.
        (
            jira,
            "GET /rest/api/3/workflow/rule/config",
            &["#[query(rename = \"withTags\")] tags: Option<&[&str]>"],
        ),
        (
            jira,
            "POST /rest/api/3/project/{projectIdOrKey}/avatar2",
            &[
                "avatar2\")] pub fn call(&self, project_id_or_key: &str",
                "#[body(\"application/octet-stream\")] request_body: Body",
            ],
        ),
        // The form is preferred to `*/*`, and its parts have no names.
        (jira, "PUT /rest/api/3/user/columns", &["#[multipart] request_body: &AnyParts"]),
        (jira, "DELETE /rest/api/3/issueLink/{linkId}", &["link_id: &str) -> Call<(), "]),
        (podman, "POST /containers/{name}/attach", &["the response switches to another protocol"]),
        // Swagger 2.0: a text, and lists that are joined by default.
        (
            podman,
            "POST /images/create",
            &["#[body(\"text/plain\")] request_body: Option<Body>) -> Call<Value, "],
        ),
        (
            podman,
            "POST /libpod/images/import",
            &["#[query(list = \"comma\")] changes", "#[body(\"application/x-tar\")]"],
        ),
        (
            styles,
            "GET /anything/path/label/{primitive}/{array}/{object}",
            &[
                "/.{primitive}/.{array}/.{object}",
                "#[path(list = \"comma\")] array: &[&str]",
                "#[path(encode_with = by_hand)]",
            ],
        ),
    ];
    for (text, at, expected) in rows {
        let document = Document::new(serde_json::from_str(text).expect("an excerpt is JSON"));
        let judged = declared(&document, at).unwrap_or_else(|why| why);
        for part in expected {
            assert!(judged.contains(part), "{at}: {part}\n{judged}");
        }
    }
}

/// A parameter in the query.
fn in_query(schema: Value, style: &str, explode: bool) -> Value {
    let parameter = json!({"name": "p", "in": "query", "schema": schema, "style": style, "explode": explode});
    json!({"parameters": [parameter], "responses": {"204": {"description": ""}}})
}

/// A body of a media type.
fn with_body(media: &str, schema: Value, encoding: Value) -> Value {
    let content = json!({media: {"schema": schema, "encoding": encoding}});
    json!({"requestBody": {"required": true, "content": content}, "responses": {"204": {"description": ""}}})
}

/// Responses of media types.
fn with_responses(responses: &[(&str, &str)]) -> Value {
    let response = |(status, media): &(&str, &str)| {
        let content =
            if media.is_empty() { json!({}) } else { json!({*media: {"schema": {"title": status}}}) };
        ((*status).to_owned(), json!({"description": "", "content": content}))
    };
    json!({"responses": responses.iter().map(response).collect::<serde_json::Map<_, _>>()})
}

#[test]
fn each_style_body_and_response_has_its_declaration() {
    let text = json!({"type": "string"});
    let texts = json!({"type": "array", "items": text});
    let object = json!({"type": "object", "properties": {"a": text}});
    let objects = json!({"type": "array", "items": object});
    let deep = json!({"type": "object", "properties": {"a": object, "b": texts}});
    let range = json!({"anyOf": [object, {"type": "integer"}, {"type": "null"}]});
    let file = json!({"type": "string", "format": "binary"});
    let rows: [(&str, Value, &str); 43] = [
        ("GET /a", in_query(json!({"type": ["integer", "null"]}), "form", true), "#[query] p: Option<i64>"),
        ("GET /a", in_query(texts.clone(), "form", true), "#[query] p: Option<&[&str]>"),
        ("GET /a", in_query(texts.clone(), "form", false), "#[query(list = \"comma\")] p"),
        ("GET /a", in_query(texts.clone(), "pipeDelimited", false), "#[query(list = \"pipes\")] p"),
        ("GET /a", in_query(texts.clone(), "spaceDelimited", false), "#[query(list = \"spaces\")] p"),
        ("GET /a", in_query(texts.clone(), "pipeDelimited", true), "#[query] p"),
        ("GET /a", in_query(texts.clone(), "deepObject", true), "#[query(list = \"brackets\")] p"),
        (
            "GET /a",
            in_query(object.clone(), "deepObject", true),
            "#[query(nested = \"brackets\")] p: Option<&Value>",
        ),
        (
            "GET /a",
            in_query(range.clone(), "deepObject", true),
            "#[query(nested = \"brackets\")] p: Option<&Value>",
        ),
        (
            "GET /a",
            in_query(deep.clone(), "deepObject", true),
            "#[query(nested = \"brackets\", list = \"brackets\")] p",
        ),
        (
            "GET /a",
            in_query(objects.clone(), "deepObject", true),
            "#[query(nested = \"brackets\", list = \"indices\")] p",
        ),
        ("GET /a", in_query(object.clone(), "form", true), "#[query(flatten)] p"),
        ("GET /a", in_query(object.clone(), "form", false), "#[query(encode_with = by_hand)] p"),
        ("GET /a", in_query(deep.clone(), "form", true), "#[query(encode_with = by_hand)] p"),
        (
            "GET /a",
            json!({"parameters": [{"name": "q", "in": "query", "content": {"application/json": {"schema": object}}}]}),
            "#[query(json)] q: Option<&Value>",
        ),
        (
            "GET /a",
            json!({"parameters": [{"name": "X-Meta", "in": "header", "required": true, "content": {"application/json": {"schema": object}}}]}),
            "#[header(\"X-Meta\", json)] x_meta: &Value",
        ),
        (
            "GET /a",
            json!({"parameters": [{"name": "Accept", "in": "header", "schema": text}]}),
            "pub fn call(&self, ) -> Call<()>",
        ),
        (
            "GET /a",
            json!({"parameters": [{"name": "sid", "in": "cookie", "schema": text}]}),
            "#[cookie(\"sid\")] sid: Option<&str>",
        ),
        (
            "GET /a",
            json!({"parameters": [{"name": "q", "in": "body-like", "schema": text}]}),
            "which is no place",
        ),
        ("GET /a?beta=true", json!({}), "#[get(\"/a\", query(\"beta\" = \"true\"))]"),
        ("GET /a?key={key}", json!({}), "#[query(rename = \"key\")] key: &str"),
        ("GET /{a}{b}", json!({}), "directly follows another placeholder"),
        ("GET /a//b", json!({}), "two slashes in a row"),
        ("GET /{type}/ä", json!({}), "#[get(\"/{type}/%C3%A4\")] pub fn call(&self, r#type: &str)"),
        ("GET /a", json!({"servers": [{"url": "/v2"}]}), "base_url = \"https://api.test/v2\""),
        (
            "GET /a",
            json!({"servers": [{"url": "https://{tenant}.api.test", "variables": {"tenant": {"default": "a"}}}]}),
            "only the `base_url` of a session can have variables",
        ),
        ("GET /a", json!({"security": [], "deprecated": true}), "#[deprecated] #[get(\"/a\", auth = none)]"),
        ("TRACE /a", json!({}), "#[request(TRACE, \"/a\")]"),
        ("HEAD /a", with_body("application/json", object.clone(), json!({})), "a HEAD request with a body"),
        ("GET /a", with_body("application/json", object.clone(), json!({})), "#[json] request_body: &Value"),
        (
            "PATCH /a",
            with_body("application/merge-patch+json", object.clone(), json!({})),
            "#[json(content_type = \"application/merge-patch+json\")]",
        ),
        (
            "POST /a",
            with_body(
                "application/x-www-form-urlencoded",
                deep.clone(),
                json!({"a": {"style": "deepObject"}, "b": {"style": "deepObject"}}),
            ),
            "#[form(nested = \"brackets\", list = \"brackets\")] request_body",
        ),
        (
            "POST /a",
            with_body("application/x-www-form-urlencoded", deep, json!({})),
            "#[field(\"a\", json)] a: Option<&Value>, #[field(\"b\")] b: Option<&[&str]>",
        ),
        // Lists of two styles can't be in one struct; brackets and indices are read alike.
        (
            "POST /a",
            with_body(
                "application/x-www-form-urlencoded",
                json!({"properties": {"a": texts, "b": texts}}),
                json!({"a": {"style": "deepObject"}}),
            ),
            "#[field(\"a\", list = \"brackets\")] a: Option<&[&str]>, #[field(\"b\")] b: Option<&[&str]>",
        ),
        (
            "POST /a",
            with_body(
                "application/x-www-form-urlencoded",
                json!({"properties": {"a": texts, "b": objects}}),
                json!({"a": {"style": "deepObject"}, "b": {"style": "deepObject"}}),
            ),
            "#[form(list = \"indices\", nested = \"brackets\")] request_body",
        ),
        (
            "POST /a",
            with_body(
                "multipart/form-data",
                json!({"required": ["f"], "properties": {"f": file, "note": text, "meta": object, "all": {"type": "array", "items": file}}}),
                json!({"f": {"contentType": "text/csv"}}),
            ),
            "#[part(\"f\", content_type = \"text/csv\")] f: Part, #[part(\"note\")] note: Option<&str>, #[part(\"meta\", json)] meta: Option<&Value>, #[part(\"all\")] all: Option<Vec<Part>>",
        ),
        (
            "POST /a",
            with_body("text/xml", object, json!({})),
            "#[xml(content_type = \"text/xml\")] request_body: &Model",
        ),
        ("GET /a", with_responses(&[("200", "application/json"), ("204", "")]), "Call<Option<Value>>"),
        (
            "GET /a",
            with_responses(&[("200", "application/json"), ("202", "application/json")]),
            "Call<Response200Value202Value>",
        ),
        (
            "GET /a",
            with_responses(&[
                ("200", "application/vnd.a+json"),
                ("4XX", "text/plain"),
                ("default", "application/json"),
            ]),
            "accept = \"application/vnd.a+json\")] pub fn call(&self, ) -> Call<Value, Error4xxTextdefaultValue>",
        ),
        ("GET /a", with_responses(&[("302", "")]), "Call<Location>"),
        ("GET /a", with_responses(&[("2XX", "image/png"), ("404", "")]), "Call<Bytes, Error404Plain>"),
        ("GET /a", with_responses(&[("default", "application/xml")]), "Call<Xml<Model>>"),
    ];
    for (at, operation, expected) in rows {
        let (method, path) = at.split_once(' ').expect("a method and a path");
        let paths = json!({path: {method.to_lowercase(): operation}});
        let document = Document::new(
            json!({"openapi": "3.1.0", "servers": [{"url": "https://api.test"}], "paths": paths}),
        );
        let judged = declared(&document, at).unwrap_or_else(|why| why);
        assert!(judged.contains(expected), "{at} {operation}\nexpected: {expected}\nfound: {judged}");
    }
}

#[test]
fn swagger_2_is_read_as_openapi_3_is() {
    let field = |name: &str, rest: Value| {
        let mut field = json!({"name": name, "in": "formData", "type": "array", "items": {"type": "string"}});
        field.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        field
    };
    let rows = [
        (json!({"collectionFormat": "multi"}), "#[form] request_body"),
        (json!({"collectionFormat": "pipes"}), "#[form(list = \"pipes\")] request_body"),
        (json!({"collectionFormat": "tsv"}), "#[field(\"a\", encode_with = by_hand)] a: Option<&Value>"),
        (json!({"type": "file"}), "#[part(\"a\")] a: Option<Part>"),
    ];
    for (rest, expected) in rows {
        let post =
            json!({"parameters": [field("a", rest)], "responses": {"200": {"schema": {"type": "string"}}}});
        let document = Document::new(json!({
            "swagger": "2.0", "host": "api.test", "basePath": "/v1", "produces": ["text/plain"],
            "paths": {"/a": {"post": post}},
        }));
        assert_eq!(document.base_url(), "https://api.test/v1");
        let judged = declared(&document, "POST /a").unwrap_or_else(|why| why);
        assert!(judged.contains(expected) && judged.ends_with("-> Call<Text>;"), "{expected}\n{judged}");
    }
}

#[test]
fn the_figures_are_those_of_the_findings() {
    let text = include_str!("../excerpts/podman.json");
    let report = Report::of(&Document::new(serde_json::from_str(text).expect("an excerpt is JSON")));
    assert_eq!((report.operations, report.declared(), report.share().as_str()), (3, 2, "66.66"));
    assert_eq!(report.not[0].operation, "POST /containers/{name}/attach");
    assert!(report.session.is_empty(), "{:?}", report.session);
}
