//! The descriptor knows what a declaration knows: each key of the macros' tables is found in the text of a description.

#![expect(dead_code, reason = "what is declared is described, and not called")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use apisession::prelude::*;
use apisession::{
    ApiResponse, BodyKind, ErrorMap, EventStream, Lines, ListStyle, Location, Nested, Op, OpenEnum,
    Parameter, Part, Place, RateLimit, ResponseKind, RetryPolicy, Secret, Text, Values,
};
use apisession_tests::{listed, offline};
use serde::{Deserialize, Serialize};
use syn::visit::{self, Visit};

const SECOND: Duration = Duration::from_secs(1);
const VENDOR: &str = "Acme";

#[derive(Serialize, Deserialize)]
struct Thing {
    id: u64,
}

/// The state of a thing.
#[derive(OpenEnum)]
#[open_enum(rename_all = "lowercase")]
enum State {
    Open,
    Closed,
    Other(String),
}

#[derive(OpenEnum)]
enum Level {
    #[open_enum(1)]
    Low,
    #[open_enum(9)]
    High,
    Other(i64),
}

/// Another name of a type of which something is known.
type States = Option<Vec<State>>;

#[derive(Debug, ApiError)]
enum ThingError {
    /// There is none.
    #[status(404)]
    Missing,
    #[status(409, 4xx, "/code" = "TAKEN")]
    Taken(Problem, Error),
    #[default]
    Known(Problem, Error),
    #[other]
    Other(Error),
}

#[derive(ApiResponse)]
enum Done {
    /// It is there at once.
    #[status(200, 201)]
    Now(Thing),
    #[status(202)]
    Later,
}

#[derive(apisession::Multipart)]
struct Upload {
    note: String,
}

fn upper(text: &str) -> String {
    text.to_uppercase()
}

fn is_refusal(_: &serde_json::Value) -> bool {
    false
}

fn after(thing: &Thing) -> (&'static str, u64) {
    ("after", thing.id)
}

/// Things with every key.
#[endpoint(
    path = "/keyed",
    base_url = "https://keyed.test/v1",
    tags("Keyed"),
    scopes("keyed:read"),
    allowed_origins("https://cdn.test" = bodies),
    attempt_timeout = SECOND,
    auth = none,
    error_map = ErrorMap::new(),
    gone_is_ok,
    headers("x-level" = "endpoint"),
    idempotent = false,
    idle_timeout = SECOND,
    max_attempts = 2,
    max_connect_attempts = 2,
    scope = "keyed:read",
    max_body = 1024,
    max_error_body = 64,
    max_item = 16,
    min_throughput = 1,
    query("level" = 2),
    rate_limit = RateLimit::new(1, SECOND),
    redact("card"),
    redact_allow("x-plan", "/items/*/name"),
    redirects = 3,
    rejected_on(423),
    restricted_paths("/secret"),
    retry = RetryPolicy::new(),
    retry_on(425),
    timeout = SECOND
)]
struct Keyed;

#[endpoint]
impl Keyed {
    #[get("/enveloped", value = "/data")]
    fn enveloped(&self) -> Call<Thing>;

    #[post(
        "/all/{id}",
        accept = "text/csv",
        base_url = "https://all.test",
        fields("kind" = "a"),
        form,
        gzip,
        idempotency_key = "x-key",
        name = "AllOfKeyed",
        scopes("all:read", "all:write"),
        tags("All", "Keys"),
        allowed_origins("https://cdn.test", "https://up.test" = credential),
        attempt_timeout = SECOND * 2,
        auth = admin,
        error_map = ErrorMap::new(),
        gone_is_ok = false,
        headers("x-level" = "operation", "x-api-key" = "t0p-s3cret", "x-none" = none),
        idempotent,
        idle_timeout = Duration::from_secs(40),
        max_attempts = 4,
        max_connect_attempts = 3,
        scope = "all:{id}:read",
        max_body = 1024 * 1024,
        max_error_body = 64,
        max_item = 16,
        min_throughput = 1,
        query("level" = 3, "gone" = none),
        rate_limit = RateLimit::new(1, SECOND),
        redact("card"),
        redact_allow("x-plan", "/items/*/name"),
        redirects = off,
        rejected_on(423, 424),
        restricted_paths,
        retry = RetryPolicy::new(),
        retry_on(425),
        timeout = SECOND
    )]
    fn all(&self, id: u64, #[field] name: Option<&str>, #[query] since: Option<&str>) -> Call<Text>;

    #[post(use_base = false)]
    fn at_base(&self) -> Call<()>;

    #[get(at = location)]
    fn at(&self, location: &Location) -> Call<Thing>;

    #[get(events(reconnect), expired_when_item = |_: &apisession::RawEvent| false)]
    fn events(&self) -> Call<EventStream<Thing>>;

    #[get(lines(array = "/items", each = "/value"), resume = after, expired_when_item = is_refusal)]
    fn lines(&self) -> Call<Lines<Thing>>;

    #[get(page = cursor(items = "/data", next = "/next", param = "after", size = "limit"))]
    fn pages(&self) -> Pager<Thing>;

    #[get(page = link, items = "/data")]
    fn linked(&self) -> Pager<Thing>;

    #[post("/jobs", poll(read = job("/id"), state = "/status", done("DONE")))]
    fn polls(&self) -> Poller<Thing>;

    #[get("/jobs/{id}")]
    fn job(&self, id: u64) -> Call<()>;

    #[get("/jobs/{id}", wait(until_gone))]
    fn waits(&self, id: u64) -> Poller<()>;

    #[get("/{id}/{more}/{rest+}")]
    #[expect(clippy::too_many_arguments, reason = "each shows another key")]
    fn parameters(
        &self,
        /// The id.
        ///
        /// It is never zero.
        #[path(encode_with = upper, rename = "id")]
        number: &str,
        #[path(empty_segments)] rest: &str,
        #[path(list = "comma")] more: &[u8],
        #[query(default = 50, encode_with = u32::clone, rename = "page[size]")] size: u32,
        #[query(flag)] deep: bool,
        #[query(flatten)] thing: Option<&Thing>,
        #[query(json)] filter: &Thing,
        #[query(list = "pipes")] tags: &[&str],
        #[query(nested = "dots")] range: &Thing,
        #[cookie("sid", default = 1, encode_with = u8::clone)] session: u8,
        #[cookie(rename = "b")] c: u8,
        #[header("x-mode", default = "a", encode_with = upper)] mode: &str,
        #[header(json, rename = "x-json")] thing_of_header: Option<&Thing>,
        #[headers(prefix = "x-meta-", encode_with = BTreeMap::clone)] meta: &BTreeMap<String, String>,
    ) -> Call<()>;

    #[post]
    fn json(
        &self,
        #[json(content_type = "application/merge-patch+json", encode_with = Some)] thing: &Thing,
    ) -> Call<()>;

    #[post]
    fn xml(&self, #[xml(content_type = "text/xml", encode_with = Some)] thing: &Thing) -> Call<()>;

    #[post]
    fn fields(
        &self,
        #[field("a", default = 1, encode_with = u8::clone)] one: u8,
        #[field(rename = "b")] two: &Thing,
    ) -> Call<()>;

    #[post(form)]
    fn form_fields(
        &self,
        #[field(list = "brackets")] names: &[&str],
        #[field(nested = "brackets")] thing: &Thing,
        #[field(json)] other: &Thing,
    ) -> Call<()>;

    #[post]
    fn form(&self, #[form(encode_with = Some, list = "comma", nested = "dots")] thing: &Thing) -> Call<()>;

    #[post]
    fn plain(&self, #[body("text/plain")] text: &str) -> Call<()>;

    #[post]
    fn multipart(&self, #[multipart] upload: &Upload) -> Call<()>;

    #[post]
    fn parts(
        &self,
        #[part("meta", json, content_type = "application/json", file_name = "meta.json")] thing: &Thing,
        #[part(rename = "file")] content: Part,
    ) -> Call<()>;
}

/// Things.
#[endpoint(path = "/things", tags("Things"), scopes("things:read"), restricted_paths("/{id}/key"))]
struct Things;

#[endpoint]
impl Things {
    /// Lists things.
    #[get]
    fn list(
        &self,
        state: Option<&State>,
        #[query] states: &[State],
        #[query] levels: Option<Vec<Level>>,
        #[query] aliased: States,
        #[query] password: &str,
        #[query] code: Option<&Secret>,
        #[query] text: &str,
    ) -> Call<Vec<Thing>, ThingError>;

    #[get("/{id}/key", scopes("things:key"))]
    fn key(&self, id: u64) -> Call<Done>;

    /// Is replaced.
    #[deprecated(since = "2.0.0", note = "use `list`")]
    #[get("/old")]
    fn old(&self) -> Call<Option<Thing>>;

    #[cfg(not(any()))]
    #[post("/gated")]
    fn gated(
        &self,
        #[cfg(any())]
        #[query]
        gone: Gone,
        #[cfg(not(any()))]
        #[query]
        state: State,
        #[query] last: u8,
    ) -> Call<Done, ThingError>;
}

/// Operations without the base path.
#[endpoint(path = "/apart", use_base = false)]
struct Apart;

#[endpoint]
impl Apart {
    #[get]
    fn get(&self) -> Call<Thing>;
}

/// Operations of GraphQL.
#[endpoint(path = "/graphql")]
struct Graph;

#[endpoint]
impl Graph {
    #[graphql(
        file = "it/user.graphql",
        accept = "application/json",
        base_url = "https://graph.test",
        data = "/user",
        fields("extra" = 1),
        gzip,
        idempotency_key = "x-key",
        name = "UserOfGraph",
        operation = "User",
        path = "/of",
        scopes("users:read"),
        tags("Users")
    )]
    fn user(
        &self,
        id: &str,
        #[variable("withTeam", encode_with = bool::clone)] team: Option<bool>,
    ) -> Call<Thing>;

    #[graphql("query ($n: Int, $of: ID) { a }")]
    fn variable(
        &self,
        #[variable(default = 7)] n: u8,
        #[variable(rename = "of")] id: Option<&str>,
    ) -> Call<Thing>;

    #[graphql(file = "it/user.graphql", operation = "Rename")]
    fn rename(&self, #[variables(encode_with = Some)] of: &Thing) -> Call<Thing>;

    #[graphql("query ($after: ID) { a }", page = connection(at = "/a"), items = "/data/a/edges")]
    fn list(&self) -> Pager<Thing>;
}

/// An API with every key.
#[derive(Clone, APISession)]
#[session(
    base_path = "/rest",
    base_url = "https://{region}.acme.test",
    build = "7",
    client_request_id = "x-call",
    connect_timeout = SECOND,
    hooks,
    lib = "acme/1",
    max_in_flight = 8,
    product = "things",
    request_id_header = "x-id",
    vendor = VENDOR,
    allowed_origins("https://cdn.test"),
    attempt_timeout = SECOND,
    auth = session,
    error_map = ErrorMap::new(),
    gone_is_ok,
    headers("x-level" = "session"),
    idempotent,
    idle_timeout = SECOND,
    max_attempts = 2,
    max_connect_attempts = 2,
    scope = "read",
    max_body = 1024,
    max_error_body = 64,
    max_item = 16,
    min_throughput = 1,
    query("level" = 1),
    rate_limit = RateLimit::new(1, SECOND),
    redact("card"),
    redact_allow("x-plan", "/items/*/name"),
    redirects = 3,
    rejected_on(423),
    restricted_paths("/login", "/rest/**"),
    retry = RetryPolicy::new(),
    retry_on(425),
    timeout = SECOND
)]
struct Acme {
    session: Session,
    #[endpoint]
    keyed: Keyed,
    #[endpoint]
    things: Things,
    #[endpoint]
    apart: Apart,
    #[endpoint]
    graph: Graph,
    /// Where the data is.
    region: String,
}

impl APISession for Acme {}

#[endpoint]
impl Acme {
    /// The things of a state.
    #[graft("/of/{state}/{area}")]
    fn of(
        &self,
        /** Which. */
        state: State,
        #[path(encode_with = upper, rename = "area")] of: &str,
    ) -> Things;
}

/// An API with next to no keys.
#[derive(Clone, APISession)]
#[session(base_url = "https://plain.test")]
struct Plain {
    session: Session,
    #[endpoint]
    things: Things,
}

/// The lines of the block that begins with `head`, or has it as its second line.
fn block(text: &str, head: &str) -> String {
    let block = text.split("\n\n").find(|block| block.lines().take(2).any(|line| line.trim() == head));
    block.unwrap_or_else(|| panic!("{head} is missing in {text}")).to_owned()
}

/// Where the text has a key: its grammar, the key, the block, and the line or a part of it.
const KEYS: &[(&str, &str, &str, &str)] = &[
    ("SESSION", "base_path", "session Acme", "base_path /rest"),
    ("SESSION", "base_url", "session Acme", "base_url https://{region}.acme.test"),
    ("SESSION", "build", "session Acme", "key build = \"7\""),
    ("SESSION", "client_request_id", "session Acme", "key client_request_id = \"x-call\""),
    ("SESSION", "connect_timeout", "session Acme", "key connect_timeout = SECOND"),
    ("SESSION", "hooks", "session Acme", "key hooks"),
    ("SESSION", "lib", "session Acme", "key lib = \"acme/1\""),
    ("SESSION", "max_in_flight", "session Acme", "key max_in_flight = 8"),
    ("SESSION", "product", "session Acme", "product things"),
    ("SESSION", "request_id_header", "session Acme", "key request_id_header = \"x-id\""),
    ("SESSION", "vendor", "session Acme", "vendor Acme"),
    ("SESSION", "allowed_origins", "session Acme", "key allowed_origins(\"https://cdn.test\")"),
    ("SESSION", "auth", "session Acme", "key auth = session"),
    ("SESSION", "headers", "session Acme", "constant header x-level = \"session\""),
    ("SESSION", "query", "session Acme", "constant query level = 1"),
    ("SESSION", "restricted_paths", "session Acme", "key restricted_paths(\"/login\", \"/rest/**\")"),
    ("GROUP", "base_url", "POST /keyed", "base_url https://keyed.test/v1"),
    ("GROUP", "path", "endpoint Keyed", "key path = \"/keyed\""),
    ("GROUP", "scopes", "endpoint Keyed", "scopes keyed:read"),
    ("GROUP", "tags", "endpoint Keyed", "tags Keyed"),
    ("GROUP", "use_base", "endpoint Apart", "key use_base = false"),
    ("GROUP", "headers", "endpoint Keyed", "constant header x-level = \"endpoint\""),
    ("GROUP", "query", "endpoint Keyed", "constant query level = 2"),
    ("OPERATION", "accept", "operation Keyed::all", "response Text, Text, accept text/csv"),
    ("OPERATION", "at", "operation Keyed::at", "url location: &Location"),
    ("OPERATION", "base_url", "operation Keyed::all", "base_url https://all.test"),
    ("OPERATION", "events", "operation Keyed::events", "mode Events"),
    ("OPERATION", "expired_when_item", "operation Keyed::lines", "key expired_when_item = is_refusal"),
    ("OPERATION", "fields", "operation Keyed::all", "constant field kind = \"a\""),
    ("OPERATION", "form", "operation Keyed::all", "body Form, application/x-www-form-urlencoded"),
    ("OPERATION", "gzip", "operation Keyed::all", ", gzip"),
    ("OPERATION", "headers", "operation Keyed::all", "constant header x-none = none"),
    ("OPERATION", "items", "operation Keyed::linked", "key items = \"/data\""),
    ("OPERATION", "page", "operation Keyed::pages", "mode Pages, cursor"),
    ("OPERATION", "poll", "operation Keyed::polls", "mode Poll, job"),
    ("OPERATION", "wait", "operation Keyed::waits", "mode Poll, wait"),
    ("OPERATION", "idempotency_key", "operation Keyed::all", "idempotency_key x-key"),
    ("OPERATION", "lines", "operation Keyed::lines", "key lines(array = \"/items\", each = \"/value\")"),
    ("OPERATION", "name", "operation Keyed::all", "call AllOfKeyed"),
    ("OPERATION", "query", "operation Keyed::all", "constant query level = 3"),
    ("OPERATION", "restricted_paths", "operation Keyed::all", "    restricted\n"),
    ("OPERATION", "resume", "operation Keyed::lines", "key resume = after"),
    ("OPERATION", "scopes", "operation Keyed::all", "scopes all:read, all:write"),
    ("OPERATION", "tags", "operation Keyed::all", "tags All, Keys"),
    ("OPERATION", "auth", "operation Keyed::all", "credential admin"),
    ("OPERATION", "use_base", "operation Keyed::at_base", "key use_base = false"),
    ("OPERATION", "value", "operation Keyed::enveloped", "key value = \"/data\""),
    ("EVENTS", "reconnect", "operation Keyed::events", "key events(reconnect)"),
    ("COOKIE", "default", "operation Keyed::parameters", "cookie sid: u8, argument session, default 1"),
    ("COOKIE", "encode_with", "operation Keyed::parameters", "default 1, secret, encode_with u8::clone"),
    ("COOKIE", "rename", "operation Keyed::parameters", "cookie b: u8, argument c"),
    ("HEADER", "default", "operation Keyed::parameters", "header x-mode: &str, argument mode, default \"a\""),
    ("HEADER", "encode_with", "operation Keyed::parameters", "default \"a\", encode_with upper"),
    (
        "HEADER",
        "json",
        "operation Keyed::parameters",
        "header x-json: &Thing, argument thing_of_header, optional, json",
    ),
    ("HEADER", "rename", "operation Keyed::parameters", "header x-json"),
    ("HEADERS", "encode_with", "operation Keyed::parameters", "encode_with BTreeMap::clone"),
    (
        "HEADERS",
        "prefix",
        "operation Keyed::parameters",
        "header meta: &BTreeMap<String, String>, nested Flat, prefix x-meta-",
    ),
    ("QUERY", "default", "operation Keyed::parameters", "query page[size]: u32, argument size, default 50"),
    ("QUERY", "encode_with", "operation Keyed::parameters", "default 50, encode_with u32::clone"),
    ("QUERY", "flag", "operation Keyed::parameters", "query deep: bool, flag"),
    ("QUERY", "flatten", "operation Keyed::parameters", "query thing: &Thing, optional, nested Flat"),
    ("QUERY", "json", "operation Keyed::parameters", "query filter: &Thing, json"),
    ("QUERY", "list", "operation Keyed::parameters", "query tags: &[&str], list Pipes"),
    ("QUERY", "nested", "operation Keyed::parameters", "query range: &Thing, nested Dots"),
    ("QUERY", "rename", "operation Keyed::parameters", "query page[size]"),
    ("PARAMETER", "empty_segments", "operation Keyed::parameters", "path rest: &str, greedy, empty segments"),
    (
        "PARAMETER",
        "encode_with",
        "operation Keyed::parameters",
        "path id: &str, argument number, encode_with upper",
    ),
    ("PARAMETER", "list", "operation Keyed::parameters", "path more: &[u8], list Comma"),
    ("PARAMETER", "rename", "operation Keyed::parameters", "path id: &str, argument number"),
    (
        "JSON",
        "content_type",
        "operation Keyed::json",
        "content_type application/merge-patch+json\n    body Json, application/merge-patch+json",
    ),
    ("JSON", "encode_with", "operation Keyed::json", "json thing: &Thing, encode_with Some"),
    ("XML", "content_type", "operation Keyed::xml", "body Xml, text/xml"),
    ("XML", "encode_with", "operation Keyed::xml", "xml thing: &Thing, encode_with Some"),
    ("FIELD_OF_BODY", "default", "operation Keyed::fields", "field a: u8, argument one, default 1"),
    ("FIELD_OF_BODY", "encode_with", "operation Keyed::fields", "encode_with u8::clone"),
    ("FIELD_OF_BODY", "json", "operation Keyed::form_fields", "field other: &Thing, json"),
    ("FIELD_OF_BODY", "list", "operation Keyed::form_fields", "field names: &[&str], list Brackets"),
    ("FIELD_OF_BODY", "nested", "operation Keyed::form_fields", "field thing: &Thing, nested Brackets"),
    ("FIELD_OF_BODY", "rename", "operation Keyed::fields", "field b"),
    ("FORM", "encode_with", "operation Keyed::form", "encode_with Some"),
    ("FORM", "list", "operation Keyed::form", "list Comma"),
    ("FORM", "nested", "operation Keyed::form", "nested Dots"),
    ("PART", "content_type", "operation Keyed::parts", "content_type application/json"),
    ("PART", "file_name", "operation Keyed::parts", "file_name meta.json"),
    ("PART", "json", "operation Keyed::parts", "part meta: &Thing, argument thing, json"),
    ("PART", "rename", "operation Keyed::parts", "part file: Part, argument content"),
    ("GRAPHQL", "accept", "operation Graph::user", "accept application/json\n"),
    ("GRAPHQL", "base_url", "operation Graph::user", "base_url https://graph.test"),
    ("GRAPHQL", "data", "operation Graph::user", "key data = \"/user\""),
    ("GRAPHQL", "fields", "operation Graph::user", "constant field extra = 1"),
    ("GRAPHQL", "file", "operation Graph::user", "graphql query User"),
    ("GRAPHQL", "gzip", "operation Graph::user", "body Json, application/json, gzip"),
    ("GRAPHQL", "idempotency_key", "operation Graph::user", "idempotency_key x-key"),
    ("GRAPHQL", "items", "operation Graph::list", "key items = \"/data/a/edges\""),
    ("GRAPHQL", "name", "operation Graph::user", "call UserOfGraph"),
    ("GRAPHQL", "operation", "operation Graph::rename", "graphql mutation Rename"),
    ("GRAPHQL", "page", "operation Graph::list", "mode Pages, connection"),
    ("GRAPHQL", "path", "operation Graph::user", "POST /graphql/of"),
    ("GRAPHQL", "scopes", "operation Graph::user", "scopes users:read"),
    ("GRAPHQL", "tags", "operation Graph::user", "tags Users"),
    ("GRAPHQL", "use_base", "operation Graph::user", "base_url https://graph.test"),
    ("VARIABLE", "default", "operation Graph::variable", "field /variables/n: u8, argument n, default 7"),
    ("VARIABLE", "encode_with", "operation Graph::user", "encode_with bool::clone"),
    ("VARIABLE", "rename", "operation Graph::variable", "field /variables/of: &str, argument id"),
    (
        "VARIABLES",
        "encode_with",
        "operation Graph::rename",
        "field /variables: &Thing, argument of, encode_with Some",
    ),
];

/// Keys that are not about the API.
const EXEMPT: &[&str] = &["crate"];

/// The tables of macros that declare no operation.
const OF_MODELS: &[&str] = &[
    "DEBUG",
    "DEBUG_FIELD",
    "ERROR",
    "MODEL",
    "MULTIPART",
    "MULTIPART_FIELD",
    "OPEN_ENUM",
    "RESPONSE",
    "UNION",
    // A field of a session that is not part of the API.
    "FIELD",
];

/// The tables of the macros: each constant with its keys, and whether it has the settings of every level, or those of a session.
#[derive(Default)]
struct Tables {
    keys: BTreeMap<String, BTreeSet<String>>,
    current: String,
}

impl<'ast> Visit<'ast> for Tables {
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.current = item.ident.to_string();
        visit::visit_item_const(self, item);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let called = quote_path(&call.func);
        let mut arguments = call.args.iter();
        match called.as_str() {
            // `Grammar::new("get", &["accept"])`
            "new" => {
                let keys = arguments.nth(1).map(texts).unwrap_or_default();
                self.keys.entry(self.current.clone()).or_default().extend(keys);
            }
            // `row("timeout", …)`, where a setting without a key has none.
            "row" => {
                let key = arguments.next().map(texts).unwrap_or_default();
                self.keys
                    .entry(self.current.clone())
                    .or_default()
                    .extend(key.into_iter().filter(|key| !key.is_empty()));
            }
            _ => {}
        }
        visit::visit_expr_call(self, call);
    }
}

/// The last name of a path.
fn quote_path(function: &syn::Expr) -> String {
    let syn::Expr::Path(path) = function else { return String::new() };
    path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

/// The strings in an expression.
fn texts(expr: &syn::Expr) -> Vec<String> {
    #[derive(Default)]
    struct Texts(Vec<String>);
    impl<'ast> Visit<'ast> for Texts {
        fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
            self.0.push(text.value());
        }
    }
    let mut texts = Texts::default();
    texts.visit_expr(expr);
    texts.0
}

/// The keys of each table of declarations, with the settings that are keys as well.
fn tables() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apisession-derive/src");
    let mut tables = Tables::default();
    for file in ["keys.rs", "settings.rs"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        tables.visit_file(&syn::parse_file(&text).unwrap());
    }
    let mut keys = tables.keys;
    let every_level = keys.remove("EVERY_LEVEL").unwrap();
    for table in ["GROUP", "OPERATION", "SESSION"] {
        keys.entry(table.to_owned()).or_default().extend(every_level.clone());
    }
    keys
}

#[test]
fn each_key_of_a_declaration_is_in_the_description() {
    let text = Acme::description().to_string();
    for (table, key, head, line) in KEYS {
        let block = format!("{}\n", block(&text, head));
        assert!(block.contains(line), "{table} {key}: `{line}` is missing in\n{block}");
    }
    let tables = tables();
    assert!(tables["OPERATION"].len() > 30 && tables["QUERY"].contains("nested"));
    let blocks =
        [("GROUP", "endpoint Keyed"), ("OPERATION", "operation Keyed::all"), ("SESSION", "session Acme")];
    let missing: Vec<_> = tables
        .iter()
        .filter(|(table, _)| !OF_MODELS.contains(&table.as_str()))
        .flat_map(|(table, keys)| keys.iter().map(move |key| (table.as_str(), key.as_str())))
        .filter(|(_, key)| !EXEMPT.contains(key))
        .filter(|(table, key)| !KEYS.iter().any(|(other, of, ..)| other == table && of == key))
        // The keys in the parentheses of another key are a part of its value.
        .filter(|(table, _)| {
            !["EVENTS", "LINES", "POLL", "WAIT"].contains(table) && !table.starts_with("PAGE_")
        })
        .filter(|(table, key)| {
            let head = blocks.iter().find(|(of, _)| of == table).map(|(_, head)| head);
            !head.is_some_and(|head| has_key(&block(&text, head), key))
        })
        .collect();
    assert!(
        missing.is_empty(),
        "the descriptor lacks these keys, or `KEYS` and the declarations above do: {missing:?}"
    );
}

/// Whether a block has a key with its value as it is written.
fn has_key(block: &str, key: &str) -> bool {
    block.lines().filter_map(|line| line.strip_prefix("    key ")).any(|line| {
        let rest = line.strip_prefix(key);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
    })
}

fn route(name: &str) -> apisession::Route {
    let description = Acme::description();
    let route = description.operations().iter().find(|route| route.operation().to_string() == name);
    route.unwrap_or_else(|| panic!("{name} is missing")).clone()
}

#[test]
fn a_description_needs_no_session() {
    let api = Plain::builder().transport(offline()).build().unwrap();
    assert_eq!(listed(Plain::description().operations()), listed(&api.operations()));
    assert_eq!(
        (Plain::description().base_url(), Plain::description().vendor()),
        (Some("https://plain.test"), None)
    );
    let description = Acme::description();
    assert_eq!((description.name(), description.docs()), ("Acme", "An API with every key."));
    assert_eq!((description.vendor(), description.product()), (Some("Acme"), Some("things")));
    assert_eq!(description.variables().collect::<Vec<_>>(), [("region", "Where the data is.")]);
}

#[test]
fn a_parameter_has_what_its_declaration_and_its_type_state() {
    let all: Vec<Parameter> = route("Keyed::parameters").operation().parameters().collect();
    let number = all[0];
    assert_eq!((number.name(), number.argument(), number.type_name()), ("id", "number", "&str"));
    assert_eq!(number.docs(), "The id.\n\nIt is never zero.");
    let find = |name: &str| *all.iter().find(|parameter| parameter.argument() == name).unwrap();
    assert_eq!((find("size").default(), find("size").is_required()), (Some("50"), false));
    assert_eq!((find("tags").list(), find("range").nested()), (ListStyle::Pipes, Nested::Dots));
    assert_eq!((find("meta").place(), find("meta").is_flattened()), (Place::Header, true));

    let list = route("Things::list");
    let open = Some(Values::Text(&["open", "closed"]));
    let rows = [
        ("state", open, false),
        ("states", open, false),
        ("levels", Some(Values::Integers(&[1, 9])), false),
        ("aliased", open, false),
        ("password", None, true),
        ("code", None, true),
        ("text", None, false),
    ];
    let found: Vec<_> =
        list.operation().parameters().map(|it| (it.name(), it.values(), it.is_secret())).collect();
    assert_eq!(found, rows);
    // A parameter with a `cfg` that doesn't hold is not there, and what is known of the others stays theirs.
    let gated = route("Things::gated");
    let gated: Vec<_> = gated.operation().parameters().map(|it| (it.name(), it.values())).collect();
    assert_eq!(gated, [("state", open), ("last", None)]);
}

#[test]
fn a_route_has_the_parameters_of_its_grafts_and_what_its_endpoints_declare() {
    let description = Acme::description();
    let routes = description.operations().iter();
    let [of, plain]: [_; 2] =
        routes.filter(|route| route.operation().name() == "key").collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((of.path(), plain.path()), ("/of/{state}/{area}/things/{id}/key", "/things/{id}/key"));
    let shown: Vec<_> = of.parameters().map(|it| (it.name(), it.docs(), it.values().is_some())).collect();
    assert_eq!(shown, [("state", "Which.", true), ("area", "", false), ("id", "", false)]);
    let groups: Vec<_> = of.groups().map(|group| (group.name(), group.docs())).collect();
    assert_eq!(groups, [("of", "The things of a state."), ("Things", "Things.")]);
    // The nearest level that has tags or scopes has them for the operation.
    assert_eq!(plain.tags().collect::<Vec<_>>(), ["Things"]);
    assert_eq!(plain.scopes().collect::<Vec<_>>(), ["things:key"]);
    assert_eq!(route("Things::list").scopes().collect::<Vec<_>>(), ["things:read"]);
    assert_eq!(
        (route("Keyed::all").credential(), route("Keyed::json").credential()),
        (Some("admin"), Some("none"))
    );
    assert_eq!(route("Things::list").credential(), Some("session"));
    // Patterns of an endpoint are below its path.
    assert!(of.is_restricted() && plain.is_restricted() && !route("Things::list").is_restricted());
}

#[test]
fn an_operation_has_the_kinds_of_its_body_its_responses_and_its_errors() {
    let rows = [
        ("Keyed::json", Some(BodyKind::Json), Some("application/merge-patch+json")),
        ("Keyed::xml", Some(BodyKind::Xml), Some("text/xml")),
        ("Keyed::fields", Some(BodyKind::Json), Some("application/json")),
        ("Keyed::form_fields", Some(BodyKind::Form), Some("application/x-www-form-urlencoded")),
        ("Keyed::form", Some(BodyKind::Form), Some("application/x-www-form-urlencoded")),
        ("Keyed::plain", Some(BodyKind::Raw), Some("text/plain")),
        ("Keyed::multipart", Some(BodyKind::Multipart), Some("multipart/form-data")),
        ("Keyed::parts", Some(BodyKind::Multipart), Some("multipart/form-data")),
        ("Things::list", None, None),
    ];
    for (name, body, media_type) in rows {
        let route = route(name);
        assert_eq!((route.operation().body(), route.operation().media_type()), (body, media_type), "{name}");
    }
    let kinds = [
        ("Keyed::all", ResponseKind::Text, "text/csv"),
        ("Keyed::json", ResponseKind::Nothing, "application/json"),
        ("Keyed::events", ResponseKind::Stream, "text/event-stream"),
        ("Things::list", ResponseKind::Json, "application/json"),
        ("Things::key", ResponseKind::ByStatus, "application/json"),
        ("Things::old", ResponseKind::Json, "application/json"),
    ];
    for (name, kind, accept) in kinds {
        let route = route(name);
        assert_eq!((route.operation().response_kind(), route.accept()), (kind, accept), "{name}");
    }
    for name in ["Things::key", "Things::gated"] {
        let cases: Vec<_> = route(name).operation().responses().collect();
        let shown: Vec<_> =
            cases.iter().map(|case| (case.name(), case.statuses().collect::<Vec<_>>())).collect();
        assert_eq!(shown, [("Now", vec!["200", "201"]), ("Later", vec!["202"])], "{name}");
        assert_eq!(
            (cases[0].fields().collect::<Vec<_>>(), cases[0].docs()),
            (vec!["Thing"], "It is there at once.")
        );
    }
    for name in ["Things::list", "Things::gated"] {
        let cases: Vec<_> = route(name).operation().errors().collect();
        let names: Vec<_> =
            cases.iter().map(|case| (case.name(), case.is_default(), case.is_other())).collect();
        let expected = [
            ("Missing", false, false),
            ("Taken", false, false),
            ("Known", true, false),
            ("Other", false, true),
        ];
        assert_eq!(names, expected, "{name}");
        assert_eq!(cases[1].statuses().collect::<Vec<_>>(), ["409", "4xx"]);
        assert_eq!(cases[1].conditions().collect::<Vec<_>>(), [("/code", "\"TAKEN\"")]);
        assert_eq!(cases[1].fields().collect::<Vec<_>>(), ["Problem", "Error"]);
    }
    let op: Op<Done> = Things::KEY;
    assert!(op.operation().errors().next().is_none());
    let deprecation = route("Things::old").operation().deprecation().unwrap();
    assert_eq!((deprecation.since, deprecation.note), (Some("2.0.0"), Some("use `list`")));
}

#[test]
fn a_constant_with_the_name_of_a_secret_is_not_shown() {
    let all = route("Keyed::all");
    let key = all.operation().constants().find(|constant| constant.name() == "x-api-key").unwrap();
    assert_eq!(key.value(), Some("[redacted]"));
    let text = Acme::description().to_string();
    assert!(!text.contains("t0p-s3cret") && !format!("{:?}", Acme::description()).contains("t0p-s3cret"));
}
