//! The secrets of all faults, in what this crate and those below it log.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use apisession::prelude::*;
use apisession::tls::{ClientCertificate, Tls};
use apisession::transport::Hyper;
use apisession::{Proxies, Secret};
use faults::h2::{self, Reply};
use faults::leaks::{self, Search};
use faults::run::{Plan, run, run_before};
use faults::tls::{Authority, Issued, TlsServer};

/// Searches the lines that are logged, by crate, as soon as they are.
#[derive(Clone)]
struct Lines {
    /// What each line is searched for.
    search: Search,
    found: Arc<Mutex<BTreeMap<String, Search>>>,
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A subscriber writes each line at once: `TRACE hyper::client: …`.
        let line = String::from_utf8_lossy(bytes);
        // Spans stand before the target. Their names begin with a capital letter, or have no path.
        let is_target = |word: &&str| {
            word.ends_with(':')
                && word.contains("::")
                && !word.contains('}')
                && word.starts_with(char::is_lowercase)
        };
        let target = line.split_whitespace().find(is_target).unwrap_or_default();
        let of_crate = target.split(':').next().unwrap_or_default().to_owned();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.entry(of_crate).or_insert_with(|| self.search.clone()).text("log", &line);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test", headers("x-api-key" = leaks::API_KEY))]
struct Acme {
    session: Session,
}

#[endpoint]
impl Acme {
    #[post("/things/{key}")]
    fn post(&self, key: &Secret, #[query] token: &str, #[json] body: &str) -> Call<()>;
}

/// Calls with all secrets, and searches what it returns.
async fn search_call(search: &mut Search, place: &str, builder: Result<Acme>) {
    let end = match builder {
        Ok(api) => api.post(&Secret::new(leaks::PATH), leaks::QUERY, leaks::BODY).response().await,
        Err(error) => Err(error),
    };
    match end {
        Ok(response) => search.debug(place, &response),
        Err(error) => search.error(place, &error),
    }
}

/// What HTTP/2 reports.
async fn search_http2(search: &mut Search) {
    let replies = [
        Reply::Ok,
        Reply::HugeHeaders,
        Reply::RefusedStream,
        Reply::Cancel,
        Reply::GoAwayBelow,
        Reply::GoAwayAndClose,
    ];
    for reply in replies {
        let server = h2::Server::start([reply; 3]).await.expect("loopback has a free port");
        let credential =
            Credential::basic("ana", leaks::BASIC).and_then(|basic| basic.and_cookie("sid", leaks::COOKIE));
        let builder = Acme::builder().transport(Hyper::new().http2_prior_knowledge()).base_url(server.url());
        let builder = builder.credential(credential.expect("it can be sent"));
        search_call(search, &format!("HTTP/2, {reply:?}"), builder.build()).await;
    }
}

/// Keys that a server does not accept, or that can't be used.
async fn search_keys(search: &mut Search, issued: &Issued) {
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let server = TlsServer::start(&authority.local(), Some(&stranger)).await;
    let half = &issued.key[..issued.key.len() / 2];
    let broken = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", leaks::CLIENT_KEY);
    let other = Authority::new("other").local();
    let rows = [
        ("refused", issued.combined()),
        ("half a key", format!("{}{half}", issued.certificate)),
        ("a broken key", format!("{}{broken}", issued.certificate)),
        ("no certificate", issued.key.clone()),
        ("another key", format!("{}{}", other.certificate, issued.key)),
        ("escaped line breaks", issued.combined().replace('\n', "\\n")),
        ("no PEM", leaks::CLIENT_KEY.to_owned()),
    ];
    for (name, pem) in rows {
        let certificate = ClientCertificate::pem(&pem);
        search.debug(name, &certificate);
        let tls = Tls::new().add_ca_pem(authority.pem()).only_added_cas().client_certificate(certificate);
        search.debug(name, &tls);
        search_call(search, name, Acme::builder().base_url(server.url()).tls(tls).max_attempts(1).build())
            .await;
    }
}

/// A proxy that repeats its password, and those whose URL can't be used.
async fn search_proxies(search: &mut Search, proxy: &str) {
    let rows = [
        format!("http://ana:{}@{proxy}", leaks::PROXY),
        format!("ftp://ana:{}@{proxy}", leaks::PROXY),
        format!("http://ana:{}@", leaks::PROXY),
        format!("http://ana:{}@[::1", leaks::PROXY),
        format!("ana:{}@{proxy}", leaks::PROXY),
    ];
    for url in rows {
        let proxies = Proxies::new().all(&*url);
        search.debug("proxies", &proxies);
        for base_url in ["http://api.test", "https://api.test"] {
            let builder = Acme::builder().base_url(base_url).proxies(proxies.clone()).max_attempts(1);
            search_call(search, "proxy", builder.build()).await;
        }
    }
}

/// Refuses what a proxy is asked for, and repeats its password.
async fn refusing_proxy() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..read]).into_owned();
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            let text = head.replace(['\r', '\n', '"'], " ");
            let body = format!("{{\"message\":\"{} {text}\"}}", leaks::PROXY);
            let head = format!(
                "HTTP/1.1 407 {}\r\nproxy-authenticate: Basic realm=\"{}\"\r\ncontent-length: {}\r\n\r\n",
                leaks::PROXY,
                leaks::PROXY,
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    address.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_no_secret_is_shown_or_logged_on_sockets() {
    let issued = Authority::new("clients").local();
    // The second line of a PEM text is the first one of the key, which begins as all keys do.
    let line = issued.key.lines().nth(2).expect("a key has lines");
    let template = Search::default().also("key of a certificate", &line[..24]);
    let lines = Lines { search: template.clone(), found: Arc::default() };
    let kept = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || kept.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    // It also receives the records of `log`.
    tracing_subscriber::util::SubscriberInitExt::init(subscriber);
    let patience = Duration::from_secs(5);
    let plan = Plan { requests: 2, at_once: 6, budget: false, seed: 7, hyper: false, patience, drip: 150 };
    let mut search = template;
    search_http2(&mut search).await;
    search_keys(&mut search, &issued).await;
    search_proxies(&mut search, &refusing_proxy().await).await;
    search.add(run(plan, |_, _| ()).await.search);
    search.add(run_before(plan, |_, _| ()).await.search);
    let logs = lines.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (of_crate, search) in &logs {
        println!(
            "{of_crate}: {} secrets in {} lines, found {}",
            leaks::CANARIES.len(),
            search.places,
            search.found.len()
        );
    }
    println!("{} secrets in {} places", leaks::CANARIES.len(), search.places);
    assert!(search.found.is_empty(), "{search}");
    for (of_crate, search) in &logs {
        assert!(search.found.is_empty(), "{of_crate}: {search}");
    }
    assert!(logs.contains_key("hyper_util"), "the logs of other crates are seen: {:?}", logs.keys());
}
