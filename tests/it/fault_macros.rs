//! Faults of the macros: they go by types and paths, and cut their input by Rust's grammar.

use apisession::prelude::*;
use apisession::{Place, Request, http};
use apisession_tests::{offline, recording, respond, tokio};
use serde::{Deserialize, Serialize};

/// Models with the names of everything that generated code could take for granted.
#[allow(dead_code)]
mod shadowed {
    #![no_implicit_prelude]

    use ::apisession::{APISession, Call, Op, Session, endpoint};
    use ::core::prelude::v1::{Clone, Copy, Debug, derive};

    macro_rules! models {
        ($($name:ident)*) => {
            $(#[derive(Clone, Copy, Debug, ::serde::Deserialize, ::serde::Serialize)] pub(super) struct $name { pub(super) id: u8 })*
        };
    }

    models! {
        Arc Box BoxFuture Bytes Cow Credential Declaration Decode Default Deref Deserialize Display Drop Duration Endpoint
        Err Error Fn FnMut FnOnce From Future Handle Into IntoFuture IntoIterator Iterator LazyLock Never None Ok OpenCall Operation
        Option Options Parameter Place Placed Problem Probe Raw Request Response Result Root Route Routes Secret Self_ Send
        Serialize Setting Settings Sized Some State Static String Style Sync ToString Unpin Vec
    }

    /// Not the static of generated code.
    const SETTINGS: ::core::time::Duration = ::core::time::Duration::from_secs(7);

    #[endpoint(path = "/things", timeout = SETTINGS)]
    pub(super) struct Things;

    #[endpoint]
    impl Things {
        #[get("/{id}", timeout = SETTINGS, rate_limit = ::apisession::RateLimit::new(100, SETTINGS))]
        pub(super) fn some(&self, id: u8, #[header] mode: ::core::option::Option<&str>) -> Call<Some>;

        #[post(idempotency_key)]
        pub(super) fn send(&self, sync: &Sync, #[query(default = 5)] limit: u8) -> Call<Send, ThingError>;

        #[post]
        pub(super) fn option(&self, option: &Option) -> Call<Option>;

        #[graft("/{id}")]
        pub(super) fn below(&self, id: u8) -> Things;

        #[cfg(test)]
        #[get("/gated")]
        pub(super) fn gated(&self) -> Call<Vec>;
    }

    #[derive(Debug, ::apisession::ApiError)]
    pub(super) enum ThingError {
        #[status(404)]
        None,
        #[status(409)]
        Coded(Error, ::apisession::Error),
        #[status(422)]
        Err(Err),
        #[other]
        Other(::apisession::Error),
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", timeout = SETTINGS)]
    pub(super) struct Acme {
        session: Session,
        #[endpoint]
        things: Things,
        given: String,
        #[session(default)]
        set: u8,
    }

    #[endpoint]
    impl Acme {
        #[get("/version")]
        pub(super) fn version(&self) -> Call<String>;
    }

    pub(super) const SOME: Op<Some> = Things::SOME;
}

/// The framework by another name, and its types by others.
mod renamed {
    use ::apisession as sess;
    use sess::Error as Failure;
    use sess::{Call, Session};

    type Details = sess::Problem;
    type Whole = Failure;

    /// A model of the vendor's.
    #[derive(Debug, PartialEq, serde::Deserialize)]
    pub(super) struct Error {
        pub(super) code: u64,
    }

    #[derive(Debug, sess::ApiError)]
    #[api_error(crate = sess)]
    pub(super) enum RenamedError {
        #[status(400)]
        Model(Error),
        #[status(409)]
        Both(Error, Whole),
        #[status(410)]
        Turned(Failure, Details),
        #[status(411)]
        Only(Whole),
        #[status(418)]
        Teapot,
        #[other]
        Other(sess::Error),
    }

    #[sess::endpoint(crate = sess, path = "/things")]
    pub(super) struct Things;

    #[sess::endpoint(crate = sess)]
    impl Things {
        #[get("/{id}")]
        pub(super) fn get(&self, id: u16, since: Option<&str>) -> Call<String, RenamedError>;
    }

    mod models {
        #[derive(Clone, Default)]
        pub(super) struct Session;
    }

    #[derive(Clone, sess::APISession)]
    #[session(crate = sess, base_url = "https://api.test")]
    pub(super) struct Acme {
        session: sess::Session,
        #[endpoint]
        things: Things,
        #[session(default)]
        current: models::Session,
    }

    #[allow(dead_code)]
    fn is_the_session(session: Session) -> sess::Session {
        session
    }
}

/// Names that the macros derive others from.
#[allow(non_camel_case_types)]
mod names {
    use super::*;

    #[endpoint(path = "/types")]
    pub(super) struct r#type;

    #[endpoint]
    impl r#type {
        #[get("/{ref}")]
        pub(super) fn r#match(&self, r#ref: u8, r#in: Option<u8>) -> Call<u8>;

        #[get("/fetch")]
        pub(super) fn 取得(&self) -> Call<u8>;

        #[get("/size")]
        pub(super) fn größe(&self) -> Call<u8>;
    }

    #[endpoint(path = "/things")]
    pub(super) struct Things;

    /// The names of a session's methods, and those of the traits and constants that generated code uses.
    #[endpoint]
    impl Things {
        #[post("/builder")]
        pub(super) fn builder(&self) -> Call<()>;
        #[post("/{id}/close")]
        pub(super) fn close(&self, id: u8, reason: Option<&str>) -> Call<()>;
        #[get("/operations")]
        pub(super) fn operations(&self) -> Call<()>;
        #[get("/scope")]
        pub(super) fn scope(&self) -> Call<()>;
        #[get("/with")]
        pub(super) fn with(&self) -> Call<()>;
        #[get("/stub")]
        pub(super) fn stub(&self) -> Call<()>;
        #[get("/path")]
        pub(super) fn path(&self) -> Call<()>;
        #[get("/list")]
        pub(super) fn list(&self) -> Call<()>;
        #[get("/handle")]
        pub(super) fn handle(&self) -> Call<()>;
        #[get("/clone")]
        pub(super) fn clone(&self) -> Call<()>;
        #[get("/graft")]
        pub(super) fn graft(&self) -> Call<()>;
        #[get("/fmt")]
        pub(super) fn fmt(
            &self,
            call: Option<u8>,
            from: Option<u8>,
            deref: Option<u8>,
            query: Option<u8>,
        ) -> Call<()>;
        #[graft("/{id}")]
        pub(super) fn below(&self, id: u8) -> Things;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test")]
    pub(super) struct Acme {
        session: Session,
        #[endpoint]
        r#type: r#type,
        #[endpoint]
        things: Things,
    }
}

/// Endpoints and operations whose names are the same one after the other.
#[allow(dead_code, clippy::upper_case_acronyms)]
mod joined {
    use super::*;

    macro_rules! endpoints {
        ($($endpoint:ident $path:literal { $($name:ident $below:literal)* })*) => {
            $(
                #[endpoint(path = $path)]
                pub(super) struct $endpoint;

                #[endpoint]
                impl $endpoint {
                    $(
                        #[get($below)]
                        pub(super) fn $name(&self, since: Option<u8>) -> Call<u8>;
                    )*
                }
            )*
        };
    }

    endpoints! {
        A "/a" { b_c "/bc" b_c_d "/bcd" bc "/lower" }
        AB "/ab" { c "/c" c_d "/cd" }
        ABC "/abc" { d "/d" }
        Admin "/admin" { users_list "/users/list" }
        AdminUsers "/admin-users" { list "/list" }
        V "/v" { _2_list "/2/list" }
        V2 "/v2" { list "/list" }
        取 "/x" { 得_list "/list" }
        取得 "/xy" { list "/list" }
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test")]
    pub(super) struct Acme {
        session: Session,
        #[endpoint]
        a: A,
        #[endpoint]
        ab: AB,
        #[endpoint]
        abc: ABC,
        #[endpoint]
        admin: Admin,
        #[endpoint]
        admin_users: AdminUsers,
        #[endpoint]
        v: V,
        #[endpoint]
        v2: V2,
        #[endpoint]
        取: 取,
        #[endpoint]
        取得: 取得,
    }

    /// A session whose operations have names like those of its endpoints, and a constant like that of an operation.
    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test")]
    pub(super) struct Near {
        session: Session,
        #[endpoint]
        a: A,
        #[endpoint]
        ab: AB,
    }

    impl Near {
        pub(super) const A: u8 = 7;
    }

    #[endpoint]
    impl Near {
        #[get("/abc")]
        pub(super) fn abc(&self, since: Option<u8>) -> Call<u8>;
        #[graft("/{id}")]
        pub(super) fn below(&self, id: u8) -> A;
    }

    pub(super) fn a(api: &Acme) -> [ABCCall; 1] {
        [api.a().b_c().since(1)]
    }

    pub(super) fn ab(api: &Acme) -> AB_CCall {
        api.ab().c().since(2)
    }
}

fn line(request: Result<Request>) -> String {
    let request = request.unwrap();
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query}", request.method, request.url.path())
}

#[tokio::test]
async fn fault_f1_the_macros_go_by_types_and_paths() {
    use renamed::RenamedError;
    let (vendor, _) = recording(|_, request| {
        let status = request.url.path().rsplit('/').next().and_then(|status| status.parse::<u16>().ok());
        let status = http::StatusCode::from_u16(status.unwrap_or(200)).unwrap();
        Ok(respond(status.as_u16(), r#"{"code":7,"title":"no"}"#))
    });
    let things = renamed::Acme::builder().transport(vendor).build().unwrap().things();
    let shown = |error: &RenamedError| match error {
        RenamedError::Model(model) => format!("model {}", model.code),
        RenamedError::Both(model, error) => format!("both {} {}", model.code, error.status().unwrap()),
        RenamedError::Turned(error, problem) => format!("{} {:?}", error.status().unwrap(), problem.title),
        RenamedError::Only(error) => format!("only {}", error.status().unwrap()),
        RenamedError::Teapot => "teapot".to_owned(),
        RenamedError::Other(error) => format!("other {}", error.status().unwrap()),
    };
    let rows = [
        (400, "model 7"),
        (409, "both 7 409 Conflict"),
        (410, "410 Gone Some(\"no\")"),
        (411, "only 411 Length Required"),
        (418, "teapot"),
        (451, "other 451 Unavailable For Legal Reasons"),
    ];
    for (status, expected) in rows {
        let error = things.get(status).await.unwrap_err();
        assert_eq!(shown(&error), expected);
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        assert!(apisession::Error::from(error).to_string().contains(&status.to_string()));
    }

    let api =
        shadowed::Acme::builder(shadowed::String { id: 1 }).set(2).transport(offline()).build().unwrap();
    let things = api.things();
    let rows = [
        (line(things.some(1).mode("x").build()), "GET /things/1"),
        (line(things.send(&shadowed::Sync { id: 1 }).limit(6).build()), "POST /things?limit=6"),
        (line(things.option(&shadowed::Option { id: 1 }).build()), "POST /things"),
        (line(things.below(3).below(4).gated().build()), "GET /things/3/things/4/things/gated"),
        (line(api.version().build()), "GET /version"),
    ];
    for (line, expected) in rows {
        assert_eq!(line, expected);
    }
    assert_eq!(shadowed::SOME.operation().response(), "Some");
    // An endpoint that is grafted to itself is listed once.
    assert_eq!(api.operations().len(), 1 + 4);

    let api = names::Acme::builder().transport(offline()).build().unwrap();
    let (types, things) = (api.r#type(), api.things());
    let rows = [
        (line(types.r#match(1).r#in(2).maybe_in(None).build()), "GET /types/1?in=2"),
        (line(types.取得().build()), "GET /types/fetch"),
        (line(types.größe().build()), "GET /types/size"),
        (line(things.builder().build()), "POST /things/builder"),
        (line(things.close(1).reason("x").build()), "POST /things/1/close?reason=x"),
        (line(things.operations().build()), "GET /things/operations"),
        (line(things.scope().build()), "GET /things/scope"),
        (line(things.with().build()), "GET /things/with"),
        (line(things.stub().build()), "GET /things/stub"),
        (line(things.below(2).path().build()), "GET /things/2/things/path"),
        (line(things.list().build()), "GET /things/list"),
        (line(things.handle().build()), "GET /things/handle"),
        (line(things.clone().build()), "GET /things/clone"),
        (line(things.graft().build()), "GET /things/graft"),
        (
            line(things.fmt().call(1).from(2).deref(3).query(4).build()),
            "GET /things/fmt?call=1&from=2&deref=3&query=4",
        ),
    ];
    for (line, expected) in rows {
        assert_eq!(line, expected);
    }
    assert_eq!(names::r#type::MATCH.operation().to_string(), "type::match");
    assert_eq!(format!("{types:?}"), "type");
    assert_eq!(names::r#type::GRÖSSE.operation().name(), "größe");
    assert_eq!(names::r#type::取得_OP.operation().name(), "取得");
    assert_eq!(api.operations().len(), 3 + 12);

    let api = joined::Acme::builder().transport(offline()).build().unwrap();
    let near = joined::Near::builder().transport(offline()).build().unwrap();
    let [first] = joined::a(&api);
    let rows = [
        (line(first.build()), "GET /a/bc?since=1"),
        (line(joined::ab(&api).build()), "GET /ab/c?since=2"),
        (line(api.a().b_c_d().since(3).build()), "GET /a/bcd?since=3"),
        (line(api.a().bc().since(3).build()), "GET /a/lower?since=3"),
        (line(api.ab().c_d().build()), "GET /ab/cd"),
        (line(api.abc().d().build()), "GET /abc/d"),
        (line(api.admin().users_list().build()), "GET /admin/users/list"),
        (line(api.admin_users().list().build()), "GET /admin-users/list"),
        (line(api.v()._2_list().build()), "GET /v/2/list"),
        (line(api.v2().list().build()), "GET /v2/list"),
        (line(api.取().得_list().build()), "GET /x/list"),
        (line(api.取得().list().build()), "GET /xy/list"),
        (line(near.abc().since(1).build()), "GET /abc?since=1"),
        (line(near.a().b_c().build()), "GET /a/bc"),
        (line(near.ab().c().build()), "GET /ab/c"),
        (line(near.below(joined::Near::A).b_c().build()), "GET /7/a/bc"),
    ];
    for (line, expected) in rows {
        assert_eq!(line, expected);
    }
}

/// A model with a constant among its arguments.
#[derive(Debug, PartialEq, Deserialize)]
struct Sized<const N: usize, T>(T);

fn make<const N: u32, T>(factor: u32) -> RateLimit {
    RateLimit::new(N * factor, Duration::from_secs(std::mem::size_of::<T>() as u64))
}

fn text<A, B>() -> String {
    format!("{}-{}", std::any::type_name::<A>(), std::any::type_name::<B>())
}

#[endpoint(path = "/grammar", headers("x-types" = &text::<u8, u16>()))]
struct Grammar;

#[endpoint]
#[allow(unused_braces)]
impl Grammar {
    #[get]
    fn constant(&self) -> Call<Sized<{ 1 + 2 }, u8>>;

    #[get("/both")]
    fn both(
        &self,
        #[query] a: [u8; { 4 - 2 }],
        b: Option<[u8; 2]>,
    ) -> Call<Sized<{ 3 - 2 }, Sized<{ 4 - 2 }, u8>>>;

    #[get(rate_limit = make::<1, u8>(1), query("a" = text::<u8, u8>(), "b" = 1 < 2))]
    fn limited(&self) -> Call<()>;

    const LENGTH: Sized<{ 1 + 2 }, u8> = { Sized(4) };

    #[get]
    fn cfgs(
        &self,
        #[cfg(test)]
        #[query]
        here: u8,
        #[cfg(not(test))]
        #[query]
        gone: NoSuchType,
        #[cfg(test)] set: Option<u8>,
        #[cfg(not(test))] unset: Option<NoSuchType>,
        #[cfg(not(test))]
        #[query]
        same: NoSuchType,
        #[cfg(test)]
        #[query]
        same: u8,
        #[cfg(test)]
        #[query(default = 1)]
        standard: u8,
        #[cfg(not(test))]
        #[header("x-gone", default = no_such_value)]
        gone_too: u8,
        #[allow(non_snake_case)]
        #[query]
        userId: u8,
        #[cfg_attr(test, allow(non_snake_case))] pageSize: Option<u8>,
    ) -> Call<()>;

    #[cfg_attr(test, get("/all"), allow(dead_code))]
    #[cfg_attr(not(test), post("/other"))]
    fn either(&self, since: Option<u8>) -> Call<()>;

    #[cfg(not(test))]
    #[cfg_attr(test, post)]
    fn gone(&self, body: &NoSuchType) -> Call<NoSuchType>;

    #[get("/usual")]
    #[cfg_attr(not(test), deprecated)]
    fn usual(&self) -> Call<()>;

    #[cfg_attr(test, graft("/{id}"))]
    fn below(&self, id: u8) -> Grammar;
}

/// A use of something deprecated in here is an error.
mod deprecations {
    #![deny(deprecated)]
    #![allow(dead_code)]

    use super::*;

    #[deprecated(note = "use `Things`")]
    #[endpoint(path = "/old", timeout = Duration::from_secs(1))]
    pub(super) struct Old;

    #[endpoint]
    impl Old {
        #[get("/{id}")]
        pub(super) fn get(&self, id: u8, since: Option<u8>) -> Call<u8>;
        #[graft("/{id}")]
        pub(super) fn below(&self, id: u8) -> Things;
        #[get]
        pub(super) fn close(&self) -> Call<()>;
    }

    #[endpoint(path = "/things")]
    pub(super) struct Things;

    #[endpoint]
    impl Things {
        #[deprecated(note = "use `list`")]
        #[get("/all")]
        pub(super) fn all(&self, since: Option<u8>) -> Call<Vec<u8>>;
        #[cfg_attr(test, deprecated)]
        #[post]
        pub(super) fn replace(&self, things: &Vec<Thing>) -> Call<Vec<u8>>;
        #[get]
        pub(super) fn list(&self, since: Option<u8>) -> Call<Vec<u8>>;
    }

    #[derive(Serialize)]
    pub(super) struct Thing;

    #[derive(Debug, ApiError)]
    pub(super) enum OldError {
        #[deprecated]
        #[status(404)]
        Gone(Problem),
        #[other]
        Other(Error),
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test")]
    #[allow(deprecated)]
    pub(super) struct Acme {
        session: Session,
        #[deprecated]
        #[endpoint]
        old: Old,
        #[endpoint]
        things: Things,
    }

    /// Each of these is deprecated, or the expectation fails.
    pub(super) fn lines(api: &Acme) -> Vec<String> {
        #[expect(deprecated)]
        let old = api.old();
        #[expect(deprecated)]
        let constant = Things::ALL;
        #[expect(deprecated)]
        let conditional = Things::REPLACE;
        #[expect(deprecated)]
        let setters: ThingsAllCall = {
            #[expect(deprecated)]
            api.things().all()
        };
        vec![
            line(old.get(1).since(2).build()),
            constant.operation().to_string(),
            conditional.operation().to_string(),
            line(setters.since(3).build()),
            line(api.things().list().build()),
        ]
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    grammar: Grammar,
    #[endpoint]
    bodies: Bodies,
    #[endpoint]
    numbers: Numbers,
}

#[tokio::test]
async fn fault_f2_items_and_attributes_follow_the_grammar() {
    let (vendor, _) = recording(|_, _| Ok(respond(200, "5")));
    let api = Acme::builder().transport(vendor).build().unwrap();
    let grammar = api.grammar();
    assert_eq!(grammar.constant().await.unwrap(), Sized(5));
    assert_eq!(grammar.both([1, 2]).b([3, 4]).await.unwrap(), Sized(Sized(5)));
    assert_eq!(Grammar::LENGTH, Sized(4));
    assert_eq!(Grammar::CONSTANT.operation().response(), "Sized<{ 1 + 2 }, u8>");
    let request = grammar.limited().build().unwrap();
    assert_eq!(request.headers["x-types"], "u8-u16");
    let rows = [
        (Ok(request), "GET /grammar?a=u8-u8&b=true"),
        (
            grammar.cfgs(1, 2, 3).set(4).maybe_set(None).pageSize(5).build(),
            "GET /grammar?here=1&same=2&userId=3&standard=1&set=4&pageSize=5",
        ),
        (grammar.either().since(1).build(), "GET /grammar/all?since=1"),
        (grammar.usual().build(), "GET /grammar/usual"),
        (grammar.below(7).usual().build(), "GET /grammar/7/grammar/usual"),
    ];
    for (request, expected) in rows {
        assert_eq!(line(request), expected);
    }
    let parameters: Vec<_> =
        Grammar::CFGS.operation().parameters().map(|parameter| parameter.name()).collect();
    assert_eq!(parameters, ["here", "set", "same", "standard", "userId", "pageSize"]);

    let api = deprecations::Acme::builder().transport(offline()).build().unwrap();
    let lines = deprecations::lines(&api);
    assert_eq!(
        lines,
        ["GET /old/1?since=2", "Things::all", "Things::replace", "GET /things/all?since=3", "GET /things"]
    );
}

type Number = u32;

/// An alias of a struct, which is a body without `#[json]`.
type Alias<'a> = &'a Model;

#[derive(Clone, Serialize)]
struct Model {
    id: u8,
}

/// A newtype is the author's own, and what it is sent as is not known.
#[derive(Serialize)]
struct Id(u64);

#[endpoint(path = "/bodies")]
struct Bodies;

#[endpoint]
impl Bodies {
    #[post]
    fn model(&self, model: Alias<'_>) -> Call<()>;
    #[post]
    fn models(&self, models: &[Model]) -> Call<()>;
    #[put]
    fn texts(&self, texts: &[&str]) -> Call<()>;
    #[put]
    fn numbers(&self, numbers: Vec<u16>) -> Call<()>;
    #[patch]
    fn value(&self, value: &serde_json::Value) -> Call<()>;
    #[patch]
    fn id(&self, id: Id) -> Call<()>;
    #[post]
    fn boxed(&self, model: Box<Model>) -> Call<()>;
    #[post]
    fn dynamic(&self, map: std::collections::BTreeMap<&str, Option<u8>>) -> Call<()>;
    #[post]
    fn text(&self, #[json] text: &str) -> Call<()>;
    #[post]
    fn number(&self, #[json] number: Number) -> Call<()>;
    #[post]
    fn truth(&self, #[json] truth: Option<bool>) -> Call<()>;
    #[post]
    fn bytes(&self, #[json] bytes: &[u8]) -> Call<()>;
}

#[test]
fn fault_f3_bare_scalars_and_bytes_are_a_body_only_by_json() {
    let bodies = Acme::builder().transport(offline()).build().unwrap().bodies();
    let model = Model { id: 1 };
    let rows = [
        (bodies.model(&model).build(), r#"{"id":1}"#),
        (bodies.models(&[model.clone(), model.clone()]).build(), r#"[{"id":1},{"id":1}]"#),
        (bodies.texts(&["a", "b"]).build(), r#"["a","b"]"#),
        (bodies.numbers(vec![1, 2]).build(), "[1,2]"),
        (bodies.value(&serde_json::json!(null)).build(), "null"),
        (bodies.id(Id(7)).build(), "7"),
        (bodies.boxed(Box::new(model)).build(), r#"{"id":1}"#),
        (bodies.dynamic([("a", Some(1))].into()).build(), r#"{"a":1}"#),
        (bodies.text("a").build(), r#""a""#),
        (bodies.number(5).build(), "5"),
        (bodies.truth().truth(true).build(), "true"),
        (bodies.bytes(&[1, 2]).build(), "[1,2]"),
    ];
    for (request, expected) in rows {
        let body = request.unwrap().body.as_bytes().cloned().unwrap();
        assert_eq!(String::from_utf8_lossy(&body), expected);
    }
    let body = Bodies::MODEL.operation().parameters().next().unwrap();
    assert_eq!((body.name(), body.place()), ("model", Place::Json));
}

/// What an API without a schema is made of.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Loose {
    number: serde_json::Number,
    value: serde_json::Value,
    float: f64,
    large: u64,
}

#[endpoint(path = "/numbers")]
struct Numbers;

#[endpoint]
impl Numbers {
    #[get("/{id}")]
    fn get(
        &self,
        id: &serde_json::Number,
        #[query] value: &serde_json::Value,
        #[header] version: &serde_json::Number,
    ) -> Call<Loose>;

    #[get]
    fn flat(
        &self,
        #[query(flatten)] loose: &Loose,
        #[query(nested = "dots")] map: &serde_json::Map<String, serde_json::Value>,
        #[query(list = "comma")] list: &[serde_json::Value],
    ) -> Call<Loose>;

    #[post]
    fn create(&self, loose: &Loose) -> Call<Loose>;
}

/// `.ci/run` turns on the features of `serde_json` that change what it does, in the run without TLS. This test shows that they are on then.
#[tokio::test]
async fn fault_f5_features_of_another_crate_change_nothing() {
    let json = r#"{"number":1.5,"value":[2,{"a":-3}],"float":0.25,"large":18446744073709551615}"#;
    let (vendor, sent) = recording(move |_, request| match request.url.path() {
        "/numbers/7" => Ok(respond(200, json)),
        _ => Ok(respond(200, r#"{"number":1.5,"value":null,"float":"x","large":1}"#)),
    });
    let numbers = Acme::builder().transport(vendor).build().unwrap().numbers();
    let loose = numbers.get(&7.into(), &serde_json::json!(2.5), &3.into()).await.unwrap();
    assert_eq!(loose, serde_json::from_str(json).unwrap());
    let request = &sent.all()[0];
    assert_eq!((request.line().as_str(), request.header("version")), ("GET /numbers/7?value=2.5", "3"));

    let map = serde_json::from_str(r#"{"a":{"b":1},"c":2.5}"#).unwrap();
    let list = [serde_json::json!(1), serde_json::json!(-2.5), serde_json::json!("x")];
    let loose = Loose { number: 7.into(), value: 8.into(), float: 0.5, large: u64::MAX };
    let rows = [
        (
            numbers.flat(&loose, &map, &list).build(),
            "GET /numbers?number=7&value=8&float=0.5&large=18446744073709551615&map.a.b=1&map.c=2.5&list=1,-2.5,x",
        ),
        (numbers.create(&loose).build(), "POST /numbers"),
    ];
    for (request, expected) in rows {
        assert_eq!(line(request).replace("%2C", ","), expected);
    }
    let body = numbers.create(&loose).build().unwrap().body.as_bytes().cloned().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&body),
        r#"{"number":7,"value":8,"float":0.5,"large":18446744073709551615}"#
    );
    let error = numbers.create(&loose).await.unwrap_err().to_string();
    assert!(
        error.contains("float: another type or value where f64 is expected at line 1 column 38"),
        "{error}"
    );

    let texts: Vec<String> = [r#"{"b":1,"a":2}"#, "1.10"]
        .iter()
        .map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap().to_string())
        .collect();
    if cfg!(feature = "foreign") {
        assert_eq!(texts, [r#"{"b":1,"a":2}"#, "1.10"]);
    }
}
