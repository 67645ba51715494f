//! The cookie jar.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{AllowedOrigins, CookieJar, Url};
use apisession_tests::{Sent, recording, respond, tokio};
use tempfile::TempDir;

#[derive(Clone, APISession)]
#[session(base_url = "https://www.example.co.uk/a", max_attempts = 1)]
struct Acme {
    session: Session,
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A session with a jar, whose server sets these cookies with each response.
fn acme(jar: &CookieJar, set: &'static [&'static str]) -> (Acme, Sent) {
    let (transport, sent) = recording(move |_, _| {
        Ok(set.iter().fold(respond(200, "1"), |response, cookie| response.with_header("set-cookie", cookie)))
    });
    (Acme::builder().cookies(jar.clone()).transport(transport).build().unwrap(), sent)
}

fn shown(jar: &CookieJar) -> String {
    let cookies = jar.cookies();
    let rows: Vec<_> = cookies
        .iter()
        .map(|c| format!("{}{} {}={}", c.host(), c.path(), c.name(), c.value().expose()))
        .collect();
    rows.join("; ")
}

#[tokio::test]
async fn cookies_are_off_by_default_and_go_along_with_a_jar() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1").with_header("set-cookie", "sid=1")));
    let api = Acme::builder().transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.all()[1].header("cookie"), "");

    let jar = CookieJar::new();
    let (api, sent) = acme(&jar, &["sid=1", "b=2; Path=/a/x", "c=3; Path=/other"]);
    api.raw().get("/x").await.unwrap();
    api.raw().get("/x").await.unwrap();
    // Longer paths first; the caller's own cookies stay, and win.
    assert_eq!(sent.all()[1].header("cookie"), "b=2; sid=1");
    api.raw().get("/y").header("cookie", "sid=own").await.unwrap();
    assert_eq!(sent.all()[2].header("cookie"), "sid=own");
    assert_eq!(
        shown(&jar),
        "www.example.co.uk/a sid=1; www.example.co.uk/a/x b=2; www.example.co.uk/other c=3"
    );
    let credential = Credential::cookie("sid", "login").unwrap();
    api.raw().get("/y").with_credential(credential).await.unwrap();
    assert_eq!(sent.all()[3].header("cookie"), "sid=login");
}

/// C1: the host alone, whatever `Domain` has.
#[tokio::test]
async fn c1_a_cookie_belongs_to_its_host() {
    // The host, the `Domain`, and whether the cookie is accepted.
    let rows = [
        ("a.co.uk", "", true),
        ("a.co.uk", "a.co.uk", true),
        ("a.co.uk", ".a.co.uk", true),
        ("a.co.uk", "A.CO.UK", true),
        ("a.co.uk", "co.uk", false),
        ("a.co.uk", ".CO.uk", false),
        ("a.co.uk", "uk", false),
        ("a.com", "com", false),
        ("a.com", "b.com", false),
        ("a.com", "xa.com", false),
        ("xa.com", "a.com", false),
        ("www.a.com", "a.com", true),
        ("a.com", "www.a.com", false),
        ("a.com", "a.com.", false),
        ("a.com.", "a.com", false),
        ("a.github.io", "github.io", false),
        ("github.io", "github.io", true),
        ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "0.0.1", false),
        ("127.0.0.1", "1", false),
        ("[::1]", "::1", false),
        ("localhost", "localhost", true),
        ("a.unknown-suffix", "unknown-suffix", false),
    ];
    for (host, domain, accepted) in rows {
        let jar = CookieJar::new();
        let domain = if domain.is_empty() { String::new() } else { format!("; Domain={domain}") };
        let own = url(&format!("https://{host}/"));
        assert_eq!(jar.set(&own, &format!("sid=1{domain}")), accepted, "{host} {domain}");
        if accepted {
            // It is of the host alone.
            assert_eq!(jar.cookies()[0].host(), host);
            let below = CookieJar::new();
            below.replace(&jar);
            let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
            let api = Acme::builder().base_url(format!("https://x.{}/", host.trim_matches(['[', ']', ':'])));
            if let Ok(api) = api.cookies(below).transport(transport).build() {
                api.raw().get("/").await.unwrap();
                assert_eq!(sent.only().header("cookie"), "", "{host}");
            }
        }
    }
}

/// C2: `Secure`, `Path`, `Max-Age`, `Expires` in seven forms.
#[tokio::test]
async fn c2_attributes_are_obeyed() {
    let past = [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ];
    let host = url("https://a.com/x/y");
    let mut unread = Vec::new();
    for date in past {
        let jar = CookieJar::new();
        assert!(jar.set(&host, "sid=1; Path=/x"));
        let was_stored = jar.set(&host, &format!("sid=2; Path=/x; Expires={date}"));
        if !jar.cookies().is_empty() {
            unread.push((date, was_stored));
        }
        let future = date.replace("1994", "2094").replace("-94", "-60").replace("1970", "2070");
        let jar = CookieJar::new();
        assert!(jar.set(&host, &format!("sid=1; Expires={future}")), "{future}");
    }
    assert!(unread.is_empty(), "{unread:?}");
    let jar = CookieJar::new();
    assert!(jar.set(&host, "sid=1") && jar.set(&host, "sid=2; Max-Age=0"));
    assert!(jar.cookies().is_empty());
    assert!(jar.set(&host, "sid=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
    assert!(jar.cookies()[0].expires().is_some());
    // A file whose cookies have expired has none, and what has expired does not come back.
    assert!(!CookieJar::new().set(&host, "sid=1; Max-Age=-1"));

    // Secure cookies never go over plain HTTP, not even to this machine, and are not set over it.
    let jar = CookieJar::new();
    assert!(!jar.set(&url("http://127.0.0.1/"), "sid=1; Secure"));
    assert!(
        jar.set(&url("https://127.0.0.1/"), "s=1; Secure; Path=/")
            && jar.set(&url("http://127.0.0.1/"), "p=1; Path=/")
    );
    for (base, expected) in [("http://127.0.0.1:1", "p=1"), ("https://127.0.0.1:1", "p=1; s=1")] {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let api = Acme::builder().base_url(base).cookies(jar.clone()).transport(transport).build().unwrap();
        api.raw().get("/x").await.unwrap();
        assert_eq!(sent.only().header("cookie"), expected);
    }
    // Over plain HTTP to another machine there are none.
    let jar = CookieJar::new();
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1").with_header("set-cookie", "sid=1")));
    let api =
        Acme::builder().base_url("http://a.com").cookies(jar.clone()).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!((sent.all()[1].header("cookie"), jar.cookies().len()), ("", 0));
    // Prefixes of names.
    let rows = [
        ("__Host-a=1; Secure; Path=/", true),
        ("__Host-a=1; Secure; Path=/; Domain=a.com", false),
        ("__Host-a=1; Secure; Path=/x", false),
        ("__host-a=1; Path=/", false),
        ("__Secure-a=1; Secure", true),
        ("__Secure-a=1", false),
    ];
    for (text, accepted) in rows {
        assert_eq!(CookieJar::new().set(&host, text), accepted, "{text}");
    }
}

/// C3: what is too much is ignored.
#[tokio::test]
async fn c3_the_jar_is_limited() {
    let host = url("https://www.example.co.uk/");
    let jar = CookieJar::new();
    let transport = Memory::new(|_| async {
        let response = apisession::Response::new(StatusCode::OK).with_body("1");
        Ok((0..60)
            .fold(response, |response, number| response.with_header("set-cookie", &format!("c{number}=1"))))
    });
    let api = Acme::builder().cookies(jar.clone()).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(jar.cookies().len(), 50);
    for number in 0..500 {
        jar.set(&host, &format!("d{number}={}; Path=/", "x".repeat(100)));
    }
    assert_eq!(jar.cookies().len(), 180);
    // One that is there can still be changed and removed.
    assert!(jar.set(&host, "d7=new; Path=/"));
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
    let api = Acme::builder().cookies(jar.clone()).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    let length = sent.only().header("cookie").len();
    assert!((7 * 1024..=8 * 1024).contains(&length), "{length}");
    let jar = CookieJar::new();
    let long = |length: usize| format!("a={}", "x".repeat(length - 2));
    assert!(jar.set(&host, &long(4096)) && !jar.set(&host, &long(4097)));
    for bad in ["a\tb=1", "a=1\t2", "a=\u{7f}", "a=\u{0}", "=1", "a b=1", "noequals", "", "a=1\u{85}"] {
        assert!(!CookieJar::new().set(&host, bad), "{bad:?}");
    }
}

/// C4: what is saved is the same after it is loaded, and no value makes another cookie.
#[tokio::test]
async fn c4_a_saved_jar_is_loaded_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cookies.json");
    let jar = CookieJar::open(&path).unwrap();
    let host = url("https://a.com/x/y");
    for text in [
        "session=1",
        "kept=2; Max-Age=3600; HttpOnly; Secure",
        "q=\"a b\"; Path=/",
        "e=",
        "u=é",
        "x={\"name\":\"forged\"}",
        "y=a=b,c\\",
    ] {
        assert!(jar.set(&host, text), "{text}");
    }
    jar.save().unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );
    let loaded = CookieJar::open(&path).unwrap();
    assert!(loaded.cookies() == jar.cookies() && jar.cookies().len() == 7);
    assert!(shown(&loaded).contains("session=1"));
    let debug = format!("{jar:?} {:?}", jar.cookies());
    assert!(!debug.contains("a b") && !debug.contains("forged"), "{debug}");

    let file = fs::read_to_string(&path).unwrap();
    let rows = [
        (file.replace("\"1\"", "\"1; Domain=b.com\""), "has a cookie, number 4, that is not valid"),
        (file.replace("\"1\"", "\"1\\nevil=1\""), "has a cookie, number 4, that is not valid"),
        (file.replace("\"session\"", "\"a=b; c\""), "has a cookie, number 4, that is not valid"),
        (file.replace("\"a.com\"", "\"a.com/@b\""), "has a cookie, number 1, that is not valid"),
        (file.replace("\"version\": 1", "\"version\": 2"), "has another version than 1"),
        (file[..100].to_owned(), "is no valid JSON in line"),
        (String::new(), "is no valid JSON in line"),
    ];
    for (text, expected) in rows {
        assert_ne!(text, file);
        fs::write(&path, text).unwrap();
        let error = CookieJar::open(&path).unwrap_err();
        assert!(
            error.to_string().contains(expected) && !error.report().contains("evil"),
            "{error} {expected}"
        );
    }
    assert!(CookieJar::new().save().unwrap_err().to_string().contains("has no file"));
    assert!(CookieJar::open(folder.path()).is_err());
}

/// C4: a process that is killed while it saves leaves the old file or the new one.
#[test]
fn c4_a_kill_during_a_save_leaves_the_old_or_the_new_jar() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("acme.cookies");
    for number in 0..50_u64 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saver"));
        let mut child = command.arg(&path).arg("a").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        // The point at which it is killed is random.
        thread::sleep(Duration::from_micros(number * 7919 % 9000));
        child.kill().unwrap();
        child.wait().unwrap();
        let cookies = CookieJar::open(&path).unwrap().cookies();
        let values: Vec<_> = cookies.iter().map(|cookie| cookie.value().expose().to_owned()).collect();
        assert_eq!(values.len(), 20);
        assert!(["a", "z"].iter().any(|letter| values.iter().all(|value| *value == letter.repeat(3_000))));
    }
}

/// C5: a logout removes the cookies from memory and from the disk.
#[tokio::test]
async fn c5_a_logout_removes_them() {
    #[derive(Clone, APISession)]
    #[session(base_url = "https://a.com", hooks)]
    struct Hooked {
        session: Session,
        jar: CookieJar,
    }
    impl APISession for Hooked {
        fn build_session(&self, options: Options) -> Result<Options> {
            Ok(options.cookies(self.jar.clone()))
        }
        async fn authenticate(&self) -> Result<Credential> {
            self.session.raw().post("/login").await?;
            Credential::header("x-signed-in", "yes")
        }
        async fn deauthenticate(&self, _: &Credential) -> Result<()> {
            self.jar.clear()
        }
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cookies.json");
    let jar = CookieJar::open(&path).unwrap();
    let (transport, sent) =
        recording(|_, _| Ok(respond(200, "1").with_header("set-cookie", "sid=1; Path=/")));
    let api = Hooked::builder(jar.clone()).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.all()[1].header("cookie"), "sid=1");
    jar.save().unwrap();
    assert!(path.exists());
    api.close().await.unwrap();
    assert!(jar.cookies().is_empty() && !path.exists());
    jar.clear().unwrap();
}

/// No other origin gets a cookie, and the text of a server that repeats one is masked.
#[tokio::test]
async fn cookies_stay_at_their_origin_and_are_masked() {
    let jar = CookieJar::new();
    let (transport, sent) = recording(|_, seen| {
        let host = seen.url.host_str().unwrap_or_default();
        Ok(match (host, seen.url.path()) {
            ("www.example.co.uk", "/a/away") => respond(302, "")
                .with_header("location", "https://cdn.test/x")
                .with_header("set-cookie", "hop=c4n4ry; Path=/"),
            ("cdn.test", _) => respond(200, "1").with_header("set-cookie", "cdn=1"),
            _ => respond(400, &format!("{{\"message\":\"no: {}\"}}", seen.header("cookie"))),
        })
    });
    let api = Acme::builder().cookies(jar.clone()).transport(transport);
    let api = api.allowed_origins(AllowedOrigins::new().allow("https://cdn.test")).build().unwrap();
    api.raw().get("/away").await.unwrap();
    assert_eq!(shown(&jar), "www.example.co.uk/ hop=c4n4ry");
    api.raw().get("/away").await.unwrap();
    let headers: Vec<_> = sent
        .all()
        .iter()
        .map(|seen| format!("{} {}", seen.url.host_str().unwrap(), seen.header("cookie")))
        .collect();
    assert_eq!(headers, ["www.example.co.uk ", "cdn.test ", "www.example.co.uk hop=c4n4ry", "cdn.test "]);
    let error = api.raw().get("/refused").await.unwrap_err();
    assert!(!format!("{error} {error:?} {}", error.report()).contains("c4n4ry"), "{}", error.report());
    assert!(error.to_string().contains("no: "), "{error}");
}

/// Nothing logs the value of a cookie, whatever the level.
#[tokio::test]
async fn no_log_has_the_value_of_a_cookie() {
    #[derive(Clone, Default)]
    struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    /// cookie_store logs by the crate `log`, of which a program has one logger.
    struct Logger(Lines);
    impl log::Log for Logger {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            use std::io::Write as _;
            writeln!(self.0.clone(), "{} {}", record.target(), record.args()).unwrap();
        }
        fn flush(&self) {}
    }
    let lines = Lines::default();
    log::set_boxed_logger(Box::new(Logger(lines.clone()))).expect("no other test sets a logger");
    log::set_max_level(log::LevelFilter::Trace);
    log::trace!("the logger works");
    let jar = CookieJar::new();
    let (api, _) =
        acme(&jar, &["sid=c4n4ry", "s=c4n4ry; Secure", "bad=c4n4ry; Domain=co.uk", "old=c4n4ry; Max-Age=0"]);
    for _ in 0..2 {
        api.raw().get("/x").await.unwrap();
    }
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("the logger works") && !text.contains("c4n4ry"), "{text}");
}

/// curl sends the same cookies.
#[tokio::test]
async fn curl_is_the_oracle_for_cookies() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: curl is not installed; cookies were not compared with it");
        return;
    }
    let rows: [&[&str]; 9] = [
        &["a=1"],
        &["a=1; Path=/x", "b=2; Path=/y", "c=3; Path=/"],
        &["a=1; Path=/x/", "b=2; Path=/x/y"],
        &["a=1", "a=2"],
        &["a=1", "a=2; Max-Age=0"],
        &["a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "b=2; Expires=Sun, 06 Nov 2094 08:49:37 GMT"],
        &["a=1; Domain=example.com", "b=1; Domain=com", "c=1; Domain=other.com"],
        &["a=\"q\"", "b=x=y", "c= spaced "],
        &["a=1; HttpOnly; SameSite=Lax; Unknown=7"],
    ];
    for set in rows {
        let headers: String = set.iter().map(|cookie| format!("set-cookie: {cookie}\r\n")).collect();
        let server = apisession_tests::Server::start(move |head| {
            let cookie =
                head.lines().find_map(|line| line.strip_prefix("Cookie: ")).unwrap_or("-").to_owned();
            format!(
                "HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{cookie}",
                cookie.len()
            )
        })
        .await;
        let address = format!("::{}", server.url().replace("http://", ""));
        let output = tokio::task::spawn_blocking(move || {
            let mut curl = std::process::Command::new("curl");
            curl.args(["-s", "--max-time", "10", "-b", "", "-w", "\\n", "--connect-to", &address]);
            let both = curl.args(["http://www.example.com/x/y", "http://www.example.com/x/y"]).output();
            String::from_utf8(both.unwrap().stdout).unwrap()
        });
        let output = output.await.unwrap();
        let output = output.lines().nth(1).unwrap_or_default();
        let jar = CookieJar::new();
        let host = url("https://www.example.com/x/y");
        for cookie in set {
            jar.set(&host, cookie);
        }
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let api = Acme::builder()
            .base_url("https://www.example.com")
            .cookies(jar)
            .transport(transport)
            .build()
            .unwrap();
        api.raw().get("/x/y").await.unwrap();
        let ours = sent.only().header("cookie").to_owned();
        let sorted = |text: &str| {
            let mut cookies: Vec<_> = text.split("; ").map(str::to_owned).collect();
            cookies.sort();
            cookies.join("; ")
        };
        let ours = if ours.is_empty() { "-".to_owned() } else { ours };
        assert_eq!(sorted(&ours), sorted(output), "{set:?}");
    }
}
