//! What holds for any input at all. The fuzz targets call these with inputs that they learn, the tests below with drawn
//! ones.

use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;
use url::Url;

use crate::credential::netrc::{Entries, Lookup};
use crate::decode::{EventParser, EventRef, Fault, Form, Pointer, Splitter, TooLong};
use crate::encode::segment::{push_path, push_segment};
use crate::encode::{Base, Query, Style};
use crate::error::{Error, ErrorKind, Exchange, Outcome, Track};
use crate::message::{Body, Challenge, Location, Request, problem};
use crate::policy::pause::{self, Pause};
use crate::policy::retry::{self, Decision, Facts};
use crate::policy::{AllowedOrigins, Reach, RetryPolicy, redirect};
use crate::provider::profile::document::Document;
use crate::redact::{self, AllowList, Redaction, Secret};

/// Challenges of any bytes are read, and written down again they are the same.
pub fn challenge(data: &[u8]) {
    let read = |values: &[Vec<u8>]| {
        let values = values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok());
        Challenge::all(&values.map(|value| (header::WWW_AUTHENTICATE, value)).collect())
    };
    let values: Vec<_> = data.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let all = read(&values);
    let written: Vec<_> = all.iter().map(Challenge::written).collect();
    assert_eq!(read(&written), all);
    // In one header as well, unless data without parameters would be the first parameter's.
    assert_eq!(read(&[written.join(&b", "[..])]), all);
    for challenge in &all {
        let _ = (challenge.realm(), challenge.scope(), format!("{challenge:?}"));
    }
}

/// A URL is below its base URL, whatever is put into it, or there is none.
pub fn url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(4, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (raw, segment, query, other) = (part(), part(), part(), part());
    for base_url in ["https://api.test", "https://api.test/v1/", "http://127.0.0.1:8080/a/b"] {
        let base = Base::parse(base_url, "").expect("these are base URLs");
        let mut pairs = Query::default();
        // A scalar of text has a form.
        pairs.write("q", query, Style::default()).expect("text can be sent");
        let mut path = String::from("/things/");
        if push_segment(&mut path, segment).is_ok() {
            path.push_str("/tail");
            let url = base.join(&path, &pairs, true).expect("an encoded segment makes a URL");
            assert_eq!(url.origin(), base.url().origin());
            let segments: Vec<_> = url.path().split('/').rev().take(3).collect();
            assert_eq!((segments[0], segments[2]), ("tail", "things"), "{segment:?}");
            assert_eq!(percent_decoded(segments[1]), segment.as_bytes());
            assert_eq!(url.query_pairs().next().map(|(_, value)| value.into_owned()).as_deref(), Some(query));
        }
        // A path that somebody wrote by hand, and a link of the server's.
        let mut path = String::new();
        push_path(&mut path, raw);
        if let Ok(url) = base.join(&path, &pairs, true) {
            assert_eq!(url.origin(), base.url().origin(), "{raw:?}");
            assert!(url.path().starts_with(base.url().path().trim_end_matches('/')), "{raw:?}: {url}");
        }
        let own = base.url();
        if let Ok((url, _)) =
            (Reach { own, session: None, allowed: &AllowedOrigins::none() }).resolve(own, other)
        {
            assert_eq!(url.origin(), own.origin(), "{other:?}");
            assert!(url.username().is_empty() && url.password().is_none());
        }
        let _ = Base::parse(other, raw);
    }
}

/// A `Link` header of any bytes is read in linear time, and what it leads to passes the guard or not at all.
pub fn link(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let own = Url::parse("https://api.test/v1/things?q=1").expect("this is a URL");
    let headers = HeaderMap::from_iter([(header::LINK, value)]);
    let links = crate::message::link::links(&headers, Some(&own), &Redaction::default());
    assert!(links.len() <= data.len() / 2, "a link has two brackets");
    let next = crate::message::of_page::own_link(&headers, Some(&own), "next");
    assert!(next.as_ref().is_none_or(|next| links.iter().any(|link| link.target == *next)));
    let reach = Reach { own: &own, session: None, allowed: &AllowedOrigins::none() };
    if let Some(Ok((url, _))) = next.map(|next| reach.resolve(&own, &next)) {
        assert_eq!(url.origin(), own.origin());
    }
}

/// A text is a resume token that reads as itself, or an error that doesn't quote it.
pub fn resume_token(data: &[u8]) {
    let message = |text: &str| text.parse::<crate::PageToken>().err().map(|error| error.to_string());
    // No token, one of another version, and a damaged one.
    let known = ["", "page0", &crate::page::token_of(b"")].map(message);
    let text = String::from_utf8_lossy(data);
    for text in [text.clone().into_owned(), crate::page::token_of(data)] {
        match text.parse::<crate::PageToken>() {
            Ok(token) => assert_eq!(token.expose(), text),
            Err(error) => {
                assert_eq!(error.kind(), crate::ErrorKind::Argument);
                assert!(known.contains(&Some(error.to_string())), "{error}");
            }
        }
    }
}

/// A netrc file of any bytes has entries or an error, and what is written in quotes is read as it was.
pub fn netrc(data: &[u8]) {
    for file in [data, &[b"machine example.com ", data].concat()] {
        if let Ok(entries) = Entries::parse(file) {
            for login in [None, Some("ana")] {
                let _ = entries.find("example.com", login);
            }
        }
    }
    let text = String::from_utf8_lossy(data).replace(['\0', '\n'], "");
    let (login, password) = text.split_once('\r').unwrap_or((&text, ""));
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let file = format!("machine example.com login {} password {}", quoted(login), quoted(password));
    if let Ok(entries) = Entries::parse(file.as_bytes()) {
        match entries.find("example.com", None) {
            Lookup::Found { login: found, password: secret } => {
                assert_eq!((found, secret.expose()), (login, password));
            }
            found => assert!(found == Lookup::Incomplete && login.is_empty(), "{file:?}"),
        }
    }
}

/// A cookie file, and the cookies that a server sets, of any bytes.
#[cfg(feature = "cookies")]
pub fn cookies(data: &[u8]) {
    crate::transport::cookies::check(data);
}

/// A profile of any bytes is read or refused. A change sets its value, and leaves all others alone.
pub fn profile(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (value, key, file) = (part(), part(), part());
    let (value, key) = (String::from_utf8_lossy(value), String::from_utf8_lossy(key));
    for name in ["profile.ini", "profile.toml"] {
        let path = Path::new(name);
        let Ok(document) = Document::parse(path, file) else { continue };
        if matches!(document, Document::Ini(_)) {
            assert_eq!(document.text().as_bytes(), file);
        }
        for section in ["default", "other"] {
            let mut changed = document.clone();
            // A value that is no text is refused when it is read.
            if document.get(section, &key).is_err() || changed.set(section, &key, &value).is_err() {
                continue;
            }
            let read =
                Document::parse(path, changed.text().as_bytes()).expect("what was written can be read");
            let found = read.get(section, &key).expect("it is text");
            assert_eq!(
                found.as_ref().map(|found| found.as_str()),
                Some(&*value),
                "{name}: {:?}",
                *changed.text()
            );
            for other in document.sections() {
                for known in document.keys(&other) {
                    if (other.as_str(), known.to_lowercase()) != (section, key.to_lowercase()) {
                        let before = document.get(&other, &known).ok();
                        assert_eq!(read.get(&other, &known).ok(), before, "{name}: {:?}", *changed.text());
                    }
                }
            }
        }
    }
}

/// A `Location` of any bytes, and a redirect to it, leads to an origin to which the table of `allowed_origins` grants the request, or
/// nowhere.
pub fn location(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let allowed = AllowedOrigins::from([("https://cdn.test", ""), ("https://*.blob.test", "bodies")]);
    let own = Url::parse("https://api.test/v1/things?q=1").expect("this is a URL");
    let reach = Reach { own: &own, session: None, allowed: &allowed };
    let is_granted = |url: &Url, is_read: bool| {
        let host = url.host_str().unwrap_or_default();
        let is_blob = host.strip_suffix(".blob.test").is_some_and(|label| !label.contains('.'));
        let is_known = host == "api.test" || is_blob || is_read && host == "cdn.test";
        is_known && url.scheme() == "https" && url.port().is_none()
    };
    let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
    let location = Location::read(&headers, Some(&own), Redaction::default()).ok();
    for method in [Method::GET, Method::PATCH] {
        let (is_read, has_body) = (method == Method::GET, method == Method::PATCH);
        // As a call at the location is prepared.
        if let Some(location) = &location
            && let Ok((url, _)) = reach.resolve(&own, location.expose())
            && reach.admit(&url, &method, has_body).is_ok()
        {
            assert!(is_granted(&url, is_read), "{method} {url}");
            assert_eq!(url.as_str(), location.expose());
        }
        let redirect = (StatusCode::TEMPORARY_REDIRECT, &headers);
        if let Ok(next) = redirect::follow(redirect, (&method, &own), has_body, &reach, (1, 1)) {
            assert!(is_granted(&next.url, is_read), "{method} {}", next.url);
            assert_eq!(location.as_ref().map(Location::expose), Some(next.url.as_str()));
        }
    }
}

/// A pause is read or passed over, and is kept whole or ends the call.
pub fn pause(data: &[u8]) {
    const NAMES: [&str; 9] = [
        "retry-after",
        "date",
        "retry-after-ms",
        "ratelimit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-reset-after",
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in NAMES.into_iter().zip(data.split(|byte| *byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let pause = pause::pause(&headers, &[], SystemTime::now());
    let facts = Facts {
        attempts: 1,
        max_attempts: 3,
        idempotent: true,
        outcome: Outcome::Unknown,
        retryable: true,
        throttled: true,
        verdict: None,
        pause: pause.and_then(Pause::length),
        left: Duration::from_secs(90),
    };
    let policy = RetryPolicy::new();
    for draw in [0.0, 0.5, 1.0] {
        let delay = policy.delay(&mut None, &facts, draw);
        match retry::decide(&facts, delay, policy.max_retry_after, draw) {
            Decision::Again { after } => {
                assert!(
                    after < facts.left && after >= facts.pause.unwrap_or_default(),
                    "{after:?} {pause:?}"
                );
            }
            Decision::Later { pause: asked } => assert_eq!(Some(Pause::For(asked)), pause),
            Decision::Stop => assert!(pause.is_some(), "nothing was in the way"),
        }
    }
}

/// The message of an error body is one line of bounded length that can do nothing to a terminal.
pub fn error_body(data: &[u8]) {
    for content_type in ["application/json", "text/plain", "text/html"].map(HeaderValue::from_static) {
        let found = problem::message(Some(&content_type), data);
        let shown = redact::line(&found.unwrap_or_else(|| String::from_utf8_lossy(data).into_owned()));
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(shown.len() <= 1024, "{}", shown.len());
    }
    let _ = serde_json::from_slice::<problem::Problem>(data);
}

/// Nothing that is shown has a secret in any of its forms: neither one that the request carries, wherever it is, nor one in a place that is
/// not allowed.
pub fn redact(data: &[u8]) {
    let [surface, form, rest @ ..] = data else { return };
    let rest = String::from_utf8_lossy(rest);
    let mut parts = rest.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (secret, before, after) = (format!("c4n4ry{}~", part()), part(), part());
    let forms = forms_of(&secret, form.wrapping_mul(31));
    let sent = &forms[usize::from(*form) % forms.len()];
    let text = format!("{before}{sent}{after}");
    let carried = || Secret::new(&*secret);
    let shown = if surface & 1 == 0 {
        carries_all(*surface, &text, carried())
    } else {
        hidden(*surface, sent, before)
    };
    for form in &forms {
        assert!(!shown.contains(&**form), "{form:?} is in {shown:?}");
    }
}

/// The forms of a secret: as it is, as one of the usual encodings has it, and with a form for each character.
fn forms_of(secret: &str, mut draw: u8) -> Vec<String> {
    let percent = |c: char| c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let json =
        |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    let html = |c: char| format!("&#{};", u32::from(c));
    let each = |form: &dyn Fn(char) -> String| secret.chars().map(form).collect::<String>();
    let quoted = serde_json::to_string(secret).unwrap_or_default();
    let mixed = secret.chars().map(|c| {
        draw = draw.wrapping_mul(5).wrapping_add(17);
        match draw >> 6 {
            0 => c.to_string(),
            1 => percent(c),
            2 => json(c),
            _ => html(c),
        }
    });
    let mixed = mixed.collect();
    vec![
        secret.to_owned(),
        secret.to_ascii_uppercase(),
        each(&percent),
        each(&|c| percent(c).replace('%', "%25")),
        each(&json),
        each(&html),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        quoted.trim_matches('"').to_owned(),
        mixed,
    ]
}

/// A request and its error that have a text with a secret wherever something is shown, and the secret among those that it carries.
fn carries_all(surface: u8, text: &str, secret: Secret) -> String {
    let mut list = AllowList::default();
    list.extend(&["/**".into(), "x-shown".into(), "shown".into()], true);
    let redaction = Redaction::new(false, None, Some(vec![secret.clone()].into()), Some(list.into()));
    let mut url = Url::parse("https://api.test").expect("it is a URL");
    // A backslash would become a slash by `set_path`.
    url.path_segments_mut().expect("it has a path").push(text);
    url.query_pairs_mut().append_pair("page", text).append_pair("shown", text).append_pair(text, "1");
    url.set_fragment(Some(text));
    let mut headers = HeaderMap::new();
    for name in
        ["content-type", "x-request-id", "x-shown", "user-agent", "x-other"].map(HeaderName::from_static)
    {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    let json = serde_json::json!({ "a": text, text: [text, { "shown": text }] }).to_string();
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("shown", text).finish();
    let mut request = Request {
        method: Method::POST,
        url: url.clone(),
        headers: headers.clone(),
        body: Body::empty(),
        operation: None,
        redaction: redaction.clone(),
    };
    match surface / 2 % 4 {
        0 => {
            let shown = request.shown();
            format!("{request:?} {} {} {}", shown.text(text), shown.masked(text), shown.reference(text))
        }
        1 => {
            let (media_type, body) = if surface > 127 {
                ("application/json", json)
            } else {
                ("application/x-www-form-urlencoded", form)
            };
            request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            request.body = body.into();
            format!("{} {}", request.to_curl(), request.body.shown(&request.shown(), &request.headers))
        }
        2 => {
            let (method, key, id_header) = (Method::GET, None, None);
            let (redaction, started) = (Redaction::DEFAULT, Instant::now());
            let exchange = Exchange { operation: None, method, url, key, id_header, redaction, started };
            let mut track = Track::default();
            track.carried.add(std::sync::Arc::new(vec![secret]));
            let error = Error::new(ErrorKind::Conflict, text).caused_by(text.into());
            let error = error.about(&exchange.into(), 1, &track);
            format!("{error:#} {error:?} {} {:?}", error.report(), error.url())
        }
        _ => {
            request.shown().body(&headers, &[b"{\"a\":", text.as_bytes()].concat())
                + &redact::line(&request.shown().masked(text))
        }
    }
}

/// A request that has a secret where nothing is allowed. Nobody knows that it is one.
fn hidden(surface: u8, text: &str, other: &str) -> String {
    let mut url = Url::parse("https://api.test/a").expect("it is a URL");
    let _ = (url.set_username(text), url.set_password(Some(text)));
    url.query_pairs_mut().append_pair("q", text).append_pair("page", "2").append_key_only(text);
    url.set_fragment(Some(text));
    let json = serde_json::json!({ "a": text, "b": [text, { "page": text }] }).to_string();
    let cut = json.get(..json.len() - other.len() % json.len()).unwrap_or_default().to_owned();
    let mut headers = HeaderMap::new();
    for name in
        ["authorization", "cookie", "set-cookie", "x-other", "location", "link"].map(HeaderName::from_static)
    {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    let bodies = [
        ("application/json", json),
        ("application/problem+json", cut),
        ("application/x-www-form-urlencoded", format!("a={text}")),
        ("text/plain", text.to_owned()),
    ];
    let (media_type, body) = &bodies[usize::from(surface) / 2 % bodies.len()];
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let body = Body::from(body);
    let request =
        Request { method: Method::PUT, url, headers, body, operation: None, redaction: Redaction::DEFAULT };
    // Headers whose names tell that they are secrets must not be what hides the others.
    let shown = Redaction::DEFAULT.shown();
    let lines: Vec<_> = shown.headers(&request.headers).collect();
    format!(
        "{request:?} {} {} {}",
        request.to_curl(),
        request.body.shown(&shown, &request.headers),
        lines.join(" ")
    ) + &shown.url(&request.url)
}

/// An event stream has the events that the standard gives it, in any chunks, and never more than its limit in memory.
pub fn events(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else { return };
    let expected = standard_events(stream);
    for size in [usize::from(size).max(1), 1, stream.len().max(1)] {
        let mut parser = EventParser::new(usize::MAX);
        let mut found = Vec::new();
        for piece in stream.chunks(size) {
            parser.push(Bytes::copy_from_slice(piece));
            while parser.advance().expect("there is no limit") {
                let EventRef { name, data, id } = parser.event();
                found.push([name.to_owned(), data.to_owned(), id.to_owned()]);
            }
        }
        assert_eq!(found, expected, "by {size}");
        let is_unfinished = parser.is_unfinished();
        assert!(is_unfinished || !parser.complete());
        let mut limited = EventParser::new(20);
        // It ends with its first error.
        let _ = stream.chunks(size).try_for_each(|piece| {
            limited.push(Bytes::copy_from_slice(piece));
            while limited.advance()? {
                assert!(limited.event().data.len() <= 20);
            }
            Ok::<_, TooLong>(())
        });
    }
}

/// The events of a whole stream, word by word as the HTML standard states (§9.2.6).
fn standard_events(stream: &[u8]) -> Vec<[String; 3]> {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let (mut name, mut data, mut id, mut last_id) =
        (String::new(), String::new(), String::new(), String::new());
    let mut events = Vec::new();
    let mut lines: Vec<_> = text.split('\n').collect();
    // What has no end is no line.
    lines.pop();
    for line in lines {
        if line.is_empty() {
            last_id.clone_from(&id);
            if let Some(data) = data.strip_suffix('\n') {
                let name = if name.is_empty() { "message" } else { &name };
                events.push([name.to_owned(), data.to_owned(), last_id.clone()]);
            }
            name.clear();
            data.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut name),
            "data" => data.extend([value, "\n"]),
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            _ => {}
        }
    }
    events
}

/// A stream of JSON has the same items in any chunks, and those that `serde_json` finds, if it is JSON. A pointer finds the same value.
pub fn lines(data: &[u8]) {
    let [form, size, stream @ ..] = data else { return };
    let forms =
        [Form::Auto, Form::Lines, Form::Sequence, Form::Concatenated, Form::Array(""), Form::Array("/a")];
    let form = forms[usize::from(*form) % forms.len()];
    let whole = items(form, stream.chunks(stream.len().max(1)), usize::MAX);
    for size in [usize::from(*size).max(1), 1] {
        assert_eq!(items(form, stream.chunks(size), usize::MAX), whole, "by {size}");
        let (limited, _) = items(form, stream.chunks(size), 10);
        assert!(limited.iter().all(|item| item.len() <= 10));
    }
    let texts = match form {
        Form::Concatenated => {
            let values = serde_json::Deserializer::from_slice(stream).into_iter::<&RawValue>();
            values.map(|value| Some(value.ok()?.get().as_bytes().to_vec())).collect::<Option<Vec<_>>>()
        }
        Form::Array("") => serde_json::from_slice::<Vec<&RawValue>>(stream)
            .ok()
            .map(|values| values.into_iter().map(|value| value.get().as_bytes().to_vec()).collect()),
        Form::Lines => {
            let text = stream.strip_prefix("\u{feff}".as_bytes()).unwrap_or(stream);
            let is_blank = |line: &&[u8]| line.iter().all(|byte| b" \t\r".contains(byte));
            let lines = text.split(|byte| *byte == b'\n').filter(|line| !is_blank(line));
            Some(lines.map(|line| line.trim_ascii().to_vec()).collect())
        }
        _ => None,
    };
    if let Some(texts) = texts.filter(|_| form == Form::Lines || !stream.starts_with(b"\xef")) {
        assert_eq!(whole, (texts, None));
    }
    let is_plain = |key: &[u8]| memchr::memmem::find_iter(stream, key).count() < 2;
    if let Ok(value) = serde_json::from_slice::<Value>(stream)
        && !stream.contains(&b'\\')
        && is_plain(b"\"a\"")
        && is_plain(b"\"b\"")
    {
        for pointer in ["/a", "/a/b", "/a/0", "/1/b"] {
            let found =
                Pointer(pointer).find(stream).map(|found| serde_json::from_slice::<Value>(found).ok());
            assert_eq!(found, value.pointer(pointer).map(|value| Some(value.clone())), "{pointer}");
        }
    }
}

/// The items of a stream without white space around them, and why there are no more.
fn items<'a>(
    form: Form,
    pieces: impl Iterator<Item = &'a [u8]>,
    max: usize,
) -> (Vec<Vec<u8>>, Option<Fault>) {
    let mut splitter = Splitter::new(form, true, max);
    let mut items = Vec::new();
    for piece in pieces {
        splitter.push(Bytes::copy_from_slice(piece));
        loop {
            match splitter.advance() {
                Ok(true) => items.push(splitter.item().trim_ascii().to_vec()),
                Ok(false) => break,
                Err(fault) if fault.is_fatal() => return (items, Some(fault)),
                Err(fault) => items.push(fault.to_string().into_bytes()[..5].to_vec()),
            }
        }
    }
    match splitter.finish() {
        Ok(true) => items.push(splitter.item().trim_ascii().to_vec()),
        Ok(false) => {}
        Err(fault) => return (items, Some(fault)),
    }
    (items, None)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default()];
                let digits = std::str::from_utf8(&digits).unwrap_or_default().to_owned();
                u8::from_str_radix(&digits, 16).unwrap_or_default()
            }
            byte => byte,
        });
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUNDS: usize = 20_000;
    const THREADS: usize = 4;

    /// Parts that have confused parsers, and others.
    fn drawn(random: &mut fastrand::Rng, odd: &[&str]) -> Vec<u8> {
        let mut data = Vec::new();
        for _ in 0..random.usize(0..16) {
            match random.u8(0..6) {
                0 => data.push(random.u8(..)),
                1 => data.extend_from_slice(random.alphanumeric().to_string().as_bytes()),
                2 => data.push(b'\n'),
                _ => data.extend_from_slice(odd[random.usize(..odd.len())].as_bytes()),
            }
        }
        data
    }

    fn check(property: fn(&[u8]), odd: &[&str]) {
        check_often(ROUNDS, property, odd);
    }

    fn check_often(rounds: usize, property: fn(&[u8]), odd: &[&str]) {
        let seed = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| fastrand::u64(..));
        println!("SEED={seed}");
        let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(rounds);
        let mut random = fastrand::Rng::with_seed(seed);
        // As many threads everywhere, so that a seed draws the same inputs.
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                let mut random = random.fork();
                scope.spawn(move || {
                    for _ in 0..rounds.div_ceil(THREADS) {
                        property(&drawn(&mut random, odd));
                    }
                });
            }
        });
    }

    #[test]
    fn l3_what_is_shown_has_no_secret_in_any_of_its_forms() {
        let odd = [
            "%",
            "%25",
            "%2",
            "\\",
            "\\u00",
            "&",
            "&#",
            "&amp;",
            "+",
            " ",
            "\"",
            "'",
            "/",
            "?",
            "=",
            "#",
            "[",
            "{",
            "}",
            "c4n4ry",
            "c4n4",
            "C4N4RY",
            "%63",
            "\u{202e}",
            "é",
            "😀",
            "\u{1b}[31m",
            "Bearer ",
            "page=",
            ":",
            "@",
            ";",
            "{\"a\":",
            "\r",
            "\0",
        ];
        // The first two bytes choose what is checked.
        let redact_drawn = |data: &[u8]| {
            let sum = data.iter().fold(7_u32, |sum, byte| sum.wrapping_mul(16_777_619) ^ u32::from(*byte));
            redact(&[&sum.to_be_bytes()[..2], data].concat());
        };
        check_often(100_000, redact_drawn, &odd);
    }

    #[test]
    fn u8_a_url_stays_below_its_base() {
        let odd = [
            "/",
            "//",
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
            ";",
            "&",
            "=",
            "+",
            " ",
            "\t",
            "é",
            "\u{202e}",
            "https://evil.test",
            "evil.test",
            "[::1]",
            "api.test",
            "😀",
            "{id}",
            "%00",
            "\r",
        ];
        check(url, &odd);
    }

    #[test]
    fn a_location_leads_only_where_something_is_granted() {
        let odd = [
            "https://",
            "http://",
            "https:",
            "//",
            "/\\",
            "\\\\",
            "/",
            "..",
            ".",
            "%2e",
            "%2F",
            "%40",
            "?",
            "#",
            "@",
            ":",
            ":443",
            ":8443",
            "\t",
            " ",
            "é",
            "\u{ff0f}",
            "\u{202e}",
            "api.test",
            "cdn.test",
            "a.blob.test",
            "evil.test",
            ".blob.test",
            "ａpi.test",
            "https://api.test/",
            "https://cdn.test/",
            "https://a.blob.test/",
            "https://evil.test/",
            "[::1]",
            "ftp://",
        ];
        check(location, &odd);
    }

    #[test]
    fn challenges_are_the_same_when_they_are_written_down() {
        let odd = [
            "Bearer",
            "Basic ",
            "Negotiate YII=",
            "realm",
            "=",
            "==",
            ",",
            ", ",
            " ",
            "\t",
            "\"",
            "\\",
            "\"a, b\"",
            "\\\"",
            "https://auth.test/token",
            "'",
            "@",
            "/",
            "\u{e9}",
            "\n",
            "a=1",
        ];
        check(challenge, &odd);
    }

    #[test]
    fn a_link_header_leads_nowhere_else() {
        let odd = [
            "<",
            ">",
            "\"",
            ",",
            ";",
            "=",
            "\\",
            "rel",
            "next",
            " ",
            "anchor",
            "<https://api.test/v1/things?p=2>",
            "<//evil.test/>",
            "rel=\"prev next\"",
            "rel=next",
            "'",
            "\u{e9}",
        ];
        check(link, &odd);
    }

    #[test]
    fn a_resume_token_is_read_or_refused() {
        let odd = [
            "page1.", "page", "2.", "[", "]", "\"of\"", ",", "null", "0", "1", "-1", "true", "false", "{",
            "}", "1e99", "\"", "W10", "=",
        ];
        check(resume_token, &odd);
    }

    #[test]
    fn a_netrc_file_is_read_or_refused() {
        let odd = [
            "machine ",
            "example.com",
            "default ",
            "login ",
            "password ",
            "account ",
            "macdef ",
            "ana",
            "\n",
            "\r\n",
            "\r",
            "\t",
            " ",
            "\"",
            "\\",
            "\\n",
            "#",
            "\0",
            "é",
            "\u{feff}",
        ];
        check(netrc, &odd);
    }

    #[cfg(feature = "cookies")]
    #[test]
    fn c4_a_cookie_is_saved_and_sent_as_it_was_set() {
        let odd = [
            "a=",
            "b",
            "=",
            ";",
            "; ",
            "Path=/",
            "Path=/a",
            "Domain=",
            "example.co.uk",
            "co.uk",
            "www.example.co.uk",
            "Secure",
            "HttpOnly",
            "Max-Age=",
            "60",
            "-1",
            "Expires=",
            "Sun, 06 Nov 2094 08:49:37 GMT",
            "\n",
            "\"",
            "\\",
            " ",
            "\t",
            "\r",
            "\0",
            "é",
            "\u{85}",
            ",",
            "__Host-",
            "__Secure-",
            "{",
            "}",
            "[",
            "]",
            ":",
            "\"version\":1",
            "\"cookies\":[",
        ];
        check(cookies, &odd);
    }

    #[test]
    fn a_profile_keeps_what_is_not_changed() {
        let odd = [
            "[",
            "]",
            "[default]",
            "[other]",
            "[DEFAULT]",
            "\n",
            "\n ",
            "\r\n",
            "=",
            ":",
            " = ",
            "token",
            "Token",
            "url",
            "#",
            ";",
            "'",
            "\"",
            "\\",
            "%",
            "\0",
            "\0token\0",
            "1",
            "\t",
            "é",
            "\u{feff}",
            "\u{85}",
            "{",
            "}",
            ".",
            ",",
            "\u{2028}",
        ];
        check(profile, &odd);
    }

    #[test]
    fn a_pause_is_kept_or_ends_the_call() {
        let odd = [
            "1",
            "0",
            "9",
            "60",
            "61",
            ".",
            "-",
            "NaN",
            "inf",
            "1e9",
            "e",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "r=0",
            "t=5",
            ";",
            ",",
            "\"a\"",
            " ",
            "99999999999999999999",
        ];
        check(pause, &odd);
    }

    #[test]
    fn a_message_is_a_line() {
        let odd = [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\"detail\"",
            "\"title\"",
            "\"message\"",
            "\"error\"",
            "\"msg\"",
            "\"loc\"",
            "\\u001b[31m",
            "\\r\\n",
            "\\u202e",
            "\u{1b}",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "null",
            "{\"detail\":\"a\\nb\"}",
            "{\"error\":{\"message\":\"\\u009b\"}}",
        ];
        check(error_body, &odd);
    }

    #[test]
    fn a_stream_has_the_events_of_the_standard() {
        let odd = [
            "\n", "\r", "\r\n", "\n\n", "\r\r", "data", "data:", "data: ", ":", " ", "event:", "id:", "id",
            "retry: 5", "\0", "\u{feff}", "\u{e4}", "\u{2028}", "{}", "\n\n\n",
        ];
        check(events, &odd);
    }

    #[test]
    fn a_stream_of_json_has_the_items_that_serde_finds() {
        let odd = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\"a\":",
            "\"b\":",
            "1",
            "-2.5e3",
            "true",
            "null",
            "\n",
            "\r\n",
            " ",
            "\u{1e}",
            "{}",
            "[]",
            "{\"a\":1}",
            "[1,2]",
            "\"x\\\"y\"",
            "{\"a\":{\"b\":[",
            "]}}",
            "\u{feff}",
        ];
        check(lines, &odd);
    }
}
