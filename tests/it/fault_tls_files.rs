//! The files of TLS that are read while calls are made: off the threads of the runtime, and up to a limit.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use apisession::Response;
use apisession::prelude::*;
use apisession::tls::{ClientCertificate, Tls};
use apisession_tests::{tokio, watched};
use faults::tls::{Authority, Issued, TlsServer, parameters};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::tls::logged;

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", max_attempts = 1)]
struct Acme {
    session: Session,
}

const MIB: usize = 1024 * 1024;

fn acme(server: &TlsServer, tls: Tls) -> Acme {
    Acme::builder().base_url(server.url()).tls(tls).build().unwrap()
}

fn trusting(authority: &Authority) -> Tls {
    Tls::new().add_ca_pem(authority.pem()).only_added_cas()
}

async fn get(api: &Acme) -> Result<Response> {
    watched(api.raw().get("/x")).await
}

fn subject(response: &Response) -> &str {
    response.headers()["x-subject"].to_str().unwrap()
}

/// Replaces a file by a pipe, whose reader waits for a writer.
fn make_pipe(path: &Path) {
    let new = path.with_extension("new");
    assert!(std::process::Command::new("mkfifo").arg(&new).status().unwrap().success());
    fs::rename(new, path).unwrap();
}

/// Gives `text` to each reader of a pipe, until `is_done`.
fn feed(pipe: PathBuf, text: String, is_done: Arc<AtomicBool>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while !is_done.load(Ordering::SeqCst) {
            // This waits for a reader. The next reader gets a pipe of its own, and so the text once.
            let mut writer = fs::File::create(&pipe).unwrap();
            make_pipe(&pipe);
            writer.write_all(text.as_bytes()).unwrap();
        }
    })
}

/// The runtime has one thread, which makes other calls while a file is read.
#[tokio::test]
async fn fault_e8_known_hosts_are_read_off_the_thread_of_the_runtime() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let trust = |name: &str| Tls::new().trust_on_first_use(path(name));
    get(&acme(&server, trust("known"))).await.unwrap();
    let known = fs::read_to_string(path("known")).unwrap();

    make_pipe(&path("pipe"));
    let slow = acme(&server, trust("pipe"));
    let other = acme(&server, trust("known"));
    let waiting = tokio::spawn(async move { get(&slow).await });
    for _ in 0..10 {
        // Each session makes a connection, and so reads its file.
        get(&other).await.unwrap();
        get(&acme(&server, trust("known"))).await.unwrap();
    }
    assert!(!waiting.is_finished());
    let pipe = path("pipe");
    let writer = thread::spawn({
        let known = known.clone();
        move || fs::File::create(pipe).unwrap().write_all(known.as_bytes()).unwrap()
    });
    watched(waiting).await.unwrap().unwrap();
    writer.join().unwrap();

    // The size: what is read, and what is written.
    let filled = |length: usize| known.clone() + &"#".repeat(length - known.len() - 1) + "\n";
    let unknown = |length: usize| "#".repeat(length - 1) + "\n";
    let rows = [
        ("the largest that is read", filled(MIB), None),
        ("larger", filled(MIB + 1), Some("larger than 1 MiB")),
        ("much larger", filled(8 * MIB), Some("larger than 1 MiB")),
        ("with room for a host", unknown(MIB - known.len()), None),
        ("without room for a host", unknown(MIB - known.len() + 1), Some("larger than 1 MiB")),
    ];
    for (what, text, expected) in rows {
        fs::write(path("sized"), &text).unwrap();
        // A second connection reads what the first one has left.
        for _ in 0..2 {
            let end = get(&acme(&server, trust("sized"))).await;
            match expected {
                None => drop(end.unwrap_or_else(|error| panic!("{what}: {}", error.report()))),
                Some(expected) => {
                    let error = end.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Tls, "{what}");
                    assert!(error.report().contains(expected), "{what}: {}", error.report());
                }
            }
        }
        let left = fs::read_to_string(path("sized")).unwrap();
        assert!(left.len() <= text.len() + known.len() && left.starts_with(&text), "{what}");
    }
    let endless = Tls::new().trust_on_first_use("/dev/zero");
    let error = get(&acme(&server, endless)).await.unwrap_err();
    assert!(error.report().contains("larger than 1 MiB"), "{}", error.report());
}

/// A certificate that has changed is read by the call that finds it so. Other calls of the session continue with the old one.
#[tokio::test]
async fn fault_e8_a_certificate_that_changed_is_read_off_the_thread_of_the_runtime() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    let issued = |name: &str| authority.issue(&parameters(name, &[]));
    let (old, new) = (issued("old"), issued("new"));
    type Certificate = fn(&Path) -> ClientCertificate;
    type Written = fn(&Issued) -> String;
    let rows: [(&str, Certificate, Written); 2] = [
        ("one file", |path| ClientCertificate::file(path), Issued::combined),
        (
            "two files",
            |path| ClientCertificate::files(path, path.with_extension("key")),
            |issued| issued.certificate.clone(),
        ),
    ];
    for (what, certificate, written) in rows {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tls.crt");
        let write = |issued: &Issued| {
            fs::write(path.with_extension("key"), &issued.key).unwrap();
            fs::write(&path, written(issued)).unwrap();
        };
        write(&old);
        let check = |every| certificate(&path).check_every(every);
        let api = acme(&server, trusting(&authority).client_certificate(check(Duration::ZERO)));
        assert_eq!(subject(&get(&api).await.unwrap()), "old", "{what}");

        make_pipe(&path);
        fs::write(path.with_extension("key"), &new.key).unwrap();
        // One of them finds that the file has changed, and waits for it.
        let mut calls = JoinSet::new();
        for _ in 0..10 {
            let api = api.clone();
            calls.spawn(async move { get(&api).await });
        }
        while calls.len() > 1 {
            let response = watched(calls.join_next()).await.unwrap().unwrap().unwrap();
            assert_eq!(subject(&response), "old", "{what}");
        }
        for _ in 0..10 {
            assert_eq!(subject(&get(&api).await.unwrap()), "old", "{what}");
        }
        assert!(calls.try_join_next().is_none(), "{what}");
        let is_done = Arc::new(AtomicBool::new(false));
        let writer = feed(path.clone(), written(&new), Arc::clone(&is_done));
        let response = watched(calls.join_next()).await.unwrap().unwrap().unwrap();
        assert_eq!(subject(&response), "new", "{what}");
        is_done.store(true, Ordering::SeqCst);
        // A pipe that is opened for both waits for nobody, and neither does the writer then.
        let end = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        writer.join().unwrap();
        drop(end);

        // One that is too large, or has no end, is not used.
        for (size, make) in [
            ("large", Box::new(|| fs::write(&path, vec![b'\n'; MIB + 1]).unwrap()) as Box<dyn Fn()>),
            ("endless", Box::new(|| std::os::unix::fs::symlink("/dev/zero", &path).unwrap())),
        ] {
            fs::remove_file(&path).unwrap();
            write(&old);
            let api = acme(&server, trusting(&authority).client_certificate(check(Duration::ZERO)));
            assert_eq!(subject(&get(&api).await.unwrap()), "old", "{what}, {size}");
            fs::remove_file(&path).unwrap();
            make();
            let (_, log) = logged(async {
                for _ in 0..3 {
                    assert_eq!(subject(&get(&api).await.unwrap()), "old", "{what}, {size}");
                }
            })
            .await;
            assert_eq!(log.matches("larger than 1 MiB").count(), 1, "{what}, {size}: {log}");
        }
    }
}
