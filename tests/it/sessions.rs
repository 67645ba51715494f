//! Building and closing of sessions.

use std::sync::Arc;
use std::time::Duration;

use apisession::prelude::*;
use apisession_tests::{offline, recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    state: Arc<str>,
    /// A field with a setter.
    #[session(default)]
    region: Option<&'static str>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::header("x-region", self.region.unwrap_or("none"))
    }
}

/// Options come from `SessionBuilder`, which the builder dereferences to, and setters from the builder itself.
#[tokio::test]
async fn options_and_setters_of_a_builder_can_be_mixed_and_act_on_a_copy() {
    let (transport, requests) = recording(|_, _| Ok(respond(204, "")));
    let base = Acme::builder("state".into()).base_url("https://x.test").transport(transport);
    let eu = base.header("x-first", "1").region(Some("eu")).header("x-second", "2").region(Some("eu-2"));
    let us = base.header("x-first", "3");
    let us = us.region(Some("us"));
    for builder in [eu, base, us] {
        builder.build().unwrap().events().get(1).await.unwrap();
    }
    let seen = |name| requests.all().iter().map(|seen| seen.header(name).to_owned()).collect::<Vec<_>>();
    assert_eq!(seen("x-first"), ["1", "", "3"]);
    assert_eq!(seen("x-second"), ["2", "", ""]);
    assert_eq!(seen("x-region"), ["eu-2", "none", "us"]);
}

#[test]
fn a_build_error_names_what_to_change() {
    let builder = || Acme::builder("state".into());
    let rows = [
        (builder(), "`base_url` is missing; declare it in `#[session(…)]` or set it on the builder"),
        (builder().base_url("api.example.com"), "`base_url` is not a URL"),
        (builder().base_url("ftp://x.test"), "only `http` and `https` can be called"),
        (builder().base_url("https://ana:s3cret@x.test"), "user name or password"),
        (builder().base_url("https://x.test?key=s3cret"), "`base_url` has a query"),
        (builder().base_url("https://x.test#s3cret"), "`base_url` has a fragment"),
        (builder().base_url("https://x.test").timeout(Duration::ZERO), "`timeout` is zero"),
        (
            builder().base_url("https://x.test").max_attempts(0),
            "`max_attempts` is zero; 1 sends each request once",
        ),
        (builder().base_url("https://x.test").header("x a", "s3cret"), "`x a` is not a valid header name"),
        (builder().base_url("https://x.test").header("x-a", "s3cret\n"), "the header `x-a`"),
        (builder().base_url("https://x.test").user_agent("s3cret\n"), "the header `user-agent`"),
        (builder().base_url("https://x.test").max_in_flight(0), "`max_in_flight` is zero"),
    ];
    for (builder, expected) in rows {
        let error = builder.build().err().unwrap_or_else(|| panic!("built, in spite of: {expected}"));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.report().contains("s3cret"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_durations_do_not_panic() {
    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder("state".into())
        .base_url("https://x.test")
        .transport(transport)
        .timeout(Duration::MAX)
        .attempt_timeout(Duration::MAX)
        .build()
        .unwrap();
    api.events().get(7).await.unwrap();
}

#[tokio::test]
async fn a_dropped_session_leaves_nothing_behind() {
    let state: Arc<str> = "state".into();
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api =
        Acme::builder(Arc::clone(&state)).region(Some("eu")).base_url("https://x.test/").transport(transport);
    let api = api.build().unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(sent.only().header("x-region"), "eu");
    // Ours, the struct's, and its copy's for the hooks.
    assert_eq!(Arc::strong_count(&state), 3);
    let events = api.events();
    drop(api);
    events.get(8).await.unwrap();
    drop(events);
    assert_eq!(Arc::strong_count(&state), 1);
}

#[tokio::test]
async fn a_session_that_was_not_built_is_an_error() {
    let session = Session::default();
    assert_eq!(session.close().await.unwrap_err().kind(), ErrorKind::NotBuilt);
    assert_eq!(format!("{session:?}"), "Session(not built)");
}

#[tokio::test]
async fn closing_twice_or_without_a_sign_in_does_nothing() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder("state".into()).base_url("https://x.test").transport(transport).build().unwrap();
    api.close().await.unwrap();
    api.close().await.unwrap();
    assert_eq!(sent.all().len(), 0);
}

#[tokio::test]
async fn the_user_agent_has_product_library_and_framework() {
    #[derive(Clone, APISession)]
    #[session(
        base_url = "https://api.test",
        vendor = "Acme",
        product = "calendar",
        build = "7",
        lib = concat!("acme-sdk/", "1.2")
    )]
    struct Named {
        session: Session,
    }

    let agent = |api: &Named| {
        let request = api.raw().get("/").build().unwrap();
        request.headers["user-agent"].to_str().unwrap().to_owned()
    };
    let api = Named::builder().transport(offline()).build().unwrap();
    let own = agent(&api);
    let start = "Integration/1.0 (Acme; calendar; Build/7) acme-sdk/1.2 (apisession/";
    assert!(own.starts_with(start) && own.ends_with(')'), "{own}");
    let plugin =
        api.with(|all| all.add_user_agent("plugin/1").add_user_agent("plugin").add_user_agent("plugin/1"));
    assert_eq!(agent(&plugin), format!("{own} plugin/1 plugin"));
    assert_eq!(agent(&plugin.with(|all| all.add_user_agent("plugin/1"))), agent(&plugin));
    let replaced = Named::builder()
        .user_agent("mine/1")
        .add_user_agent("b(a)d\r\n/1")
        .transport(offline())
        .build()
        .unwrap();
    assert_eq!(agent(&replaced), "mine/1 b-a-d--/1");
    assert_eq!(agent(&api), own);
}
