//! Lists in pages: each style with its odd ends, faults, resume tokens, and what a server can do wrong.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{Next, PageStyle, PageToken, PageView, Request};
use apisession_tests::tokio;
use serde::{Deserialize, Serialize};

/// What a search asks for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Search {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

/// A scan of a range of keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scan {
    from: u64,
    revision: u64,
}

/// What a scan returns beside its rows.
#[derive(Deserialize)]
pub(crate) struct ScanPage {
    rows: Vec<u64>,
    revision: u64,
    done: bool,
}

impl Scan {
    fn after(&self, page: &ScanPage) -> Option<Self> {
        let last = page.rows.last().copied().unwrap_or(self.from);
        (!page.done).then_some(Self { from: last + 1, revision: page.revision })
    }
}

/// An item that knows its own id.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Item {
    id: u64,
}

/// An item of XML.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    key: String,
}

/// A style of a vendor's own: the header `x-last` has the number of the last page.
#[derive(Debug)]
struct UntilLast;

impl PageStyle for UntilLast {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let last = page.headers().get("x-last").and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(if last.is_some_and(|last| page.number() < last) {
            Next::value(&(page.number() + 1))
        } else {
            Next::end()
        })
    }
}

#[endpoint(path = "/lists")]
pub(crate) struct Lists;

#[endpoint]
impl Lists {
    #[get("/cursor", page = cursor(items = "/data", next = "/meta/next", param = "after", size = "limit", total = "/meta/total"))]
    pub fn cursor(&self, after: Option<&str>, since: Option<&str>, limit: Option<u32>) -> Pager<u64>;

    #[get("/header_cursor", page = cursor(items = "", next = header("x-next"), param = header("x-after"), size = "limit"))]
    pub fn header_cursor(&self) -> Pager<u64>;

    #[get("/empty_ends", page = cursor(items = "/data", next = "/next", param = "after", empty_ends, more = "/more"))]
    pub fn empty_ends(&self) -> Pager<u64>;

    #[get("/offset", page = offset(offset = "offset", limit = "limit", items = "/data", total = "/total"))]
    pub fn offset(&self, offset: Option<u64>) -> Pager<u64>;

    #[get("/short", page = offset(offset = "offset", limit = "limit", items = "/data", default_size = 10, max_size = 50))]
    pub fn short(&self) -> Pager<u64>;

    #[post("/search", idempotent, page = offset(offset = field("/offset"), limit = field("/page/limit"), items = "/data", total = "/total"))]
    pub fn search(&self, #[json] search: Option<&Search>) -> Pager<u64>;

    #[post("/form", idempotent, form, page = offset(offset = field("offset"), limit = field("limit"), items = "/data", total = "/total"))]
    pub fn form(&self, #[field] text: &str) -> Pager<u64>;

    #[get("/number", page = number(param = "page", size = "limit", items = "/data", pages = "/pages"))]
    pub fn number(&self, page: Option<u64>) -> Pager<u64>;

    #[get("/zero", page = number(param = "page", size = "limit", first = 0, items = "/data", past_end(404, 416)))]
    pub fn zero(&self) -> Pager<u64>;

    #[get("/counted", page = number(param = "page", size = "limit", items = "/data", total = header("x-total")))]
    pub fn counted(&self) -> Pager<u64>;

    #[get("/link", page = link(items = "", size = "limit"))]
    pub fn link(&self, since: Option<&str>) -> Pager<u64>;

    #[get("/url", page = url(items = "/data", next = "/next", size = "limit"), headers("x-kept" = "yes"))]
    pub fn url(&self) -> Pager<u64>;

    #[get("/last_id", page = last_id(items = "/data", id = "/id", param = "after", size = "limit", more = "/more"))]
    pub fn last_id(&self) -> Pager<Item>;

    #[get("/memory", page = cursor(items = "/data", next = "/next", param = "after"))]
    pub fn memory(&self) -> Pager<Item>;

    #[get("/values", page = cursor(items = values("/data"), next = "/next", param = "after"))]
    pub fn values(&self) -> Pager<u64>;

    #[post("/scan", idempotent, page = next(Scan::after), items = "/rows")]
    pub fn scan(&self, #[json] scan: &Scan) -> Pager<u64>;

    #[get("/scan_query", page = next(Scan::after, items = "/rows"))]
    pub fn scan_query(&self, #[query(flatten)] scan: &Scan) -> Pager<u64>;

    #[get("/xml", page = cursor(items = "/Rows/Row", next = "/NextToken", param = "token", more = "/IsTruncated", total = "/Total", xml))]
    pub fn xml(&self) -> Pager<Entry>;

    #[get("/own", page = style(UntilLast, items = "/data", param = "page", size = "limit"))]
    pub fn own(&self) -> Pager<u64>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", headers("x-session" = "s"), query("locale" = "en"))]
pub(crate) struct Acme {
    session: Session,
    #[endpoint]
    lists: Lists,
}

type Log = Arc<Mutex<Vec<String>>>;

/// A session whose vendor is a fn, and the paths, queries and bodies of its requests.
fn session(vendor: impl Fn(&Request) -> Response + Send + Sync + 'static) -> (Acme, Log) {
    let log = Log::default();
    let written = Arc::clone(&log);
    let vendor = Arc::new(vendor);
    let memory = Memory::new(move |request: Request| {
        let path = request.url.path().trim_start_matches("/v1/lists").to_owned();
        let query = request.url.query().unwrap_or_default();
        let query: Vec<_> = query.split('&').filter(|pair| *pair != "locale=en").collect();
        let body = request.body.as_bytes().map(|body| String::from_utf8_lossy(body).into_owned());
        let line = [path, query.join("&"), body.unwrap_or_default()].join(" ");
        written.lock().unwrap().push(line.trim().to_owned());
        let response = vendor(&request);
        async move { Ok(response) }
    });
    let api = Acme::builder().transport(memory).credential(Credential::bearer("t0ken").unwrap());
    (api.build().unwrap(), log)
}

fn ok(body: impl Into<Body>) -> Response {
    Response::new(StatusCode::OK).with_body(body)
}

/// A parameter of a request, in its query or its JSON body.
fn parameter(request: &Request, name: &str) -> Option<String> {
    let in_query =
        request.url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    in_query.or_else(|| {
        let body = request.body.as_bytes()?;
        if let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) {
            let value = body.get(name).or_else(|| body.pointer(&format!("/page/{name}")))?;
            return Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let form = std::str::from_utf8(body).ok()?;
        form.split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned())
    })
}

/// A vendor with `count` items from 0 on, in every style.
fn vendor(request: &Request, count: u64) -> Response {
    let number = |name: &str| parameter(request, name).and_then(|text| text.parse::<u64>().ok());
    let size = number("limit").unwrap_or(100);
    let style = request.url.path().rsplit('/').next().unwrap_or_default().to_owned();
    let start = match style.as_str() {
        "number" | "counted" | "own" => (number("page").unwrap_or(1) - 1) * size,
        "zero" => number("page").unwrap_or(0) * size,
        "offset" | "short" | "search" | "form" => number("offset").unwrap_or(0),
        "scan" | "scan_query" => number("from").unwrap_or(0),
        "last_id" => number("after").map_or(0, |after| after + 1),
        "header_cursor" => {
            let after = request.headers.get("x-after").map_or("0", |after| after.to_str().unwrap());
            after.trim_start_matches('c').parse().unwrap()
        }
        "link" | "url" => number("at").unwrap_or(0),
        "xml" => number("token").unwrap_or(0),
        _ => parameter(request, "after").map_or(0, |after| after.trim_start_matches('c').parse().unwrap()),
    };
    let end = (start + size).min(count);
    let items: Vec<u64> = (start.min(count)..end).collect();
    let has_next = end < count;
    let next = has_next.then(|| format!("c{end}"));
    let url = has_next.then(|| format!("/v1/lists/{style}?at={end}&limit={size}"));
    if style == "xml" {
        let rows: String =
            items.iter().map(|id| format!("<Row><Key>{id}</Key><Size>1</Size></Row>")).collect();
        let token = if has_next { format!("<NextToken>{end}</NextToken>") } else { String::new() };
        return ok(format!(
            "<List><Rows>{rows}</Rows><Total>{count}</Total><IsTruncated>{has_next}</IsTruncated>{token}</List>"
        ));
    }
    let body = match style.as_str() {
        "cursor" => serde_json::json!({"meta": {"next": next, "total": count}, "data": items}),
        "header_cursor" | "link" => serde_json::json!(items),
        "url" => serde_json::json!({"data": items, "next": url}),
        "last_id" => {
            let items: Vec<_> = items.iter().map(|id| serde_json::json!({"id": id, "title": "x"})).collect();
            serde_json::json!({"data": items, "more": has_next})
        }
        "values" => {
            let items: serde_json::Map<_, _> =
                items.iter().map(|id| (format!("k{id:06}"), serde_json::json!(id))).collect();
            serde_json::json!({"data": items, "next": next})
        }
        "scan" | "scan_query" => serde_json::json!({"rows": items, "revision": 7, "done": !has_next}),
        "number" => serde_json::json!({"data": items, "pages": count.div_ceil(size)}),
        "empty_ends" => {
            serde_json::json!({"data": items, "next": next.clone().unwrap_or_default(), "more": has_next})
        }
        _ => serde_json::json!({"data": items, "total": count}),
    };
    let mut response = ok(body.to_string());
    match style.as_str() {
        "header_cursor" => {
            if let Some(next) = next {
                response = response.with_header("x-next", &next);
            }
        }
        "link" => {
            if let Some(url) = url {
                response = response.with_header(
                    "link",
                    &format!("</a>; rel=prev, <{url}>; title=\"a, b\"; rel=\"next last\""),
                );
            }
        }
        "counted" => response = response.with_header("x-total", &count.to_string()),
        "own" => response = response.with_header("x-last", &count.div_ceil(size).to_string()),
        "zero" if items.is_empty() && start > 0 => response = Response::new(StatusCode::NOT_FOUND),
        _ => {}
    }
    response
}

/// The styles of [`Lists`], each as a list of numbers, with pages of this size if the style has a size.
fn styles(api: &Acme, size: u64) -> Vec<(&'static str, Pager<u64>)> {
    let lists = api.lists();
    let scan = Scan { from: 0, revision: 0 };
    vec![
        ("cursor", lists.cursor().with_page_size(size).to_pager()),
        ("header_cursor", lists.header_cursor().with_page_size(size)),
        ("empty_ends", lists.empty_ends()),
        ("offset", lists.offset().with_page_size(size).to_pager()),
        ("short", lists.short().with_page_size(size)),
        ("search", lists.search().with_page_size(size).to_pager()),
        ("form", lists.form("a b").with_page_size(size)),
        ("number", lists.number().with_page_size(size).to_pager()),
        ("zero", lists.zero().with_page_size(size)),
        ("counted", lists.counted().with_page_size(size)),
        ("link", lists.link().since("x").with_page_size(size).to_pager()),
        ("url", lists.url().with_page_size(size)),
        ("values", lists.values()),
        ("scan", lists.scan(&scan)),
        ("scan_query", lists.scan_query(&scan)),
        ("own", lists.own().with_page_size(size)),
    ]
}

fn last_id(api: &Acme, size: u64) -> Pager<Item> {
    api.lists().last_id().with_page_size(size)
}

fn xml(api: &Acme, _: u64) -> Pager<Entry> {
    api.lists().xml()
}

/// The number of an item, whatever its style.
trait Number {
    fn number(&self) -> u64;
}

impl Number for u64 {
    fn number(&self) -> u64 {
        *self
    }
}

impl Number for Item {
    fn number(&self) -> u64 {
        self.id
    }
}

impl Number for Entry {
    fn number(&self) -> u64 {
        self.key.parse().unwrap()
    }
}

async fn read<T: Number>(pager: Pager<T>) -> Result<Vec<u64>> {
    Ok(pager.try_collect().await?.iter().map(T::number).collect())
}

#[tokio::test]
async fn every_style_returns_each_item_once() {
    for count in [0, 1, 9, 10, 11, 100, 101, 250] {
        let (api, _) = session(move |request| vendor(request, count));
        for size in [10, 7, 50] {
            for (style, pager) in styles(&api, size) {
                let items = read(pager).await.unwrap_or_else(|error| panic!("{style}: {}", error.report()));
                assert_eq!(items, (0..count).collect::<Vec<_>>(), "{style} {count} {size}");
            }
            for items in [read(last_id(&api, size)).await, read(xml(&api, size)).await] {
                assert_eq!(items.unwrap(), (0..count).collect::<Vec<_>>(), "{count} {size}");
            }
        }
    }
}

#[tokio::test]
async fn requests_have_the_values_of_pages_where_they_are_declared() {
    let (api, log) = session(|request| vendor(request, 25));
    let lists = api.lists();
    let search = Search { text: "x".to_owned(), offset: Some(5) };
    let taken = || std::mem::take(&mut *log.lock().unwrap());
    let rows: Vec<(Pager<u64>, &[&str])> = vec![
        (
            lists.cursor().with_page_size(10).since("a b").to_pager(),
            &[
                "/cursor since=a%20b&limit=10",
                "/cursor since=a%20b&limit=10&after=c10",
                "/cursor since=a%20b&limit=10&after=c20",
            ],
        ),
        (lists.cursor().limit(20).to_pager(), &["/cursor limit=20", "/cursor limit=20&after=c20"]),
        (lists.cursor().after("c20").with_query("after", "c21").to_pager(), &["/cursor after=c21"]),
        (
            lists.offset().offset(10).with_page_size(10).to_pager(),
            &["/offset offset=10&limit=10", "/offset limit=10&offset=20"],
        ),
        (lists.offset().to_pager(), &["/offset"]),
        (lists.short(), &["/short limit=10", "/short limit=10&offset=10", "/short limit=10&offset=20"]),
        (lists.short().with_page_size(70), &["/short limit=50"]),
        (
            lists.search().with_page_size(20).to_pager(),
            &[r#"/search  {"page":{"limit":20}}"#, r#"/search  {"page":{"limit":20},"offset":20}"#],
        ),
        (
            lists.search().search(&search).with_page_size(15).to_pager(),
            &[
                r#"/search  {"text":"x","offset":5,"page":{"limit":15}}"#,
                r#"/search  {"text":"x","offset":20,"page":{"limit":15}}"#,
            ],
        ),
        (
            lists.form("a b").with_page_size(20),
            &["/form  text=a+b&limit=20", "/form  text=a+b&limit=20&offset=20"],
        ),
        (
            lists.number().page(2).with_page_size(10).to_pager(),
            &["/number page=2&limit=10", "/number limit=10&page=3"],
        ),
        (lists.zero().with_page_size(20), &["/zero limit=20", "/zero limit=20&page=1"]),
        (
            lists.link().since("x").with_page_size(20).to_pager(),
            &["/link since=x&limit=20", "/link at=20&limit=20"],
        ),
        (lists.url().with_page_size(20).with_query("q", "1"), &["/url limit=20&q=1", "/url at=20&limit=20"]),
        (lists.scan(&Scan { from: 20, revision: 3 }), &[r#"/scan  {"from":20,"revision":3}"#]),
    ];
    for (pager, expected) in rows {
        let shown = format!("{pager:?}");
        pager.try_collect().await.unwrap();
        assert_eq!(taken(), expected, "{shown}");
    }
}

/// Vendors that send these pages in order, whatever is asked for, and then an empty one.
fn script(pages: Vec<Vec<u64>>, total: Option<i128>) -> (Acme, Log) {
    let at = Mutex::new(0_usize);
    session(move |_| {
        let mut at = at.lock().unwrap();
        let page = pages.get(*at).cloned().unwrap_or_default();
        *at += 1;
        let total = total.map_or("null".to_owned(), |total| total.to_string());
        ok(format!(r#"{{"data": {page:?}, "total": {total}}}"#))
    })
}

/// The traces of restfly's iterator, with our expectation where its own is a defect.
#[tokio::test]
async fn traces_of_an_iterator() {
    // Pages, total, most items, most pages; the items, and how many requests.
    type Row = (&'static [&'static [u64]], Option<i128>, Option<u64>, Option<u64>, &'static [u64], usize);
    let two: &[&[u64]] = &[&[1, 2], &[3]];
    let rows: [Row; 16] = [
        (two, None, None, None, &[1, 2, 3], 3),
        (two, Some(2), None, None, &[1, 2], 1),
        (two, Some(3), None, None, &[1, 2, 3], 2),
        // A total that is too large costs one request.
        (two, Some(10), None, None, &[1, 2, 3], 3),
        // restfly takes a total of 0 for unknown.
        (two, Some(0), None, None, &[1, 2], 1),
        (&[], Some(0), None, None, &[], 1),
        (&[&[1], &[], &[2]], None, None, None, &[1], 2),
        // P4: totals that can't be.
        (two, Some(-1), None, None, &[1, 2, 3], 3),
        (two, Some(1 << 63), None, None, &[1, 2, 3], 3),
        (two, Some(1 << 100), None, None, &[1, 2, 3], 3),
        // restfly takes these zeros for no limit.
        (two, None, Some(0), None, &[], 0),
        (two, None, None, Some(0), &[], 0),
        (two, None, Some(2), None, &[1, 2], 1),
        (two, None, Some(1), None, &[1], 1),
        (two, None, Some(15), None, &[1, 2, 3], 3),
        (two, None, None, Some(1), &[1, 2], 1),
    ];
    for row in rows {
        let (pages, total, max_items, max_pages, expected, requests) = row;
        let (api, log) = script(pages.iter().map(|page| page.to_vec()).collect(), total);
        let mut pager = api.lists().offset().to_pager();
        if let Some(max) = max_items {
            pager = pager.with_max_items(max);
        }
        if let Some(max) = max_pages {
            pager = pager.with_max_pages(max);
        }
        let mut items = pager.items();
        // Lazy: nothing was requested.
        assert_eq!(log.lock().unwrap().len(), 0, "{row:?}");
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(item.unwrap());
        }
        assert_eq!((&*found, log.lock().unwrap().len()), (expected, requests), "{row:?}");
        // Fused: the end stays the end, without a request.
        assert!(items.next().await.is_none() && items.next().await.is_none(), "{row:?}");
        assert_eq!(log.lock().unwrap().len(), requests, "{row:?}");
    }
}

/// A vendor that fails the first time that a page is asked for.
fn faulty(count: u64) -> (Acme, Log) {
    let asked: Mutex<HashMap<String, u32>> = Mutex::default();
    session(move |request| {
        let body = request
            .body
            .as_bytes()
            .map(|body| String::from_utf8_lossy(body).into_owned())
            .unwrap_or_default();
        let page = format!("{}{body}{:?}", request.url, request.headers.get("x-after"));
        let mut asked = asked.lock().unwrap();
        let times = asked.entry(page).or_default();
        *times += 1;
        if *times == 1 { Response::new(StatusCode::SERVICE_UNAVAILABLE) } else { vendor(request, count) }
    })
}

#[tokio::test(start_paused = true)]
async fn p3_a_page_that_fails_is_requested_again_by_next() {
    read_all_with_faults(1).await;
}

#[tokio::test(start_paused = true)]
async fn p3_a_page_that_fails_is_requested_again_by_its_call() {
    read_all_with_faults(3).await;
}

/// Reads 10,000 items in each style, with a fault on each page's first attempt.
async fn read_all_with_faults(attempts: u32) {
    const COUNT: u64 = 10_000;
    for index in 0..styles(&faulty(COUNT).0, 100).len() {
        for read_ahead in [0, 1, 7] {
            let (style, pager) = styles(&faulty(COUNT).0, 100).swap_remove(index);
            let is_counted = matches!(style, "offset" | "search" | "form" | "number" | "counted");
            if read_ahead == 0 || is_counted {
                read_with_faults(style, pager.with_read_ahead(read_ahead), attempts, COUNT).await;
            }
        }
    }
    read_with_faults("last_id", last_id(&faulty(COUNT).0, 100), attempts, COUNT).await;
    read_with_faults("xml", xml(&faulty(COUNT).0, 100), attempts, COUNT).await;
}

async fn read_with_faults<T: Number>(style: &str, pager: Pager<T>, attempts: u32, count: u64) {
    let mut items = pager.with_max_attempts(attempts).with_retry_on(&[503]).items();
    let (mut found, mut errors) = (Vec::new(), 0);
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => found.push(item.number()),
            Err(error) => {
                assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE), "{style}");
                errors += 1;
            }
        }
    }
    assert_eq!(found, (0..count).collect::<Vec<_>>(), "{style} {attempts}");
    assert_eq!(errors > 0, attempts == 1, "{style}: {errors}");
}

/// How many items the vendor of the tests of tokens has.
const COUNT: u64 = 47;

#[tokio::test]
async fn a_resume_token_continues_at_every_place() {
    let (api, _) = session(|request| vendor(request, COUNT));
    let (other, _) = session(|request| vendor(request, COUNT));
    for index in 0..styles(&api, 10).len() {
        let style = styles(&api, 10)[index].0;
        continues(style, [&api, &other], |api| styles(api, 10).swap_remove(index).1).await;
    }
    continues("last_id", [&api, &other], |api| last_id(api, 10)).await;
    continues("xml", [&api, &other], |api| xml(api, 10)).await;
}

async fn continues<T: Number>(style: &str, [api, other]: [&Acme; 2], pager: impl Fn(&Acme) -> Pager<T>) {
    let all: Vec<u64> = (0..COUNT).collect();
    let tokens = tokens(pager(api)).await;
    assert_eq!(tokens.len(), all.len() + 1);
    for (at, token) in tokens.iter().enumerate() {
        let stored: PageToken = token.expose().parse().unwrap();
        let rest = read(pager(other).with_resume_token(&stored)).await.unwrap();
        assert_eq!(rest, all[at..], "{style} at {at}");
    }
    // Of pages, and of a list that a limit ends in the middle of a page.
    for max in [0, 3, 10, 13, 47] {
        let mut pages = pager(api).with_max_items(max).pages();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page.unwrap().iter().map(T::number));
        }
        let token = pages.resume_token();
        found.extend(read(pager(other).with_resume_token(token.expose())).await.unwrap());
        assert_eq!(found, all, "{style} {max}");
    }
}

/// The tokens at the start of a list, and after each item.
async fn tokens<T>(pager: Pager<T>) -> Vec<PageToken> {
    let mut items = pager.items();
    let mut tokens = vec![items.resume_token()];
    while let Some(item) = items.next().await {
        item.unwrap();
        tokens.push(items.resume_token());
    }
    tokens
}

/// Names the file of tokens that another process of this test continues. It writes what it reads to `tokens.read` beside it.
const TOKENS: &str = "APISESSION_TEST_TOKENS";

#[tokio::test]
async fn a_resume_token_continues_in_another_process() {
    let (api, _) = session(|request| vendor(request, COUNT));
    if let Some(file) = env::var_os(TOKENS) {
        return continue_all(&api, Path::new(&file)).await;
    }
    let (mut lines, mut expected) = (String::new(), String::new());
    let mut add = |style: &str, tokens: Vec<PageToken>| {
        for (at, token) in (0..).zip(tokens) {
            lines += &format!("{style} {}\n", token.expose());
            expected += &format!("{style} {:?}\n", (at..COUNT).collect::<Vec<_>>());
        }
    };
    for (style, pager) in styles(&api, 10) {
        add(style, tokens(pager).await);
    }
    add("last_id", tokens(last_id(&api, 10)).await);
    add("xml", tokens(xml(&api, 10)).await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.list");
    fs::write(&file, &lines).unwrap();
    let name = "pages::a_resume_token_continues_in_another_process";
    let mut other = Command::new(env::current_exe().unwrap());
    let output = other.args(["--exact", name]).env(TOKENS, &file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(fs::read_to_string(file.with_extension("read")).unwrap(), expected);
    println!("{} tokens", lines.lines().count());
}

/// Continues the lists of a file of tokens, and writes what they have left.
async fn continue_all(api: &Acme, file: &Path) {
    let mut found = String::new();
    for line in fs::read_to_string(file).unwrap().lines() {
        let (style, token) = line.split_once(' ').unwrap();
        let rest = match style {
            "last_id" => read(last_id(api, 10).with_resume_token(token)).await,
            "xml" => read(xml(api, 10).with_resume_token(token)).await,
            _ => {
                let pager = styles(api, 10).into_iter().find(|(name, _)| *name == style).unwrap().1;
                read(pager.with_resume_token(token)).await
            }
        };
        found += &format!("{style} {:?}\n", rest.unwrap());
    }
    fs::write(file.with_extension("read"), found).unwrap();
}

#[tokio::test]
async fn a_resume_token_is_that_of_its_call() {
    let (api, log) = session(|request| vendor(request, 50));
    let lists = api.lists();
    let mut items = lists.cursor().since("s3cret").with_page_size(10).items();
    for _ in 0..11 {
        items.next().await.unwrap().unwrap();
    }
    let token = items.resume_token();
    assert_eq!(format!("{token:?}"), "PageToken(…)");
    log.lock().unwrap().clear();
    let damaged = token.expose()[..token.expose().len() - 4].to_owned();
    let newer = token.expose().replace("page1.", "page2.");
    let long = format!("page1.{}", "A".repeat(2 << 20));
    let text = token.expose();
    let rows: Vec<(Pager<u64>, &str, &str)> = vec![
        (lists.empty_ends(), text, "another operation"),
        (lists.cursor().to_pager(), text, "other parameters"),
        (lists.cursor().since("a").to_pager(), &damaged, "is damaged"),
        (lists.cursor().since("a").to_pager(), &newer, "another version"),
        (lists.cursor().since("a").to_pager(), "s3cret", "is not one"),
        (lists.cursor().since("a").to_pager(), "", "is not one"),
        (lists.cursor().since("a").to_pager(), &long, "longer than"),
    ];
    for (pager, text, expected) in rows {
        let mut items = pager.with_resume_token(text).items();
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains(expected) && !error.to_string().contains("s3cret"), "{error}");
        assert!(items.next().await.is_none());
    }
    assert_eq!(log.lock().unwrap().len(), 0);
    // With other values, or with another size, it goes on.
    let rest =
        lists.cursor().since("b").with_page_size(7).with_resume_token(text).try_collect().await.unwrap();
    assert_eq!(rest, (11..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn p1_next_links_pass_the_guard() {
    // Where the link leads, and where it is followed to.
    let rows = [
        ("https://evil.test/v1/lists/url", None),
        ("http://api.test/v1/lists/url", None),
        ("https://api.test:8443/v1/lists/url", None),
        ("https://api.test.evil.test/", None),
        ("https://api.test@evil.test/", None),
        ("//evil.test/", None),
        ("/\\\\evil.test/", None),
        ("file:///etc/passwd", None),
        ("https://[", None),
        ("?p=2", Some("?p=2")),
        ("/v1/lists/other?p=2", Some("/v1/lists/other?p=2")),
        ("other?p=%2f+", Some("/v1/lists/other?p=%2f+")),
        ("https://ana:pw@api.test/v1/lists/other#top", Some("/v1/lists/other")),
    ];
    for (link, expected) in rows {
        for style in ["url", "link", "token"] {
            let text = link.to_owned();
            let (api, log) = session(move |request| {
                let is_first = request.url.path().ends_with(style)
                    && request.url.query().is_none_or(|query| !query.contains("p="));
                if !is_first {
                    assert_eq!(request.headers["authorization"], "Bearer t0ken");
                    assert_eq!(request.headers["x-session"], "s");
                    assert!(style != "url" || request.headers["x-kept"] == "yes");
                }
                let body = if style == "link" {
                    "[1]".to_owned()
                } else {
                    serde_json::json!({"data": [1], "next": is_first.then_some(&text)}).to_string()
                };
                let response = ok(body);
                match style == "link" && is_first {
                    true => response.with_header("link", &format!("<{text}>; rel=next")),
                    false => response,
                }
            });
            if style == "token" {
                continue;
            }
            let mut items =
                if style == "url" { api.lists().url().items() } else { api.lists().link().items() };
            assert_eq!(items.next().await.unwrap().unwrap(), 1);
            let second = items.next().await.unwrap();
            let requests = log.lock().unwrap().len();
            match (expected, second) {
                (None, Err(error)) => {
                    assert_eq!((error.kind(), requests), (ErrorKind::Argument, 1), "{style} {link}");
                    assert!(items.next().await.is_none());
                }
                (Some(_), Ok(item)) => assert_eq!((item, requests), (1, 2), "{style} {link}"),
                (_, second) => panic!("{style} {link}: {second:?}"),
            }
        }
    }
}

#[tokio::test]
async fn p2_a_page_that_comes_again_ends_with_an_error() {
    // The page that follows each page, by its number, and how many pages there are before the error.
    let rows: [(&[usize], usize); 4] = [(&[0], 1), (&[1, 1], 2), (&[1, 2, 0], 3), (&[1, 2, 3, 2], 4)];
    for (follows, expected) in rows {
        for style in ["cursor", "url", "link"] {
            let follows = follows.to_vec();
            let (api, log) = session(move |request| {
                let at = parameter(request, "after")
                    .map_or(0, |at| at.trim_start_matches('c').parse::<usize>().unwrap());
                let next = follows[at];
                let link = if next == 0 && at > 0 || follows == [0] {
                    format!("/v1/lists/{style}?locale=en")
                } else {
                    format!("/v1/lists/{style}?after=c{next}")
                };
                match style {
                    "cursor" => ok(format!(r#"{{"data": [{at}], "meta": {{"next": "c{next}"}}}}"#)),
                    "url" => ok(format!(r#"{{"data": [{at}], "next": "{link}"}}"#)),
                    _ => ok(format!("[{at}]")).with_header("link", &format!("<{link}>; rel=next")),
                }
            });
            let mut items = match style {
                "cursor" => api.lists().cursor().items(),
                "url" => api.lists().url().items(),
                _ => api.lists().link().items(),
            };
            let mut found = 0;
            let error = loop {
                match items.next().await {
                    Some(Ok(_)) => found += 1,
                    Some(Err(error)) => break error,
                    None => panic!("{style} {expected}: it ended"),
                }
            };
            assert_eq!(error.kind(), ErrorKind::PaginationLoop);
            // At most one page is repeated: a first page has no cursor.
            assert!(found == expected || found == expected + 1, "{style} {found} {expected}");
            assert_eq!(log.lock().unwrap().len(), found);
            assert!(items.next().await.is_none());
        }
    }
    // Cursors that never end stop at the limit.
    let at = Mutex::new(0);
    let (api, log) = session(move |_| {
        *at.lock().unwrap() += 1;
        ok(format!(r#"{{"data": [], "meta": {{"next": {}}}}}"#, at.lock().unwrap()))
    });
    assert_eq!(api.lists().cursor().with_max_pages(500).try_collect().await.unwrap(), [0_u64; 0]);
    assert_eq!(log.lock().unwrap().len(), 500);
}

#[tokio::test]
async fn cursors_and_items_have_odd_ends() {
    // The pages of a cursor, and what is read.
    type End = std::result::Result<&'static [u64], &'static str>;
    let rows: [(&[&str], End); 16] = [
        (&[r#"{"data":[1],"meta":{"next":null}}"#], Ok(&[1])),
        (&[r#"{"data":[1],"meta":{}}"#], Ok(&[1])),
        (&[r#"{"data":[1]}"#], Ok(&[1])),
        (&[r#"{"data":[1],"meta":null}"#], Ok(&[1])),
        (&[r#"{"data":[1],"meta":[]}"#], Ok(&[1])),
        // An empty page with a next is not the end, and an empty text is a cursor.
        (&[r#"{"data":[],"meta":{"next":"a"}}"#, r#"{"data":[2]}"#], Ok(&[2])),
        (&[r#"{"data":null,"meta":{"next":"a"}}"#, r#"{"data":[2]}"#], Ok(&[2])),
        (&[r#"{"data":[1],"meta":{"next":""}}"#, r#"{"data":[2]}"#], Ok(&[1, 2])),
        // A cursor need not be a text.
        (&[r#"{"meta":{"next":17},"data":[1]}"#, r#"{"data":[2]}"#], Ok(&[1, 2])),
        (&[r#"{"meta":{"next":[1,"a"]},"data":[1]}"#, r#"{"data":[2]}"#], Ok(&[1, 2])),
        (&[r#"null"#], Ok(&[])),
        (&["\u{feff}{\"data\":[1]}"], Ok(&[1])),
        (&[r#"{"items":[1]}"#], Err("it has no list at `/data`")),
        (&[r#"{"data":{"a":1}}"#], Err("data: another type or value where a list is expected")),
        (&[r#"{"data":[1,"s3cret"]}"#], Err("data[1]: another type or value where u64 is expected")),
        (&[r#"{"data":[1"#], Err("EOF while parsing")),
    ];
    for (pages, expected) in rows {
        let owned: Vec<String> = pages.iter().map(|page| (*page).to_owned()).collect();
        let at = Mutex::new(0_usize);
        let (api, _) = session(move |_| {
            *at.lock().unwrap() += 1;
            ok(owned[*at.lock().unwrap() - 1].clone())
        });
        match (api.lists().cursor().try_collect().await, expected) {
            (Ok(items), Ok(expected)) => assert_eq!(items, expected, "{pages:?}"),
            (Err(error), Err(expected)) => {
                let text = error.to_string();
                assert!(text.contains(expected) && !text.contains("s3cret"), "{pages:?}: {text}");
                assert_eq!(error.kind(), ErrorKind::Decode);
                assert_eq!(error.operation().unwrap().to_string(), "Lists::cursor");
            }
            (found, _) => panic!("{pages:?}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn a_cursor_is_sent_as_the_server_wrote_it() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    let rows = [
        (r#""c2""#, Some("after=c2")),
        (r#""""#, Some("after=")),
        (r#""a\"\u00e9/\n""#, Some("after=a%22%C3%A9%2F%0A")),
        ("17", Some("after=17")),
        ("1.50", Some("after=1.50")),
        ("true", Some("after=true")),
        (r#"[1, "a"]"#, Some("after=%5B1%2C%20%22a%22%5D")),
        (&deep, None),
    ];
    for (cursor, expected) in rows {
        let text = cursor.to_owned();
        let (api, log) = session(move |request| match request.url.query() {
            Some(query) if query.contains("after=") => ok(r#"{"data": [2]}"#),
            _ => ok(format!(r#"{{"data": [1], "meta": {{"next": {text} }}}}"#)),
        });
        match (api.lists().cursor().try_collect().await, expected) {
            (Ok(items), Some(expected)) => {
                assert_eq!(items, [1, 2], "{cursor}");
                assert_eq!(log.lock().unwrap()[1], format!("/cursor {expected}"));
            }
            (Err(error), None) => assert!(error.to_string().contains("recursion limit exceeded"), "{error}"),
            (found, _) => panic!("{cursor}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn pages_that_were_read_ahead_and_do_not_follow_are_dropped() {
    // A server with pages of at most 7 items, and one whose total becomes smaller.
    for (most, shrinks) in [(7, false), (10, true), (7, true)] {
        let (api, log) = session(move |request| {
            let number = |name| parameter(request, name).map_or(0, |text| text.parse::<u64>().unwrap());
            let start = number("offset");
            let end = (start + number("limit").min(most)).min(40);
            let total = if shrinks && start > 0 { 40 } else { 70 };
            let items: Vec<_> = (start..end.max(start)).collect();
            ok(format!(r#"{{"data": {items:?}, "total": {total}}}"#))
        });
        for ahead in [0, 1, 3, 9] {
            let pager = api.lists().offset().with_page_size(10).with_read_ahead(ahead);
            assert_eq!(pager.try_collect().await.unwrap(), (0..40).collect::<Vec<_>>(), "{most} {ahead}");
            let requests = std::mem::take(&mut *log.lock().unwrap()).len();
            assert!(requests <= 7 * (ahead + 1), "{most} {ahead}: {requests}");
        }
    }
}

#[tokio::test]
async fn a_page_takes_no_more_memory_than_twice_its_items() {
    for (count, text) in [(1, 10_000), (3, 0), (100, 0), (100, 2000), (5000, 10)] {
        let (api, _) = session(move |_| {
            let items: Vec<_> =
                (0..count).map(|id| serde_json::json!({"id": id, "text": "x".repeat(text)})).collect();
            ok(serde_json::json!({"data": items, "more": false}).to_string())
        });
        let mut pages = api.lists().memory().pages();
        let items = pages.next().await.unwrap().unwrap().into_items();
        assert_eq!(items.len(), count);
        assert!(items.capacity() <= 2 * count.max(4), "{count} {text}: {}", items.capacity());
    }
}

#[tokio::test]
async fn p6_dropping_a_list_stops_it_and_read_ahead_is_bounded() {
    for (ahead, most) in [(0, 1), (1, 2), (4, 5)] {
        let (api, log) = session(|request| vendor(request, 1000));
        let mut items = api.lists().offset().with_page_size(10).with_read_ahead(ahead).items();
        items.next().await.unwrap().unwrap();
        drop(items);
        assert!(log.lock().unwrap().len() <= 1 + usize::from(ahead > 0) * most, "{ahead}");
        // While it is read, no more than these are requested beyond the page that is read.
        let (api, log) = session(|request| vendor(request, 1000));
        let mut items = api.lists().offset().with_page_size(10).with_read_ahead(ahead).items();
        let mut read = 0;
        while let Some(item) = items.next().await {
            assert_eq!(item.unwrap(), read);
            read += 1;
            let requested = log.lock().unwrap().len() as u64;
            assert!(requested <= read.div_ceil(10) + ahead as u64 + 1, "{ahead} {read} {requested}");
        }
        assert_eq!((read, log.lock().unwrap().len()), (1000, 100));
    }
    let (api, log) = session(|request| vendor(request, 1000));
    let rows = [
        (api.lists().cursor().with_read_ahead(2).to_pager(), "can't be read ahead"),
        (
            api.lists().scan(&Scan { from: 0, revision: 0 }).with_page_size(2),
            "declares no parameter for the size",
        ),
    ];
    for (pager, expected) in rows {
        let error = pager.try_collect().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Argument && error.to_string().contains(expected), "{error}");
    }
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_page_has_what_the_server_tells_about_it() {
    let (api, _) = session(|request| vendor(request, 25).with_header("x-request-id", "r-1"));
    let mut pages = api.lists().cursor().with_page_size(10).pages();
    let mut numbers = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        numbers.push((page.number(), page.len(), page.total()));
        assert_eq!(
            (page.request_id(), page.headers()["x-request-id"].as_bytes()),
            (Some("r-1"), &b"r-1"[..])
        );
    }
    assert_eq!(numbers, [(1, 10, Some(25)), (2, 10, Some(25)), (3, 5, Some(25))]);
    assert_eq!((pages.pages_read(), pages.total()), (3, Some(25)));
    let operation = Lists::CURSOR.operation();
    assert_eq!((operation.mode(), operation.page_style()), (apisession::Mode::Pages, Some("cursor")));
}

#[tokio::test]
async fn tokens_go_into_and_out_of_xml() {
    let (api, log) = session(|request| {
        let row = |key: &str| format!("<Row><Key>{key}</Key><Size>1</Size></Row>");
        ok(match parameter(request, "token").as_deref() {
            None => format!(
                "<?xml version='1.0'?><List xmlns='urn:x'><Name>n</Name><Rows>{}{}</Rows><Total>3</Total><IsTruncated>true</IsTruncated>\
                 <NextToken>a&amp;b=</NextToken></List>",
                row("1"),
                row("2")
            ),
            Some("a&b=") => format!(
                "<List><Rows>{}</Rows><IsTruncated>true</IsTruncated><NextToken>c</NextToken></List>",
                row("3")
            ),
            Some("c") => {
                "<List><Rows/><IsTruncated>true</IsTruncated><NextToken>d</NextToken></List>".to_owned()
            }
            _ => "<List><IsTruncated>false</IsTruncated><NextToken>e</NextToken></List>".to_owned(),
        })
    });
    let mut items = api.lists().xml().items();
    let mut keys = String::new();
    while let Some(item) = items.next().await {
        keys.push_str(&item.unwrap().key);
    }
    assert_eq!((&*keys, items.total()), ("123", Some(3)));
    let expected = ["/xml", "/xml token=a%26b%3D", "/xml token=c", "/xml token=d"];
    assert_eq!(*log.lock().unwrap(), expected);
    let (api, _) = session(|_| ok("<List><Rows><Row><Size>s3cret</Size></Row></Rows></List>"));
    let error = api.lists().xml().try_collect().await.unwrap_err().to_string();
    assert!(error.contains("missing field `Key`") && !error.contains("s3cret"), "{error}");
}
