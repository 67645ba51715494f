//! The header `accept`.

use apisession::http::Method;
use apisession::prelude::*;
use apisession::{BoxFuture, Bytes, FromResponse};
use apisession_tests::{offline, recording, respond, tokio};

/// A total in a header, which has its own media type.
struct Total(u64);

impl FromResponse for Total {
    const ACCEPT: &'static str = "application/vnd.acme.total";

    fn from_response(response: Response) -> Result<Self> {
        let total = response.headers().get("x-total").and_then(|total| total.to_str().ok()?.parse().ok());
        Ok(Self(total.unwrap_or_default()))
    }
}

/// A type that does not state what it is decoded from.
struct Unstated;

impl FromResponse for Unstated {
    fn from_response(_: Response) -> Result<Self> {
        Ok(Self)
    }
}

type Alias = Bytes;

const CSV: &str = "text/csv";

fn calendar(version: u32) -> String {
    format!("text/calendar; version={version}")
}

#[endpoint(path = "/kinds")]
struct Kinds;

#[endpoint]
impl Kinds {
    #[get]
    fn json(&self) -> Call<Vec<u32>>;
    #[get]
    fn optional(&self) -> Call<Option<u32>>;
    #[get]
    fn nothing(&self) -> Call<()>;
    #[get]
    fn whole(&self) -> Call<Response<Vec<u32>>>;
    #[get]
    fn bytes(&self, since: Option<u32>) -> Call<Bytes>;
    #[get]
    fn alias(&self) -> Call<Alias>;
    #[get]
    fn more_bytes(&self) -> Call<Bytes>;
    #[get]
    fn response(&self) -> Call<Response>;
    #[get]
    fn text(&self) -> Call<Text>;
    #[get]
    fn total(&self) -> Call<Total>;
    #[get]
    fn unstated(&self) -> Call<Unstated>;
    #[get(accept = "image/png")]
    fn image(&self) -> Call<Bytes>;
    #[get(accept = CSV)]
    fn csv(&self) -> Call<Text>;
    #[get(accept = calendar(2))]
    fn calendar(&self) -> Call<Text>;
    #[get(accept = if cfg!(test) { "a/b" } else { "c/d" })]
    fn chosen(&self) -> Call<Vec<u32>>;
    #[get]
    fn given(&self, #[header("accept")] accept: &str) -> Call<Bytes>;
    #[get(headers("accept" = none))]
    fn unset(&self) -> Call<Text>;
}

#[endpoint(path = "/v2", headers("accept" = "application/vnd.v2+json"))]
struct Versioned;

#[endpoint]
impl Versioned {
    #[get]
    fn bytes(&self) -> Call<Bytes>;
    #[get(accept = "text/plain")]
    fn text(&self) -> Call<Text>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Media {
    session: Session,
    #[endpoint]
    kinds: Kinds,
    #[endpoint]
    versioned: Versioned,
}

#[tokio::test]
async fn fault_e2_accept_follows_the_type_of_the_response() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "[1]")));
    let api = Media::builder().transport(transport).build().unwrap();
    let (kinds, raw) = (api.kinds(), api.raw());
    type Sending = BoxFuture<'static, ()>;
    fn sent_by<T: Send + 'static>(call: Call<T>) -> Sending {
        Box::pin(async move { drop(call.await) })
    }
    let rows: [(&str, Sending, &[&str]); 30] = [
        ("JSON", sent_by(kinds.json()), &["application/json"]),
        ("JSON or nothing", sent_by(kinds.optional()), &["application/json"]),
        ("nothing", sent_by(kinds.nothing()), &["application/json"]),
        ("JSON with its head", sent_by(kinds.whole()), &["application/json"]),
        ("bytes", sent_by(kinds.bytes().to_call()), &["*/*"]),
        ("bytes after a setter", sent_by(kinds.bytes().since(7).to_call()), &["*/*"]),
        ("bytes by an alias", sent_by(kinds.alias()), &["*/*"]),
        ("bytes once more", sent_by(kinds.more_bytes()), &["*/*"]),
        ("a response", sent_by(kinds.response()), &["*/*"]),
        ("text", sent_by(kinds.text()), &["text/*"]),
        ("a type that states it", sent_by(kinds.total()), &["application/vnd.acme.total"]),
        ("a type that does not", sent_by(kinds.unstated()), &["application/json"]),
        ("an operation as it is", sent_by(kinds.json().raw()), &["*/*"]),
        ("an operation that is streamed", sent_by(kinds.json().streaming()), &["*/*"]),
        ("bytes as JSON", sent_by(kinds.more_bytes().json_as::<u32>()), &["application/json"]),
        ("a raw request", sent_by(raw.get("/x").to_call()), &["*/*"]),
        ("a raw write", sent_by(raw.post("/x").json(&1).to_call()), &["*/*"]),
        ("a raw request as JSON", sent_by(raw.get("/x").json_as::<u32>()), &["application/json"]),
        ("a link", sent_by(raw.follow("/x").to_call()), &["*/*"]),
        ("another server", sent_by(raw.elsewhere(Method::GET, "https://a.test/").to_call()), &["*/*"]),
        ("the key", sent_by(kinds.image()), &["image/png"]),
        ("the key with a constant", sent_by(kinds.csv()), &["text/csv"]),
        ("the key with a call", sent_by(kinds.calendar()), &["text/calendar; version=2"]),
        ("the key with a condition", sent_by(kinds.chosen()), &["a/b"]),
        ("the key, as it is", sent_by(kinds.image().raw()), &["image/png"]),
        ("a parameter", sent_by(kinds.given("image/gif")), &["image/gif"]),
        ("no header", sent_by(kinds.unset()), &[]),
        ("that of the endpoint", sent_by(api.versioned().bytes()), &["application/vnd.v2+json"]),
        ("that of the operation", sent_by(api.versioned().text()), &["text/plain"]),
        ("that of the call", sent_by(kinds.bytes().with_header("accept", "a/b").to_call()), &["a/b"]),
    ];
    for (what, sending, expected) in rows {
        sending.await;
        let seen = sent.all().pop().unwrap();
        let found: Vec<_> =
            seen.headers.get_all("accept").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(kinds.total().build().unwrap().headers["accept"], "application/vnd.acme.total");
    assert_eq!(kinds.total().await.unwrap().0, 0);
    assert!(!kinds.json().without_header("accept").build().unwrap().headers.contains_key("accept"));
    let own = Media::builder().transport(offline()).header("accept", "application/xml").build().unwrap();
    assert_eq!(own.kinds().text().build().unwrap().headers["accept"], "application/xml");
    let other = api.with(|settings| settings.header("accept", "a/b"));
    assert_eq!(other.kinds().text().build().unwrap().headers["accept"], "a/b");
}
