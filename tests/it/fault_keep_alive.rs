//! Idle connections to servers that announce for how long they keep them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::http::Method;
use apisession::prelude::*;
use apisession_tests::{tokio, watched};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

#[cfg(feature = "reqwest")]
use crate::fault_runtimes::without_roots;

#[derive(Clone, APISession)]
#[session(base_url = "http://127.0.0.1", max_attempts = 1)]
struct Acme {
    session: Session,
}

/// A server that numbers its connections. It forgets one that is idle for longer than its patience: it does not close it, as far as the
/// client can see, and a request on it gets no response.
struct Numbered {
    url: String,
    seen: Arc<Connections>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Connections {
    /// The number of the connection of each request.
    requests: Mutex<Vec<usize>>,
    /// The connections that are neither closed nor forgotten.
    alive: AtomicUsize,
    /// The connections that are not closed: now, and at most.
    open: Mutex<(usize, usize)>,
    /// The requests on a connection that was forgotten.
    late: AtomicUsize,
}

impl Numbered {
    /// Starts a server whose responses have the fields that `fields` returns for the number of the request.
    async fn start(
        patience: Duration,
        fields: impl Fn(usize) -> String + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Connections>::default();
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, fields) = (Arc::clone(&kept), fields.clone());
                tokio::spawn(async move { kept.serve(stream, number, patience, fields).await });
            }
        });
        Self { url, seen, task }
    }

    /// The numbers of the connections of the requests so far, which are forgotten.
    fn take(&self) -> Vec<usize> {
        std::mem::take(&mut *self.seen.requests.lock().unwrap())
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connections {
    async fn serve(
        &self,
        mut stream: TcpStream,
        number: usize,
        patience: Duration,
        fields: impl Fn(usize) -> String,
    ) {
        self.alive.fetch_add(1, Ordering::SeqCst);
        {
            let mut open = self.open.lock().unwrap();
            *open = (open.0 + 1, open.1.max(open.0 + 1));
        }
        let mut buffer = [0; 4096];
        let is_forgotten = loop {
            match timeout(patience, stream.read(&mut buffer)).await {
                Err(_) => break true,
                Ok(Ok(0) | Err(_)) => break false,
                // A request has no body, and arrives at once.
                Ok(Ok(_)) => {}
            }
            let request = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(number);
                requests.len() - 1
            };
            let response = format!("HTTP/1.1 204 No Content\r\n{}\r\n", fields(request));
            if stream.write_all(response.as_bytes()).await.is_err() {
                break false;
            }
        };
        self.alive.fetch_sub(1, Ordering::SeqCst);
        if is_forgotten && stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
            self.late.fetch_add(1, Ordering::SeqCst);
        }
        self.open.lock().unwrap().0 -= 1;
    }
}

/// Fields of a response that announce a time in seconds.
fn announced(seconds: &str) -> String {
    format!("connection: keep-alive\r\nkeep-alive: timeout={seconds}, max=100\r\n")
}

/// Makes a call, and waits until its connection is back in the pool, which takes a few turns of tasks.
async fn post(api: &Acme, url: &str) {
    watched(api.raw().elsewhere(Method::POST, url))
        .await
        .unwrap_or_else(|error| panic!("{}", error.report()));
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Which connections three calls in turn use shows what is understood of the fields: one that is shorter than our own time leads to
/// another client, and so to another connection.
#[cfg(feature = "reqwest")]
#[tokio::test]
async fn fault_e4_an_announced_time_is_understood() {
    type Used = &'static [usize];
    const IGNORED: Used = &[0, 0, 0, 0];
    const HEEDED: Used = &[0, 1, 1, 1];
    const CLOSED: Used = &[0, 1, 2, 3];
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let field = |value: &str| format!("keep-alive: {value}\r\n");
    let rows: [(&str, &[String], Option<Duration>, Used); 35] = [
        ("nothing", &["".to_owned()], None, IGNORED),
        ("four seconds", &[announced("4")], None, HEEDED),
        ("three seconds", &[announced("3")], None, HEEDED),
        ("two seconds", &[announced("2")], None, HEEDED),
        ("a second", &[announced("1")], None, HEEDED),
        ("no time", &[announced("0")], None, CLOSED),
        ("five seconds, a second more than ours", &[announced("5")], None, IGNORED),
        ("a minute", &[announced("60")], None, IGNORED),
        ("a fraction", &[announced("1.5")], None, HEEDED),
        ("a huge time", &[announced("99999999999999999999999999")], None, IGNORED),
        ("without `connection`", &[field("timeout=2")], None, HEEDED),
        ("other letters", &[field("TimeOut=2")], None, HEEDED),
        ("spaces", &[field("  max=5 ,  timeout = 2 ")], None, HEEDED),
        ("quotes", &[field("timeout=\"2\"")], None, HEEDED),
        ("the shortest of two", &[field("timeout=60, timeout=0")], None, CLOSED),
        ("several fields", &[field("max=7") + &field("timeout=60") + &field("timeout=2")], None, HEEDED),
        ("beside garbage", &[field("\u{fc}, =, timeout=x,,timeout=2")], None, HEEDED),
        ("only a count", &[field("max=1")], None, IGNORED),
        ("nothing in it", &[field("")], None, IGNORED),
        ("no value", &[field("timeout=")], None, IGNORED),
        ("a negative time", &[field("timeout=-1")], None, IGNORED),
        ("a text", &[field("timeout=soon")], None, IGNORED),
        ("another parameter", &[field("idle-timeout=1")], None, IGNORED),
        ("another field", &["x-keep-alive: timeout=0\r\n".to_owned()], None, IGNORED),
        ("with `close`", &["connection: close\r\n".to_owned() + &field("timeout=0")], None, CLOSED),
        (
            "with `close` in one response",
            &["connection: close\r\nkeep-alive: timeout=0\r\n".to_owned(), String::new()],
            None,
            &[0, 1, 1, 1],
        ),
        ("a shorter time of ours", &[announced("4")], seconds(1), IGNORED),
        ("a time of ours between", &[announced("2")], seconds(2), HEEDED),
        ("a time of ours that is its", &[announced("3")], seconds(2), IGNORED),
        ("a longer time of ours", &[announced("60")], seconds(3_600), HEEDED),
        ("the longest time of ours", &[announced("60")], Some(Duration::MAX), HEEDED),
        (
            "a time that becomes shorter",
            &[announced("4"), announced("2"), announced("1")],
            None,
            &[0, 1, 2, 3],
        ),
        ("a time that becomes longer", &[announced("1"), announced("4"), announced("60")], None, HEEDED),
        ("a time that is no longer announced", &[announced("2"), String::new()], None, HEEDED),
        (
            "a time that is announced later",
            &[String::new(), String::new(), announced("2")],
            None,
            &[0, 0, 0, 1],
        ),
    ];
    for (what, fields, idle, expected) in rows {
        // The last response is repeated.
        let fields: Vec<_> = fields.to_vec();
        let server = Numbered::start(DAY, move |number| fields[number.min(fields.len() - 1)].clone()).await;
        let builder = Acme::builder().client(without_roots);
        let api = match idle {
            Some(idle) => builder.pool_idle_timeout(idle).build().unwrap(),
            None => builder.build().unwrap(),
        };
        for _ in expected {
            post(&api, &server.url).await;
        }
        assert_eq!(server.take(), expected, "{what}");
    }
}

/// What one server announces changes nothing for another, and the number of clients is limited.
#[cfg(feature = "reqwest")]
#[tokio::test]
async fn fault_e4_a_time_is_that_of_its_server_and_clients_are_few() {
    struct Counted;
    impl reqwest::dns::Resolve for Counted {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            unreachable!("the server has an address")
        }
    }
    let counted = Arc::new(Counted);
    let held = Arc::clone(&counted);
    let client = move || without_roots().dns_resolver(Arc::clone(&held));
    let api = Acme::builder().client(client).build().unwrap();
    let other = Numbered::start(DAY, |_| String::new()).await;
    post(&api, &other.url).await;
    let before = Arc::strong_count(&counted);
    // The test and the closure hold it too.
    let of_one = before - 2;
    let more = || (Arc::strong_count(&counted) - before) / of_one;
    let mut clients = Vec::new();
    // Of the last three, the first uses the next shorter time, which is that of the second server, and the others none that is left.
    let rows = [
        ("4", &[0, 1, 1]),
        ("2", &[0, 1, 1]),
        ("3", &[0, 1, 1]),
        ("2", &[0, 1, 1]),
        ("0", &[0, 1, 2]),
        ("2.5", &[0, 1, 1]),
        ("1", &[0, 1, 2]),
        ("1.5", &[0, 1, 2]),
    ];
    let mut servers = Vec::new();
    for (seconds, expected) in rows {
        let server = Numbered::start(DAY, move |_| announced(seconds)).await;
        for _ in expected {
            post(&api, &server.url).await;
        }
        assert_eq!(server.take(), expected, "{seconds}");
        clients.push(more());
        servers.push(server);
    }
    assert_eq!(clients, [1, 2, 3, 3, 4, 4, 4, 4]);
    for server in &servers[..4] {
        post(&api, &server.url).await;
        assert_eq!(server.take(), [1], "its connection is kept");
    }
    post(&api, &other.url).await;
    assert_eq!(other.take(), [0, 0]);
    // A server that is forgotten after a hundred others is known again after a response.
    for number in 0..100 {
        let server = Numbered::start(DAY, move |_| announced(["2", "3"][number % 2])).await;
        post(&api, &server.url).await;
    }
    for _ in 0..3 {
        post(&api, &servers[4].url).await;
    }
    assert_eq!(servers[4].take().len(), 3);
    assert_eq!(more(), 4);
    post(&api, &other.url).await;
    assert_eq!(other.take(), [0]);
}

/// Each runtime has clients of its own, and so learns a time by itself.
#[cfg(feature = "reqwest")]
#[test]
fn fault_e4_each_runtime_keeps_an_announced_time() {
    let _watchdog = apisession_tests::Watchdog::start();
    let runtime =
        || ::tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let servers = runtime();
    let server = servers.block_on(Numbered::start(DAY, |_| announced("2")));
    let api = Acme::builder().build().unwrap();
    let (one, two) = (runtime(), runtime());
    for (runtime, first) in [(&one, 0), (&two, 2)] {
        runtime.block_on(async {
            post(&api, &server.url).await;
            post(&api, &server.url).await;
        });
        assert_eq!(server.take(), [first, first + 1]);
    }
}

/// With hyper, each connection has the time of its own last response, and the clock is tokio's.
#[tokio::test]
async fn fault_e4_a_connection_of_hyper_closes_itself_after_the_announced_time() {
    use apisession::transport::Hyper;
    use tokio::time::{advance, pause, resume};

    async fn turns() {
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
    }
    let millis = Duration::from_millis;
    let hour = Duration::from_secs(3_600);
    let rows: [(&str, &[String], Duration, Duration); 9] = [
        ("nothing", &[String::new()], millis(4_000), millis(4_000)),
        ("nothing, and a longer time of ours", &[String::new()], hour, hour),
        ("three seconds", &[announced("3")], hour, millis(2_000)),
        ("a second", &[announced("1")], hour, millis(500)),
        ("no time", &[announced("0")], hour, millis(0)),
        ("more than ours", &[announced("60")], millis(4_000), millis(4_000)),
        ("a time that becomes longer", &[announced("1"), announced("4")], hour, millis(3_000)),
        ("a time that becomes shorter", &[announced("4"), announced("2")], hour, millis(1_000)),
        ("a time that is no longer announced", &[announced("2"), String::new()], hour, hour),
    ];
    for (what, fields, ours, expected) in rows {
        let kept = fields.to_vec();
        let server = Numbered::start(DAY, move |number| kept[number].clone()).await;
        let other = Numbered::start(DAY, |_| String::new()).await;
        let api = Acme::builder().transport(Hyper::new().pool_idle_timeout(ours)).build().unwrap();
        post(&api, &other.url).await;
        for _ in fields {
            post(&api, &server.url).await;
        }
        assert_eq!(server.take(), vec![0; fields.len()], "{what}");
        pause();
        turns().await;
        let alive = || server.seen.alive.load(Ordering::SeqCst);
        if !expected.is_zero() {
            advance(expected - millis(100)).await;
            turns().await;
            assert_eq!(alive(), 1, "{what}");
        }
        // hyper looks for connections that were idle for too long once in each such time.
        let is_ours = ours == expected;
        advance(if is_ours { ours + millis(200) } else { millis(200) }).await;
        while alive() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(other.seen.alive.load(Ordering::SeqCst), usize::from(!is_ours), "{what}");
        resume();
    }
}

/// No request is sent on a connection that its server has forgotten.
#[tokio::test]
async fn fault_e4_no_write_is_lost_on_a_connection_that_its_server_has_given_up() {
    let workers = (0..24_u32).map(|worker| {
        tokio::spawn(async move {
            let seconds = 1 + worker % 2;
            let patience = Duration::from_secs(u64::from(seconds));
            let server = Numbered::start(patience, move |_| announced(&seconds.to_string())).await;
            let builder = Acme::builder().base_url(server.url.clone());
            #[cfg(feature = "reqwest")]
            let builder = builder.client(without_roots);
            let api =
                if worker % 3 == 0 { builder.max_in_flight(1).build() } else { builder.build() }.unwrap();
            for round in 0..4 / seconds {
                for _ in 0..=round % 2 {
                    let end = watched(api.raw().post("/x")).await;
                    end.unwrap_or_else(|error| panic!("{worker}, {round}: {}", error.report()));
                }
                if worker < 12 {
                    // Until the server has forgotten the connections, or the client has closed them.
                    while server.seen.alive.load(Ordering::SeqCst) > 0 {
                        sleep(Duration::from_millis(1)).await;
                    }
                } else {
                    // Around the time of the server. Nothing is assumed of the length of this pause.
                    sleep(patience * (worker - 11) / 10).await;
                }
            }
            watched(api.raw().post("/x")).await.unwrap();
            assert_eq!(server.seen.late.load(Ordering::SeqCst), 0, "{worker}");
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
}

/// The connections of the client that a server leaves count in the limit until they are closed.
#[tokio::test]
async fn fault_e4_the_limit_of_connections_holds_for_all_clients() {
    for (seconds, limit) in [("4", 1), ("2", 3), ("1", 2), ("60", 2)] {
        let server = Numbered::start(DAY, move |_| announced(seconds)).await;
        let api = Acme::builder().base_url(server.url.clone()).max_in_flight(limit).build().unwrap();
        let workers = (0..8).map(|_| {
            let api = api.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    watched(api.raw().post("/x")).await.unwrap();
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        let most = server.seen.open.lock().unwrap().1;
        assert!(most <= limit, "{seconds}: {most} connections, {limit} allowed");
        assert_eq!(server.take().len(), 160);
    }
}
