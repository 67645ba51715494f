//! The checks, group by group.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::{CookieJar, ETag, Part, Parts, Secret};
use httpbin::{Algorithm, HttpBin, HttpBinBuilder, ImageType, Qop, StatusError, Values};
use serde_json::json;

/// Counts checks, and prints those that fail.
#[derive(Default)]
pub(crate) struct Checks {
    group: &'static str,
    passed: usize,
    failed: usize,
    called: Arc<Mutex<BTreeSet<String>>>,
}

impl Checks {
    pub(crate) fn passed(&self) -> usize {
        self.passed
    }

    pub(crate) fn failed(&self) -> usize {
        self.failed
    }

    pub(crate) fn group(&mut self, group: &'static str) {
        println!("test {group}");
        self.group = group;
    }

    #[allow(clippy::needless_pass_by_value, reason = "rows are values")]
    pub(crate) fn equal<T: PartialEq + Debug>(&mut self, name: &'static str, actual: T, expected: T) {
        if actual == expected {
            self.passed += 1;
        } else {
            self.failed += 1;
            println!("  FAILED {}: {name}\n    is        {actual:?}\n    should be {expected:?}", self.group);
        }
    }

    /// Checks the value of a call that succeeds.
    fn ok<T: PartialEq + Debug, E: Debug>(&mut self, name: &'static str, actual: Result<T, E>, expected: T) {
        match actual {
            Ok(actual) => self.equal(name, actual, expected),
            Err(error) => {
                self.failed += 1;
                println!("  FAILED {}: {name}\n    {error:?}", self.group);
            }
        }
    }

    /// Checks the kind of an error.
    fn kind<T: Debug>(&mut self, name: &'static str, actual: Result<T>, expected: ErrorKind) {
        self.equal(
            name,
            actual.map_err(|error| error.kind()).map(|value| format!("{value:?}")),
            Err(expected),
        );
    }

    /// A session that notes which operations are called, and does not wait before a retry.
    fn builder(&self, url: &str) -> HttpBinBuilder {
        let called = Arc::clone(&self.called);
        let policy = RetryPolicy::new().first_delay(Duration::ZERO).throttled_delay(Duration::ZERO);
        HttpBin::builder().base_url(url).retry(policy).on_request(move |request| {
            called.lock().unwrap().extend(request.operation.map(ToString::to_string));
        })
    }

    /// Makes all checks of a server.
    pub(crate) async fn all(&mut self, url: &str) {
        let api = &self.builder(url).build().unwrap();
        self.methods(api).await;
        self.anything(api).await;
        self.status(api).await;
        self.auth(api).await;
        self.cookies(url).await;
        self.redirects(api).await;
        self.formats(api).await;
        self.dynamic(api).await;
        self.range(api).await;
        self.request_inspection(api).await;
        self.response_inspection(api).await;
        self.images(api).await;
        self.coverage();
    }

    fn coverage(&mut self) {
        self.group("coverage");
        let description = HttpBin::description();
        let names = description.operations().iter().map(|route| route.operation().to_string());
        let missed = names.filter(|name| !self.called.lock().unwrap().contains(name)).collect();
        self.equal("operations without a check", missed, Vec::<String>::new());
    }

    async fn methods(&mut self, api: &HttpBin) {
        self.group("methods");
        let methods = api.methods();
        let args = BTreeMap::from([("a", vec!["1 2"]), ("b", vec!["x&y", "ä/?"])]);
        let echo = methods.get().args(&args).await;
        let expected = BTreeMap::from([
            ("a".to_owned(), Values::One("1 2".to_owned())),
            ("b".to_owned(), Values::Many(vec!["x&y".to_owned(), "ä/?".to_owned()])),
        ]);
        self.ok("a query comes back", echo.map(|echo| echo.args), expected);
        let echo = methods.get().with_header("x-tag", "7").await;
        self.ok("a header comes back", echo.map(|echo| echo.headers["X-Tag"].clone()), "7".to_owned());
        let event = json!({"title": "Standup", "days": [1, 2], "note": null});
        let json = |echo: Result<httpbin::Echo>| echo.map(|echo| echo.json);
        self.ok("JSON is posted", json(methods.post(&event).await), event.clone());
        self.ok("JSON is put", json(methods.put(&event).await), event.clone());
        self.ok("JSON is a patch", json(methods.patch(&event).await), event.clone());
        let form = BTreeMap::from([("name", "Ana Müller"), ("sum", "1+1=2")]);
        let echo = methods.post_form(&form).await;
        let expected = form.iter().map(|(name, value)| ((*name).to_owned(), one(value))).collect();
        self.ok("a form is posted", echo.map(|echo| echo.form), expected);
        let echo = methods.post_body("plain ☃ text").await;
        self.ok("a body is posted", echo.map(|echo| echo.data), "plain ☃ text".to_owned());
        let echo = methods.post_body(vec![0xff_u8, 0]).await;
        let expected = "data:application/octet-stream;base64,/wA=".to_owned();
        self.ok("bytes are posted", echo.map(|echo| echo.data), expected);
        let file = Part::bytes("%PDF").with_file_name("a.pdf").with_content_type("application/pdf");
        let parts = Parts::new().with("title", "Minutes").with("file", file);
        let echo = methods.post_files(&parts).await.unwrap_or_default();
        self.equal("a field of a multipart body", echo.form, map("title", "Minutes"));
        self.equal("a file of a multipart body", echo.files, map("file", "%PDF"));
        let echo = methods.delete().await.unwrap_or_default();
        self.equal("a DELETE has no body", echo.data, String::new());
        let posted = methods.post_body(Body::lines([1, 2])).await;
        self.ok("lines are posted", posted.map(|echo| echo.data), "1\n2\n".to_owned());
    }

    async fn anything(&mut self, api: &HttpBin) {
        self.group("anything");
        let anything = api.anything();
        let path = |echo: &httpbin::Echo| echo.url.split_once("/anything").map(|(_, path)| path.to_owned());
        let echo = anything.get("a b/ä").args(&BTreeMap::from([("q", "1")])).await.unwrap_or_default();
        self.equal("GET", echo.method.as_str(), "GET");
        self.equal("a path", path(&echo).as_deref(), Some("/a%20b/ä?q=1"));
        let body = json!([1, "x"]);
        let echo = anything.post("p", &body).await.unwrap_or_default();
        self.equal("POST", (echo.method.as_str(), echo.json), ("POST", body.clone()));
        let echo = anything.put("p", &body).await.unwrap_or_default();
        self.equal("PUT", (echo.method.as_str(), echo.json), ("PUT", body.clone()));
        let echo = anything.patch("p", &body).await.unwrap_or_default();
        self.equal("PATCH", (echo.method.as_str(), echo.json), ("PATCH", body));
        self.ok("DELETE", anything.delete("p").await.map(|echo| echo.method), "DELETE".to_owned());
        self.ok("TRACE", anything.trace("p").await.map(|echo| echo.method), "TRACE".to_owned());
    }

    async fn status(&mut self, api: &HttpBin) {
        self.group("status");
        let status = api.status();
        self.ok("200", status.get(200).await, ());
        self.ok("204", status.get(204).await, ());
        self.ok("POST", status.post(201).await, ());
        self.ok("PUT", status.put(202).await, ());
        self.ok("PATCH", status.patch(200).await, ());
        self.ok("DELETE", status.delete(204).await, ());
        self.ok("TRACE", status.trace(200).await, ());
        let response = status.random(&[(201, 1.0), (202, 2.5)]).response().await;
        let is_one = response.map(|response| matches!(response.status().as_u16(), 201 | 202));
        self.ok("one of several", is_one, true);
        let rows = [
            ("400", 400, ErrorKind::BadRequest, 1),
            ("401", 401, ErrorKind::Unauthorized, 1),
            ("404", 404, ErrorKind::NotFound, 1),
            ("409", 409, ErrorKind::Conflict, 1),
            ("429", 429, ErrorKind::TooManyRequests, 3),
            ("500", 500, ErrorKind::InternalServerError, 3),
            ("503", 503, ErrorKind::ServiceUnavailable, 3),
        ];
        for (name, code, kind, attempts) in rows {
            let error = Error::from(status.get(code).await.unwrap_err());
            self.equal(name, (error.kind(), error.attempts()), (kind, attempts));
        }
        let error = Error::from(status.post(503).await.unwrap_err());
        self.equal("a POST is not sent again", error.attempts(), 1);
        match status.get(418).await {
            Err(StatusError::Teapot(text)) => self.equal("a teapot", text.contains("teapot"), true),
            other => self.equal("a teapot", format!("{other:?}"), String::new()),
        }
        match status.get(406).await {
            Err(StatusError::NotAcceptable(types)) => {
                self.equal("the media types", types.accept.iter().any(|media| media == "image/png"), true);
            }
            other => self.equal("the media types", format!("{other:?}"), String::new()),
        }
    }

    async fn auth(&mut self, api: &HttpBin) {
        self.group("auth");
        let auth = api.auth();
        let secret = Secret::new("s3cret");
        let ana = Credential::basic("ana", "s3cret").unwrap();
        let eve = Credential::basic("eve", "guess").unwrap();
        let user =
            |result: Result<httpbin::Authenticated>| result.map(|known| (known.authenticated, known.user));
        let known = (true, "ana".to_owned());
        self.ok("basic", user(auth.basic("ana", &secret).with_credential(ana.clone()).await), known.clone());
        self.kind("basic, nobody", auth.basic("ana", &secret).await, ErrorKind::Unauthorized);
        let wrong = auth.basic("ana", &secret).with_credential(eve.clone()).await;
        self.kind("basic, another", wrong, ErrorKind::Unauthorized);
        let hidden = auth.hidden_basic("ana", &secret);
        self.ok("hidden basic", user(hidden.with_credential(ana).await), known.clone());
        self.kind("hidden basic, nobody", auth.hidden_basic("ana", &secret).await, ErrorKind::NotFound);
        let token = auth.bearer().with_credential(Credential::bearer("t0k3n").unwrap()).await;
        self.ok("bearer", token.map(|accepted| accepted.token), "t0k3n".to_owned());
        self.kind("bearer, nobody", auth.bearer().await, ErrorKind::Unauthorized);
        let error = auth.basic("ana", &secret).await.unwrap_err();
        self.equal("no error shows the password", error.report().contains("s3cret"), false);
        for qop in [Qop::Auth, Qop::AuthInt, Qop::Other("none".to_owned())] {
            let digest = Credential::digest("ana", "s3cret");
            let signed = auth.digest(qop.clone(), "ana", &secret).md5().with_credential(digest).await;
            self.ok("digest", user(signed), known.clone());
            for by in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512] {
                let digest = Credential::digest("ana", "s3cret");
                let signed = auth.digest(qop.clone(), "ana", &secret).by(by).with_credential(digest).await;
                self.ok("digest by an algorithm", user(signed), known.clone());
            }
        }
        let wrong =
            auth.digest(Qop::Auth, "ana", &secret).md5().with_credential(Credential::digest("ana", "guess"));
        self.kind("digest, another password", wrong.await, ErrorKind::Unauthorized);
        let digest = Credential::digest("ana", "s3cret");
        for name in ["a nonce", "the nonce again", "and again"] {
            let call = auth.digest(Qop::Auth, "ana", &secret).stale(Algorithm::Sha256, 2);
            self.ok(name, user(call.with_credential(digest.clone()).await), known.clone());
        }
    }

    async fn cookies(&mut self, url: &str) {
        self.group("cookies");
        let none = BTreeMap::new();
        let forgetful = self.builder(url).build().unwrap();
        self.ok("without a jar", forgetful.cookies().set("sid", "7").await, none.clone());
        let jar = CookieJar::new();
        let api = self.builder(url).cookies(jar.clone()).build().unwrap();
        let cookies = api.cookies();
        self.ok("no cookies yet", cookies.list().await, none);
        let one = BTreeMap::from([("sid".to_owned(), "7".to_owned())]);
        self.ok("a cookie is set", cookies.set("sid", "7").await, one.clone());
        self.ok("it is sent", cookies.list().await, one);
        let all = BTreeMap::from([("theme", "dark"), ("lang", "de")]);
        let set = cookies.set_all(&all).await.map(|all| all.into_keys().collect::<Vec<_>>());
        self.ok("several are set", set, ["lang", "sid", "theme"].map(str::to_owned).to_vec());
        let left = cookies.delete(&["sid", "lang"]).await.map(|all| all.into_keys().collect::<Vec<_>>());
        self.ok("some are deleted", left, vec!["theme".to_owned()]);
        self.equal("the jar has the rest", jar.cookies().len(), 1);
    }

    async fn redirects(&mut self, api: &HttpBin) {
        self.group("redirects");
        let redirects = api.redirects();
        let hops = |response: Result<Response<httpbin::Echo>>| {
            response.map(|response| (response.history().len(), response.value().url.ends_with("/get")))
        };
        self.ok("some", hops(redirects.follow(3).response().await), (3, true));
        self.ok("absolute", hops(redirects.follow(2).absolute(true).response().await), (2, true));
        self.ok("to paths", hops(redirects.relative(4).response().await), (4, true));
        self.ok("to URLs", hops(redirects.absolute(4).response().await), (4, true));
        self.kind("too many", redirects.relative(4).with_redirects(3).await, ErrorKind::TooManyRedirects);
        for code in [301, 302, 303, 307, 308] {
            self.ok("by status", hops(redirects.to("/get").status_code(code).response().await), (1, true));
        }
        let location = redirects.location("/get?x=1").await;
        self.ok("a location", location.map(|at| at.expose().ends_with("/get?x=1")), true);
        self.kind("to another origin", redirects.to("http://127.0.0.1:9/").await, ErrorKind::Redirect);
        let method = |result: Result<httpbin::Echo>| result.map(|echo| echo.method);
        let kept = redirects.post("/anything").status_code(307).await;
        self.ok("a POST is kept by 307", method(kept), "POST".to_owned());
        let changed = redirects.post("/anything").status_code(303).await;
        self.ok("a POST is a GET by 303", method(changed), "GET".to_owned());
        let kept = redirects.put("/anything").status_code(308).await;
        self.ok("a PUT is kept", method(kept), "PUT".to_owned());
        let kept = redirects.patch("/anything").status_code(307).await;
        self.ok("a PATCH is kept", method(kept), "PATCH".to_owned());
        let kept = redirects.delete("/anything").status_code(307).await;
        self.ok("a DELETE is kept", method(kept), "DELETE".to_owned());
    }

    async fn formats(&mut self, api: &HttpBin) {
        self.group("formats");
        let formats = api.formats();
        let show = formats.json().await;
        self.ok(
            "JSON",
            show.map(|show| (show.title, show.slides.len())),
            ("Sample Slide Show".to_owned(), 2),
        );
        let show =
            formats.xml().await.map(|show| show.slide.iter().map(|slide| slide.title.clone()).collect());
        let titles = vec!["Wake up to WonderWidgets!".to_owned(), "Overview".to_owned()];
        self.ok("XML", show, titles);
        self.ok("HTML", formats.html().await.map(|page| page.contains("Moby-Dick")), true);
        self.ok("robots", formats.robots().await.map(|rules| rules.contains("Disallow: /deny")), true);
        self.ok("deny", formats.deny().await.map(|page| page.contains("SHOULDN'T")), true);
        self.ok("UTF-8", formats.utf8().await.map(|text| text.contains("∮ E⋅da = Q")), true);
        let method = |encoded: Result<httpbin::Encoded>| encoded.map(|encoded| encoded.method);
        self.ok("gzip", method(formats.gzip().await), "GET".to_owned());
        self.ok("deflate", method(formats.deflate().await), "GET".to_owned());
        self.ok("brotli", method(formats.brotli().await), "GET".to_owned());
    }

    async fn dynamic(&mut self, api: &HttpBin) {
        self.group("dynamic");
        let dynamic = api.dynamic();
        self.ok("a UUID", dynamic.uuid().await.map(|uuid| uuid.len()), 36);
        for text in ["HTTPBIN is awesome", "a", "ab", "??>>~~ü"] {
            let value = Base64UrlPadded::from(text.as_bytes());
            self.ok("base64", dynamic.base64(&value).await.map(Text::into_inner), text.to_owned());
        }
        let bytes = dynamic.bytes(1000).seed(7).await.unwrap_or_default();
        self.equal("bytes", bytes.len(), 1000);
        self.ok("the same seed", dynamic.bytes(1000).seed(7).await, bytes.clone());
        let streamed = dynamic.stream_bytes(1000).seed(7).chunk_size(64).await.unwrap();
        self.ok("in pieces", pieces(streamed).await.map(|(all, _)| all), bytes.to_vec());
        let mut lines = dynamic.stream(5).await.unwrap();
        let mut ids = Vec::new();
        while let Some(line) = lines.next().await {
            ids.extend(line.unwrap().id);
        }
        self.equal("lines", ids, vec![0, 1, 2, 3, 4]);
        let dripped = pieces(dynamic.drip().numbytes(5).duration(0.5).await.unwrap()).await;
        self.ok("drip", dripped.map(|(all, count)| (all.len(), count > 1)), (5, true));
        let late = dynamic.delay(1.5).with_attempt_timeout(Duration::from_millis(300)).with_max_attempts(1);
        self.kind("a delay that is too long", late.await, ErrorKind::Timeout);
        self.ok("a delay", dynamic.delay(0.1).await.map(|echo| echo.url.is_empty()), false);
        let page = dynamic.links(10, 3).await.map(|page| page.matches("href").count());
        self.ok("links", page, 9);
        let page = dynamic.first_links(4).await.map(|page| page.matches("href").count());
        self.ok("the first links", page, 3);
    }

    async fn range(&mut self, api: &HttpBin) {
        self.group("range");
        let dynamic = api.dynamic();
        let whole: Vec<u8> = (b'a'..=b'z').cycle().take(1024).collect();
        let bytes = dynamic.range(1024).await.unwrap().bytes(2048).await;
        self.ok("a download", bytes.map(|bytes| bytes.to_vec()), whole.clone());
        let part = dynamic.range(1024).with_header("range", "bytes=10-19").await.unwrap().bytes(2048).await;
        self.ok("a part", part.map(|part| part.to_vec()), whole[10..20].to_vec());
        let beyond = dynamic.range(1024).with_header("range", "bytes=2000-").await;
        self.kind("beyond the end", beyond, ErrorKind::RangeNotSatisfiable);
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("range.bin");
        let saved = dynamic.range(1024).chunk_size(100).await.unwrap().to_file(&path).await;
        self.ok("a file", saved.map(|_| std::fs::read(&path).unwrap()), whole.clone());
        // The tag of httpbin has no quotes, so nothing proves that the rest is of the same version (RFC 9110 §13.1.5).
        let download = dynamic.range(1024).await.unwrap();
        self.equal("no tag to go on with", download.resume_token().is_none(), true);
    }

    async fn request_inspection(&mut self, api: &HttpBin) {
        self.group("request inspection");
        let inspection = api.request_inspection();
        let headers = inspection.headers().with_header("x-tag", "7").await;
        self.ok("headers", headers.map(|headers| headers["X-Tag"].clone()), "7".to_owned());
        self.ok("address", inspection.ip().await, "127.0.0.1".to_owned());
        let agent = inspection.user_agent().await;
        self.ok("user agent", agent.map(|agent| agent.contains("httpbin; sdk")), true);
    }

    async fn response_inspection(&mut self, api: &HttpBin) {
        self.group("response inspection");
        let inspection = api.response_inspection();
        let first = inspection.cache().response().await.unwrap();
        self.equal("a tag", first.headers().contains_key("etag"), true);
        let tag: ETag = "\"v1\"".parse().unwrap();
        self.ok("not modified", inspection.cache().if_none_match(&tag).await.map(|new| new.is_none()), true);
        let for_a_minute = inspection.cache_for(60).response().await.unwrap();
        self.equal("cache-control", for_a_minute.headers()["cache-control"] == "public, max-age=60", true);
        self.ok(
            "a known tag",
            inspection.etag("v1").if_none_match(&tag).await.map(|new| new.is_none()),
            true,
        );
        self.ok(
            "another tag",
            inspection.etag("v2").if_none_match(&tag).await.map(|new| new.is_some()),
            true,
        );
        let other = inspection.etag("v2").with_if_match(&tag).await;
        self.kind("if-match", other.map(drop), ErrorKind::PreconditionFailed);
        let of = BTreeMap::from([("x-tag", "a b"), ("x-other", "7")]);
        let response = inspection.headers(&of).response().await.unwrap();
        self.equal("a header of the response", response.headers()["x-tag"] == "a b", true);
        self.equal("and its value", response.value()["x-other"].clone(), one("7"));
        let response = inspection.post(&of).response().await.unwrap();
        self.equal(
            "by POST",
            (response.status(), &response.headers()["x-other"]),
            (StatusCode::OK, &"7".parse().unwrap()),
        );
    }

    async fn images(&mut self, api: &HttpBin) {
        self.group("images");
        let images = api.images();
        let png: &[u8] = b"\x89PNG";
        self.ok("PNG", images.png().await.map(|image| image.starts_with(png)), true);
        self.ok("JPEG", images.jpeg().await.map(|image| image.starts_with(&[0xff, 0xd8])), true);
        self.ok("WebP", images.webp().await.map(|image| image.starts_with(b"RIFF")), true);
        self.ok("SVG", images.svg().await.map(|image| image.contains("<svg")), true);
        let rows: [(_, &[u8]); 3] =
            [(ImageType::Png, png), (ImageType::Jpeg, &[0xff, 0xd8]), (ImageType::Webp, b"RIFF")];
        for (media, start) in rows {
            self.ok("by media type", images.of_type(media).await.map(|image| image.starts_with(start)), true);
        }
        let none = images.of_type("image/tiff".into()).await;
        self.kind("no such type", none, ErrorKind::NotAcceptable);
    }
}

fn one(value: &str) -> Values {
    Values::One(value.to_owned())
}

fn map(name: &str, value: &str) -> BTreeMap<String, Values> {
    BTreeMap::from([(name.to_owned(), one(value))])
}

/// All bytes of a stream, and in how many pieces they came.
async fn pieces(mut stream: ByteStream) -> Result<(Vec<u8>, usize)> {
    let (mut all, mut count) = (Vec::new(), 0);
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece?);
        count += 1;
    }
    Ok((all, count))
}
