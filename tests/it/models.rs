//! The types and derives for models: what is absent, unknown or secret is kept so.

use std::collections::BTreeMap;

use apisession::prelude::*;
use apisession::{Base64Url, Values};
use apisession_tests::{offline, recording, respond, tokio};
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Edit {
    #[serde(default, skip_serializing_if = "Patch::is_unset")]
    title: Patch<String>,
    #[serde(default, skip_serializing_if = "Patch::is_unset")]
    room: Patch<u32>,
}

/// Without `skip_serializing_if`.
#[derive(Serialize)]
struct Careless {
    title: Patch<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, OpenEnum)]
#[open_enum(rename_all = "kebab-case")]
enum Kind {
    ThumbsUp,
    #[open_enum("+1")]
    PlusOne,
    #[open_enum("")]
    Empty,
    r#Type,
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, OpenEnum)]
enum Level {
    #[open_enum(-1)]
    Low,
    #[open_enum(0x10)]
    High,
    #[open_enum(-9223372036854775808)]
    Least,
    Unknown(i64),
}

#[derive(Multipart)]
struct Upload {
    title: Patch<&'static str>,
    picture: Base64,
}

#[endpoint(path = "/x")]
struct Things;

#[endpoint]
impl Things {
    #[patch("/json")]
    fn edit(&self, #[json] edit: &Edit) -> Call<()>;
    #[patch("/careless")]
    fn careless(&self, #[json] edit: &Careless) -> Call<()>;
    #[patch("/fields")]
    fn fields(
        &self,
        #[field] title: Patch<&str>,
        #[field("/in/room")] room: Patch<u32>,
        #[field] picture: &Base64,
    ) -> Call<()>;
    #[patch("/struct")]
    fn structs(&self, #[field] careless: &Careless) -> Call<()>;
    #[post("/form", form)]
    fn form(&self, #[field] title: Patch<&str>, #[field] picture: Base64Url) -> Call<()>;
    #[post("/form")]
    fn whole(&self, #[form] edit: &Edit) -> Call<()>;
    #[post("/form")]
    fn careless_form(&self, #[form] edit: &Careless) -> Call<()>;
    #[post("/parts")]
    fn parts(&self, #[multipart] upload: &Upload) -> Call<()>;
    #[get("/{id}")]
    fn bytes(
        &self,
        id: &Base64Url,
        #[query] title: Patch<&str>,
        #[header("x-room")] room: Patch<u32>,
    ) -> Call<()>;
}

#[endpoint(path = "/kinds")]
struct Kinds;

#[endpoint]
impl Kinds {
    #[post("/{kind}/{level}")]
    fn post(
        &self,
        kind: &Kind,
        level: Level,
        #[query(list = "comma")] kinds: &[Kind],
        #[query] levels: Option<&[Level]>,
        #[header("x-kind")] header: Option<Kind>,
        #[field("kind")] field: &Kind,
        #[field("level")] number: Option<Level>,
    ) -> Call<Vec<Kind>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[endpoint]
    kinds: Kinds,
}

fn things() -> Things {
    Acme::builder().transport(offline()).build().unwrap().things().clone()
}

/// The body as text, or the error.
fn body(request: Result<apisession::Request>) -> String {
    match request {
        Ok(request) => String::from_utf8(request.body.as_bytes().unwrap().to_vec()).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_patch_is_absent_null_or_a_value() {
    let edit = |title, room| Edit { title, room };
    let rows = [
        (edit(Patch::Unset, Patch::Unset), "{}"),
        (edit(Patch::Null, Patch::Unset), r#"{"title":null}"#),
        (edit("a".into(), Patch::Null), r#"{"title":"a","room":null}"#),
        (edit(Patch::or_unset(None), Patch::or_null(Some(7))), r#"{"room":7}"#),
    ];
    for (edit, expected) in rows {
        assert_eq!(body(things().edit(&edit).build()), expected);
        assert_eq!(serde_json::from_str::<Edit>(expected).unwrap(), edit);
        assert_eq!(serde_json::from_value::<Edit>(serde_json::to_value(&edit).unwrap()).unwrap(), edit);
    }
    assert_eq!(Patch::from(1).value(), Some(1));
    assert_eq!((Patch::<u8>::default().is_unset(), Patch::<u8>::Null.is_null()), (true, true));
}

#[test]
fn an_unset_patch_is_sent_nowhere_and_a_null_only_in_json() {
    let (things, picture) = (things(), Base64::from(b"\xfb\xff"));
    let careless = Careless { title: Patch::Unset };
    let edit = Edit { title: Patch::Unset, room: 7.into() };
    let null = Edit { title: Patch::Null, room: 7.into() };
    let rows = [
        (things.fields(Patch::Unset, Patch::Unset, &picture).build(), r#"{"picture":"+/8="}"#),
        (
            things.fields(Patch::Null, 7.into(), &picture).build(),
            r#"{"title":null,"in":{"room":7},"picture":"+/8="}"#,
        ),
        (things.form(Patch::Unset, Base64Url::from(b"\xfb\xff")).build(), "picture=-_8"),
        (things.form("a".into(), Base64Url::default()).build(), "title=a&picture="),
        (things.whole(&edit).build(), "room=7"),
        (things.careless_form(&careless).build(), ""),
    ];
    for (request, expected) in rows {
        assert_eq!(body(request), expected);
    }
    let fails = [
        (
            things.careless(&careless).build(),
            "`#[serde(default, skip_serializing_if = \"Patch::is_unset\")]` above the field",
        ),
        (
            things.structs(&careless).build(),
            "`#[serde(default, skip_serializing_if = \"Patch::is_unset\")]` above the field",
        ),
        (things.form(Patch::Null, Base64Url::default()).build(), "is null, which only JSON can express"),
        (things.whole(&null).build(), "is null, which only JSON can express"),
        (
            things.bytes(&Base64Url::from(b"x"), Patch::Null, Patch::Unset).build(),
            "is null, which only JSON can express",
        ),
    ];
    for (request, expected) in fails {
        let error = request.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let request = things.bytes(&Base64Url::from(b"\xfb\xff"), Patch::Unset, Patch::Unset).build().unwrap();
    assert_eq!((request.url.as_str(), request.headers.get("x-room")), ("https://api.test/x/-_8", None));
    let request = things.bytes(&Base64Url::from(b"x"), "a".into(), 7.into()).build().unwrap();
    assert_eq!(
        (request.url.as_str(), request.headers["x-room"].as_bytes()),
        ("https://api.test/x/eA?title=a", &b"7"[..])
    );
}

#[tokio::test]
async fn an_unset_patch_is_no_part() {
    let sent = async |title| {
        let upload = Upload { title, picture: Base64::from(b"hello") };
        let mut request = things().parts(&upload).build()?;
        let mut text = String::new();
        while let Some(piece) = request.body.chunk().await? {
            text += &String::from_utf8_lossy(&piece);
        }
        Ok::<_, Error>((text.contains("name=\"title\""), text.contains("aGVsbG8=")))
    };
    assert_eq!(sent(Patch::Unset).await.unwrap(), (false, true));
    assert_eq!(sent("a".into()).await.unwrap(), (true, true));
    assert!(
        sent(Patch::Null).await.unwrap_err().to_string().contains("is null, which only JSON can express")
    );
}

#[test]
fn base64_is_read_leniently_and_never_quoted() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Blob {
        content: Base64,
    }
    let rows = [("+/8=", "+/8="), ("-_8", "+/8="), ("aGVs\nbG8=\n", "aGVsbG8="), ("", "")];
    for (text, expected) in rows {
        let blob: Blob = serde_json::from_value(json!({ "content": text })).unwrap();
        assert_eq!(serde_json::to_value(&blob).unwrap(), json!({ "content": expected }));
        assert_eq!(blob.content.to_string(), expected);
    }
    let blob: Blob = serde_json::from_str(r#"{"content":"czNjcmV0"}"#).unwrap();
    assert_eq!(format!("{blob:?}"), "Blob { content: Base64(6 bytes) }");
    for text in [r#"{"content":"s3cret!"}"#, r#"{"content":7}"#] {
        let error = serde_json::from_str::<Blob>(text).unwrap_err().to_string();
        assert!(error.contains("expected bytes as base64") && !error.contains("s3cret"), "{error}");
    }
}

/// A text with every kind of character.
fn text(random: &mut Rng) -> String {
    let edge = ['"', '\\', '/', '\0', '\u{7f}', 'é', '\u{2028}', '\u{1f600}', '\u{ffff}', ' '];
    let one = |random: &mut Rng| match random.u8(0..3) {
        0 => edge[random.usize(0..edge.len())],
        1 => random.alphanumeric(),
        _ => random.char(..),
    };
    (0..random.usize(0..12)).map(|_| one(random)).collect()
}

/// Decodes and encodes again.
fn again<T: serde::de::DeserializeOwned + Serialize>(json: &str) -> String {
    serde_json::to_string(&serde_json::from_str::<T>(json).unwrap_or_else(|error| panic!("{json}: {error}")))
        .unwrap()
}

#[test]
fn any_value_of_an_open_enum_survives() {
    let random = &mut Rng::with_seed(7);
    for _ in 0..5_000 {
        let (text, number) = (text(random), random.i64(..));
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(again::<Kind>(&json), json);
        assert_eq!(
            again::<BTreeMap<Kind, Vec<Kind>>>(&format!("{{{json}:[{json}]}}")),
            format!("{{{json}:[{json}]}}")
        );
        assert_eq!(Kind::from(text.as_str()).to_string(), text);
        assert_eq!(text.parse::<Kind>().unwrap().as_str(), text);
        let json = number.to_string();
        assert_eq!(again::<Level>(&json), json);
        assert_eq!(
            again::<BTreeMap<Level, Level>>(&format!("{{\"{json}\":{json}}}")),
            format!("{{\"{json}\":{json}}}")
        );
        assert_eq!(json.parse::<Level>().unwrap().to_string(), json);
    }
    for text in ["thumbs-up", "+1", "", "type"] {
        assert!(!matches!(Kind::from(text), Kind::Other(_)), "{text}");
        assert_eq!(Kind::from(text).as_str(), text);
    }
    for number in [-1, 16, i64::MIN] {
        assert!(!matches!(Level::from(number), Level::Unknown(_)), "{number}");
        assert_eq!(Level::from(number).as_i64(), number);
    }
    const KINDS: Values = <Kind as apisession::OpenEnum>::VALUES;
    const LEVELS: Values = <Level as apisession::OpenEnum>::VALUES;
    assert_eq!(KINDS, Values::Text(&["thumbs-up", "+1", "", "type"]));
    assert_eq!(LEVELS, Values::Integers(&[-1, 16, i64::MIN]));
    assert_eq!(format!("[{:>4}|{:<4}]", Kind::PlusOne, Level::High), "[  +1|16  ]");
}

#[test]
fn a_value_of_another_type_is_an_error_that_tells_what_is_expected() {
    let rows = [
        (
            serde_json::from_str::<Kind>("7").unwrap_err(),
            "invalid type: integer `7`, expected a string at line 1 column 1",
        ),
        (
            serde_json::from_str::<Kind>("null").unwrap_err(),
            "invalid type: null, expected a string at line 1 column 4",
        ),
        (
            serde_json::from_str::<Level>("\"1\"").unwrap_err(),
            "invalid type: string \"1\", expected an integer of 64 bits at line 1 column 3",
        ),
        (
            serde_json::from_str::<Level>("9223372036854775808").unwrap_err(),
            "invalid value: integer `9223372036854775808`, expected an integer of 64 bits at line 1 column 19",
        ),
    ];
    for (error, expected) in rows {
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn an_open_enum_is_a_parameter_of_every_kind() {
    let (memory, sent) = recording(|_, _| Ok(respond(200, r#"["type","new"]"#)));
    let api = Acme::builder().transport(memory).build().unwrap();
    let unknown = Kind::from("a/b");
    let kinds = [Kind::PlusOne, unknown.clone()];
    let call = api.kinds().post(&unknown, Level::Low, &kinds, &Kind::Type);
    let found = call
        .levels(&[Level::High, Level::from(7)])
        .header(unknown.clone())
        .number(Level::from(9))
        .await
        .unwrap();
    assert_eq!(found, [Kind::Type, Kind::from("new")]);
    let seen = sent.only();
    assert_eq!(seen.line(), "POST /kinds/a%2Fb/-1?kinds=%2B1,a%2Fb&levels=16&levels=7");
    assert_eq!((seen.header("x-kind"), seen.body.as_str()), ("a/b", r#"{"kind":"type","level":9}"#));
}

#[allow(dead_code, reason = "the fields are only shown")]
mod shown {
    use apisession::SafeDebug;

    pub(super) struct Opaque;

    #[derive(SafeDebug)]
    pub(super) struct Login<'a, T> {
        pub(super) user: &'a str,
        pub(super) password: &'a str,
        pub(super) r#type: T,
        #[debug(secret)]
        pub(super) opaque: Opaque,
        #[debug(shown)]
        pub(super) session: u8,
    }

    #[derive(SafeDebug)]
    pub(super) enum Event {
        Closed,
        Moved(u8, #[debug(secret)] Opaque),
        Signed { f: u8, x_api_key: Option<u8> },
        Empty {},
        Nothing(),
    }

    #[derive(SafeDebug)]
    pub(super) struct Unit;

    #[derive(SafeDebug)]
    #[debug(crate = apisession)]
    pub(super) struct Pair(pub(super) u8, pub(super) [u8]);

    #[derive(SafeDebug)]
    pub(super) enum Never {}
}

#[test]
fn a_safe_debug_shows_what_debug_does_except_for_secrets() {
    use shown::{Event, Login, Never, Opaque, Unit};
    let login = Login { user: "ana", password: "s3cret", r#type: Unit, opaque: Opaque, session: 7 };
    let text = r#"Login { user: "ana", password: [redacted], type: Unit, opaque: [redacted], session: 7 }"#;
    let events = [
        Event::Closed,
        Event::Moved(1, Opaque),
        Event::Signed { f: 2, x_api_key: Some(3) },
        Event::Empty {},
        Event::Nothing(),
    ];
    let expected = "[Closed, Moved(1, [redacted]), Signed { f: 2, x_api_key: [redacted] }, Empty, Nothing]";
    let none: Option<(Never, &shown::Pair)> = None;
    let rows = [
        (format!("{login:?}"), text),
        (format!("{events:?}"), expected),
        (
            format!("{:#?}", Event::Signed { f: 2, x_api_key: None }),
            "Signed {\n    f: 2,\n    x_api_key: [redacted],\n}",
        ),
        (format!("{none:?}"), "None"),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Text {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inner: Option<Box<Inner>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    sizes: Vec<u32>,
}

/// Has the tag itself.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Image {
    url: String,
    r#type: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Group {
    children: Vec<Block>,
}

#[derive(Debug, PartialEq, Union)]
#[union(tag = "type")]
enum Block {
    #[union("text")]
    Text(Text),
    #[union("image")]
    #[union("picture")]
    Image(Image),
    #[union("group")]
    Group(Group),
    #[union("map")]
    Map(BTreeMap<String, Value>),
    Other(RawJson),
}

#[derive(Debug, PartialEq, Union)]
enum Shaped {
    Flag(bool),
    Integer(i64),
    Word(String),
    Image(Image),
    Text(Text),
    Other(RawJson),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    blocks: Vec<Block>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Rest {
    last: Block,
}

/// JSON of any shape, as no serializer writes it.
fn json_text(random: &mut Rng, depth: usize) -> String {
    let space = |random: &mut Rng| [" ", "", "\n\t"][random.usize(0..3)];
    let list = |random: &mut Rng, one: &mut dyn FnMut(&mut Rng) -> String| {
        (0..random.usize(0..4)).map(|_| one(random)).collect::<Vec<_>>().join(" ,")
    };
    match random.usize(0..if depth > 3 { 6 } else { 8 }) {
        0 => "null".to_owned(),
        1 => random.bool().to_string(),
        2 => serde_json::to_string(&text(random)).unwrap(),
        3 => ["1.10", "-0", "-0.0", "1e2", "123456789012345678901234567890", "2e400", "1E+2"]
            [random.usize(0..7)]
        .to_owned(),
        4 => random.i64(..).to_string(),
        5 => "\"\\u0041\\/\"".to_owned(),
        6 => format!("[{}]", list(random, &mut |random| json_text(random, depth + 1))),
        _ => {
            let mut member = |random: &mut Rng| {
                let name = serde_json::to_string(&text(random)).unwrap();
                format!("{name}{}:{}{}", space(random), space(random), json_text(random, depth + 1))
            };
            format!("{{{}{}}}", list(random, &mut member), space(random))
        }
    }
}

#[test]
fn unknown_data_of_a_union_survives_byte_for_byte() {
    let random = &mut Rng::with_seed(7);
    for _ in 0..5_000 {
        let json = json_text(random, 0);
        assert_eq!(again::<RawJson>(&json), json);
        assert_eq!(again::<Block>(&json), json);
        let group = format!(r#"{{"type":"group","children":[{json},{json}]}}"#);
        assert_eq!(again::<Block>(&group), group);
        let unknown = format!(r#"{{"a":{json},"type":"new","type":"text"}}"#);
        assert_eq!(again::<Block>(&unknown), unknown);
        assert_eq!(again::<Shaped>(&unknown), unknown);
    }
}

#[test]
fn the_tag_selects_a_variant_and_is_sent_again() {
    let text = |text: &str| Text { text: text.to_owned(), inner: None };
    let image = |of: &str| Image { url: "b".to_owned(), r#type: of.to_owned() };
    let rows = [
        (r#"{"type":"text","text":"a"}"#, Block::Text(text("a")), r#"{"type":"text","text":"a"}"#),
        (
            r#"{"text":"a","new":1,"\u0074ype":"text"}"#,
            Block::Text(text("a")),
            r#"{"type":"text","text":"a"}"#,
        ),
        (
            r#"{"type":"picture","url":"b"}"#,
            Block::Image(image("picture")),
            r#"{"url":"b","type":"picture"}"#,
        ),
        (
            r#"{"type":"map","a":1}"#,
            Block::Map([("a".to_owned(), json!(1)), ("type".to_owned(), json!("map"))].into()),
            r#"{"a":1,"type":"map"}"#,
        ),
        (
            r#"{"type":"group","children":[{"type":"text","text":"a"}]}"#,
            Block::Group(Group { children: vec![Block::Text(text("a"))] }),
            r#"{"type":"group","children":[{"type":"text","text":"a"}]}"#,
        ),
    ];
    for (json, expected, sent) in rows {
        let found: Block = serde_json::from_str(json).unwrap();
        assert_eq!(found, expected);
        assert_eq!(serde_json::to_string(&found).unwrap(), sent);
        assert_eq!(serde_json::from_value::<Block>(serde_json::to_value(&found).unwrap()).unwrap(), found);
    }
    assert_eq!(serde_json::to_string(&Block::Map(BTreeMap::new())).unwrap(), r#"{"type":"map"}"#);
    let page = r#"{"blocks":[{"type":"new","a":1.10}],"last":{"type":"text","text":"a"}}"#;
    assert_eq!(again::<Page>(page), page);
    assert_eq!(
        format!("{:?}", serde_json::from_str::<Block>(r#"{"token":"s3cret"}"#).unwrap()),
        "Other(RawJson(18 bytes))"
    );
}

#[test]
fn the_first_shape_that_fits_is_selected() {
    let rows = [
        ("true", Shaped::Flag(true)),
        ("-7", Shaped::Integer(-7)),
        (r#""a""#, Shaped::Word("a".to_owned())),
        (r#"{"url":"b","type":"x"}"#, Shaped::Image(Image { url: "b".to_owned(), r#type: "x".to_owned() })),
        (r#"{"text":"a"}"#, Shaped::Text(Text { text: "a".to_owned(), inner: None })),
    ];
    for (json, expected) in rows {
        assert_eq!(serde_json::from_str::<Shaped>(json).unwrap(), expected);
        assert_eq!(again::<Shaped>(json), json);
    }
    for json in ["1.0", "9223372036854775808", "null", "[ ]", r#"{"text":1}"#] {
        assert!(
            matches!(serde_json::from_str(json).unwrap(), Shaped::Other(raw) if raw.get() == json),
            "{json}"
        );
    }
}

#[test]
fn the_error_of_a_union_has_the_place_and_what_is_expected_there() {
    let rows = [
        (
            r#"{"type":"text"}"#,
            "invalid value: data of the union (missing field `text`), expected other data",
        ),
        (r#"{"type":"text","text":{}}"#, "invalid value: data of the union at `text`, expected a string"),
        (
            r#"{"type":"text","text":"a","inner":{"sizes":[1,"s3cret"]}}"#,
            "invalid value: data of the union at `inner.sizes[1]`, expected u32",
        ),
        (
            r#"{"type":"group","children":[{"type":"text","text":1}]}"#,
            "invalid value: data of the union at `text` in the data of the union at `children[0]`, expected a string",
        ),
    ];
    for (json, expected) in rows {
        let error = serde_json::from_str::<Block>(json).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let response = respond(
        200,
        r#"{"blocks":[{"type":"text","text":"note"},{"type":"text","text":{"s3cret":1}}],"last":null}"#,
    );
    let error = response.json::<Page>().unwrap_err().to_string();
    assert!(
        error.contains("blocks[1]")
            && error.contains("in the data of the union at `text` where a string is expected")
            && !error.contains("s3cret"),
        "{error}"
    );
}

#[test]
fn a_union_is_no_deeper_than_other_json() {
    let deep = |levels: usize| {
        format!("{}{}", r#"{"type":"group","children":["#.repeat(levels), "]}".repeat(levels))
    };
    assert!(serde_json::from_str::<Block>(&deep(60)).is_ok());
    let error = serde_json::from_str::<Block>(&deep(100_000)).unwrap_err().to_string();
    assert!(error.contains("recursion limit"), "{error}");
}
