//! What each return type does with each kind of response: its status, its body, and its content type.

use apisession::Xml;
use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/json")]
    fn json(&self) -> Call<Event>;
    #[get("/name")]
    fn name(&self) -> Call<String>;
    #[get("/text")]
    fn text(&self) -> Call<Text>;
    #[get("/xml")]
    fn xml(&self) -> Call<Xml<String>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

/// The endpoint of a vendor that returns this response.
fn things(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Things {
    let (headers, body) = (headers.to_vec(), body.to_vec());
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    let (transport, _) = recording(move |_, _| {
        let response = Response::new(respond(status, "").status()).with_body(body.clone());
        Ok(headers.iter().fold(response, |response, (name, value)| response.with_header(name, value)))
    });
    Acme::builder().transport(transport).build().unwrap().things()
}

#[tokio::test]
async fn json_is_decoded_whatever_its_content_type_and_the_error_names_both_types() {
    let rows = [
        (None, "none"),
        (Some("application/json"), "application/json"),
        (Some("application/vnd.acme.v2+json; charset=utf-8"), "another of `+json`"),
        (Some("application/hal+json"), "application/hal+json"),
        (Some("text/html"), "text/html"),
        (Some("text/plain"), "text/plain"),
        (Some("application/octet-stream"), "application/octet-stream"),
        (Some("nonsense"), "another"),
        (Some(""), "another"),
    ];
    for (content_type, named) in rows {
        let headers: Vec<_> = content_type.map(|value| ("content-type", value)).into_iter().collect();
        assert_eq!(things(200, &headers, b"{\"id\":7}").json().await.unwrap(), Event { id: 7 });
        let error = things(200, &headers, b"<p>Welcome</p>").json().await.unwrap_err();
        let expected = format!(
            "Things::json: the response can't be decoded as JSON of the type `Event`: expected value at line 1 column 1 (content \
             type: {named})"
        );
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Decode, expected));
    }
    let error = things(200, &[], b"{}").json().json_as::<Option<Vec<Event>>>().await.unwrap_err();
    assert!(error.to_string().contains("as JSON of the type `Option<Vec<Event>>`: "), "{error}");
}

#[tokio::test]
async fn text_json_and_xml_have_the_charset_that_they_declare() {
    let latin = "text/plain; charset=ISO-8859-1";
    // A content type, a body, and what it is as text, as the string of a JSON document, and as the text of an XML document.
    let rows: [(&str, &[u8], [Result<&str, &str>; 2]); 12] = [
        ("text/plain", "Zürich".as_bytes(), [Ok("Zürich"); 2]),
        ("text/plain", "\u{feff}Zürich".as_bytes(), [Ok("Zürich"); 2]),
        ("", "Zürich".as_bytes(), [Ok("Zürich"); 2]),
        (latin, b"Z\xfcrich", [Ok("Zürich"); 2]),
        ("application/json; charset=\"latin1\"", b"Z\xfcrich", [Ok("Zürich"); 2]),
        ("text/plain; charset=utf-16le", b"a\0", [Ok("a"); 2]),
        // JSON that can be read as UTF-8 is UTF-8, whatever is declared.
        (latin, "ü".as_bytes(), [Ok("Ã¼"), Ok("ü")]),
        // What is at the start of the bytes below is the mark of UTF-16.
        ("text/plain; charset=utf-8", b"\xff\xfea\0", [Ok("a"); 2]),
        ("text/plain", b"Z\xfcrich", [Err("it is not UTF-8 "), Err("invalid unicode code point")]),
        (
            "text/plain; charset=shift_jis",
            b"\x93",
            [Err("it is not Shift_JIS, the charset that its content type declares "), Err("invalid unicode")],
        ),
        (
            "text/plain; charset=s3cret",
            b"\xfc",
            [
                Err("it is not UTF-8, and the charset that its content type declares is unknown "),
                Err("invalid unicode"),
            ],
        ),
        (
            "text/plain; charset=utf-8",
            b"\xfe\xff\0",
            [Err("it is not UTF-16BE, as its byte order mark"), Err("expected value")],
        ),
    ];
    for (content_type, body, [text, json]) in rows {
        let headers: &[_] = if content_type.is_empty() { &[] } else { &[("content-type", content_type)] };
        let found = things(200, headers, body).text().await.map(|text| text.0);
        check(found, text, content_type);
        let found = things(200, headers, &quoted(body)).name().await;
        check(found, json, content_type);
    }
    let xml = |encoding: &str, text: &[u8]| {
        let start = format!("<?xml version='1.0' encoding='{encoding}'?><a>");
        [start.as_bytes(), text, b"</a>"].concat()
    };
    let rows = [
        ("application/xml", xml("ISO-8859-1", b"Z\xfcrich"), Ok("Zürich")),
        ("application/xml", xml("utf-8", "Zürich".as_bytes()), Ok("Zürich")),
        // Some servers declare the charset of the strings of their language.
        ("application/xml", xml("utf-16", "Zürich".as_bytes()), Ok("Zürich")),
        ("text/xml; charset=iso-8859-1", xml("utf-8", b"Z\xfcrich"), Ok("Zürich")),
        ("application/xml", xml("utf-8", b"Z\xfcrich"), Err("it is not UTF-8, which it declares ")),
        ("application/xml", xml("s3cret", b"Z\xfcrich"), Err("it is not UTF-8 ")),
    ];
    for (content_type, body, expected) in rows {
        let found = things(200, &[("content-type", content_type)], &body).xml().await.map(Xml::into_inner);
        check(found, expected, content_type);
    }
}

/// The bytes in quotes, behind their byte order mark. Those in UTF-16 have two bytes per character.
fn quoted(text: &[u8]) -> Vec<u8> {
    let (mark, text) = match text {
        [0xff, 0xfe, rest @ ..] => (&b"\xff\xfe"[..], rest),
        [0xfe, 0xff, rest @ ..] => (&b"\xfe\xff"[..], rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => (&b"\xef\xbb\xbf"[..], rest),
        _ => (&b""[..], text),
    };
    let quote: &[u8] = if text.ends_with(b"\0") { b"\"\0" } else { b"\"" };
    [mark, quote, text, quote].concat()
}

/// Compares a result with what is expected of it: a value, or a part of the error's message.
#[track_caller]
fn check(found: Result<String>, expected: Result<&str, &str>, row: &str) {
    match (&found, expected) {
        (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{row}"),
        (Err(error), Err(expected)) => {
            assert_eq!(error.kind(), ErrorKind::Decode, "{row}: {error}");
            assert!(
                error.to_string().contains(expected) && !error.report().contains("s3cret"),
                "{row}: {error}"
            );
        }
        _ => panic!("{row}: {found:?} is not {expected:?}"),
    }
}
