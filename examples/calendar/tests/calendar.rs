//! Tests of the SDK with the vendor's server: the steps of the tour, as assertions.

use std::process::Command;

use apisession::{Credential, Environment, ErrorKind};
use calendar::server::Server;
use calendar::{Acme, AcmeBuilder, Action, Export, Login, NewEvent};

fn event(title: &str, starts: &str) -> NewEvent {
    NewEvent { title: title.to_owned(), starts: starts.to_owned() }
}

fn builder(password: &str) -> AcmeBuilder {
    let nobody = Environment::of::<&str, &str>([]);
    Acme::builder().login(Some(Login::new("ana", password))).environment(nobody)
}

async fn acme() -> (Acme, Server) {
    let server = Server::start().await.unwrap();
    let api = builder("correct horse").base_url(server.base_url()).build().unwrap();
    (api, server)
}

#[tokio::test]
async fn events_are_created_found_listed_and_deleted() {
    let (api, _server) = acme().await;
    let standup = api.events().create(&event("Standup", "2026-12-01")).await.unwrap();
    let planning = api.events().create(&event("Planning", "2026-11-30")).await.unwrap();
    assert_eq!(api.events().get(standup.id).await.unwrap(), standup);
    assert_eq!(api.events().list().await.unwrap(), [planning.clone(), standup.clone()]);
    assert_eq!(api.events().list().limit(1).await.unwrap(), [planning]);
    let since = api.events().list().since("2026-12-01").await.unwrap();
    assert_eq!(since, std::slice::from_ref(&standup));
    assert_eq!(api.events().find_by_title("Standup").await.unwrap(), Some(standup.clone()));
    api.events().delete(standup.id).await.unwrap();
    assert_eq!(api.events().find(standup.id).await.unwrap(), None);
    let error = api.events().delete(standup.id).await.unwrap_err();
    let expected = format!("Events::delete: 404 Not Found: Not found: there is no event {}", standup.id);
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_changed_event_is_saved() {
    let (api, _server) = acme().await;
    let mut standup = api.events().create(&event("Standup", "2026-12-01")).await.unwrap();
    let mut other = standup.clone();
    standup.starts = "2026-12-02".to_owned();
    standup.save(&api.events()).await.unwrap();
    other.reload(&api.events()).await.unwrap();
    assert_eq!((other.starts.as_str(), &other), ("2026-12-02", &standup));
    standup.starts = "friday".to_owned();
    assert_eq!(standup.save(&api.events()).await.unwrap_err().kind(), ErrorKind::UnprocessableContent);
    other.remove(&api.events()).await.unwrap();
    assert!(other.reload(&api.events()).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn events_are_read_in_pages_and_continued() {
    let (api, _server) = acme().await;
    for day in 1..=25 {
        api.events().create(&event("Standup", &format!("2026-12-{day:02}"))).await.unwrap();
    }
    let mut events = api.events().all().since("2026-12-03").with_page_size(10).items();
    let mut days = Vec::new();
    while days.len() < 14
        && let Some(event) = events.next().await
    {
        days.push(event.unwrap().starts);
    }
    assert_eq!((events.pages_read(), events.total()), (2, Some(23)));
    let token = events.resume_token();
    let rest = api.events().all().since("2026-12-03").with_resume_token(token).try_collect().await.unwrap();
    days.extend(rest.into_iter().map(|event| event.starts));
    assert_eq!(days, (3..=25).map(|day| format!("2026-12-{day:02}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_session_signs_in_once_again_if_it_must_and_out() {
    let (api, server) = acme().await;
    assert_eq!(server.tokens(), 0);
    api.events().list().await.unwrap();
    api.events().list().await.unwrap();
    assert_eq!(server.tokens(), 1);
    server.revoke_all();
    let response = api.events().list().response().await.unwrap();
    assert_eq!((response.attempts(), server.tokens()), (2, 1));
    api.close().await.unwrap();
    assert_eq!(server.tokens(), 0);
    let error = api.events().list().with_credential(Credential::bearer("old").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), server.tokens()), (ErrorKind::Unauthorized, 0));
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_event_are_explained() {
    let (api, server) = acme().await;
    let stranger = builder("hunter2").base_url(server.base_url()).build().unwrap();
    let error = stranger.events().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    // The path of the tokens is restricted, so the error doesn't contain the message of the server.
    assert_eq!(format!("{error:#}"), "Events::list: can't sign in: Tokens::create: 403 Forbidden");
    assert!(!format!("{stranger:?} {}", error.report()).contains("hunter2"));

    let error = api.events().create(&event("Party", "friday")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnprocessableContent);
    assert!(error.to_string().ends_with("`friday` is no day; write it as `2026-01-31`"), "{error}");
}

#[tokio::test]
async fn changes_arrive_as_they_happen_and_none_is_lost() {
    let (api, server) = acme().await;
    let mut changes = api.events().changes().await.unwrap();
    let standup = api.events().create(&event("Standup", "2026-12-01")).await.unwrap();
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!((change.action, change.event), (Action::Created, standup.clone()));
    // The server closes the stream, and what happens meanwhile is not lost. Nor is the sign-in.
    server.hang_up();
    server.revoke_all();
    api.events().delete(standup.id).await.unwrap();
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!((change.action, change.event), (Action::Deleted, standup));
    assert_eq!(changes.last_event_id(), "2");
}

#[tokio::test]
async fn an_attachment_is_downloaded_and_the_rest_of_one_too() {
    let (api, _server) = acme().await;
    let standup = api.events().create(&event("Standup", "2026-12-01")).await.unwrap();
    let agenda: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    api.events().attach(standup.id, "agenda.pdf", agenda.clone()).await.unwrap();
    let mut download = api.events().attachment(standup.id, "agenda.pdf").await.unwrap();
    assert_eq!(download.total(), Some(300_000));
    let mut stored = download.next().await.unwrap().unwrap().to_vec();
    if let Some(token) = download.resume_token() {
        let rest = api.events().attachment(standup.id, "agenda.pdf").resume(&token).await.unwrap();
        rest.to_writer(&mut stored).await.unwrap();
    }
    assert_eq!(stored, agenda);
    let error = api.events().attachment(standup.id, "minutes.pdf").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_export_is_polled_adopted_cancelled_and_resumed() {
    let (api, _server) = acme().await;
    api.events().create(&event("Standup", "2026-12-01")).await.unwrap();
    api.events().create(&event("Planning", "2026-11-30")).await.unwrap();
    let mut job = api.exports().create().start().await.unwrap();
    assert_eq!(job.next().await.unwrap().unwrap().state(), "running");
    // A second one is the same.
    let mut same = api.exports().create().start().await.unwrap();
    assert_eq!((same.is_adopted(), same.token()), (true, job.token()));
    let state = same.next().await.unwrap().unwrap();
    assert_eq!((state.is_done(), state.json::<Export>().unwrap().percent), (true, 100));
    let lines = "2026-11-30 Planning\n2026-12-01 Standup\n";
    assert_eq!(same.wait().await.unwrap().0, lines);
    // It is found again by a text.
    let stored = job.token().expose().to_owned();
    assert_eq!(api.exports().create().resume(stored).unwrap().wait().await.unwrap().0, lines);

    let job = api.exports().create().start().await.unwrap();
    assert!(!job.is_adopted());
    job.cancel().await.unwrap();
    let error = api.exports().create().resume(job.token()).unwrap().wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JobFailed);
    assert_eq!(error.to_string(), "Exports::create: the job has failed: it has the state `cancelled`");
}

#[tokio::test]
async fn a_token_of_the_environment_takes_the_place_of_a_login() {
    let (_, server) = acme().await;
    let signed_in = builder("correct horse").base_url(server.base_url()).connect().await.unwrap();
    let old = Environment::of([("ACME_TOKEN", "old"), ("ACME_URL", server.base_url())]);
    let api = Acme::builder().environment(old).build().unwrap();
    assert_eq!(api.credential_source().place(), Some("ACME_TOKEN"));
    assert_eq!(api.events().list().await.unwrap_err().kind(), ErrorKind::Unauthorized);
    signed_in.close().await.unwrap();
    // Without both there is an explanation.
    let nobody = Environment::of([("ACME_URL", server.base_url())]);
    let error = Acme::builder().environment(nobody).build().unwrap().events().list().await.unwrap_err();
    assert!(error.report().contains("set ACME_TOKEN"), "{}", error.report());
}

#[test]
fn whoami_prints_where_the_credential_is_from() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("acme/calendar.ini");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let whoami = |variables: &[(&str, &str)]| {
        let mut calendar = Command::new(env!("CARGO_BIN_EXE_calendar"));
        calendar.arg("--whoami").env_clear().env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
        let output = calendar.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    assert!(whoami(&[]).starts_with("no credential\n  explicit: "), "{}", whoami(&[]));
    std::fs::write(&file, "[default]\ntoken = s3cret\n[work]\ntoken = s3cret\n").unwrap();
    let rows: [(&[(&str, &str)], String); 3] = [
        (&[("ACME_TOKEN", "s3cret")], "environment: ACME_TOKEN\n".to_owned()),
        (&[], format!("profile: `token` in [default] of {}\n", file.display())),
        (&[("ACME_PROFILE", "work")], format!("profile: `token` in [work] of {}\n", file.display())),
    ];
    for (variables, expected) in rows {
        let shown = whoami(variables);
        assert!(shown.starts_with(&expected) && !shown.contains("s3cret"), "{shown}");
    }
}

/// The text without what differs each time: the port, and times.
fn comparable(text: &str) -> Vec<String> {
    let word = |word: &str| match word.split_once('=') {
        Some((name @ ("delay" | "elapsed"), _)) => format!("{name}=…"),
        _ => match word.split_once("//127.0.0.1:") {
            Some((before, rest)) => {
                format!("{before}//127.0.0.1{}", rest.trim_start_matches(char::is_numeric))
            }
            None => word.to_owned(),
        },
    };
    text.trim().lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_book_shows_what_an_operator_reads() {
    let run = Command::new(env!("CARGO_BIN_EXE_calendar")).arg("--trace").output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let printed = String::from_utf8(run.stdout).unwrap();
    println!("{printed}");
    let book = include_str!("../../../book/src/observing.md");
    let shown =
        book.split("-p calendar -- --trace\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(comparable(shown), comparable(&printed), "the program prints:\n{printed}");
}
