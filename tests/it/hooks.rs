//! The seven hooks: when each is called, its input, and its errors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::prelude::*;
use apisession_tests::{Sent, recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
}

#[endpoint(path = "/tokens")]
struct Tokens;

#[endpoint]
impl Tokens {
    #[post]
    fn create(&self) -> Call<String>;
    #[delete]
    fn revoke(&self) -> Call<()>;
}

/// What ran so far, and which hook is to fail.
#[derive(Clone, Default)]
struct Script {
    ran: Arc<Mutex<Vec<String>>>,
    failing: &'static str,
}

impl Script {
    fn run(&self, hook: &str) -> Result<()> {
        self.ran.lock().unwrap().push(hook.to_owned());
        if self.failing == hook {
            Err(Error::new(ErrorKind::Other, format!("{hook} failed")))
        } else {
            Ok(())
        }
    }

    fn ran(&self) -> Vec<String> {
        self.ran.lock().unwrap().clone()
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    tokens: Tokens,
    script: Script,
}

impl APISession for Acme {
    fn build_session(&self, options: Options) -> Result<Options> {
        self.script.run("build_session")?;
        Ok(options.header("x-shaped", "yes").base_path("/v2"))
    }

    async fn authenticate(&self) -> Result<Credential> {
        self.script.run("authenticate")?;
        Credential::bearer(&self.tokens().create().await?)
    }

    async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
        self.script.run("deauthenticate")?;
        self.tokens().revoke().with_credential(credential.clone()).await
    }

    fn error_map(&self) -> ErrorMap {
        let _ = self.script.run("error_map");
        ErrorMap::new()
    }

    fn resp_error_check(&self, response: Response) -> Result<Response> {
        self.script.run("resp_error_check")?;
        if response.headers().contains_key("x-error") {
            return Err(response.into_error(ErrorKind::Conflict, "status 200 with an error"));
        }
        Ok(response)
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        self.script.run("retry_request")?;
        let attempts = retry.attempts().to_string();
        let status = retry.error().status().map(|status| status.as_u16());
        assert_eq!(status, Some(503));
        retry.request().headers.insert("x-retried", attempts.parse().unwrap());
        retry.set_delay(Duration::from_secs(3));
        Ok(())
    }

    fn restricted_paths(&self) -> Vec<PathPattern> {
        let _ = self.script.run("restricted_paths");
        vec![PathPattern::new("/tokens/**")]
    }
}

/// The response to the second request is 503, which is retried.
fn acme(failing: &'static str) -> (Result<Acme>, Script, Sent) {
    let (transport, sent) = recording(|number, seen| match (seen.method.as_str(), number) {
        ("POST", _) => Ok(respond(201, r#""t0k3n""#)),
        (_, 2) => Ok(respond(503, "")),
        _ => Ok(respond(200, "")),
    });
    let script = Script { failing, ..Script::default() };
    (Acme::builder(script.clone()).transport(transport).build(), script, sent)
}

#[tokio::test(start_paused = true)]
async fn hooks_run_in_order() {
    let (api, script, sent) = acme("");
    let api = api.unwrap();
    assert_eq!(script.ran(), ["build_session", "error_map", "restricted_paths"]);
    let start = tokio::time::Instant::now();
    api.events().get(7).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    api.close().await.unwrap();
    assert_eq!(
        script.ran()[3..],
        [
            "authenticate",
            // The response of the sign-in.
            "resp_error_check",
            "retry_request",
            "resp_error_check",
            "deauthenticate",
            "resp_error_check",
        ]
    );
    let all = sent.all();
    assert_eq!(
        sent.lines(),
        ["POST /v2/tokens", "GET /v2/events/7", "GET /v2/events/7", "DELETE /v2/tokens"]
    );
    let authorization: Vec<_> = all.iter().map(|seen| seen.header("authorization")).collect();
    assert_eq!(authorization, ["", "Bearer t0k3n", "Bearer t0k3n", "Bearer t0k3n"]);
    let retried: Vec<_> = all.iter().map(|seen| seen.header("x-retried")).collect();
    assert_eq!(retried, ["", "", "1", ""]);
    assert!(all.iter().all(|seen| seen.header("x-shaped") == "yes"));
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_hook_ends_the_call_or_the_build() {
    let (api, script, sent) = acme("build_session");
    assert_eq!(api.err().unwrap().to_string(), "build_session failed");
    assert_eq!((script.ran().len(), sent.lines().len()), (1, 0));

    let (api, _, sent) = acme("authenticate");
    let error = api.unwrap().events().get(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(format!("{error:#}"), "Events::get: can't sign in: authenticate failed");
    assert_eq!(sent.lines().len(), 0);

    let (api, _, sent) = acme("retry_request");
    let error = api.unwrap().events().get(7).await.unwrap_err();
    assert_eq!(error.to_string(), "Events::get: retry_request failed");
    assert_eq!((error.attempts(), sent.lines().len()), (1, 2));

    let (api, _, sent) = acme("deauthenticate");
    let api = api.unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(api.close().await.unwrap_err().to_string(), "deauthenticate failed");
    // The credential is gone all the same.
    api.close().await.unwrap();
    assert!(!sent.lines().contains(&"DELETE /v2/tokens".to_owned()));
}

#[tokio::test]
async fn a_response_check_turns_a_success_into_an_error_with_the_response() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, r#""t""#).with_header("x-error", "1")));
    let api = Acme::builder(Script::default()).transport(transport).build().unwrap();
    let error = api.events().get(7).without_credential().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.to_string(), "Events::get: status 200 with an error");
    assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (200, 1));
    assert_eq!(error.url().unwrap(), "https://declared.test/v2/events/7");
    assert_eq!(sent.lines(), ["GET /v2/events/7"]);
}

/// Stops at once.
#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", hooks)]
struct Impatient {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Impatient {
    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        retry.stop();
        Ok(())
    }
}

/// Looks for something that is not there.
#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", hooks)]
struct Curious {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    choices: Choices,
}

#[endpoint(path = "/choices")]
struct Choices;

#[endpoint]
impl Choices {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Option<String>>;
}

impl APISession for Curious {
    async fn retry_request(&self, _: &mut Retry<'_>) -> Result<()> {
        self.events().get(404).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_inside_a_hook_is_an_error_and_not_none() {
    let (transport, sent) = recording(|_, seen| match seen.url.path() {
        "/choices/7" => Ok(respond(503, "")),
        _ => Ok(respond(404, "")),
    });
    let api = Curious::builder().transport(transport).build().unwrap();
    let error = api.choices().get(7).await.unwrap_err();
    assert_eq!(error.to_string(), "Choices::get: `retry_request` failed: 404 Not Found");
    let inner = error.inner().unwrap();
    assert_eq!(
        (error.kind(), inner.to_string()),
        (ErrorKind::Other, "Events::get: 404 Not Found".to_owned())
    );
    assert_eq!(sent.lines(), ["GET /choices/7", "GET /events/404"]);
}

#[tokio::test]
async fn a_hook_can_stop_the_retries() {
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Impatient::builder().transport(transport).build().unwrap();
    let error = api.events().get(7).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceUnavailable, 1));
    assert_eq!(sent.lines().len(), 1);
}

/// Asks for the session's credential in every hook that makes calls.
#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", hooks)]
struct Circular {
    session: Session,
    #[endpoint]
    events: Events,
    #[session(default)]
    sign_ins: Arc<Mutex<u32>>,
}

impl APISession for Circular {
    async fn authenticate(&self) -> Result<Credential> {
        *self.sign_ins.lock().unwrap() += 1;
        self.events().get(1).with_session_credential().await?;
        Credential::bearer("t0k3n")
    }

    async fn retry_request(&self, _: &mut Retry<'_>) -> Result<()> {
        self.events().get(2).with_session_credential().await
    }

    async fn deauthenticate(&self, _: &Credential) -> Result<()> {
        self.events().get(3).with_session_credential().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_inside_a_hook_does_not_carry_the_credential_of_the_session() {
    let (transport, sent) = recording(|number, _| Ok(respond(if number == 2 { 503 } else { 200 }, "")));
    let sign_ins = Arc::new(Mutex::new(0));
    let api = Circular::builder().sign_ins(Arc::clone(&sign_ins)).transport(transport).build().unwrap();
    api.events().get(7).await.unwrap();
    api.close().await.unwrap();
    let all = sent.all();
    let rows: Vec<_> = all.iter().map(|seen| (seen.url.path(), seen.header("authorization"))).collect();
    assert_eq!(
        rows,
        [
            ("/events/1", ""),
            ("/events/7", "Bearer t0k3n"),
            ("/events/2", ""),
            ("/events/7", "Bearer t0k3n"),
            ("/events/3", ""),
        ]
    );
    assert_eq!(*sign_ins.lock().unwrap(), 1);
}

/// Calls itself before it is built.
#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", hooks)]
struct Hasty {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Hasty {
    fn build_session(&self, options: Options) -> Result<Options> {
        self.events().get(7).build()?;
        Ok(options)
    }
}

#[test]
fn a_call_before_the_session_is_built_is_a_not_built_error() {
    let error = Hasty::builder().build().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotBuilt);
    assert!(error.to_string().contains("`builder(…).build()`"), "{error}");
}
