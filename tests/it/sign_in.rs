//! Sign-ins that concurrent calls share, on the paused clock. Names begin with requirement numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::{Sent, recording, respond, tokio};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const CALLERS: usize = 1_000;
const SECOND: Duration = Duration::from_secs(1);

/// What the vendor's token endpoint does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tokens {
    /// Gives tokens that are good for so many seconds.
    Last(u32),
    Fail,
    Panic,
    Hang,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks, retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
    tokens: Arc<std::sync::Mutex<Tokens>>,
    #[session(default)]
    logins: Arc<AtomicUsize>,
    #[session(default)]
    logouts: Arc<AtomicUsize>,
    /// Whether signing out fails.
    #[session(default)]
    stubborn: bool,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(SECOND).await;
        let tokens = *self.tokens.lock().unwrap();
        match tokens {
            Tokens::Last(seconds) => {
                Ok(Credential::bearer(format!("token-{number}"))?.expires_in(seconds * SECOND))
            }
            Tokens::Fail => {
                Err(Error::new(ErrorKind::Authentication, "the account is locked; ask your admin"))
            }
            Tokens::Panic => panic!("the hook panics"),
            Tokens::Hang => std::future::pending().await,
        }
    }

    async fn deauthenticate(&self, _: &Credential) -> Result<()> {
        sleep(SECOND).await;
        self.logouts.fetch_add(1, Ordering::SeqCst);
        if self.stubborn { Err(Error::new(ErrorKind::Other, "the vendor holds on to it")) } else { Ok(()) }
    }
}

impl Acme {
    fn set(&self, tokens: Tokens) {
        *self.tokens.lock().unwrap() = tokens;
    }

    fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }
}

/// A session against a server that accepts the token of the `accepted`-th login and those after it.
fn acme(tokens: Tokens, accepted: usize) -> (Acme, Sent) {
    let (transport, sent) = recording(move |_, seen| {
        let token =
            seen.header("authorization").strip_prefix("Bearer token-").and_then(|number| number.parse().ok());
        let is_good = token.is_some_and(|number: usize| number >= accepted);
        Ok(respond(if is_good { 200 } else { 401 }, ""))
    });
    let api =
        Acme::builder(Arc::new(std::sync::Mutex::new(tokens))).logins(Arc::default()).transport(transport);
    (api.build().unwrap(), sent)
}

/// The number of concurrent calls that succeed, and the errors of the others.
async fn at_once(api: &Acme, callers: usize) -> (usize, Vec<Error>) {
    let mut calls = JoinSet::new();
    for _ in 0..callers {
        calls.spawn(api.raw().get("/x").send());
    }
    let (mut ok, mut errors) = (0, Vec::new());
    while let Some(end) = calls.join_next().await {
        match end.unwrap() {
            Ok(_) => ok += 1,
            Err(error) => errors.push(error),
        }
    }
    (ok, errors)
}

#[tokio::test(start_paused = true)]
async fn k1_a_thousand_callers_sign_in_once() {
    let (api, sent) = acme(Tokens::Last(300), 1);
    let start = Instant::now();
    assert_eq!((at_once(&api, CALLERS).await.0, api.logins()), (CALLERS, 1));
    assert!(start.elapsed() <= SECOND + Duration::from_millis(50), "{:?}", start.elapsed());
    // And once more when it has expired.
    sleep(300 * SECOND).await;
    let start = Instant::now();
    assert_eq!((at_once(&api, CALLERS).await.0, api.logins()), (CALLERS, 2));
    assert!(start.elapsed() <= SECOND + Duration::from_millis(50), "{:?}", start.elapsed());
    assert!(sent.all()[CALLERS..].iter().all(|seen| seen.header("authorization") == "Bearer token-2"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_soon_is_renewed_in_the_background() {
    let (api, sent) = acme(Tokens::Last(300), 1);
    api.raw().get("/x").await.unwrap();
    // More than 120 seconds are left.
    sleep(175 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    assert_eq!(api.logins(), 1);
    // Between 30 and 120 it is renewed in the background.
    sleep(10 * SECOND).await;
    let start = Instant::now();
    assert_eq!(at_once(&api, 100).await.0, 100);
    assert_eq!((start.elapsed(), api.logins()), (Duration::ZERO, 2));
    sleep(2 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.all().last().unwrap().header("authorization"), "Bearer token-2");
    // While that fails, the old one is used as long as it lasts, and a failure is not asked for again within a second.
    api.set(Tokens::Fail);
    sleep(190 * SECOND).await;
    for _ in 0..10 {
        api.raw().get("/x").await.unwrap();
        sleep(SECOND / 2).await;
    }
    assert!((4..=5).contains(&api.logins()), "{}", api.logins());
    // Less than 30: it is waited for.
    sleep(80 * SECOND).await;
    assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::Authentication);
}

#[tokio::test(start_paused = true)]
async fn k2_a_failed_sign_in_fails_all_waiters_and_is_remembered_for_a_second() {
    let (api, sent) = acme(Tokens::Fail, 1);
    let (ok, errors) = at_once(&api, CALLERS).await;
    assert_eq!((ok, errors.len(), api.logins(), sent.all().len()), (0, CALLERS, 1, 0));
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.to_string().contains("the account is locked; ask your admin"), "{error}");
    }
    api.set(Tokens::Last(300));
    assert_eq!((at_once(&api, 10).await.0, api.logins()), (0, 1));
    sleep(SECOND).await;
    assert_eq!((at_once(&api, 10).await.0, api.logins()), (10, 2));
}

#[tokio::test(start_paused = true)]
async fn k3_a_cancelled_waiter_does_not_cancel_the_sign_in() {
    let (api, _) = acme(Tokens::Last(300), 1);
    let first = tokio::spawn(api.raw().get("/x").send());
    sleep(SECOND / 2).await;
    let others: Vec<_> = (0..10).map(|_| tokio::spawn(api.raw().get("/x").send())).collect();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(api.logins(), 1);
    // A hundred calls whose timeout is shorter than the sign-in.
    let (api, _) = acme(Tokens::Last(300), 1);
    for _ in 0..100 {
        let call = api.raw().get("/x").with_timeout(Duration::from_millis(20));
        let _ = call.await;
    }
    assert_eq!(api.logins(), 1);
    api.raw().get("/x").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn k4_a_storm_of_401_signs_in_once() {
    let (api, sent) = acme(Tokens::Last(300), 2);
    assert_eq!((at_once(&api, CALLERS).await.0, api.logins()), (CALLERS, 2));
    // Each request again, once.
    assert_eq!(sent.all().len(), 2 * CALLERS);
    // A second 401 is the caller's.
    let (api, sent) = acme(Tokens::Last(300), 99);
    let (ok, errors) = at_once(&api, 10).await;
    assert_eq!((ok, errors.len(), sent.all().len()), (0, 10, 20));
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Unauthorized));
    assert_eq!(api.logins(), 2);
}

/// Two calls carry the same token. The first gets its 401 at once and signs in again, the second gets its 401 after that.
#[tokio::test(start_paused = true)]
async fn a_late_401_to_an_old_token_keeps_the_new_one() {
    let transport = Memory::new(|request| async move {
        if request.headers["authorization"] != "Bearer token-1" {
            return Ok(respond(200, ""));
        }
        if request.url.path() == "/slow" {
            sleep(5 * SECOND).await;
        }
        Ok(respond(401, ""))
    });
    let tokens = Arc::new(std::sync::Mutex::new(Tokens::Last(300)));
    let api = Acme::builder(tokens).transport(transport).build().unwrap();
    let slow = tokio::spawn(api.raw().get("/slow").send());
    let fast = tokio::spawn(api.raw().get("/fast").send());
    let (fast, slow) = (fast.await.unwrap().unwrap(), slow.await.unwrap().unwrap());
    assert_eq!((fast.attempts(), slow.attempts()), (2, 2));
    assert_eq!(api.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_panics_or_hangs_is_an_error() {
    let (api, _) = acme(Tokens::Panic, 1);
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    // And not for ever.
    api.set(Tokens::Last(300));
    api.raw().get("/x").await.unwrap();
    let (api, _) = acme(Tokens::Hang, 1);
    let start = Instant::now();
    let error = api.raw().get("/x").with_timeout(1_000 * SECOND).await.unwrap_err();
    assert!(error.to_string().contains("not signed in within 180s"), "{error}");
    assert_eq!(start.elapsed().as_secs(), 180);
}

#[test]
fn connecting_without_a_runtime_panics_instead_of_hanging() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (api, _) = acme(Tokens::Last(300), 1);
        let builder =
            Acme::builder(Arc::clone(&api.tokens)).transport(recording(|_, _| Ok(respond(200, ""))).0);
        let mut connecting = Box::pin(builder.connect());
        let poll = std::panic::AssertUnwindSafe(|| {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            connecting.as_mut().poll(&mut context).is_ready()
        });
        sender.send(std::panic::catch_unwind(poll).is_err()).unwrap();
    });
    assert!(receiver.recv_timeout(30 * SECOND).expect("the thread hangs"), "tokio panics without a runtime");
}

/// A session that is good for five minutes.
fn lasting(stubborn: bool) -> Acme {
    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let tokens = Arc::new(std::sync::Mutex::new(Tokens::Last(300)));
    Acme::builder(tokens).stubborn(stubborn).transport(transport).build().unwrap()
}

fn logouts(api: &Acme) -> usize {
    api.logouts.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_scope_signs_out_on_success_error_panic_and_drop() {
    let fails = || Error::new(ErrorKind::Other, "mine");
    let api = lasting(false);
    let number: Result<u32> = api
        .scope(async |api| {
            api.raw().get("/x").await?;
            Ok(7)
        })
        .await;
    assert_eq!((number.unwrap(), api.logins(), logouts(&api)), (7, 1, 1));
    let end: Result<()> = api
        .scope(async |api| {
            api.raw().get("/x").await?;
            Err(fails())
        })
        .await;
    assert_eq!((end.unwrap_err().to_string().as_str(), logouts(&api)), ("mine", 2));
    // Without a sign-in there is nothing to sign out of.
    api.scope(async |_| Ok::<(), Error>(())).await.unwrap();
    assert_eq!(logouts(&api), 2);

    // After a panic or a drop the sign-out runs on a separate task.
    let scoped = api.clone();
    let panics = tokio::spawn(async move {
        scoped
            .scope(async |api| -> Result<()> {
                api.raw().get("/x").await?;
                panic!("the caller panics")
            })
            .await
    });
    assert!(panics.await.unwrap_err().is_panic());
    sleep(2 * SECOND).await;
    assert_eq!(logouts(&api), 3);
    let scoped = api.clone();
    let dropped = tokio::spawn(async move {
        scoped
            .scope(async |api| -> Result<()> {
                api.raw().get("/x").await?;
                std::future::pending().await
            })
            .await
    });
    sleep(5 * SECOND).await;
    dropped.abort();
    sleep(2 * SECOND).await;
    assert_eq!((api.logins(), logouts(&api)), (4, 4));

    // An error of the closure is returned. A failed sign-out is an error only after a success.
    let api = lasting(true);
    let end: Result<()> = api
        .scope(async |api| {
            api.raw().get("/x").await?;
            Err(fails())
        })
        .await;
    assert_eq!(end.unwrap_err().to_string(), "mine");
    let end = api.scope(async |api| api.raw().get("/x").await).await;
    assert!(end.unwrap_err().to_string().contains("the vendor holds on to it"));
}

#[tokio::test(start_paused = true)]
async fn connecting_signs_in_at_once() {
    let build = |tokens| {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        (Acme::builder(Arc::new(std::sync::Mutex::new(tokens))).transport(transport).connect(), sent)
    };
    let api = build(Tokens::Last(300)).0.await.unwrap();
    assert_eq!(api.logins(), 1);
    api.raw().get("/x").await.unwrap();
    assert_eq!(api.logins(), 1);
    let error = build(Tokens::Fail).0.await.err().unwrap();
    assert!(error.to_string().contains("the account is locked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_map_sets_which_response_means_an_expired_token() {
    let map = || {
        let is_expired = |error: &Error| error.body().is_some_and(|body| body.starts_with(b"token_expired"));
        let never = Rule::kind(ErrorKind::Forbidden).expired_when(|_| false);
        let expired = Rule::kind(ErrorKind::Unauthorized).expired_when(is_expired);
        ErrorMap::new().status(400, expired).status(401, never)
    };
    for (status, body, logins) in [(400, "token_expired", 2), (400, "something else", 1), (401, "", 1)] {
        let (transport, sent) = recording(move |_, seen| match seen.header("authorization") {
            "Bearer token-2" => Ok(respond(200, "")),
            _ => Ok(respond(status, body)),
        });
        let tokens = Arc::new(std::sync::Mutex::new(Tokens::Last(300)));
        let api = Acme::builder(tokens).transport(transport).error_map(map()).build().unwrap();
        assert_eq!(api.raw().post("/x").await.is_ok(), logins == 2, "{status} {body}");
        assert_eq!((api.logins(), sent.all().len()), (logins, logins), "{status} {body}");
    }
}

/// Tokens in a file, with their own expiry.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Batch {
    session: Session,
    path: std::path::PathBuf,
}

impl APISession for Batch {
    async fn authenticate(&self) -> Result<Credential> {
        Ok(Credential::bearer_file(&self.path))
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_in_a_file_is_read_again_before_it_expires() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("token");
    let write = |name: &str, left: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"{name}\",\"exp\":{}}}", now + left));
        let token = format!("e30.{claims}.c2ln");
        std::fs::write(&path, format!("{token}\n")).unwrap();
        format!("Bearer {token}")
    };
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Batch::builder(path.clone()).transport(transport).build().unwrap();
    let last = || sent.all().pop().unwrap().header("authorization").to_owned();
    let first = write("first", 600);
    api.raw().get("/x").await.unwrap();
    let second = write("second", 1_200);
    sleep(470 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    assert_eq!(last(), first);
    sleep(20 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    sleep(SECOND).await;
    api.raw().get("/x").await.unwrap();
    assert_eq!(last(), second);
    // One that is no JWT is good until a 401.
    std::fs::write(&path, " opaque ").unwrap();
    let api =
        Batch::builder(path.clone()).transport(recording(|_, _| Ok(respond(200, ""))).0).build().unwrap();
    api.raw().get("/x").await.unwrap();
    std::fs::remove_file(&path).unwrap();
    sleep(100_000 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    let error = api.raw().get("/x").with_credential(Credential::bearer_file(&path)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 0));
    assert!(error.report().contains("can't be read"), "{}", error.report());
}

#[tokio::test(start_paused = true)]
async fn a_token_with_a_short_lifetime_is_used_until_it_expires() {
    let (api, _) = acme(Tokens::Last(20), 1);
    for _ in 0..10 {
        api.raw().get("/x").await.unwrap();
        sleep(SECOND).await;
    }
    assert!(api.logins() <= 2, "{}", api.logins());
    // With half of its lifetime left it is renewed in the background, however short that is.
    let start = Instant::now();
    api.raw().get("/x").await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(2 * SECOND).await;
    assert_eq!(api.logins(), 2);
}
