//! Bodies that the parameters of an operation make up: fields of a JSON object and of a form, constants, whole forms, and bodies
//! that are sent as they are.

use std::collections::BTreeMap;

use apisession::prelude::*;
use apisession::{Body, Bytes, Request, Secret};
use apisession_tests::{offline, recording, respond, tokio};
use serde::Serialize;

#[derive(Clone, Serialize)]
struct Message<'a> {
    role: &'a str,
    /// As text, it would be 0.10000000149.
    weight: f32,
    big: u128,
}

#[derive(Serialize)]
struct Chat<'a> {
    model: &'a str,
    messages: &'a [Message<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<BTreeMap<&'a str, bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Address<'a> {
    city: &'a str,
    line: Option<&'a str>,
}

#[derive(Serialize)]
struct Customer<'a> {
    name: &'a str,
    address: Address<'a>,
    tags: &'a [&'a str],
}

fn hex(color: &u32) -> String {
    format!("#{color:06x}")
}

#[endpoint(path = "/x")]
struct Things;

#[endpoint]
impl Things {
    #[post("/loans")]
    fn lend(&self, #[field("daysOut")] days: i64, #[field("ID")] id: Option<i64>) -> Call<()>;

    #[post("/all-optional")]
    fn optional(&self, #[field] name: Option<&str>, #[field] note: Option<Option<&str>>) -> Call<()>;

    #[patch("/scale", fields("/metadata/labels/a~1b" = "c", "kind" = "Scale"))]
    fn scale(
        &self,
        #[field("/spec/replicas")] replicas: u8,
        #[field("/spec/template/name")] name: Option<&str>,
        #[field(rename = "dry run", default = false)] dry: bool,
        #[field(encode_with = hex)] color: Option<u32>,
    ) -> Call<()>;

    #[post("/secrets")]
    fn secret(&self, #[field] user: &str, #[field] password: &Secret) -> Call<()>;

    #[post("/chat", fields("stream" = true, "/stream_options/include_usage" = true))]
    fn stream(&self, #[json] chat: &Chat<'_>) -> Call<()>;

    #[post("/bare", fields("stream" = true))]
    fn bare(&self, list: &Vec<Chat<'_>>) -> Call<()>;

    #[post("/late", fields("stream" = true))]
    fn late(&self, #[json] chat: Option<&Chat<'_>>) -> Call<()>;

    #[post("/", form, fields("Action" = "ListShelves", "Version" = "2020-01-01"))]
    fn shelves(
        &self,
        #[field] prefix: Option<&str>,
        #[field(list = "brackets")] tags: Option<&[&str]>,
    ) -> Call<()>;

    #[post("/form", form)]
    fn form_of_options(&self, #[field] a: Option<u8>) -> Call<()>;

    #[post("/nested", form)]
    fn nested(&self, #[field(nested = "brackets")] address: &Address<'_>, #[field] plain: u8) -> Call<()>;

    #[post("/constant", form, fields("address[city]" = "Bern", "q.a" = 1))]
    fn beside_a_constant(
        &self,
        #[field(nested = "brackets")] address: Option<&Address<'_>>,
        #[field(nested = "dots")] q: Option<&BTreeMap<&str, u8>>,
    ) -> Call<()>;

    #[post("/json", form)]
    fn json_in_a_form(
        &self,
        #[field] channel: &str,
        #[field(json)] address: &Address<'_>,
        #[field("blocks[]", json)] blocks: Option<&[&str]>,
    ) -> Call<()>;

    #[post("/gated")]
    fn gated(
        &self,
        #[cfg(not(test))]
        #[field]
        gone: NoSuchType,
        #[field] note: Option<&str>,
    ) -> Call<()>;

    #[post("/names", fields("a/b" = 1, "~" = 2, "\u{e9}\"\n" = 3, "" = 4))]
    fn names(&self, #[json] model: &BTreeMap<&str, u8>) -> Call<()>;

    #[post("/deep", fields("/a/b/c" = 1, "/a/d~1e" = 2))]
    fn deep(&self, #[json] model: &serde_json::Value) -> Call<()>;

    #[post("/unstyled", form)]
    fn unstyled(&self, #[field] address: &Address<'_>) -> Call<()>;

    #[post("/customers", fields("source" = "sdk"))]
    fn create(&self, #[form(nested = "brackets", list = "brackets")] customer: &Customer<'_>) -> Call<()>;

    #[post("/token", fields("grant_type" = "password"))]
    fn map(&self, #[form] fields: &BTreeMap<&str, &str>) -> Call<()>;

    #[put("/{key+}")]
    fn put(&self, key: &str, #[body("application/octet-stream")] content: impl Into<Body>) -> Call<()>;

    #[post("/notes")]
    fn note(&self, #[body("text/plain; charset=utf-8")] text: Option<impl Into<Body>>) -> Call<()>;

    #[patch("/merge")]
    fn merge(&self, #[json(content_type = "application/merge-patch+json")] patch: &Address<'_>) -> Call<()>;

    #[get("/search")]
    fn search(&self, #[json] query: &Address<'_>) -> Call<()>;

    #[delete("/batch")]
    fn delete(&self, #[field] ids: &[u8]) -> Call<()>;

    #[put("/own-type")]
    fn own_type(
        &self,
        #[header("content-type")] kind: &str,
        #[body("application/octet-stream")] content: Vec<u8>,
    ) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[endpoint]
    shelves: Shelves,
}

fn things() -> Things {
    Acme::builder().transport(offline()).build().unwrap().things()
}

/// The content type and the body of a request.
fn sent(request: Result<Request>) -> (String, String) {
    let request = request.unwrap();
    let content_type = request.headers.get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let body = request.body.as_bytes().expect("it is in memory");
    (content_type.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

fn chat<'a>(messages: &'a [Message<'a>]) -> Chat<'a> {
    Chat { model: "m", messages, stream_options: None, stream: None }
}

#[test]
fn fields_make_a_json_object() {
    let rows = [
        (things().lend(14).build(), r#"{"daysOut":14}"#),
        (things().lend(14).id(3).build(), r#"{"daysOut":14,"ID":3}"#),
        (things().lend(14).id(3).id(4).maybe_id(None).build(), r#"{"daysOut":14,"ID":4}"#),
        (things().optional().build(), "{}"),
        (things().optional().note(Some("n")).name("a\"b").build(), r#"{"note":"n","name":"a\"b"}"#),
        // The inner `None` is sent.
        (things().optional().note(None).build(), r#"{"note":null}"#),
        (
            things().scale(3).build(),
            r#"{"metadata":{"labels":{"a/b":"c"}},"kind":"Scale","spec":{"replicas":3},"dry run":false}"#,
        ),
        (
            things().scale(3).name("n").dry(true).color(0xff_00_80).build(),
            concat!(
                r##"{"metadata":{"labels":{"a/b":"c"}},"kind":"Scale","spec":{"replicas":3,"template":{"name":"n"}},"##,
                r##""dry run":true,"color":"#ff0080"}"##
            ),
        ),
        (things().delete(&[1, 2]).build(), r#"{"ids":[1,2]}"#),
    ];
    for (request, expected) in rows {
        assert_eq!(sent(request), ("application/json".to_owned(), expected.to_owned()));
    }
}

/// What a model was encoded as goes out byte for byte.
#[test]
fn constants_stand_beside_a_model() {
    let messages = [Message { role: "a\u{e9}\n", weight: 0.1, big: u128::MAX }];
    let model = serde_json::to_string(&messages).unwrap();
    let expected = [
        format!(
            r#"{{"model":"m","messages":{model},"stream":true,"stream_options":{{"include_usage":true}}}}"#
        ),
        format!(
            r#"{{"model":"m","messages":{model},"stream_options":{{"other":false,"include_usage":true}},"stream":true}}"#
        ),
    ];
    let chats = [
        chat(&messages),
        Chat { stream_options: Some(BTreeMap::from([("other", false)])), ..chat(&messages) },
    ];
    for (chat, expected) in chats.iter().zip(expected) {
        assert_eq!(sent(things().stream(chat).build()).1, expected);
    }
    // A model that is set later, and one that isn't set.
    assert_eq!(sent(things().late().build()).1, r#"{"stream":true}"#);
    let late = things().late().chat(&chat(&[])).build();
    assert_eq!(sent(late).1, r#"{"model":"m","messages":[],"stream":true}"#);
}

#[test]
fn a_field_that_the_model_has_is_an_error_that_names_both() {
    let options = |name| Some(BTreeMap::from([(name, true)]));
    let rows = [
        (
            things().stream(&Chat { stream: Some(false), ..chat(&[]) }).build(),
            "the body `chat` has the field `stream`, which belongs to the operation; rename the field, or leave it out",
        ),
        (
            things().stream(&Chat { stream_options: options("include_usage"), ..chat(&[]) }).build(),
            "the body `chat` has the field `/stream_options/include_usage`, which belongs to the operation; rename the field, or leave \
             it out",
        ),
        (
            things().bare(&vec![]).build(),
            "the body `list` must be a struct or a map, since the operation adds fields to it",
        ),
        (
            things().map(&BTreeMap::from([("grant_type", "x")])).build(),
            "the body `fields` has the field `grant_type`, which belongs to the field `grant_type` of the operation; rename the field, or \
             leave it out",
        ),
    ];
    for (request, expected) in rows {
        let error = request.unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}\n{expected}");
    }
}

#[test]
fn a_field_of_a_struct_that_a_constant_of_the_form_has_is_an_error() {
    let address = Address { city: "Bern", line: None };
    let request = things().beside_a_constant().address(&address).build();
    let error = request.unwrap_err().to_string();
    let expected = "the field `address` has the field `address[city]`, which belongs to another field, `address[city]`; rename the field, \
                    or leave it out";
    assert!(error.ends_with(expected), "{error}");
    let part = things().beside_a_constant().q(&BTreeMap::from([("a", 1)])).build();
    assert!(
        part.unwrap_err().to_string().contains("has the field `q.a`, which belongs to another field, `q.a`")
    );
    assert_eq!(sent(things().beside_a_constant().build()).1, "address%5Bcity%5D=Bern&q.a=1");
}

#[test]
fn a_field_of_a_form_can_be_json() {
    let address = Address { city: "a&b", line: None };
    let required = "channel=C1&address=%7B%22city%22%3A%22a%26b%22%2C%22line%22%3Anull%7D";
    assert_eq!(sent(things().json_in_a_form("C1", &address).build()).1, required);
    let all = things().json_in_a_form("C1", &address).blocks(&["x"]).blocks(&["y", "z z"]).build();
    assert_eq!(sent(all).1, format!("{required}&blocks%5B%5D=%5B%22y%22%2C%22z+z%22%5D"));
}

#[test]
fn an_object_whose_required_fields_have_a_cfg_is_still_sent() {
    assert_eq!(sent(things().gated().build()), ("application/json".to_owned(), "{}".to_owned()));
    assert_eq!(sent(things().gated().note("n").build()).1, r#"{"note":"n"}"#);
}

#[test]
fn a_constant_can_have_any_name() {
    let constants = r#""a/b":1,"~":2,"\u{e9}\"\n":3,"":4"#.replace("\\u{e9}", "\u{e9}");
    assert_eq!(sent(things().names(&BTreeMap::new()).build()).1, format!("{{{constants}}}"));
    assert_eq!(
        sent(things().names(&BTreeMap::from([("x", 7)])).build()).1,
        format!("{{\"x\":7,{constants}}}")
    );
    for name in ["a/b", "~", "\u{e9}\"\n", ""] {
        let error = things().names(&BTreeMap::from([(name, 7)])).build().unwrap_err().to_string();
        assert!(error.contains("which belongs to the operation"), "{error}");
    }
    let rows = [
        (serde_json::json!({}), Ok(r#"{"a":{"b":{"c":1},"d/e":2}}"#)),
        (serde_json::json!({ "a": {} }), Ok(r#"{"a":{"b":{"c":1},"d/e":2}}"#)),
        (
            serde_json::json!({ "a": { "b": { "x": [0] }, "y": 1 } }),
            Ok(r#"{"a":{"b":{"x":[0],"c":1},"y":1,"d/e":2}}"#),
        ),
        (serde_json::json!({ "a": null }), Err("has the field `/a/b/c`")),
        (serde_json::json!({ "a": { "b": [1] } }), Err("has the field `/a/b/c`")),
        (serde_json::json!({ "a": { "b": { "c": null } } }), Err("has the field `/a/b/c`")),
        (serde_json::json!({ "a": { "d/e": 1 } }), Err("has the field `/a/d~1e`")),
        (serde_json::json!(null), Err("must be a struct or a map")),
        (serde_json::json!("text"), Err("must be a struct or a map")),
    ];
    for (model, expected) in rows {
        let request = things().deep(&model).build();
        match expected {
            Ok(expected) => assert_eq!(sent(request).1, expected),
            Err(expected) => {
                let error = request.unwrap_err().to_string();
                assert!(error.contains(expected), "{model}: {error}");
            }
        }
    }
}

/// The expected text is that of Python's `urllib.parse.urlencode`, which requests and httpx use.
#[test]
fn a_form_is_encoded_as_python_encodes_it() {
    let rows = [
        ("a b", "prefix=a+b"),
        ("a+b&c=d/\u{e9}~*-._!'()", "prefix=a%2Bb%26c%3Dd%2F%C3%A9~%2A-._%21%27%28%29"),
        ("", "prefix="),
        ("a\r\nb", "prefix=a%0D%0Ab"),
        ("\u{1f600}", "prefix=%F0%9F%98%80"),
        ("100%", "prefix=100%25"),
        ("%20", "prefix=%2520"),
    ];
    for (prefix, expected) in rows {
        let (content_type, body) = sent(things().shelves().prefix(prefix).build());
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        assert_eq!(body, format!("Action=ListShelves&Version=2020-01-01&{expected}"));
    }
}

#[test]
fn a_form_has_fields_lists_and_structs() {
    let address = Address { city: "Bern", line: None };
    let customer =
        Customer { name: "Ana", address: Address { city: "Bern", line: Some("1 a") }, tags: &["x", "y"] };
    let rows = [
        (things().shelves().build(), "Action=ListShelves&Version=2020-01-01"),
        (
            things().shelves().tags(&["x", "y z"]).prefix("p").prefix("q").build(),
            "Action=ListShelves&Version=2020-01-01&tags%5B%5D=x&tags%5B%5D=y+z&prefix=q",
        ),
        (things().form_of_options().build(), ""),
        (things().form_of_options().a(1).build(), "a=1"),
        (things().nested(&address, 7).build(), "address%5Bcity%5D=Bern&plain=7"),
        (
            things().create(&customer).build(),
            "source=sdk&name=Ana&address%5Bcity%5D=Bern&address%5Bline%5D=1+a&tags%5B%5D=x&tags%5B%5D=y",
        ),
        (things().map(&BTreeMap::from([("user", "a b")])).build(), "grant_type=password&user=a+b"),
    ];
    for (request, expected) in rows {
        assert_eq!(sent(request), ("application/x-www-form-urlencoded".to_owned(), expected.to_owned()));
    }
    let error = things().unstyled(&address).build().unwrap_err().to_string();
    assert!(error.contains("`nested = \"brackets\"`") && error.contains("`address`"), "{error}");
}

#[tokio::test]
async fn a_body_is_sent_as_it_is() {
    let (transport, requests) = recording(|_, _| Ok(respond(200, "")));
    let things = Acme::builder().transport(transport).build().unwrap().things();
    let text = String::from("text");
    things.put("a/b", "static").await.unwrap();
    things.put("a", text.as_str()).await.unwrap();
    things.put("a", text.clone()).await.unwrap();
    things.put("a", &b"bytes"[..]).await.unwrap();
    things.put("a", vec![b'v']).await.unwrap();
    things.put("a", Bytes::from_static(b"b")).await.unwrap();
    things.put("a", Body::empty()).await.unwrap();
    things.note().await.unwrap();
    things.note().text("later").await.unwrap();
    things.own_type("image/png", vec![b'p']).await.unwrap();
    things.merge(&Address { city: "Bern", line: None }).await.unwrap();
    things.search(&Address { city: "Bern", line: None }).await.unwrap();
    let found: Vec<_> = requests
        .all()
        .iter()
        .map(|seen| format!("{} [{}] {}", seen.line(), seen.header("content-type"), seen.body))
        .collect();
    let expected = [
        "PUT /x/a/b [application/octet-stream] static",
        "PUT /x/a [application/octet-stream] text",
        "PUT /x/a [application/octet-stream] text",
        "PUT /x/a [application/octet-stream] bytes",
        "PUT /x/a [application/octet-stream] v",
        "PUT /x/a [application/octet-stream] b",
        "PUT /x/a [application/octet-stream] ",
        "POST /x/notes [] ",
        "POST /x/notes [text/plain; charset=utf-8] later",
        "PUT /x/own-type [image/png] p",
        r#"PATCH /x/merge [application/merge-patch+json] {"city":"Bern","line":null}"#,
        r#"GET /x/search [application/json] {"city":"Bern","line":null}"#,
    ];
    assert_eq!(found, expected);
}

/// A field that is secret is sent, and shown nowhere.
#[tokio::test(start_paused = true)]
async fn a_secret_field_is_not_shown() {
    let (transport, requests) = recording(|_, seen| {
        Ok(respond(400, &format!(r#"{{"message":"got {}"}}"#, seen.body.replace('"', "'"))))
    });
    let things = Acme::builder().transport(transport).build().unwrap().things();
    let error = things.secret("ana", &Secret::new("hunter22")).await.unwrap_err();
    assert_eq!(requests.all()[0].body, r#"{"user":"ana","password":"hunter22"}"#);
    let shown = format!("{error} {error:?} {}", error.report());
    assert!(!shown.contains("hunter22") && shown.contains("ana"), "{shown}");
}

/// A retry sends the same fields again.
#[tokio::test(start_paused = true)]
async fn fields_are_sent_again_by_a_retry() {
    let (transport, requests) = recording(|_, _| Ok(respond(429, "")));
    let things = Acme::builder().transport(transport).build().unwrap().things();
    things.lend(1).id(2).await.unwrap_err();
    let bodies: Vec<_> = requests.all().iter().map(|seen| seen.body.clone()).collect();
    assert_eq!(bodies, [r#"{"daysOut":1,"ID":2}"#; 3]);
}

#[derive(Serialize)]
#[serde(rename = "Shelf")]
struct Shelf<'a> {
    #[serde(rename = "@id")]
    id: u8,
    title: &'a str,
}

#[endpoint(path = "/shelves")]
struct Shelves;

#[endpoint]
impl Shelves {
    #[put("/{id}")]
    fn put(&self, id: u8, #[xml] shelf: &Shelf<'_>) -> Call<()>;

    #[post]
    fn add(&self, #[xml(content_type = "text/xml; charset=utf-8")] shelf: Option<&Shelf<'_>>) -> Call<()>;
}

#[test]
fn a_body_is_xml() {
    let shelves = Acme::builder().transport(offline()).build().unwrap();
    let shelves = shelves.shelves();
    let shelf = Shelf { id: 7, title: "R&D" };
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?><Shelf id="7"><title>R&amp;D</title></Shelf>"#;
    assert_eq!(sent(shelves.put(7, &shelf).build()), ("application/xml".to_owned(), expected.to_owned()));
    let added = shelves.add().shelf(&shelf).build();
    assert_eq!(sent(added), ("text/xml; charset=utf-8".to_owned(), expected.to_owned()));
    assert_eq!(sent(shelves.add().build()), (String::new(), String::new()));
}
