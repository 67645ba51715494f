//! Sessions in several runtimes, and what blocks none of their threads.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::prelude::*;
use apisession_tests::{Server, recording, respond, tokio, watched};
use tokio::time::sleep;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

/// A resolver that a client holds, so that it is counted how many clients there are.
struct Counted;

#[cfg(feature = "reqwest")]
impl reqwest::dns::Resolve for Counted {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        unreachable!("the server has an address")
    }
}

#[cfg(not(feature = "reqwest"))]
struct Held(Arc<Counted>);

#[cfg(not(feature = "reqwest"))]
impl apisession::transport::Resolve for Held {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> apisession::BoxFuture<'a, std::result::Result<Vec<std::net::SocketAddr>, apisession::BoxError>> {
        unreachable!("the server has an address, as has {:p}", self.0)
    }
}

/// A client that reads no roots of the system, which takes longest.
#[cfg(all(feature = "reqwest", any(feature = "tls", feature = "tls-ring")))]
pub(crate) fn without_roots() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true)
}

#[cfg(all(feature = "reqwest", not(any(feature = "tls", feature = "tls-ring"))))]
pub(crate) fn without_roots() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
}

/// The runtime of a test, whose threads are its own.
fn runtime(threads: usize) -> tokio::runtime::Runtime {
    match threads {
        0 => ::tokio::runtime::Builder::new_current_thread(),
        _ => ::tokio::runtime::Builder::new_multi_thread(),
    }
    .worker_threads(threads.max(1))
    .enable_all()
    .build()
    .unwrap()
}

/// A server on a runtime of its own, which counts the requests by their paths.
fn separate() -> (tokio::runtime::Runtime, Server, Arc<Mutex<Vec<String>>>) {
    let servers = runtime(1);
    let paths = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&paths);
    let server = servers.block_on(Server::start(move |request| {
        kept.lock().unwrap().push(request.split(' ').nth(1).unwrap_or_default().to_owned());
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    }));
    (servers, server, paths)
}

#[test]
fn fault_e8_a_session_is_used_by_many_runtimes() {
    let _watchdog = apisession_tests::Watchdog::start();
    let (_servers, server, paths) = separate();
    let counted = Arc::new(Counted);
    let held = Arc::clone(&counted);
    let builder = Acme::builder().base_url(server.url()).max_in_flight(4);
    #[cfg(feature = "reqwest")]
    let builder = builder.client(move || without_roots().dns_resolver(Arc::clone(&held)));
    #[cfg(not(feature = "reqwest"))]
    let builder = builder.transport(apisession::transport::Hyper::new().resolver(Held(held)));
    let api = builder.build().unwrap();
    let with_one_client = Arc::strong_count(&counted);
    let post = |runtime: &tokio::runtime::Runtime, path: &str| {
        let call = api.raw().post(path).with_max_attempts(1).with_timeout(Duration::from_secs(10));
        runtime
            .block_on(async { call.await.map(drop) })
            .unwrap_or_else(|error| panic!("{path}: {}", error.report()));
    };

    // A runtime that is idle keeps its connections. They are not those of another.
    let kinds = [(0, 0), (0, 1), (1, 0), (2, 2)];
    for (first, second) in kinds {
        let (idle, other) = (runtime(first), runtime(second));
        for round in 0..3 {
            post(&idle, &format!("/idle{first}{second}{round}"));
            post(&other, &format!("/other{first}{second}{round}"));
        }
        drop(idle);
        post(&other, "/alone");
        // A runtime that has ended is followed by another.
        post(&runtime(first), "/next");
    }
    // From a thread without a runtime that enters one, and by a task of one that is awaited in another.
    let (one, two) = (runtime(1), runtime(0));
    let task = one.spawn(api.raw().post("/spawned").send());
    two.block_on(task).unwrap().unwrap();
    let entered = one.enter();
    let call = api.raw().post("/entered").send();
    drop(entered);
    one.block_on(call).unwrap();
    drop((one, two));

    let mut sent = paths.lock().unwrap().clone();
    let all = sent.len();
    sent.retain(|path| path != "/alone" && path != "/next");
    let others = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), all - others), (others, 8), "each was sent once");

    // A thousand runtimes in turn leave no clients.
    for number in 0..1_000 {
        post(&runtime(usize::from(number % 10 == 0)), "/in/turn");
    }
    assert_eq!(Arc::strong_count(&counted), 2, "only the test and the closure hold it, and no client");
    // The session ends before its runtime.
    let last = runtime(0);
    post(&last, "/last");
    assert_eq!(Arc::strong_count(&counted), with_one_client);
    drop(api);
    last.block_on(async {
        while Arc::strong_count(&counted) > 1 {
            tokio::task::yield_now().await;
        }
    });
}

/// A sign-in that is under way in a runtime that ends is made again in the runtime that waits for it.
#[test]
fn fault_e8_a_sign_in_survives_the_runtime_that_started_it() {
    let _watchdog = apisession_tests::Watchdog::start();
    let count = Arc::new(Mutex::new(0));
    let kept = Arc::clone(&count);
    let credential = Credential::provided_by(move |_: Session| {
        let number = {
            let mut count = kept.lock().unwrap();
            *count += 1;
            *count
        };
        async move {
            if number == 1 {
                std::future::pending::<()>().await;
            }
            Credential::bearer("t0k3n")
        }
    });
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).credential(credential).build().unwrap();
    let (first, second) = (runtime(1), runtime(1));
    let doomed = first.spawn(api.raw().get("/first").send());
    while *count.lock().unwrap() == 0 {
        std::thread::yield_now();
    }
    let waiting = second.spawn(api.raw().get("/second").send());
    second.block_on(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    first.shutdown_background();
    second.block_on(waiting).unwrap().unwrap();
    assert!(second.block_on(doomed).is_err());
    assert_eq!((sent.lines(), *count.lock().unwrap()), (vec!["GET /second".to_owned()], 2));
}

/// What reads a file blocks only the call that needs it, and reads it up to a limit.
#[cfg(unix)]
#[tokio::test]
async fn fault_e8_a_file_blocks_no_thread_of_a_runtime() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // A pipe is read once somebody writes to it.
    let pipe = path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api =
        Acme::builder().transport(transport).credential(Credential::bearer_file(&pipe)).build().unwrap();
    let call = tokio::spawn(api.raw().get("/token").send());
    // The runtime has one thread, which makes other calls in the meantime.
    for _ in 0..10 {
        watched(api.raw().get("/other").without_credential()).await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
    assert!(!call.is_finished());
    let writer =
        std::thread::spawn(move || std::fs::File::create(pipe).unwrap().write_all(b"t0k3n\n").unwrap());
    watched(call).await.unwrap().unwrap();
    writer.join().unwrap();
    assert_eq!(sent.all().pop().unwrap().header("authorization"), "Bearer t0k3n");

    // A file that is too large, and one without an end.
    let large = path("large");
    std::fs::write(&large, vec![b'x'; 1024 * 1024 + 1]).unwrap();
    for file in [&large, std::path::Path::new("/dev/zero")] {
        let call = api.raw().get("/x").with_credential(Credential::bearer_file(file));
        let error = watched(call).await.unwrap_err();
        assert!(error.report().contains("larger than 1 MiB"), "{}", error.report());
        #[cfg(any(feature = "tls", feature = "tls-ring"))]
        {
            use apisession::tls::{ClientCertificate, Tls};
            let rows = [
                Tls::new().add_ca_file(file),
                Tls::new().client_certificate(ClientCertificate::file(file)),
                Tls::new().client_certificate(ClientCertificate::files(file, file)),
                Tls::new().client_certificate(ClientCertificate::pkcs12_file(file, "s3cret")),
            ];
            for tls in rows {
                let error = Acme::builder().tls(tls.clone()).build().err().unwrap();
                assert!(error.to_string().contains("larger than 1 MiB"), "{tls:?}: {error}");
            }
        }
    }
    // The largest that is read.
    std::fs::write(&large, [b" ".repeat(1024 * 1024 - 5), b"t0k3n".to_vec()].concat()).unwrap();
    watched(api.raw().get("/x").with_credential(Credential::bearer_file(&large))).await.unwrap();
}
