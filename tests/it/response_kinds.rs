//! What each return type does with each kind of response: its status, its body, and its content type.

use apisession::Xml;
use apisession::prelude::*;
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[derive(Debug, ApiResponse)]
enum Started {
    #[status(200)]
    Done(Event),
    #[status(202)]
    Accepted(Event),
    #[status(204)]
    Nothing,
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/json")]
    fn json(&self) -> Call<Event>;
    #[get("/json")]
    fn maybe_json(&self) -> Call<Option<Event>>;
    #[get("/name")]
    fn name(&self) -> Call<String>;
    #[get("/unit")]
    fn unit(&self) -> Call<()>;
    #[get("/unit")]
    fn maybe_unit(&self) -> Call<Option<()>>;
    #[get("/text")]
    fn text(&self) -> Call<Text>;
    #[get("/text")]
    fn maybe_text(&self) -> Call<Option<Text>>;
    #[get("/bytes")]
    fn bytes(&self) -> Call<Bytes>;
    #[get("/bytes")]
    fn maybe_bytes(&self) -> Call<Option<Bytes>>;
    #[get("/xml")]
    fn xml(&self) -> Call<Xml<Event>>;
    #[get("/xml")]
    fn maybe_xml(&self) -> Call<Option<Xml<Event>>>;
    #[get("/xml")]
    fn xml_text(&self) -> Call<Xml<String>>;
    #[get("/whole")]
    fn whole(&self) -> Call<Response>;
    #[get("/whole")]
    fn whole_json(&self) -> Call<Response<Event>>;
    #[get("/whole")]
    fn maybe_whole_json(&self) -> Call<Option<Response<Event>>>;
    #[get("/whole")]
    fn whole_maybe_json(&self) -> Call<Response<Option<Event>>>;
    #[get("/started")]
    fn started(&self) -> Call<Started>;
    #[get("/started")]
    fn maybe_started(&self) -> Call<Option<Started>>;
    #[get("/location")]
    fn location(&self) -> Call<Location>;
    #[get("/location")]
    fn maybe_location(&self) -> Call<Option<Location>>;
    #[post("/location")]
    fn create(&self) -> Call<Location>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

/// A value, or a part of the message of the error.
type Expected = Result<&'static str, &'static str>;

type Headers = &'static [(&'static str, &'static str)];

/// The endpoint of a vendor that returns this response.
fn things(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Things {
    let (headers, body) = (headers.to_vec(), body.to_vec());
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    let (transport, _) = recording(move |_, seen| {
        if seen.url.path() == "/moved" {
            return Ok(respond(200, r#"{"id":8}"#));
        }
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

#[cfg(not(feature = "charset"))]
#[tokio::test]
async fn another_charset_than_utf_8_needs_the_feature() {
    const MISSING: Expected =
        Err("has another charset than UTF-8, which only the feature `charset` of `apisession` reads");
    let rows: [(&str, &[u8], [Expected; 2]); 7] = [
        ("text/plain; charset=utf-8", "Zürich".as_bytes(), [Ok("Zürich"); 2]),
        ("text/plain; charset=ISO-8859-1", b"Zurich", [Ok("Zurich"); 2]),
        ("text/plain; charset=ISO-8859-1", b"Z\xfcrich", [MISSING; 2]),
        ("text/plain; charset=ISO-8859-1", "ü".as_bytes(), [MISSING, Ok("ü")]),
        ("text/plain; charset=utf-16le", b"a\0", [MISSING; 2]),
        ("text/plain", b"\xff\xfea\0", [MISSING; 2]),
        ("text/plain", b"Z\xfcrich", [Err("it is not UTF-8 "), Err("invalid unicode code point")]),
    ];
    for (content_type, body, [text, json]) in rows {
        let found = things(200, &[("content-type", content_type)], body).text().await.map(|text| text.0);
        check(&found, text, content_type);
        let found = things(200, &[("content-type", content_type)], &quoted(body)).name().await;
        check(&found, json, content_type);
    }
}

#[cfg(feature = "charset")]
#[tokio::test]
async fn text_json_and_xml_have_the_charset_that_they_declare() {
    let latin = "text/plain; charset=ISO-8859-1";
    // A content type, a body, and what it is as text, as the string of a JSON document, and as the text of an XML document.
    let rows: [(&str, &[u8], [Expected; 2]); 12] = [
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
        check(&found, text, content_type);
        let found = things(200, headers, &quoted(body)).name().await;
        check(&found, json, content_type);
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
        let found =
            things(200, &[("content-type", content_type)], &body).xml_text().await.map(Xml::into_inner);
        check(&found, expected, content_type);
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
fn check(found: &Result<String>, expected: Expected, row: &str) {
    match (found, expected) {
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

/// What a table shows of a value.
trait Show {
    fn show(&self) -> String;
}

impl Show for () {
    fn show(&self) -> String {
        "()".to_owned()
    }
}

impl Show for Event {
    fn show(&self) -> String {
        self.id.to_string()
    }
}

impl Show for Xml<Event> {
    fn show(&self) -> String {
        self.id.to_string()
    }
}

impl Show for Text {
    fn show(&self) -> String {
        format!("{}c", self.0.chars().count())
    }
}

impl Show for Bytes {
    fn show(&self) -> String {
        format!("{}B", self.len())
    }
}

impl Show for Response {
    fn show(&self) -> String {
        format!("{}:{}B", self.status().as_u16(), self.body().unwrap().len())
    }
}

impl<T: Show> Show for Response<T> {
    fn show(&self) -> String {
        format!("{}:{}", self.status().as_u16(), self.value().show())
    }
}

impl Show for Started {
    fn show(&self) -> String {
        match self {
            Self::Done(event) => format!("Done({})", event.id),
            Self::Accepted(event) => format!("Acc({})", event.id),
            Self::Nothing => "Nothing".to_owned(),
        }
    }
}

impl Show for Location {
    fn show(&self) -> String {
        self.expose().trim_start_matches("https://api.test").to_owned()
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or("None".to_owned(), Show::show)
    }
}

/// A cell: the value, or the kind of the error.
async fn cell<T: Show>(call: Call<T>) -> String {
    match call.await {
        Ok(value) => value.show(),
        Err(error) => format!("!{:?}", error.kind()),
    }
}

/// A row: what each return type makes of the response.
async fn row(name: &str, things: &Things) -> [String; 17] {
    [
        name.to_owned(),
        cell(things.json()).await,
        cell(things.maybe_json()).await,
        cell(things.unit()).await,
        cell(things.maybe_unit()).await,
        cell(things.text()).await,
        cell(things.maybe_text()).await,
        cell(things.maybe_bytes()).await,
        cell(things.xml()).await,
        cell(things.maybe_xml()).await,
        cell(things.whole()).await,
        cell(things.maybe_whole_json()).await,
        cell(things.whole_maybe_json()).await,
        cell(things.started()).await,
        cell(things.maybe_started()).await,
        cell(things.location()).await,
        cell(things.maybe_location()).await,
    ]
}

/// The table with its cells below each other.
fn aligned(rows: &[[String; 17]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let line = |row: &[String; 17]| {
        let cells =
            row.iter().enumerate().map(|(column, cell)| format!("{cell:width$}", width = width(column)));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `None` is a value that is absent, a word after `!` the kind of an error. Of a text the number of its characters is shown, of bytes their
/// number. A redirect leads to another event, which has the number 8.
const TABLE: &str = r"
                   Event       Opt         ()          Opt<()>     Text        Opt         Opt<Bytes>  Xml         Opt         Response    Opt<R<E>>   R<Opt<E>>   Started     Opt         Location    Opt
200 JSON           7           7           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:7       200:7       Done(7)     Done(7)     !Decode     None
200 JSON as HTML   7           7           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:7       200:7       Done(7)     Done(7)     !Decode     None
200 JSON, no type  7           7           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:7       200:7       Done(7)     Done(7)     !Decode     None
200 JSON after BOM 7           7           ()          ()          8c          8c          11B         !Decode     !Decode     200:11B     200:7       200:7       Done(7)     Done(7)     !Decode     None
200 JSON in UTF-16 7           7           ()          ()          8c          8c          18B         !Decode     !Decode     200:18B     200:7       200:7       Done(7)     Done(7)     !Decode     None
200 another JSON   !Decode     !Decode     ()          ()          10c         10c         10B         !Decode     !Decode     200:10B     !Decode     !Decode     !Decode     !Decode     !Decode     None
200 null           !Decode     None        ()          ()          4c          4c          4B          !Decode     !Decode     200:4B      !Decode     200:None    !Decode     !Decode     !Decode     None
200 XML            !Decode     !Decode     ()          ()          25c         25c         25B         7           7           200:25B     !Decode     !Decode     !Decode     !Decode     !Decode     None
200 empty          !Decode     None        ()          ()          0c          None        None        !Decode     None        200:0B      None        200:None    !Decode     None        !Decode     None
200 blank          !Decode     None        ()          ()          3c          3c          3B          !Decode     None        200:3B      None        200:None    !Decode     None        !Decode     None
200 HTML           !Decode     !Decode     ()          ()          37c         37c         37B         !Decode     !Decode     200:37B     !Decode     !Decode     !Decode     !Decode     !Decode     None
200 Latin-1        !Decode     !Decode     ()          ()          6c          6c          6B          !Decode     !Decode     200:6B      !Decode     !Decode     !Decode     !Decode     !Decode     None
200 not UTF-8      !Decode     !Decode     ()          ()          !Decode     !Decode     10B         !Decode     !Decode     200:10B     !Decode     !Decode     !Decode     !Decode     !Decode     None
200 and place      7           7           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:7       200:7       Done(7)     Done(7)     /moved      /moved
201 JSON           7           7           ()          ()          8c          8c          8B          !Decode     !Decode     201:8B      201:7       201:7       !Decode     !Decode     /moved      /moved
201 empty          !Decode     None        ()          ()          0c          None        None        !Decode     None        201:0B      None        201:None    !Decode     None        /moved      /moved
202 JSON           7           7           ()          ()          8c          8c          8B          !Decode     !Decode     202:8B      202:7       202:7       Acc(7)      Acc(7)      !Decode     None
202 empty          !Decode     None        ()          ()          0c          None        None        !Decode     None        202:0B      None        202:None    !Decode     None        /moved      /moved
204                !Decode     None        ()          ()          0c          None        None        !Decode     None        204:0B      None        204:None    Nothing     Nothing     !Decode     None
205                !Decode     None        ()          ()          0c          None        None        !Decode     None        205:0B      None        205:None    !Decode     None        !Decode     None
206 JSON           7           7           ()          ()          8c          8c          8B          !Decode     !Decode     206:8B      206:7       206:7       !Decode     !Decode     !Decode     None
301                8           8           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:8       200:8       Done(8)     Done(8)     /moved      /moved
302                8           8           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:8       200:8       Done(8)     Done(8)     /moved      /moved
303                8           8           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:8       200:8       Done(8)     Done(8)     /moved      /moved
304                !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect
307                8           8           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:8       200:8       Done(8)     Done(8)     /moved      /moved
308                8           8           ()          ()          8c          8c          8B          !Decode     !Decode     200:8B      200:8       200:8       Done(8)     Done(8)     /moved      /moved
308, no place      !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Redirect   !Decode     None
404 problem        !NotFound   None        !NotFound   None        !NotFound   None        None        !NotFound   None        !NotFound   None        404:None    !NotFound   None        !NotFound   None
404 empty          !NotFound   None        !NotFound   None        !NotFound   None        None        !NotFound   None        !NotFound   None        404:None    !NotFound   None        !NotFound   None
404 HTML           !NotFound   None        !NotFound   None        !NotFound   None        None        !NotFound   None        !NotFound   None        404:None    !NotFound   None        !NotFound   None
410                !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone       !Gone
502 HTML           !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway !BadGateway
";

#[tokio::test]
async fn each_return_type_has_its_value_for_each_kind_of_response() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const HTML: (&str, &str) = ("content-type", "text/html");
    const LATIN: (&str, &str) = ("content-type", "text/plain; charset=iso-8859-1");
    const PLACE: (&str, &str) = ("location", "/moved");
    let event: &[u8] = br#"{"id":7}"#;
    let rows: [(&str, u16, Headers, &[u8]); 33] = [
        ("200 JSON", 200, &[JSON], event),
        ("200 JSON as HTML", 200, &[HTML], event),
        ("200 JSON, no type", 200, &[], event),
        ("200 JSON after BOM", 200, &[JSON], b"\xef\xbb\xbf{\"id\":7}"),
        ("200 JSON in UTF-16", 200, &[JSON], b"\xff\xfe{\0\"\0i\0d\0\"\0:\x007\0}\0"),
        ("200 another JSON", 200, &[JSON], br#"{"code":7}"#),
        ("200 null", 200, &[JSON], b"null"),
        ("200 XML", 200, &[("content-type", "text/xml")], b"<event><id>7</id></event>"),
        ("200 empty", 200, &[JSON], b""),
        ("200 blank", 200, &[JSON], b" \r\n"),
        ("200 HTML", 200, &[HTML], b"<!doctype html><title>Welcome</title>"),
        ("200 Latin-1", 200, &[LATIN], b"Z\xfcrich"),
        ("200 not UTF-8", 200, &[JSON], b"{\"id\":\"\xfc\"}"),
        ("200 and place", 200, &[JSON, PLACE], event),
        ("201 JSON", 201, &[JSON, PLACE], event),
        ("201 empty", 201, &[PLACE], b""),
        ("202 JSON", 202, &[JSON], event),
        ("202 empty", 202, &[PLACE], b""),
        ("204", 204, &[], b""),
        ("205", 205, &[], b""),
        ("206 JSON", 206, &[JSON], event),
        ("301", 301, &[PLACE], b""),
        ("302", 302, &[PLACE, HTML], b"<p>Moved</p>"),
        ("303", 303, &[PLACE], b""),
        ("304", 304, &[], b""),
        ("307", 307, &[PLACE], b""),
        ("308", 308, &[PLACE], b""),
        ("308, no place", 308, &[], b""),
        ("404 problem", 404, &[("content-type", "application/problem+json")], br#"{"title":"No event"}"#),
        ("404 empty", 404, &[], b""),
        ("404 HTML", 404, &[HTML], b"<title>404</title>"),
        ("410", 410, &[], b""),
        ("502 HTML", 502, &[HTML], b"<title>Bad gateway</title>"),
    ];
    let names = [
        "",
        "Event",
        "Opt",
        "()",
        "Opt<()>",
        "Text",
        "Opt",
        "Opt<Bytes>",
        "Xml",
        "Opt",
        "Response",
        "Opt<R<E>>",
        "R<Opt<E>>",
        "Started",
        "Opt",
        "Location",
        "Opt",
    ];
    let mut table = vec![names.map(str::to_owned)];
    for (name, status, headers, body) in rows {
        table.push(row(name, &things(status, headers, body)).await);
    }
    let found = aligned(&table);
    // A charset other than UTF-8 needs its feature.
    let has_charset = |line: &&str| line.starts_with("200 Latin-1") || line.starts_with("200 JSON in UTF-16");
    let is_read = |line: &&str| cfg!(feature = "charset") || !has_charset(line);
    let lines = |table: &'static str| table.trim_matches('\n').lines().filter(is_read).collect::<Vec<_>>();
    assert_eq!(found.lines().filter(is_read).collect::<Vec<_>>(), lines(TABLE), "\n{found}\n");
}

#[tokio::test]
async fn a_location_is_returned_and_not_followed() {
    let created = |status: u16, place: &str| {
        let headers = [("location", place)];
        things(status, if place.is_empty() { &[] } else { &headers }, b"").create()
    };
    let rows = [
        (201, "/uploads/7", Ok("https://api.test/uploads/7")),
        (201, "7?state=a%3db+c&d", Ok("https://api.test/things/7?state=a%3db+c&d")),
        (202, "//cdn.test/7#top", Ok("https://cdn.test/7")),
        (200, "http://ana:s3cret@api.test/7", Ok("http://api.test/7")),
        (204, "/7", Ok("https://api.test/7")),
        // A redirect is the location, also if the session follows some.
        (301, "/7", Ok("https://api.test/7")),
        (302, "/7", Ok("https://api.test/7")),
        (303, "/7", Ok("https://api.test/7")),
        (307, "/7", Ok("https://api.test/7")),
        (308, "/7", Ok("https://api.test/7")),
        (201, "", Err("it has no `Location`")),
        (303, "", Err("it has no `Location`")),
        (
            201,
            "javascript:s3cret",
            Err(
                "it has a `Location` that has the scheme `javascript`; only `http` and `https` can be called",
            ),
        ),
        (201, "https://[s3cret", Err("it has a `Location` that is not a URL: invalid IPv6 address")),
    ];
    for (status, place, expected) in rows {
        let call = created(status, place).with_redirects(3);
        match (call.await, expected) {
            (Ok(location), Ok(expected)) => {
                assert_eq!(location.expose(), expected);
                assert_eq!(location.expose().parse::<Location>().unwrap(), location);
                assert!(!format!("{location:?}").contains("a%3db"), "{location:?}");
            }
            (Err(error), Err(expected)) => {
                let expected = format!(
                    "Things::create: the response can't be decoded as a location: {expected} (content type: none); if the server sends \
                     none at times, return `Call<Option<Location>>`; if it is in the body, return that"
                );
                assert_eq!((error.kind(), error.to_string()), (ErrorKind::Decode, expected));
            }
            (found, expected) => panic!("{status} {place}: {found:?} is not {expected:?}"),
        }
    }
    assert_eq!(created(300, "/7").await.unwrap_err().kind(), ErrorKind::Redirect);
    assert_eq!(created(404, "/7").await.unwrap_err().kind(), ErrorKind::NotFound);
    // The response itself has the location as well.
    let response = things(201, &[("location", "/7")], b"{\"id\":7}").json().response().await.unwrap();
    assert_eq!(response.location().unwrap().expose(), "https://api.test/7");
    assert_eq!(things(303, &[("location", "/7")], b"").create().raw().await.unwrap().status().as_u16(), 303);
}

#[derive(Debug, ApiResponse)]
#[expect(dead_code, reason = "the fields are shown by `Debug` alone")]
enum Exported {
    #[status(2xx)]
    Other(Response),
    #[status(200, 206)]
    Rows(Text),
    #[status(202)]
    Task(Response<Event>),
    #[status(303)]
    Elsewhere(Location),
}

#[derive(Debug, ApiResponse)]
#[expect(dead_code, reason = "the field is shown by `Debug` alone")]
enum Feed {
    #[status(200)]
    Old(Xml<Event>),
    #[status(203)]
    New(Option<Xml<Event>>),
}

#[endpoint(path = "/exports")]
struct Exports;

#[endpoint]
impl Exports {
    #[get]
    fn get(&self) -> Call<Exported>;
    #[get("/feed")]
    fn feed(&self) -> Call<Feed>;
    #[get("/feed")]
    fn maybe_feed(&self) -> Call<Option<Feed>>;
    #[post]
    fn start(&self) -> Call<Started>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Exporter {
    session: Session,
    #[endpoint]
    exports: Exports,
}

fn exports(status: u16, body: &'static str) -> Exports {
    let (transport, _) = recording(move |_, _| Ok(respond(status, body).with_header("location", "/moved")));
    Exporter::builder().transport(transport).build().unwrap().exports()
}

#[tokio::test]
async fn the_status_selects_the_type_of_the_response() {
    let event = r#"{"id":7}"#;
    let rows = [
        (200, "a,b", "Rows(Text(3 bytes))"),
        (206, "a,b", "Rows(Text(3 bytes))"),
        (202, event, "Task(Response { status: 202,"),
        // An exact status is before its class, wherever it stands.
        (201, "a,b", "Other(Response { status: 201,"),
        (204, "", "Other(Response { status: 204,"),
        (303, "", "Elsewhere(Location(\"https://api.test/moved\"))"),
    ];
    for (status, body, expected) in rows {
        let found = format!("{:?}", exports(status, body).get().await.unwrap());
        assert!(found.starts_with(expected), "{status}: {found}");
    }
    let rows = [
        (201, "its status, 201 Created, is none of those that the type declares: 200, 202, 204"),
        (299, "its status, 299, is none of those that the type declares: 200, 202, 204"),
    ];
    for (status, expected) in rows {
        let error = exports(status, event).start().await.unwrap_err();
        let expected = format!(
            "Exports::start: the response can't be decoded as a variant of the type `Started`: {expected} (content type: \
             application/json); add a variant with this status, or with `2xx`"
        );
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Decode, expected));
    }
    assert_eq!(exports(307, event).get().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(exports(404, event).start().await.unwrap_err().kind(), ErrorKind::NotFound);
    let error = exports(202, "{}").start().await.unwrap_err();
    assert!(error.to_string().contains("as JSON of the type `Event`: missing field `id`"), "{error}");
    // The request accepts what all variants accept, or else anything.
    let accept = |request: apisession::Request| request.headers["accept"].to_str().unwrap().to_owned();
    assert_eq!(accept(exports(200, "").get().build().unwrap()), "*/*");
    assert_eq!(accept(exports(200, "").feed().build().unwrap()), "application/xml");
    assert_eq!(accept(exports(200, "").start().build().unwrap()), "application/json");
    // An `Option` of it is absent where its variant is.
    assert!(exports(200, "").maybe_feed().await.unwrap().is_none());
    assert!(exports(205, "").maybe_feed().await.unwrap().is_none());
    assert!(exports(404, "").maybe_feed().await.unwrap().is_none());
    assert!(matches!(exports(203, "").maybe_feed().await.unwrap(), Some(Feed::New(None))));
    assert!(exports(205, "x").maybe_feed().await.is_err());
}
