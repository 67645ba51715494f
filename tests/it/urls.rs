//! A path value is one segment, and the server decodes exactly the input.

use apisession::prelude::*;
use apisession_tests::{Server, watched};
use percent_encoding::percent_decode_str;

#[endpoint(path = "/things/")]
struct Things;

#[endpoint]
impl Things {
    #[get("/{name}/tail")]
    fn get(&self, name: &str, q: Option<&str>) -> Call<Text>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", base_path = "/v1/")]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

/// `STRINGS=1000000` takes some minutes.
const STRINGS: usize = 100_000;

/// The tasks among which the strings are divided. As many everywhere, so that a seed draws the same strings.
const TASKS: usize = 4;

/// A random string in which everything that has ever confused a URL parser is frequent.
fn string(random: &mut fastrand::Rng) -> String {
    const ODD: [&str; 24] = [
        "/",
        "\\",
        "..",
        ".",
        "%2e",
        "%2F",
        "%",
        "?",
        "#",
        "@",
        ":",
        "//",
        ";",
        "&",
        "=",
        "+",
        " ",
        "{name}",
        "é",
        "\u{202e}",
        "\u{fffd}",
        "https://evil.test/",
        "😀",
        "\t",
    ];
    let parts = random.usize(0..6);
    (0..parts)
        .map(|_| match random.u8(0..4) {
            0 => random.char(..).to_string(),
            1 => random.alphanumeric().to_string(),
            _ => ODD[random.usize(..ODD.len())].to_owned(),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_u2_a_server_decodes_exactly_what_was_passed() {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    // The server returns the request target.
    let server = Server::start(|request| {
        let target = request.split(' ').nth(1).unwrap_or_default();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{target}", target.len())
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let mut random = fastrand::Rng::with_seed(seed);
    let strings = std::env::var("STRINGS").ok().and_then(|count| count.parse().ok()).unwrap_or(STRINGS);
    let tasks = (0..TASKS).map(|_| tokio::spawn(send(api.clone(), random.fork(), strings / TASKS)));
    let mut sent = 0;
    for task in tasks.collect::<Vec<_>>() {
        sent += task.await.unwrap();
    }
    println!("{sent} of {strings} were sent, the others refused");
    assert!(sent > strings / 2);
}

/// Sends strings, and returns how many of them were not refused.
async fn send(api: Acme, mut random: fastrand::Rng, strings: usize) -> usize {
    let mut sent = 0;
    for _ in 0..strings {
        let (name, q) = (string(&mut random), string(&mut random));
        let call = api.things().get(&name).q(&q);
        let must_fail = ["", ".", ".."].contains(&name.as_str()) || name.contains(char::is_control);
        let target = match watched(call).await {
            Ok(target) => target.0,
            Err(error) => {
                assert!(must_fail && error.kind() == ErrorKind::Argument, "{name:?} {q:?}: {error:?}");
                continue;
            }
        };
        assert!(!must_fail, "{name:?} {q:?} was sent as {target}");
        let (path, query) = target.split_once('?').unwrap();
        let segments: Vec<_> = path.split('/').collect();
        assert_eq!(
            [segments[0], segments[1], segments[2], segments[4]],
            ["", "v1", "things", "tail"],
            "{name:?}"
        );
        assert_eq!((segments.len(), decoded(segments[3])), (5, name.clone()));
        assert_eq!(query.strip_prefix("q=").map(decoded), Some(q), "{name:?}");
        sent += 1;
    }
    sent
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
