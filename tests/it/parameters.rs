//! Every kind of parameter, and its encoding.

use std::collections::{BTreeMap, HashMap};

use apisession::http::HeaderMap;
use apisession::prelude::*;
use apisession::{Place, Request, Secret};
use apisession_tests::{offline, recording, respond, tokio};
use serde::Serialize;

#[derive(Clone, Copy, Serialize)]
struct Range {
    from: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u32>,
}

#[derive(Serialize)]
struct Filter<'a> {
    title: &'a str,
    tags: &'a [&'a str],
    range: Range,
}

#[derive(Clone, Copy)]
struct Day(u16, u8, u8);

fn iso(day: &Day) -> String {
    format!("{:04}-{:02}-{:02}", day.0, day.1, day.2)
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get]
    fn lists(
        &self,
        repeat: Option<&[u8]>,
        #[query(list = "comma")] comma: Option<&[u8]>,
        #[query(list = "brackets")] brackets: Option<&[u8]>,
    ) -> Call<()>;

    #[get]
    fn flags(
        &self,
        #[query(flag)] verbose: bool,
        #[query(flag, rename = "dry-run")] dry: Option<bool>,
    ) -> Call<()>;

    #[get]
    fn defaults(
        &self,
        #[query(default = 50)] limit: u32,
        #[query(default = "desc", rename = "sort[order]")] order: Option<&str>,
        #[header("x-mode", default = "fast")] mode: &str,
        #[query(default = Day(2026, 1, 31), encode_with = iso)] since: Day,
    ) -> Call<()>;

    #[get]
    fn flat(
        &self,
        #[query(flatten)] range: &Range,
        #[query(flatten)] more: Option<&BTreeMap<&str, u8>>,
    ) -> Call<()>;

    #[get]
    fn dots(&self, #[query(nested = "dots")] filter: Option<&Filter<'_>>) -> Call<()>;

    #[get]
    fn brackets(&self, #[query(nested = "brackets", list = "brackets")] filter: &Filter<'_>) -> Call<()>;

    #[get]
    fn commas(&self, #[query(nested = "brackets", list = "comma")] filter: &Filter<'_>) -> Call<()>;

    #[get]
    fn bare(&self, #[query] filter: &Filter<'_>) -> Call<()>;

    #[get]
    fn deep(&self, #[query(flatten)] filter: &Filter<'_>) -> Call<()>;

    #[get]
    fn listed(&self, #[query(nested = "dots")] ranges: &[Range]) -> Call<()>;

    #[get]
    fn other_lists(
        &self,
        #[query(list = "indices")] indices: Option<&[&str]>,
        #[query(list = "pipes")] pipes: Option<&[&str]>,
        #[query(list = "spaces")] spaces: Option<&[&str]>,
        #[query(list = "indices", rename = "rows")] matrix: Option<&[[u8; 2]]>,
    ) -> Call<()>;

    #[get]
    fn structs(
        &self,
        #[query(list = "indices", nested = "brackets")] by_index: Option<&[Range]>,
        #[query(list = "indices", nested = "dots")] by_dot: Option<&[Range]>,
        #[query(list = "brackets", nested = "brackets")] rails: Option<&[Range]>,
        #[query(list = "brackets", nested = "brackets")] options: Option<&[BTreeMap<&str, u8>]>,
    ) -> Call<()>;

    #[get]
    fn beside(
        &self,
        #[query(list = "indices")] a: Option<&[u8]>,
        #[query(flatten)] more: Option<&BTreeMap<&str, u8>>,
    ) -> Call<()>;

    #[get("/{day}/{name}")]
    fn encoded(
        &self,
        #[path(encode_with = iso)] day: Day,
        #[path(encode_with = reversed)] name: &str,
        #[header("x-day", encode_with = iso)] also: Option<Day>,
    ) -> Call<()>;

    #[post]
    fn body(&self, #[json(encode_with = iso)] day: &Day) -> Call<()>;

    #[get("/files/{key+}")]
    fn file(&self, key: &str) -> Call<()>;

    #[get("/parts/{parts+}/raw")]
    fn parts(&self, parts: &[&str]) -> Call<()>;
}

#[endpoint(path = "/others")]
struct Others;

#[endpoint]
impl Others {
    #[get]
    fn as_json(
        &self,
        #[query(json)] filter: Option<&Filter<'_>>,
        #[query(json, rename = "q")] text: Option<&str>,
        #[query(json)] login: Option<&Login>,
        #[query(json)] token: Option<&Secret>,
        #[header("x-login", json)] login_in_header: Option<&Login>,
        #[query(nested = "dots")] nested: Option<&Login>,
        #[header("x-filter", json)] in_header: Option<&Filter<'_>>,
        #[header("x-text", json)] text_in_header: Option<&str>,
    ) -> Call<()>;

    #[get("/{ids}/raw")]
    fn list(&self, #[path(list = "comma")] ids: &[&str]) -> Call<()>;

    #[graft("/{ids}")]
    fn several(&self, #[path(list = "comma")] ids: &[u8]) -> Others;

    #[get]
    fn cookies(
        &self,
        #[cookie] sid: &str,
        #[cookie("Theme")] theme: Option<&str>,
        #[cookie(default = 7)] days: u8,
        #[cookie] key: Option<&Secret>,
        #[cookie(encode_with = iso)] since: Option<Day>,
        #[cookie] listed: Option<&[u8]>,
    ) -> Call<()>;

    #[put(idempotency_key = "x-once", headers("x-level" = "1"))]
    fn maps(
        &self,
        #[headers(prefix = "x-amz-meta-")] meta: Option<&BTreeMap<String, String>>,
        #[headers] extra: Option<&HeaderMap>,
        #[headers] pairs: Option<&[(&str, &str)]>,
        #[headers(prefix = "x-n-")] numbers: Option<&HashMap<&str, Option<u8>>>,
        #[headers] secrets: Option<&[(String, Secret)]>,
        #[header("x-own")] own: Option<u8>,
    ) -> Call<()>;

    #[put]
    fn required(&self, #[headers(prefix = "x-")] meta: Vec<(String, Vec<u8>)>) -> Call<()>;
}

#[derive(Serialize)]
struct Login {
    user: &'static str,
    #[serde(serialize_with = "Secret::serialize_exposed")]
    password: Secret,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[endpoint]
    others: Others,
    #[endpoint]
    places: Places,
}

fn others() -> Others {
    Acme::builder().transport(offline()).build().unwrap().others()
}

fn things() -> Things {
    Acme::builder().transport(offline()).build().unwrap().things()
}

fn query(request: Result<Request>) -> String {
    percent_encoding::percent_decode_str(request.unwrap().url.query().unwrap_or("-"))
        .decode_utf8()
        .unwrap()
        .into()
}

#[test]
fn a_list_is_sent_in_each_style() {
    let call = || things().lists().repeat(&[1, 2]).comma(&[1, 2]).brackets(&[1, 2]);
    assert_eq!(query(call().build()), "repeat=1&repeat=2&comma=1,2&brackets[]=1&brackets[]=2");
    let again = call().repeat(&[3]).comma(&[]).brackets(&[3]);
    assert_eq!(query(again.build()), "repeat=3&brackets[]=3");
}

#[test]
fn a_list_is_sent_with_indices_pipes_and_spaces() {
    let call = || things().other_lists();
    let sent = |call: ThingsOtherListsCall| {
        call.build().map(|request| request.url.query().unwrap_or("-").to_owned())
    };
    let rows = [
        (call().indices(&["a&", "b"]), Ok("indices%5B0%5D=a%26&indices%5B1%5D=b")),
        (call().indices(&["a", "b", "c"]).indices(&["d"]), Ok("indices%5B0%5D=d")),
        (call().indices(&["a"]).indices(&[]), Ok("-")),
        (call().pipes(&["a", "b c"]), Ok("pipes=a%7Cb%20c")),
        (call().spaces(&["a", "b|c"]), Ok("spaces=a%20b%7Cc")),
        (call().pipes(&["a"]).spaces(&["b"]).pipes(&["c", "d"]), Ok("spaces=b&pipes=c%7Cd")),
        (
            call().matrix(&[[1, 2], [3, 4]]),
            Ok("rows%5B0%5D%5B0%5D=1&rows%5B0%5D%5B1%5D=2&rows%5B1%5D%5B0%5D=3&rows%5B1%5D%5B1%5D=4"),
        ),
        (
            call().pipes(&["a|b"]),
            Err("the query parameter `pipes` contains an item with a pipe, which separates the items"),
        ),
        (call().spaces(&["a", "b c"]), Err("the query parameter `spaces` contains an item with a space")),
    ];
    for (row, (call, expected)) in rows.into_iter().enumerate() {
        match (sent(call), expected) {
            (Ok(query), Ok(expected)) => assert_eq!(query, expected, "row {row}"),
            (Err(error), Err(message)) => assert!(error.to_string().contains(message), "row {row}: {error}"),
            (found, expected) => panic!("row {row}: {found:?} is not {expected:?}"),
        }
    }
}

#[test]
fn a_list_of_structs_is_sent_where_the_style_has_names_for_its_items() {
    let ranges = [Range { from: 1, to: Some(2) }, Range { from: 3, to: None }];
    let call = || things().structs();
    let rows = [
        (call().by_index(&ranges), "by_index[0][from]=1&by_index[0][to]=2&by_index[1][from]=3"),
        (call().by_dot(&ranges), "by_dot[0].from=1&by_dot[0].to=2&by_dot[1].from=3"),
        (call().rails(&ranges), "rails[][from]=1&rails[][to]=2&rails[][from]=3"),
        (call().by_index(&ranges).by_index(&ranges[1..]), "by_index[0][from]=3"),
        (call().by_index(&ranges).by_index(&[]), "-"),
    ];
    for (call, expected) in rows {
        assert_eq!(query(call.build()), expected);
    }
    let options = [BTreeMap::from([("a", 1)]), BTreeMap::from([("b", 2)])];
    let error = call().options(&options).build().unwrap_err().to_string();
    assert!(
        error.contains("`options` has an item that servers read as a part of the item before it"),
        "{error}"
    );
    let clash =
        things().beside().a(&[1, 2]).more(&BTreeMap::from([("a[1]", 7)])).build().unwrap_err().to_string();
    assert!(clash.contains("has the field `a[1]`, which belongs to the parameter `a`"), "{clash}");
}

/// A space is `%20` and a plus `%2B`, which both ways of reading a query understand.
#[test]
fn u6_a_query_decodes_to_the_arguments() {
    let raw = Acme::builder().transport(offline()).build().unwrap().raw();
    let values = ["a b", "a+b", "ä&=#%", "", "a b"];
    let call =
        raw.get("/x").query("q", &values).query("none", &None::<u8>).query("empty", &"").query("q", &"last");
    let url = call.build().unwrap().url;
    assert_eq!(url.query(), Some("q=a%20b&q=a%2Bb&q=%C3%A4%26%3D%23%25&q=&q=a%20b&empty=&q=last"));
    let read: Vec<_> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(read, ["q=a b", "q=a+b", "q=ä&=#%", "q=", "q=a b", "empty=", "q=last"]);
}

#[test]
fn a_flag_is_sent_as_its_name_or_left_out() {
    let rows = [
        (things().flags(true), "verbose"),
        (things().flags(false), "-"),
        (things().flags(false).dry(true), "dry-run"),
        (things().flags(true).dry(true).dry(false), "verbose"),
    ];
    for (call, expected) in rows {
        assert_eq!(query(call.build()), expected);
    }
}

#[test]
fn a_default_is_sent_unless_the_setter_is_called() {
    let sent = |call: ThingsDefaultsCall| {
        let request = call.build().unwrap();
        let mode = request.headers["x-mode"].to_str().unwrap().to_owned();
        format!("{} {mode}", query(Ok(request)))
    };
    let call = || things().defaults();
    assert_eq!(sent(call()), "limit=50&sort[order]=desc&since=2026-01-31 fast");
    let other = call().limit(7).order("asc").mode("slow").since(Day(2027, 12, 1));
    assert_eq!(sent(other), "limit=7&sort[order]=asc&since=2027-12-01 slow");
    let none = call().maybe_limit(None).maybe_order(None).maybe_mode(None).maybe_since(None);
    assert_eq!(sent(none), sent(call()));
}

const FILTER: Filter<'_> =
    Filter { title: "a&b", tags: &["x", "y,z"], range: Range { from: 1, to: Some(2) } };

#[test]
fn a_struct_is_sent_field_by_field() {
    let rows = [
        (things().flat(&Range { from: 1, to: None }).build(), "from=1"),
        (things().flat(&Range { from: 1, to: Some(2) }).build(), "from=1&to=2"),
        (
            things()
                .flat(&Range { from: 1, to: Some(2) })
                .more(&BTreeMap::from([("x", 1), ("until", 9)]))
                .build(),
            "from=1&to=2&until=9&x=1",
        ),
        (
            things().dots().filter(&FILTER).build(),
            "filter.title=a&b&filter.tags=x&filter.tags=y,z&filter.range.from=1&filter.range.to=2",
        ),
        (
            things()
                .dots()
                .filter(&FILTER)
                .filter(&Filter { title: "c", tags: &[], range: Range { from: 3, to: None } })
                .build(),
            "filter.title=c&filter.range.from=3",
        ),
        (
            things().brackets(&FILTER).build(),
            "filter[title]=a&b&filter[tags][]=x&filter[tags][]=y,z&filter[range][from]=1&filter[range][to]=2",
        ),
        (
            things().commas(&FILTER).build(),
            "filter[title]=a&b&filter[tags]=x,y,z&filter[range][from]=1&filter[range][to]=2",
        ),
    ];
    for (request, expected) in rows {
        assert_eq!(query(request), expected);
    }
    // The comma that joins is one, the comma in a value is encoded.
    let request = things().commas(&FILTER).build().unwrap();
    assert!(request.url.query().unwrap().contains("=x,y%2Cz&"));
}

#[test]
fn a_value_that_can_not_be_encoded_is_an_argument_error() {
    let ranges = [Range { from: 1, to: None }];
    let rows = [
        (
            things().bare(&FILTER).build(),
            "the query parameter `filter` is a struct; declare how its fields are encoded, by `nested = \"dots\"`",
        ),
        (things().deep(&FILTER).build(), "contains a struct, which `flatten` can't encode; use `nested`"),
        (things().listed(&ranges).build(), "contains a struct in a list; declare how the items are encoded"),
    ];
    for (request, expected) in rows {
        let error = request.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_parameter_can_be_encoded_by_a_fn() {
    let request = things().encoded(Day(2026, 1, 2), "abc").also(Day(2026, 3, 4)).build().unwrap();
    assert_eq!(
        (request.url.path(), &request.headers["x-day"]),
        ("/things/2026-01-02/cba", &"2026-03-04".parse().unwrap())
    );
    let request = things().body(&Day(2026, 1, 2)).build().unwrap();
    assert_eq!(request.body.as_bytes().unwrap(), "\"2026-01-02\"");
}

#[test]
fn a_greedy_placeholder_takes_segments() {
    let rows = [
        (things().file("a"), Ok("/things/files/a")),
        (things().file("a/b c/d?"), Ok("/things/files/a/b%20c/d%3F")),
        (things().file("folder/"), Ok("/things/files/folder/")),
        (things().parts(&["a", "b/c"]), Ok("/things/parts/a/b/c/raw")),
        (things().file(""), Err("is empty")),
        (things().file("/a"), Err("contains an empty segment")),
        (things().file("a//b"), Err("contains an empty segment")),
        (things().file("a/../b"), Err("is a dot segment")),
        (things().file("a/\n"), Err("contains the control character")),
        (things().parts(&[]), Err("is `None`")),
    ];
    for (call, expected) in rows {
        match (call.build(), expected) {
            (Ok(request), Ok(path)) => assert_eq!(request.url.path(), path),
            (Err(error), Err(message)) => assert!(error.to_string().contains(message), "{error}"),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }
}

#[test]
fn the_descriptor_lists_each_parameter() {
    let parameters = Things::DEFAULTS.operation().parameters();
    let shown: Vec<_> = parameters.map(|it| (it.name(), it.place(), it.is_required())).collect();
    let expected = [
        ("limit", Place::Query, false),
        ("sort[order]", Place::Query, false),
        ("x-mode", Place::Header, false),
        ("since", Place::Query, false),
    ];
    assert_eq!(shown, expected);
    assert_eq!(Things::FILE.operation().path(), "/files/{key+}");
}

/// Compares what `read` finds in requests, or the messages of errors.
fn check<C>(
    rows: impl IntoIterator<Item = (C, Result<&'static str, &'static str>)>,
    read: impl Fn(C) -> Result<String>,
) {
    for (row, (call, expected)) in rows.into_iter().enumerate() {
        match (read(call), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "row {row}"),
            (Err(error), Err(message)) => {
                assert!(error.to_string().contains(message), "row {row}: {error}");
                assert!(!error.report().contains("s3cret"), "row {row}: {}", error.report());
            }
            (found, expected) => panic!("row {row}: {found:?} is not {expected:?}"),
        }
    }
}

#[test]
fn a_value_is_sent_as_json_in_the_query_and_in_a_header() {
    let call = || others().as_json();
    let json = r#"filter={"title":"a&b","tags":["x","y,z"],"range":{"from":1,"to":2}}"#;
    let rows = [
        (call().filter(&FILTER), Ok(json)),
        (call().text("é \"+"), Ok(r#"q="é \"+""#)),
        (call().text("a").text("b"), Ok(r#"q="b""#)),
        (call().maybe_text(None), Ok("-")),
        (
            call().login(&Login { user: "ana", password: Secret::new("s3cret") }),
            Ok(r#"login={"user":"ana","password":"s3cret"}"#),
        ),
        (call().token(&Secret::new("s3cret")), Ok(r#"token="s3cret""#)),
    ];
    check(rows, |call| call.build().map(|request| query(Ok(request))));
    let sent = call().filter(&FILTER).build().unwrap().url;
    assert!(sent.query().unwrap().starts_with("filter=%7B%22title%22%3A%22a%26b%22%2C%22tags%22"), "{sent}");
    let header =
        |call: OthersAsJsonCall, name| call.build().unwrap().headers[name].to_str().unwrap().to_owned();
    let json = r#"{"title":"a&b","tags":["x","y,z"],"range":{"from":1,"to":2}}"#;
    assert_eq!(header(call().in_header(&FILTER), "x-filter"), json);
    assert_eq!(header(call().text_in_header("é\u{1f600}\n"), "x-text"), r#""\u00e9\ud83d\ude00\n""#);
    let request = call().login(&Login { user: "ana", password: Secret::new("s3cret") }).build().unwrap();
    assert!(!format!("{request:?}").contains("s3cret"), "{request:?}");
}

#[tokio::test]
async fn a_secret_in_a_value_is_masked_where_the_server_repeats_it() {
    let (transport, _) =
        recording(|_, _| Ok(respond(400, r#"{"message":"wrong: {\"password\":\"s3cret\"}"}"#)));
    let api = Acme::builder().transport(transport).build().unwrap();
    let login = Login { user: "ana", password: Secret::new("s3cret") };
    let calls = [
        api.others().as_json().login(&login),
        api.others().as_json().login_in_header(&login),
        api.others().as_json().token(&Secret::new("s3cret")),
        api.others().as_json().nested(&login),
    ];
    for call in calls {
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains("[redacted]"), "{error}");
        assert!(
            !error.report().contains("s3cret") && !format!("{error:?}").contains("s3cret"),
            "{}",
            error.report()
        );
    }
    let request = api.others().as_json().login_in_header(&login).build().unwrap();
    assert!(request.headers["x-login"].is_sensitive());
}

#[test]
fn a_list_is_one_segment_with_commas() {
    let rows = [
        (others().list(&["a", "b"]), Ok("/others/a,b/raw")),
        (others().list(&["a,b", "c/d e"]), Ok("/others/a%2Cb,c%2Fd%20e/raw")),
        (others().list(&["a"]), Ok("/others/a/raw")),
        (others().list(&[".", ".."]), Ok("/others/.,../raw")),
        (others().several(&[1, 2]).list(&["x"]), Ok("/others/1,2/others/x/raw")),
        (others().list(&[]), Err("the path parameter `ids` is an empty list")),
        (others().several(&[]).list(&["x"]), Err("the path parameter `ids` is an empty list")),
        (others().list(&["a", ""]), Err("contains an empty item")),
        (others().list(&["."]), Err("is a dot segment")),
        (others().list(&["a", "\n"]), Err("contains the control character")),
    ];
    check(rows, |call| call.build().map(|request| request.url.path().to_owned()));
}

#[test]
fn cookies_are_joined_in_one_header() {
    let call = || others().cookies("s1");
    let day = || call().since(Day(2026, 1, 2));
    let rows = [
        (call(), Ok("sid=s1; days=7")),
        (call().theme("dark").days(1), Ok("sid=s1; Theme=dark; days=1")),
        (call().theme("a").theme("b=c"), Ok("sid=s1; days=7; Theme=b=c")),
        (day(), Ok("sid=s1; days=7; since=2026-01-02")),
        (call().listed(&[3]), Ok("sid=s1; days=7; listed=3")),
        (others().cookies(""), Ok("sid=; days=7")),
        (
            call().theme("a; b=c"),
            Err("the value of the cookie `Theme` contains a character that no cookie has"),
        ),
        (call().theme("a b"), Err("`Theme`")),
        (call().theme("é"), Err("`Theme`")),
        (call().theme("a,b"), Err("`Theme`")),
        (call().theme("\"a\""), Err("`Theme`")),
        (call().theme("a\r\nb: c"), Err("`Theme`")),
        (call().key(&Secret::new("s3cret;")), Err("`key`")),
        (call().listed(&[1, 2]), Err("the cookie `listed` is a list, but a cookie is a single value")),
    ];
    let read = |call: OthersCookiesCall| {
        let request = call.build()?;
        let mut cookies = request.headers.get_all("cookie").iter();
        let cookie = cookies.next().unwrap().to_str().unwrap().to_owned();
        assert!(cookies.next().is_none(), "one header");
        Ok(cookie)
    };
    check(rows, read);
    // Those of the call come first, and one of a parameter replaces one of its name.
    let beside = call().with_header("cookie", "a=1; sid=other").build().unwrap();
    assert_eq!(beside.headers["cookie"], "a=1; sid=s1; days=7");
}

#[tokio::test]
async fn cookies_of_parameters_are_joined_with_that_of_the_credential() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let login = Credential::cookie("session", "t0k3n").unwrap().and_cookie("sid", "mine").unwrap();
    let api = Acme::builder().transport(transport).credential(login).build().unwrap();
    api.others().cookies("s1").key(&Secret::new("s3cret")).await.unwrap();
    let request = sent.only();
    let cookies: Vec<_> = request.headers.get_all("cookie").iter().collect();
    assert_eq!(cookies, ["sid=s1; days=7; key=s3cret; session=t0k3n"]);
    assert!(cookies[0].is_sensitive());
}

#[test]
fn a_map_of_headers_is_sent_and_replaces_none() {
    let call = || others().maps();
    let meta = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let headers = |pairs: &[(&'static str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    };
    let rows = [
        (
            call().meta(&meta(&[("Color", "red"), ("size", "1")])),
            Ok("x-amz-meta-color: red, x-amz-meta-size: 1"),
        ),
        (call().meta(&meta(&[("a", "1")])).meta(&meta(&[("b", "2")])), Ok("x-amz-meta-b: 2")),
        (call().extra(&headers(&[("x-a", "1"), ("x-a", "2"), ("x-b", "3")])), Ok("x-a: 1, x-a: 2, x-b: 3")),
        (call().pairs(&[("x-a", "1"), ("x-a", "2")]), Ok("x-a: 1, x-a: 2")),
        (call().numbers(&HashMap::from([("a", Some(1))])), Ok("x-n-a: 1")),
        (call().numbers(&HashMap::from([("a", None)])), Ok("")),
        (call().pairs(&[("accept-language", "de")]), Ok("accept-language: de")),
        (call().meta(&meta(&[("a b", "1")])), Err("`x-amz-meta-a b` is not a valid header name")),
        (
            call().meta(&meta(&[("a", "s3cret\n")])),
            Err("the value of the header `x-amz-meta-a` contains a control character"),
        ),
        (call().meta(&meta(&[("", "1")])), Err("has a header without a name after `x-amz-meta-`")),
        (call().pairs(&[("Host", "evil.test")]), Err("`host` is written by the transport")),
        (call().pairs(&[("Content-Length", "0")]), Err("`content-length`")),
        (call().extra(&headers(&[("transfer-encoding", "chunked")])), Err("`transfer-encoding`")),
        (
            call().pairs(&[("Authorization", "s3cret")]),
            Err("has the header `authorization`, which the credential sets"),
        ),
        (call().pairs(&[("cookie", "s3cret=1")]), Err("has the header `cookie`, which the credential sets")),
        (call().pairs(&[("x-own", "1")]), Err("has the header `x-own`, which another parameter sets")),
        (call().pairs(&[("X-Once", "1")]), Err("has the header `x-once`, which another parameter sets")),
        (
            call().pairs(&[("x-amz-meta-a", "1")]).meta(&meta(&[("A", "2")])),
            Err("which the parameter `pairs` sets"),
        ),
        (call().pairs(&[("x-level", "2")]), Err("has the header `x-level`, which an outer level sets")),
        (
            call().pairs(&[("user-agent", "me")]),
            Err("has the header `user-agent`, which an outer level sets"),
        ),
    ];
    let known = ["accept", "accept-encoding", "user-agent", "x-level", "x-once"];
    let read = |call: OthersMapsCall| {
        let request = call.build()?;
        let others = request.headers.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let mut shown: Vec<_> =
            others.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        shown.sort();
        Ok(shown.join(", "))
    };
    check(rows, read);
    let secret = others().maps().secrets(&[("x-key".to_owned(), Secret::new("s3cret"))]).build().unwrap();
    assert!(secret.headers["x-key"].is_sensitive() && !format!("{secret:?}").contains("s3cret"));
    let required = others().required(vec![("a".to_owned(), vec![1, 2])]).build().unwrap();
    assert_eq!(required.headers["x-a"], "1, 2");
}

#[tokio::test]
async fn a_map_of_headers_does_not_replace_the_credential() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let key = Credential::header("x-api-key", "t0k3n").unwrap();
    let api = Acme::builder().transport(transport).credential(key).build().unwrap();
    let error = api.others().maps().pairs(&[("X-Api-Key", "other")]).await.unwrap_err();
    assert!(error.to_string().contains("has the header `x-api-key`, which the credential sets"), "{error}");
    assert!(sent.all().is_empty());
    api.others().maps().pairs(&[("x-other", "1")]).await.unwrap();
    assert_eq!(sent.only().headers["x-api-key"], "t0k3n");
}

fn pair(day: &Day) -> BTreeMap<String, String> {
    BTreeMap::from([("day".to_owned(), iso(day))])
}

/// Each place with what a parameter of any place can have.
#[endpoint(path = "/places")]
struct Places;

#[endpoint]
impl Places {
    #[get]
    fn raw_names(
        &self,
        r#type: Option<&str>,
        #[query(flag)] r#move: Option<bool>,
        #[query(json)] r#match: Option<&[u8]>,
        #[header] r#in: Option<&str>,
        #[header(json)] r#if: Option<&[u8]>,
        #[cookie] r#for: Option<&str>,
        #[headers(prefix = "x-")] r#use: Option<&BTreeMap<&str, &str>>,
    ) -> Call<()>;

    #[post]
    fn raw_fields(&self, #[field] r#type: Option<&str>) -> Call<()>;

    #[post(form)]
    fn raw_form(&self, #[field(list = "indices")] r#type: Option<&[&str]>) -> Call<()>;

    #[post]
    fn raw_json(&self, #[json] r#type: Option<&[u8]>) -> Call<()>;

    #[post]
    fn raw_whole_form(&self, #[form] r#type: Option<&BTreeMap<&str, &str>>) -> Call<()>;

    #[post]
    fn raw_xml(&self, #[xml] r#type: Option<&Range>) -> Call<()>;

    #[post]
    fn raw_body(&self, #[body("text/plain")] r#type: Option<impl Into<Body>>) -> Call<()>;

    #[get]
    fn with_defaults(
        &self,
        #[query(flag, default = true)] all: bool,
        #[query(json, default = &[1, 2])] ids: &[u8],
        #[query(list = "indices", default = &["a"])] tags: &[&str],
        #[header(json, default = &[1])] x_ids: &[u8],
        #[header(default = &["a", "b"])] x_tags: Option<&[&str]>,
        #[cookie(default = "dark")] theme: &str,
    ) -> Call<()>;

    #[post]
    fn default_field(&self, #[field("/a/b", default = 1)] b: u8) -> Call<()>;

    #[post(form)]
    fn default_form_field(&self, #[field(list = "comma", default = &[1, 2])] ids: &[u8]) -> Call<()>;

    #[get("/{day}/{days+}")]
    fn converted_path(
        &self,
        #[path(encode_with = iso)] day: Day,
        #[path(encode_with = iso)] days: Day,
    ) -> Call<()>;

    #[put]
    fn converted(
        &self,
        #[query(json, encode_with = pair)] q: Day,
        #[query(nested = "brackets", encode_with = pair)] n: Day,
        #[header(json, encode_with = pair)] x_day: Day,
        #[headers(prefix = "x-meta-", encode_with = pair)] meta: Day,
        #[cookie(encode_with = iso)] c: Day,
        #[json(encode_with = pair)] body: Day,
    ) -> Call<()>;

    #[post]
    fn converted_form(&self, #[form(encode_with = pair)] body: Day) -> Call<()>;

    #[post(form)]
    fn converted_fields(
        &self,
        #[field(nested = "dots", encode_with = pair)] a: Day,
        #[field(encode_with = iso)] b: Day,
    ) -> Call<()>;

    #[get("/{token}")]
    fn secret_path(&self, token: &Secret) -> Call<()>;

    #[post]
    fn secrets(
        &self,
        token: Option<&Secret>,
        #[query(nested = "brackets")] login: Option<&Login>,
        #[query(json)] login_as_json: Option<&Login>,
        #[header] x_token: Option<&Secret>,
        #[header(json)] x_login: Option<&Login>,
        #[headers(prefix = "x-")] map: Option<&HashMap<&str, Secret>>,
        #[cookie] sid: Option<&Secret>,
    ) -> Call<()>;

    #[post]
    fn secret_fields(&self, #[field] token: Option<&Secret>, #[field] login: Option<&Login>) -> Call<()>;

    #[post(form)]
    fn secret_form_fields(
        &self,
        #[field] token: Option<&Secret>,
        #[field(nested = "dots")] login: Option<&Login>,
    ) -> Call<()>;

    #[post]
    fn secret_json(&self, login: &Login) -> Call<()>;

    #[post]
    fn secret_form(&self, #[form] login: &Login) -> Call<()>;

    #[post]
    fn secret_xml(&self, #[xml] login: &Login) -> Call<()>;

    #[post]
    fn secret_parts(
        &self,
        #[part] token: Option<&Secret>,
        #[part] login: Option<&Login>,
        #[part] logins: Option<&[Login]>,
        #[part(json)] as_json: Option<&Login>,
    ) -> Call<()>;
}

fn places() -> Places {
    Acme::builder().transport(offline()).build().unwrap().places()
}

/// The query, what the headers have, and the body.
fn shown(request: Result<Request>) -> String {
    let request = request.unwrap();
    let query: Vec<_> = request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    let is_own = |name: &str| name == "cookie" || name == "in" || name == "if" || name.starts_with("x-");
    let headers = request.headers.iter().filter(|(name, _)| is_own(name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    let body = String::from_utf8(request.body.as_bytes().unwrap().to_vec()).unwrap();
    [query.join("&"), headers.join("; "), body]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" | ")
}

#[test]
fn a_setter_of_any_place_replaces_the_value_and_has_no_raw_name() {
    let map = |value| BTreeMap::from([("a", value)]);
    let (old, new) = (map("1"), map("2"));
    let other = BTreeMap::from([("b", "3")]);
    let range = |from| Range { from, to: None };
    let rows = [
        (places().raw_names().r#type("1").r#type("2").maybe_type(None).build(), "type=2"),
        (places().raw_names().r#move(true).r#move(true).build(), "move="),
        (places().raw_names().r#move(true).r#move(false).build(), ""),
        (places().raw_names().r#match(&[1]).r#match(&[]).build(), "match=[]"),
        (places().raw_names().r#in("1").r#in("2").build(), "in: 2"),
        (places().raw_names().r#if(&[1]).r#if(&[2]).build(), "if: [2]"),
        (places().raw_names().r#for("1").r#for("2").build(), "cookie: for=2"),
        (places().raw_names().r#use(&old).r#use(&new).build(), "x-a: 2"),
        (places().raw_names().r#use(&old).r#use(&other).build(), "x-b: 3"),
        (places().raw_fields().r#type("1").r#type("2").build(), r#"{"type":"2"}"#),
        (places().raw_form().r#type(&["1", "2"]).r#type(&["3"]).build(), "type%5B0%5D=3"),
        (places().raw_form().r#type(&["1"]).r#type(&[]).build(), ""),
        (places().raw_json().r#type(&[1]).r#type(&[2]).build(), "[2]"),
        (places().raw_whole_form().r#type(&old).r#type(&other).build(), "b=3"),
        (
            places().raw_xml().r#type(&range(1)).r#type(&range(2)).build(),
            r#"<?xml version="1.0" encoding="UTF-8"?><Range><from>2</from></Range>"#,
        ),
        (places().raw_body().r#type("1").r#type("2").build(), "2"),
    ];
    for (request, expected) in rows {
        assert_eq!(shown(request), expected);
    }
}

#[test]
fn a_default_can_be_in_any_place_of_one_value() {
    let defaults = "all=&ids=[1,2]&tags[0]=a | cookie: theme=dark; x-ids: [1]; x-tags: a, b";
    assert_eq!(shown(places().with_defaults().build()), defaults);
    let call = places()
        .with_defaults()
        .all(false)
        .ids(&[])
        .tags(&["b", "c"])
        .x_ids(&[])
        .x_tags(&["c"])
        .theme("light");
    assert_eq!(shown(call.build()), "ids=[]&tags[0]=b&tags[1]=c | cookie: theme=light; x-ids: []; x-tags: c");
    assert_eq!(shown(places().default_field().build()), r#"{"a":{"b":1}}"#);
    assert_eq!(shown(places().default_field().b(2).build()), r#"{"a":{"b":2}}"#);
    assert_eq!(shown(places().default_form_field().build()), "ids=1,2");
    assert_eq!(shown(places().default_form_field().ids(&[]).build()), "");
}

#[test]
fn a_value_is_converted_in_any_place() {
    let day = Day(2026, 1, 31);
    let request = places().converted_path(day, day).build().unwrap();
    assert_eq!(request.url.path(), "/places/2026-01-31/2026-01-31");
    let request = places().converted(day, day, day, day, day, day).build();
    let json = r#"{"day":"2026-01-31"}"#;
    let expected = format!(
        "q={json}&n[day]=2026-01-31 | cookie: c=2026-01-31; x-day: {json}; x-meta-day: 2026-01-31 | {json}"
    );
    assert_eq!(shown(request), expected);
    assert_eq!(shown(places().converted_form(day).build()), "day=2026-01-31");
    assert_eq!(shown(places().converted_fields(day, day).build()), "a.day=2026-01-31&b=2026-01-31");
}

#[tokio::test]
async fn a_secret_in_any_place_is_masked_where_the_server_repeats_it() {
    let (transport, _) = recording(|_, _| Ok(respond(400, r#"{"message":"wrong: s3cret-t0ken!"}"#)));
    let places = Acme::builder().transport(transport).build().unwrap().places();
    let token = Secret::new("s3cret-t0ken");
    let login = Login { user: "ana", password: token.clone() };
    let logins = [Login { user: "ana", password: token.clone() }];
    let map = HashMap::from([("a", token.clone())]);
    let calls = [
        places.secret_path(&token),
        places.secrets().token(&token).to_call(),
        places.secrets().login(&login).to_call(),
        places.secrets().login_as_json(&login).to_call(),
        places.secrets().x_token(&token).to_call(),
        places.secrets().x_login(&login).to_call(),
        places.secrets().map(&map).to_call(),
        places.secrets().sid(&token).to_call(),
        places.secret_fields().token(&token).to_call(),
        places.secret_fields().login(&login).to_call(),
        places.secret_form_fields().token(&token).to_call(),
        places.secret_form_fields().login(&login).to_call(),
        places.secret_json(&login),
        places.secret_form(&login),
        places.secret_xml(&login),
        places.secret_parts().token(&token).to_call(),
        places.secret_parts().login(&login).to_call(),
        places.secret_parts().logins(&logins).to_call(),
        places.secret_parts().as_json(&login).to_call(),
    ];
    for (row, call) in calls.into_iter().enumerate() {
        let error = call.await.unwrap_err();
        let shown = format!("{error} {error:?} {}", error.report());
        assert!(shown.contains("[redacted]!") && !shown.contains("s3cret"), "row {row}: {shown}");
    }
}
