//! A tour of the SDK, group by group: `cargo run -p httpbin`. It starts a server of its own, or calls the one whose base URL is the
//! argument.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fmt::Write as _;

use apisession::prelude::*;
use apisession::{CookieJar, ETag, Part, Parts, Secret};
use httpbin::server::Server;
use httpbin::{Algorithm, HttpBin, Qop};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let (server, url) = match std::env::args().nth(1) {
        Some(url) => (None, url),
        None => {
            let server = Server::start().await?;
            let url = server.url().to_owned();
            (Some(server), url)
        }
    };
    let quickly = RetryPolicy::new().first_delay(Duration::from_millis(10));
    let api = HttpBin::builder().base_url(url).retry(quickly).cookies(CookieJar::new()).build()?;

    title("HTTP methods");
    let args = BTreeMap::from([("day", "1 December"), ("room", "7")]);
    show("methods().get().args(&args)", api.methods().get().args(&args).await?.args);
    let event = json!({"title": "Standup", "days": [1, 2]});
    show("methods().post(&event)", format_args!("{}", api.methods().post(&event).await?.json));
    show("methods().post_form(&args)", api.methods().post_form(&args).await?.form);
    let parts =
        Parts::new().with("title", "Minutes").with("file", Part::bytes("%PDF").with_file_name("minutes.pdf"));
    show("methods().post_files(&parts)", api.methods().post_files(&parts).await?.files);

    title("Anything");
    show("anything().put(\"a/b\", &event)", api.anything().put("a/b", &event).await?.method);

    title("Status codes: errors are typed, and some are retried");
    show("status().get(418)", api.status().get(418).await.map_err(|error| variant(&error)));
    let error = Error::from(api.status().get(503).await.unwrap_err());
    show("status().get(503)", (error.kind(), error.attempts()));
    let error = Error::from(api.status().post(503).await.unwrap_err());
    show("status().post(503)", (error.kind(), error.attempts()));

    title("Cookies: those that the server sets are kept in a jar");
    show("cookies().set(\"theme\", \"dark\")", api.cookies().set("theme", "dark").await?);
    show("cookies().set_all(&more)", api.cookies().set_all(&BTreeMap::from([("lang", "de")])).await?);
    show("cookies().delete(&[\"theme\"])", api.cookies().delete(&["theme"]).await?);

    title("Auth: a credential for one call, or for the session");
    let (auth, password) = (api.auth(), Secret::new("s3cret"));
    show(
        "auth().basic(\"ana\", &password)",
        auth.basic("ana", &password).await.map_err(|error| error.kind()),
    );
    let ana = Credential::basic("ana", "s3cret")?;
    let ana = api.with(|settings| settings.credential(ana));
    show("ana.auth().basic(\"ana\", &password)", ana.auth().basic("ana", &password).await?);
    show("ana.auth().hidden_basic(\"ana\", &password)", ana.auth().hidden_basic("ana", &password).await?);
    let token = auth.bearer().with_credential(Credential::bearer("t0k3n")?).await?;
    show("auth().bearer()", token);
    let digest = auth.digest(Qop::Auth, "ana", &password).by(Algorithm::Sha256);
    show(
        "auth().digest(…).by(Algorithm::Sha256)",
        digest.with_credential(Credential::digest("ana", "s3cret")).await?,
    );

    title("Redirects: followed within the origin, or returned");
    show("redirects().relative(3)", api.redirects().relative(3).response().await?.history().len());
    let away = api.redirects().to("https://elsewhere.example/").await;
    show("redirects().to(\"https://elsewhere.example/\")", away.map_err(|error| error.kind()));
    let location = api.redirects().location("/get?x=1").await?;
    show("redirects().location(\"/get?x=1\")", location.expose().rsplit('/').next());

    title("Response formats");
    show("formats().json()", api.formats().json().await?.title);
    let slides = api.formats().xml().await?;
    show("formats().xml()", slides.slide.iter().map(|slide| &slide.title).collect::<Vec<_>>());
    show("formats().robots()", api.formats().robots().await?.lines().collect::<Vec<_>>());
    show("formats().gzip()", api.formats().gzip().await?.method);
    show("formats().deflate()", api.formats().deflate().await?.method);
    show("formats().brotli()", api.formats().brotli().await?.method);

    title("Dynamic data: streams, downloads and deadlines");
    show("dynamic().uuid()", api.dynamic().uuid().await?.len());
    let text = Base64UrlPadded::from(b"HTTPBIN is awesome");
    show("dynamic().base64(&text)", &*api.dynamic().base64(&text).await?);
    let mut lines = api.dynamic().stream(3).await?;
    while let Some(line) = lines.next().await {
        show("dynamic().stream(3), next()", line?.id);
    }
    let mut drops = api.dynamic().drip().numbytes(5).duration(0.1).await?;
    let mut received = 0;
    while let Some(drop) = drops.next().await {
        received += drop?.len();
    }
    show("dynamic().drip().numbytes(5)", received);
    let path = std::env::temp_dir().join(format!("httpbin-{}.bin", std::process::id()));
    let saved = api.dynamic().range(1024).await?.to_file(&path).await;
    std::fs::remove_file(path)?;
    show("dynamic().range(1024), to_file(path)", saved?.length());
    let part = api.dynamic().range(1024).with_header("range", "bytes=0-4").await?.bytes(5).await?;
    show("dynamic().range(1024) from 0 to 4", part);
    let late = api.dynamic().delay(2.0).with_timeout(Duration::from_millis(100)).await;
    show("dynamic().delay(2.0) within 100 ms", late.map_err(|error| error.kind()));

    title("Request inspection");
    let headers = api.request_inspection().headers().with_header("x-trace", "7").await?;
    show("request_inspection().headers()", headers.get("X-Trace"));
    show("request_inspection().ip()", api.request_inspection().ip().await?);

    title("Response inspection: what is known already is not sent again");
    let tag: ETag = "\"v1\"".parse()?;
    let newer = api.response_inspection().etag("v1").if_none_match(&tag).await?;
    show("response_inspection().etag(\"v1\")", newer.is_none());
    let cached = api.response_inspection().cache_for(60).response().await?;
    show("response_inspection().cache_for(60)", cached.headers().get("cache-control"));

    title("Images");
    show("images().png()", api.images().png().await?.slice(1..4));

    let mut tags: BTreeMap<_, usize> = BTreeMap::new();
    for route in HttpBin::description().operations() {
        *tags.entry(route.tags().collect::<String>()).or_default() += 1;
    }
    title("The operations of each tag");
    let mut all = 0;
    for (tag, count) in tags {
        println!("  {count:>3} {tag}");
        all += count;
    }
    println!("  {all:>3} in all");
    drop(server);
    Ok(())
}

/// The name of a variant.
fn variant(error: &impl Debug) -> String {
    let mut text = String::new();
    // A `String` can be written to.
    let _ = write!(text, "{error:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

fn title(text: &str) {
    println!("\n{text}");
}

fn show(call: &str, value: impl Debug) {
    println!("  {call:<46} {value:?}");
}
