//! Server certificates, client certificates and TLS options. Names begin with requirement numbers.

use std::path::Path;
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::tls::{ClientCertificate, Tls, TlsVersion};
use apisession::{Outcome, Response};
use apisession_tests::{recording, respond, tokio, watched};
use faults::tls::{Authority, Handshake, Issued, TlsServer, parameters, self_signed};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_rustls::rustls::version::{TLS12, TLS13};

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

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

#[tokio::test]
async fn s1_each_certificate_fault_has_its_own_error_kind() {
    let authority = Authority::new("authority");
    let now = time::OffsetDateTime::now_utc();
    let mut expired = parameters("server", &["localhost"]);
    expired.not_after = now - time::Duration::hours(1);
    let mut future = parameters("server", &["localhost"]);
    future.not_before = now + time::Duration::hours(1);
    let rows = [
        (authority.issue(&expired), ErrorKind::CertificateExpired, "not valid after"),
        (authority.issue(&future), ErrorKind::CertificateNotYetValid, "not valid before"),
        (
            authority.issue(&parameters("server", &["other.test"])),
            ErrorKind::CertificateWrongName,
            "other.test",
        ),
        (self_signed(&parameters("server", &["localhost"])), ErrorKind::CertificateSelfSigned, "self-signed"),
        (Authority::new("stranger").local(), ErrorKind::CertificateUnknownIssuer, "unknown authority"),
    ];
    for (issued, kind, expected) in rows {
        let server = TlsServer::start(&issued, None).await;
        let api = acme(&server, trusting(&authority));
        let error = watched(api.raw().post("/x")).await.unwrap_err();
        // It is proven that nothing was sent, and no use to try again.
        assert_eq!(
            (error.kind(), error.outcome(), error.attempts()),
            (kind, Some(Outcome::NotSent), 1),
            "{error:#}"
        );
        assert!(error.report().contains(expected), "{}", error.report());
        assert_eq!(server.requests(), 0);
    }
    let server = TlsServer::start(&authority.local(), None).await;
    assert_eq!(get(&acme(&server, trusting(&authority))).await.unwrap().status(), 204);
}

#[tokio::test]
async fn authorities_are_read_from_pem_files_and_directories() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    std::fs::write(folder.path().join("read.me"), "no certificate").unwrap();
    for tls in [
        Tls::new().add_ca_pem(authority.pem()),
        Tls::new().add_ca_file(&file).only_added_cas(),
        Tls::new().add_ca_directory(folder.path()).only_added_cas(),
    ] {
        get(&acme(&server, tls)).await.unwrap();
    }
    let missing = folder.path().join("missing");
    let empty = folder.path().join("read.me");
    for (tls, expected) in [
        (Tls::new().add_ca_file(&missing), "missing"),
        (Tls::new().add_ca_directory(&missing), "missing"),
        (Tls::new().add_ca_file(&empty), "contains no certificate"),
        (Tls::new().only_added_cas(), "no authority was added"),
        (Tls::new().pin("sha1/abc"), "not a pin"),
        (Tls::new().cipher_suites(&["RC4"]), "TLS13_AES_256_GCM_SHA384"),
        (Tls::new().min_version(TlsVersion::Tls13).max_version(TlsVersion::Tls12), "newer"),
        (Tls::new().trust_on_first_use(&file).danger_accept_invalid_certs(), "can't be combined"),
        (Tls::new().trust_on_first_use(&file).add_ca_pem(authority.pem()), "does not use authorities"),
        (Tls::new().client_certificate(ClientCertificate::file(&missing)), "missing"),
    ] {
        let error = Acme::builder().tls(tls).build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.report().contains(expected), "{expected}: {}", error.report());
    }
}

#[tokio::test]
async fn s2_a_pin_is_checked_in_addition_to_the_chain() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let wrong = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let error = get(&acme(&server, trusting(&authority).pin(wrong))).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::CertificateNotPinned, Some(Outcome::NotSent)));
    assert_eq!(server.requests(), 0);
    // The error names the key that was found, to be compared and written down.
    let message = error.to_string();
    let found = message.split_whitespace().find(|word| word.starts_with("sha256/")).unwrap();
    get(&acme(&server, trusting(&authority).pin(wrong).pin(found))).await.unwrap();
    get(&acme(&server, trusting(&authority).pin(found.replace("sha256/", "sha256//")))).await.unwrap();
    // The chain counts all the same.
    let stranger = trusting(&Authority::new("stranger")).pin(found);
    assert_eq!(get(&acme(&server, stranger)).await.unwrap_err().kind(), ErrorKind::CertificateUnknownIssuer);
}

#[tokio::test]
async fn s3_trust_on_first_use_remembers_a_server() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known_hosts");
    let tls = || Tls::new().trust_on_first_use(&file);
    let first = TlsServer::start(&self_signed(&parameters("server", &["localhost"])), None).await;
    get(&acme(&first, tls())).await.unwrap();
    get(&acme(&first, tls())).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let key = text.trim().strip_prefix("localhost ").unwrap().to_owned();
    assert!(key.starts_with("sha256/") && text.lines().count() == 1, "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let other = TlsServer::start(&self_signed(&parameters("server", &["localhost"])), None).await;
    let error = get(&acme(&other, tls())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CertificateNotPinned);
    let message = error.to_string();
    assert_eq!((message.matches("sha256/").count(), message.contains(&key)), (2, true), "{message}");
    // A key that is not pinned is not written down either.
    let pinned = folder.path().join("pinned");
    let tls =
        Tls::new().trust_on_first_use(&pinned).pin("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!(get(&acme(&first, tls)).await.unwrap_err().kind(), ErrorKind::CertificateNotPinned);
    assert!(!pinned.exists());
    // A file that was edited by hand may lack its last newline.
    std::fs::write(&pinned, "other.test sha256/x").unwrap();
    get(&acme(&first, Tls::new().trust_on_first_use(&pinned))).await.unwrap();
    assert_eq!(std::fs::read_to_string(&pinned).unwrap(), format!("other.test sha256/x\nlocalhost {key}\n"));
    std::fs::remove_file(&pinned).unwrap();
    // No further key was accepted.
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert_eq!(other.requests(), 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn s4_versions_and_cipher_suites_apply_to_every_connection() {
    let authority = Authority::new("authority");
    let issued = authority.local();
    for (versions, tls, is_ok) in [
        (&TLS12, trusting(&authority), true),
        (&TLS13, trusting(&authority), true),
        (&TLS12, trusting(&authority).min_version(TlsVersion::Tls13), false),
        (&TLS13, trusting(&authority).max_version(TlsVersion::Tls12), false),
        (&TLS13, trusting(&authority).cipher_suites(&["TLS13_AES_256_GCM_SHA384"]), true),
        (&TLS12, trusting(&authority).cipher_suites(&["TLS13_AES_256_GCM_SHA384"]), false),
        (&TLS12, Tls::new().danger_accept_invalid_certs().min_version(TlsVersion::Tls13), false),
    ] {
        let server = TlsServer::with_versions(&issued, None, &[versions]).await;
        let end = get(&acme(&server, tls)).await;
        assert_eq!(
            end.as_ref().map_err(Error::kind).err(),
            (!is_ok).then_some(ErrorKind::Tls),
            "{versions:?}"
        );
    }
    // Without the built-in transport `tls` is an error.
    for builder in [
        #[cfg(feature = "reqwest")]
        Acme::builder().tls(Tls::new().pin("x")).client(reqwest::Client::builder),
        Acme::builder().tls(Tls::new().pin("x")).transport(recording(|_, _| Ok(respond(200, ""))).0),
    ] {
        let error = builder.build().err().unwrap();
        assert!(error.to_string().contains("`tls`"), "{error}");
    }
}

/// A certificate and its key in two files of a folder.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new(issued: &Issued) -> Self {
        let files = Self { folder: TempDir::new().unwrap() };
        files.write(issued);
        files
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, issued: &Issued) {
        std::fs::write(self.path("tls.key"), &issued.key).unwrap();
        std::fs::write(self.path("tls.crt"), &issued.certificate).unwrap();
    }

    fn certificate(&self) -> ClientCertificate {
        let pair = ClientCertificate::files(self.path("tls.crt"), self.path("tls.key"));
        pair.check_every(Duration::ZERO)
    }
}

fn client(authority: &Authority, name: &str) -> Issued {
    authority.issue(&parameters(name, &[]))
}

#[tokio::test]
async fn a_client_certificate_is_read_in_every_format() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    let issued = client(&authority, "ana");
    let files = Files::new(&issued);
    let combined = files.path("both.pem");
    std::fs::write(&combined, issued.combined()).unwrap();
    let pkcs12 = files.path("ana.p12");
    std::fs::write(&pkcs12, to_pkcs12(&issued, "pa55word")).unwrap();
    for certificate in [
        files.certificate(),
        ClientCertificate::file(&combined),
        ClientCertificate::pem(issued.combined()),
        ClientCertificate::pkcs12_file(&pkcs12, "pa55word"),
    ] {
        let shown = format!("{certificate:?}");
        let api = acme(&server, trusting(&authority).client_certificate(certificate));
        assert_eq!(subject(&get(&api).await.unwrap()), "ana", "{shown}");
        assert!(!shown.contains("pa55word") && !shown.contains("BEGIN"), "{shown}");
    }
    // Each states its subject and its dates.
    let now = std::time::SystemTime::now();
    for certificate in [files.certificate(), ClientCertificate::pkcs12_file(&pkcs12, "pa55word")] {
        let facts = certificate.facts().unwrap();
        assert_eq!(facts.subject, "CN=ana");
        assert!(facts.not_before < now && now < facts.not_after, "{facts:?}");
    }
    let wrong = ClientCertificate::pkcs12_file(&pkcs12, "wr0ng").facts().unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Configuration);
    assert!(!wrong.report().contains("wr0ng"), "{}", wrong.report());
    // Without one, or with a stranger's, the server ends the connection.
    let stranger = client(&Authority::new("stranger"), "ana").combined();
    for tls in
        [trusting(&authority), trusting(&authority).client_certificate(ClientCertificate::pem(stranger))]
    {
        assert!(get(&acme(&server, tls)).await.is_err());
    }
    let wrong = ClientCertificate::pkcs12_file(&pkcs12, "wr0ng");
    let error = Acme::builder().tls(Tls::new().client_certificate(wrong)).build().err().unwrap();
    assert!(error.to_string().contains("ana.p12") && !error.report().contains("wr0ng"), "{}", error.report());
    let mixed = format!("{}{}", issued.certificate, client(&authority, "bea").key);
    let mixed = Tls::new().client_certificate(ClientCertificate::pem(mixed));
    let error = Acme::builder().tls(mixed).build().err().unwrap();
    assert!(error.to_string().contains("don't match"), "{error}");
}

pub(crate) fn to_pkcs12(issued: &Issued, password: &str) -> Vec<u8> {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain};
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let key = PrivateKey::from_der(key.secret_der()).unwrap();
    let chain =
        PrivateKeyChain::new(LocalKeyId::from("1"), key, [Certificate::from_der(&certificate).unwrap()]);
    let mut store = KeyStore::new();
    store.add_entry("ana", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s5_a_changed_client_certificate_is_used_for_new_connections() {
    const ROTATIONS: usize = 10;
    const CALLS: usize = 1_000;
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    let files = Files::new(&client(&authority, "client-0"));
    let builder = Acme::builder().base_url(server.url()).max_in_flight(64);
    let api = builder.tls(trusting(&authority).client_certificate(files.certificate())).build().unwrap();
    assert_eq!(subject(&get(&api).await.unwrap()), "client-0");
    let mut calls = JoinSet::new();
    for rotation in 1..=ROTATIONS {
        for _ in 0..CALLS / ROTATIONS {
            let api = api.clone();
            calls.spawn(async move { get(&api).await.map(drop) });
        }
        let name = format!("client-{rotation}");
        files.write(&client(&authority, &name));
        // A new connection gets the new one.
        let mut seen = String::new();
        while seen != name {
            seen = subject(&get(&api).await.unwrap()).to_owned();
        }
        for _ in 0..5 {
            assert_eq!(subject(&get(&api).await.unwrap()), name);
        }
    }
    let mut failed = 0;
    while let Some(end) = calls.join_next().await {
        failed += usize::from(end.unwrap().is_err());
    }
    assert_eq!(failed, 0);
    // Each of them has shown itself before anything of it was resumed, and there is nobody else.
    let handshakes = server.handshakes();
    for number in 0..=ROTATIONS {
        let name = format!("client-{number}");
        let first = handshakes.iter().find(|one| one.subject.as_deref() == Some(&*name)).unwrap();
        assert_eq!(*first, Handshake { subject: Some(name), resumed: false });
    }
    println!(
        "{} connections, {} of them resumed",
        handshakes.len(),
        handshakes.iter().filter(|one| one.resumed).count()
    );
}

/// What is logged while `run` runs.
pub(crate) async fn logged<T>(run: impl Future<Output = T>) -> (T, String) {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let kept = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || kept.clone()).with_ansi(false).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let end = run.await;
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (end, text)
}

/// An encoding has a year before 2050 with two digits, and a later one with four.
#[tokio::test]
async fn s6_the_end_of_a_certificate_is_read_in_both_encodings_of_a_time() {
    use time::OffsetDateTime;
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    for last in ["2049-12-31 23:59:59", "2050-01-01 00:00:00", "2061-07-30 12:30:15", "9999-12-31 23:59:59"] {
        let part = |range: std::ops::Range<usize>| last[range].parse::<u32>().unwrap();
        let month = time::Month::try_from(part(5..7) as u8).unwrap();
        let day = time::Date::from_calendar_date(part(0..4) as i32, month, part(8..10) as u8).unwrap();
        let time = [11..13, 14..16, 17..19].map(|range| part(range) as u8);
        let time = time::Time::from_hms(time[0], time[1], time[2]).unwrap();
        let mut late = parameters("late", &[]);
        late.not_after = OffsetDateTime::new_utc(day, time);
        let expected = (late.not_after - OffsetDateTime::now_utc()).as_seconds_f64();
        let files = Files::new(&authority.issue(&late));
        let certificate = files.certificate().reload_before(Duration::MAX).check_every(Duration::ZERO);
        let api = acme(&server, trusting(&authority).client_certificate(certificate));
        let (end, log) = logged(get(&api)).await;
        end.unwrap();
        let left = log.split_once("left=").unwrap_or_else(|| panic!("{last}: {log}")).1;
        let left: f64 = left.split_once('s').unwrap().0.parse().unwrap();
        assert!((left - expected).abs() < 60.0, "{last}: {left} {expected}");
    }
    // The reason for which one can't be read is in the error.
    let issued = client(&authority, "ana");
    for der in ["AAAA", "MAA=", "MIIB"] {
        let damaged =
            format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n{}", issued.key);
        let tls = Tls::new().client_certificate(ClientCertificate::pem(damaged));
        let error = Acme::builder().tls(tls).build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("a certificate that can't be used"), "{error}");
    }
}

#[tokio::test]
async fn s6_an_unusable_certificate_is_logged_once_and_the_old_one_stays_in_use() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    let old = client(&authority, "old");
    let mut expired = parameters("expired", &[]);
    expired.not_after = time::OffsetDateTime::now_utc() - time::Duration::hours(1);
    let expired = authority.issue(&expired);
    type Spoil<'a> = Box<dyn Fn(&Path) + 'a>;
    let rows: Vec<(&str, Spoil<'_>, &str)> = vec![
        ("missing", Box::new(|path| std::fs::remove_file(path.join("tls.key")).unwrap()), "can't be read"),
        (
            "half",
            Box::new(|path| std::fs::write(path.join("tls.crt"), &old.certificate[..90]).unwrap()),
            "can't be used",
        ),
        (
            "mixed",
            Box::new(|path| std::fs::write(path.join("tls.key"), &client(&authority, "x").key).unwrap()),
            "don't match",
        ),
        (
            "expired",
            Box::new(|path| {
                std::fs::write(path.join("tls.key"), &expired.key).unwrap();
                std::fs::write(path.join("tls.crt"), &expired.certificate).unwrap();
            }),
            "it has expired",
        ),
    ];
    for (name, spoil, expected) in rows {
        let files = Files::new(&old);
        let api = acme(&server, trusting(&authority).client_certificate(files.certificate()));
        get(&api).await.unwrap();
        spoil(files.folder.path());
        let (_, log) = logged(async {
            for _ in 0..5 {
                assert_eq!(subject(&get(&api).await.unwrap()), "old", "{name}");
            }
        })
        .await;
        assert_eq!(
            (log.matches("the old one stays").count(), log.contains(expected)),
            (1, true),
            "{name}: {log}"
        );
        // And when it is mended, it is used.
        files.write(&client(&authority, "new"));
        let mut seen = subject(&get(&api).await.unwrap()).to_owned();
        if seen == "old" {
            seen = subject(&get(&api).await.unwrap()).to_owned();
        }
        assert_eq!(seen, "new", "{name}");
    }
    // Never is a long time, and no panic.
    let files = Files::new(&old);
    let never = files.certificate().check_every(Duration::MAX);
    get(&acme(&server, trusting(&authority).client_certificate(never))).await.unwrap();
    // One that expires soon and does not change is logged once as well.
    let mut soon = parameters("soon", &[]);
    soon.not_after = time::OffsetDateTime::now_utc() + time::Duration::seconds(200);
    let files = Files::new(&authority.issue(&soon));
    for (before, reports) in [(Duration::from_secs(300), 1), (Duration::from_secs(60), 0)] {
        let certificate = files.certificate().reload_before(before);
        let api = acme(&server, trusting(&authority).client_certificate(certificate));
        let (_, log) = logged(async {
            for _ in 0..5 {
                get(&api).await.unwrap();
            }
        })
        .await;
        assert_eq!(log.matches("about to expire").count(), reports, "{log}");
    }
}

#[tokio::test]
async fn s7_accepting_invalid_certs_is_logged_and_affects_one_session() {
    let server = TlsServer::start(&self_signed(&parameters("server", &["other.test"])), None).await;
    let build = || acme(&server, Tls::new().danger_accept_invalid_certs());
    let (api, log) = logged(async { build() }).await;
    assert!(log.contains("accepts invalid certificates"), "{log}");
    get(&api).await.unwrap();
    assert!(format!("{:?}", Tls::new().danger_accept_invalid_certs()).contains("DANGER"));
    let shown = format!("{:?}", apisession_tests::wire().tls(Tls::new().danger_accept_invalid_certs()));
    assert!(shown.contains("DANGER"), "{shown}");
    // Another session shares nothing with it, built before or after.
    let strict =
        Acme::builder().base_url(server.url()).tls(trusting(&Authority::new("authority"))).build().unwrap();
    assert_eq!(get(&strict).await.unwrap_err().kind(), ErrorKind::CertificateSelfSigned);
    let handshakes = server.handshakes().len();
    get(&build()).await.unwrap();
    assert_eq!(server.handshakes().len(), handshakes + 1);
}

/// Runs itself once more, on a machine that seems to have no roots.
#[test]
fn s8_without_roots_the_error_names_what_to_install() {
    const CHILD: &str = "APISESSION_TEST_WITHOUT_ROOTS";
    if std::env::var_os(CHILD).is_none() {
        let empty = TempDir::new().unwrap();
        let test = "tls::s8_without_roots_the_error_names_what_to_install";
        let end = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .env("SSL_CERT_FILE", empty.path().join("missing"))
            .env("SSL_CERT_DIR", empty.path())
            .output()
            .unwrap();
        let output =
            String::from_utf8_lossy(&end.stdout).into_owned() + &String::from_utf8_lossy(&end.stderr);
        assert!(end.status.success() && output.contains("1 passed"), "{output}");
        return;
    }
    let error = Acme::builder().build().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("no root certificates"), "{error}");
    Acme::builder().base_url("http://api.test").build().unwrap();
    Acme::builder().tls(trusting(&Authority::new("authority"))).build().unwrap();
}

#[tokio::test]
async fn s8_a_tls_response_without_close_notify_is_an_error() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let authority = Authority::new("authority");
    let issued = authority.local();
    let acceptor = faults::tls::acceptor(&issued);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        for closes in [true, false] {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            // A body that ends with the connection.
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf of it").await.unwrap();
            stream.flush().await.unwrap();
            if closes {
                stream.shutdown().await.unwrap();
            }
        }
    });
    let api = Acme::builder().base_url(url).max_attempts(1).tls(trusting(&authority)).build().unwrap();
    assert_eq!(get(&api).await.unwrap().text().unwrap(), "half of it");
    let error = get(&api).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Some(Outcome::Unknown)), "{error:#}");
    server.await.unwrap();
}
