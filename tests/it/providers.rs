//! Fetched credentials and named credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{BoxFuture, CredentialProvider, Secret};
use apisession_tests::{Sent, recording, respond, tokio};
use tokio::task::JoinSet;
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

#[endpoint(path = "/users", auth = admin)]
struct Users;

#[endpoint]
impl Users {
    #[get]
    fn list(&self) -> Call<()>;

    #[get("/me", auth = session)]
    fn me(&self) -> Call<()>;

    #[get("/keys", auth = vault)]
    fn keys(&self) -> Call<()>;

    #[get("/count", auth = none)]
    fn count(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks, restricted_paths("/token"))]
struct Acme {
    session: Session,
    #[endpoint]
    users: Users,
    #[session(default)]
    own: Option<Credential>,
    #[session(default)]
    logouts: Arc<AtomicUsize>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        self.own.clone().map_or_else(|| Credential::bearer("session"), Ok)
    }

    async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
        assert_eq!(format!("{credential:?}"), "Credential(authorization)");
        self.logouts.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A builder that has the credentials which the declaration selects.
fn builder() -> AcmeBuilder {
    Acme::builder().add_credential("admin", Credential::none()).add_credential("vault", Credential::none())
}

/// A provider that fetches `Bearer fetched-N` from `/token` in a second, and a server that accepts tokens from number `accepted`.
fn vendor(accepted: usize) -> (Credential, apisession::transport::Memory, Sent) {
    let count = AtomicUsize::new(0);
    let (transport, sent) = recording(move |_, seen| {
        if seen.url.path() == "/token" {
            assert_eq!(seen.header("authorization"), "");
            return Ok(respond(200, &format!("\"fetched-{}\"", count.fetch_add(1, Ordering::SeqCst) + 1)));
        }
        let number =
            seen.header("authorization").strip_prefix("Bearer fetched-").and_then(|n| n.parse().ok());
        let is_good = number.is_none_or(|number: usize| number >= accepted);
        Ok(respond(if is_good { 200 } else { 401 }, ""))
    });
    let credential = Credential::provided_by(|session: Session| async move {
        sleep(SECOND).await;
        let token: Secret = session.raw().post("/token").json_as().await?;
        Ok(Credential::bearer(token.expose())?.expires_in(600 * SECOND))
    });
    (credential, transport, sent)
}

fn authorizations(sent: &Sent) -> Vec<String> {
    let calls = sent.all().into_iter().filter(|seen| seen.url.path() != "/token");
    calls.map(|seen| seen.header("authorization").to_owned()).collect()
}

fn fetches(sent: &Sent) -> usize {
    sent.all().iter().filter(|seen| seen.url.path() == "/token").count()
}

#[tokio::test(start_paused = true)]
async fn every_level_selects_its_credential() {
    let (vault, transport, sent) = vendor(1);
    let admin = Credential::basic("admin", "s3cret").unwrap();
    let builder = builder().transport(transport).add_credential("admin", admin.clone());
    let api = builder.add_credential("vault", vault).build().unwrap();
    api.users().list().await.unwrap();
    api.users().me().await.unwrap();
    api.users().keys().await.unwrap();
    api.users().keys().await.unwrap();
    api.users().count().await.unwrap();
    api.users().me().with_credential_named("admin").await.unwrap();
    api.with(|settings| settings.credential_named("admin")).raw().get("/x").await.unwrap();
    let admin = "Basic YWRtaW46czNjcmV0";
    let expected = [admin, "Bearer session", "Bearer fetched-1", "Bearer fetched-1", "", admin, admin];
    assert_eq!((authorizations(&sent), fetches(&sent)), (expected.map(str::to_owned).to_vec(), 1));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_credential_name_is_an_error_before_anything_is_sent() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = builder().transport(transport).build().unwrap();
    let other = api.with(|settings| settings.credential_named("other"));
    let errors = [
        other.raw().get("/x").await.unwrap_err(),
        api.users().me().with_credential_named("other").await.unwrap_err(),
    ];
    for error in errors {
        let message = "`auth` selects the credential `other`, which the session does not have; add it by `add_credential` on the builder";
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Configuration, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn k1_a_provider_is_called_once_for_a_thousand_callers() {
    let (fetched, transport, sent) = vendor(1);
    let api = builder().own(Some(fetched)).transport(transport).build().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..1_000 {
        calls.spawn(api.users().me().send());
    }
    while let Some(end) = calls.join_next().await {
        end.unwrap().unwrap();
    }
    assert_eq!((fetches(&sent), authorizations(&sent).len()), (1, 1_000));
    // What was fetched is signed out of, and not the provider.
    api.close().await.unwrap();
    assert_eq!(api.logouts.load(Ordering::SeqCst), 1);
    api.users().me().await.unwrap();
    assert_eq!(fetches(&sent), 2);
}

#[tokio::test(start_paused = true)]
async fn k4_a_fetched_credential_is_fetched_again_after_a_401() {
    let (fetched, transport, sent) = vendor(2);
    let api = builder().transport(transport).build().unwrap();
    api.users().me().with_credential(fetched.clone()).await.unwrap();
    assert_eq!(authorizations(&sent), ["Bearer fetched-1", "Bearer fetched-2"]);
    let (_, transport, sent) = vendor(usize::MAX);
    let api = builder().transport(transport).build().unwrap();
    // Once per call.
    let error = api.users().me().with_credential(fetched).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 2));
    assert_eq!(sent.all().len(), 3);
}

/// A renewal that was started before a 401 may return a refused token as well, so a new one is started. The earlier one
/// replaces nothing, even if it ends last.
#[tokio::test(start_paused = true)]
async fn a_sign_in_after_a_401_does_not_join_an_earlier_one() {
    for earlier in [10 * SECOND, 20 * SECOND] {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let fetched = Credential::provided_by(move |_: Session| {
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                sleep(if number == 2 { earlier } else { 10 * SECOND }).await;
                Ok(Credential::bearer(format!("fetched-{number}"))?.expires_in(300 * SECOND))
            }
        });
        let (transport, sent) = recording(|number, seen| {
            let is_good = number == 1 || seen.header("authorization") == "Bearer fetched-3";
            Ok(respond(if is_good { 200 } else { 401 }, ""))
        });
        let api = builder().transport(transport).build().unwrap();
        let call = || api.users().count().with_credential(fetched.clone());
        call().await.unwrap();
        // With 110 seconds left the second is fetched in the background, and the server refuses the first.
        sleep(190 * SECOND).await;
        call().await.unwrap();
        assert_eq!(authorizations(&sent), ["Bearer fetched-1", "Bearer fetched-1", "Bearer fetched-3"]);
        sleep(20 * SECOND).await;
        call().await.unwrap();
        assert_eq!(authorizations(&sent).last().unwrap(), "Bearer fetched-3");
        assert_eq!((sent.all().len(), count.load(Ordering::SeqCst)), (4, 3));
    }
}

/// A custom provider.
struct Nested(Credential);

impl CredentialProvider for Nested {
    fn credential(&self, _: Session) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_returns_a_provider_is_an_error() {
    let (fetched, transport, sent) = vendor(1);
    let api = builder().transport(transport).build().unwrap();
    let nested = Credential::provided_by(Nested(fetched));
    let error = api.users().me().with_credential(nested).await.unwrap_err();
    assert!(
        error.report().contains("return the result of that provider's `credential`"),
        "{}",
        error.report()
    );
    let nested = Credential::provided_by(Nested(Credential::bearer("own").unwrap())).and("x-tenant", "7");
    assert_eq!(format!("{nested:?}"), "Ok(Credential(x-tenant, of a provider))");
    api.users().me().with_credential(nested.unwrap()).await.unwrap();
    let last = sent.all().pop().unwrap();
    assert_eq!((last.header("authorization"), last.header("x-tenant")), ("Bearer own", "7"));
}

#[tokio::test(start_paused = true)]
async fn a_cookie_credential_is_added_to_other_cookies() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = builder().transport(transport).build().unwrap();
    let login = Credential::cookie("sid", "s3cret").unwrap().and_cookie("csrf", "t").unwrap();
    assert_eq!(format!("{login:?}"), "Credential(sid, csrf)");
    api.users().count().with_credential(login.clone()).await.unwrap();
    api.users().count().with_credential(login.clone()).with_header("cookie", "theme=dark").await.unwrap();
    api.users().count().with_credential(login).with_header("cookie", "sid=mine").await.unwrap();
    let all = sent.all();
    let cookies: Vec<_> = all.iter().map(|seen| seen.header("cookie")).collect();
    assert_eq!(cookies, ["sid=s3cret; csrf=t", "theme=dark; sid=s3cret; csrf=t", "sid=mine; csrf=t"]);
    let odd = api.users().count().with_credential(Credential::cookie("sid", "s3cret").unwrap());
    odd.with_header("cookie", "name=J\u{e4}s\u{f8}n").await.unwrap();
    let cookie = sent.all().pop().unwrap().headers["cookie"].as_bytes().to_vec();
    assert_eq!(String::from_utf8(cookie).unwrap(), "name=J\u{e4}s\u{f8}n; sid=s3cret");
    assert!(all[1].headers["cookie"].is_sensitive());
    for (name, value) in [("a b", "c"), ("a", "b c"), ("a", "b;c"), ("a", "b\nc"), ("", "c")] {
        let error = Credential::cookie(name, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name} {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_connect_signs_out() {
    let (fetched, transport, sent) = vendor(1);
    let logouts = Arc::new(AtomicUsize::new(0));
    let builder = builder().own(Some(fetched)).logouts(Arc::clone(&logouts)).transport(transport);
    let connecting = tokio::time::timeout(SECOND / 2, builder.connect());
    assert!(connecting.await.is_err());
    sleep(3 * SECOND).await;
    assert_eq!((fetches(&sent), logouts.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn connect_and_close_apply_to_the_credential_of_the_session() {
    for is_named in [false, true] {
        let (fetched, transport, sent) = vendor(1);
        let logouts = Arc::new(AtomicUsize::new(0));
        let builder = builder().logouts(Arc::clone(&logouts)).transport(transport);
        let builder = match is_named {
            true => builder.add_credential("vault", fetched).credential_named("vault"),
            false => builder.credential(fetched),
        };
        let api = builder.connect().await.unwrap();
        assert_eq!((fetches(&sent), sent.all().len()), (1, 1));
        api.users().count().await.unwrap();
        api.close().await.unwrap();
        api.close().await.unwrap();
        assert_eq!((fetches(&sent), logouts.load(Ordering::SeqCst)), (1, 1));
    }
    let failing = Credential::provided_by(|_: Session| async { Err(Error::new(ErrorKind::Other, "no")) });
    let (_, transport, _) = vendor(1);
    let error = builder().credential(failing).transport(transport).connect().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

/// A changed password is fetched again, although there was a response to a challenge.
#[tokio::test(start_paused = true)]
async fn a_fetched_digest_is_fetched_again_when_it_is_refused() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let vault = Credential::provided_by(move |_: Session| {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(Credential::digest(format!("ana{number}"), "s3cret")) }
    });
    let (transport, sent) = recording(|_, seen| {
        let is_good = seen.header("authorization").contains("username=\"ana2\"");
        let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
        Ok(if is_good {
            respond(200, "")
        } else {
            respond(401, "").with_header("www-authenticate", challenge)
        })
    });
    let api = builder().transport(transport).build().unwrap();
    api.users().count().with_credential(vault).with_max_attempts(1).await.unwrap();
    // A challenge and a response, twice.
    assert_eq!((sent.all().len(), count.load(Ordering::SeqCst)), (4, 2));
}

/// Changes the request while it signs it.
struct Astray(fn(&mut apisession::Request));

impl apisession::AuthScheme for Astray {
    fn sign(&self, request: &mut apisession::Request, _: std::time::SystemTime) -> Result<()> {
        (self.0)(request);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_auth_scheme_can_not_change_target_or_method() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = builder().transport(transport).build().unwrap();
    let rows: [fn(&mut apisession::Request); 4] = [
        |request| request.url.set_host(Some("evil.test")).unwrap(),
        |request| request.url.set_port(Some(8443)).unwrap(),
        |request| request.url.set_path("/other"),
        |request| request.method = apisession::http::Method::DELETE,
    ];
    for change in rows {
        let error =
            api.users().count().with_credential(Credential::scheme(Astray(change))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains("an authentication scheme"), "{error}");
    }
    assert_eq!(sent.all().len(), 0);
    let query = Astray(|request| request.url.set_query(Some("signature=1")));
    api.users().count().with_credential(Credential::scheme(query)).await.unwrap();
    assert_eq!(sent.all().len(), 1);
}

/// An identity provider on another host, and an error from it.
#[tokio::test(start_paused = true)]
async fn a_sign_in_on_another_host_names_the_host_in_its_error() {
    use apisession::http::Method;
    let (transport, sent) = recording(|_, seen| {
        Ok(match seen.url.path() {
            "/login" => respond(200, "\"t0k3n\""),
            "/broken" => respond(404, "").with_header("x-request-id", "req-7"),
            _ => respond(200, ""),
        })
    });
    let at = |path: &'static str| {
        Credential::provided_by(move |session: Session| async move {
            let login = session.raw().elsewhere(Method::POST, &format!("https://sso.test{path}?k=s3cret"));
            let token: String = login.header("x-app", "7").json(&"ana").json_as().await?;
            Credential::bearer(token)
        })
    };
    let api = builder().transport(transport).header("x-session", "1").build().unwrap();
    api.users().count().with_credential(at("/login")).await.unwrap();
    let all = sent.all();
    assert_eq!((all[0].url.as_str(), &*all[0].body), ("https://sso.test/login?k=s3cret", "\"ana\""));
    assert_eq!((all[0].header("x-app"), all[0].header("x-session")), ("7", ""));
    assert_eq!((all[1].header("authorization"), all[1].header("x-session")), ("Bearer t0k3n", "1"));
    let error = api.users().count().with_credential(at("/broken")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let inner = error.inner().unwrap();
    assert_eq!((inner.kind(), inner.request_id()), (ErrorKind::NotFound, Some("req-7")));
    let expected = "caused by:  POST https://sso.test/broken?[restricted], request id req-7: 404 Not Found";
    assert!(error.report().contains(expected), "{}", error.report());
    for (url, expected) in [
        ("sso.test/login", "is not a URL"),
        ("ftp://sso.test", "has the scheme"),
        ("https://ana:s3cret@sso.test", "a user name or password"),
    ] {
        let error = api.raw().elsewhere(Method::GET, url).await.unwrap_err();
        assert!(error.to_string().contains(expected) && !error.report().contains("s3cret"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_credential_name_is_an_error() {
    for name in ["none", "session", "", "admin-two", "7", "a b"] {
        let builder = builder().add_credential(name, Credential::none());
        let error = builder.build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{name}");
        assert!(error.to_string().contains("a word other than"), "{error}");
    }
}

/// `close` signs out of all fetched credentials, and the hook gets the token to revoke.
#[tokio::test(start_paused = true)]
async fn closing_signs_named_credentials_out() {
    let (vault, transport, sent) = vendor(1);
    assert_eq!(Credential::bearer("t0k3n").unwrap().bearer_token(), Some(Secret::new("t0k3n")));
    assert_eq!(Credential::basic("a", "b").unwrap().bearer_token(), None);
    let api = builder().transport(transport).add_credential("vault", vault).build().unwrap();
    api.users().keys().await.unwrap();
    api.close().await.unwrap();
    assert_eq!(api.logouts.load(Ordering::SeqCst), 1);
    api.users().keys().await.unwrap();
    assert_eq!(fetches(&sent), 2);
}

/// The session whose call started a fetch may be dropped before the fetch ends.
#[tokio::test(start_paused = true)]
async fn a_dropped_session_does_not_cancel_a_shared_fetch() {
    let (fetched, transport, sent) = vendor(1);
    let first = builder().transport(transport).credential(fetched.clone()).build().unwrap();
    let call = tokio::spawn(first.users().list().with_credential(fetched.clone()).send());
    tokio::task::yield_now().await;
    call.abort();
    drop(first);
    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let second = builder().transport(transport).credential(fetched).build().unwrap();
    second.raw().get("/x").await.unwrap();
    // By the first one's transport.
    assert_eq!(fetches(&sent), 1);
}

/// The settings of an `elsewhere` call apply to its own origin, and not to the origin of the session.
#[tokio::test(start_paused = true)]
async fn a_request_elsewhere_keeps_its_own_settings_on_its_origin() {
    use apisession::http::Method;
    let (transport, sent) = recording(|_, seen| {
        let to = |location: &str| respond(307, "").with_header("location", location);
        Ok(match (seen.url.host_str(), seen.url.path()) {
            (Some("sso.test"), "/moved") => to("/there"),
            (Some("sso.test"), "/home") => to("https://api.test/steal"),
            (Some("sso.test"), "/away") => to("https://cdn.test/x"),
            _ => respond(200, ""),
        })
    });
    let api =
        builder().transport(transport).allowed_origins(&["https://cdn.test"]).redirects(3).build().unwrap();
    let own = || Credential::basic("app", "s3cret").unwrap();
    let call =
        |path: &str| api.raw().elsewhere(Method::POST, &format!("https://sso.test{path}")).json(&"password");
    // Its own origin keeps the settings of the call.
    call("/moved").with_credential(own()).header("x-app", "7").await.unwrap();
    let last = sent.all().pop().unwrap();
    assert_eq!((last.line().as_str(), last.header("x-app")), ("POST /there", "7"));
    assert_eq!((last.header("authorization"), &*last.body), ("Basic YXBwOnMzY3JldA==", "\"password\""));
    // The session's gets no body of it, nor does one that is allowed.
    for path in ["/home", "/away"] {
        let before = sent.all().len();
        let call =
            call(path).with_credential(own()).with_allowed_origins(&["https://cdn.test", "https://api.test"]);
        let error = call.await.unwrap_err();
        assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Redirect, before + 1), "{error}");
    }
    let get = api.raw().elsewhere(Method::GET, "https://sso.test/away").with_credential(own());
    get.header("x-app", "7").with_allowed_origins(&["https://cdn.test"]).await.unwrap();
    let last = sent.all().pop().unwrap();
    assert_eq!(
        (last.url.host_str(), last.header("authorization"), last.header("x-app")),
        (Some("cdn.test"), "", "")
    );
    // A credential of the session's never goes.
    for call in [call("/x").with_session_credential(), call("/x").with_credential_named("admin")] {
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains("is sent to its origin alone"), "{error}");
    }
}
