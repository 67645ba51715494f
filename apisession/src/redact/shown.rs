//! The one place where something of a request or a response becomes text that is shown.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Position, Url};

use super::allow_list::Verdict;
use super::line::{cut, escaped, line, noted};
use super::mask::masked;
use super::{MASK, Redaction, Secret, harmless, json};

/// How a request and its response are shown: by what is allowed, and without the secrets that the request carries.
///
/// Logs, spans, errors, reports and commands show nothing that does not come from here.
pub(crate) struct Shown<'a> {
    redaction: &'a Redaction,
    /// Each in one form. There are none if everything is shown.
    secrets: Vec<Secret>,
}

/// The longest body that a log shows, in bytes.
pub(crate) const MAX_BODY: usize = 1024;

impl Redaction {
    /// How things are shown without the secrets among the arguments.
    pub(crate) fn shown(&self) -> Shown<'_> {
        self.shown_without(self.secrets().map(|secrets| secrets.to_vec()).unwrap_or_default())
    }

    /// How things are shown without these secrets.
    pub(crate) fn shown_without(&self, secrets: Vec<Secret>) -> Shown<'_> {
        Shown::new(self, secrets)
    }
}

impl<'a> Shown<'a> {
    fn new(redaction: &'a Redaction, secrets: Vec<Secret>) -> Self {
        let mut secrets = if redaction.shows_all() { Vec::new() } else { secrets };
        // Several parts of a request carry the same.
        secrets.sort_unstable_by(|one, other| one.expose().cmp(other.expose()));
        secrets.dedup_by(|one, other| one.expose() == other.expose());
        Self { redaction, secrets }
    }

    /// A text without the secrets, as it is otherwise.
    pub(crate) fn masked(&self, text: &str) -> String {
        if self.secrets.is_empty() { text.to_owned() } else { masked(text, &self.secrets) }
    }

    /// A text of the server: without the secrets, on one line, escaped, and cut after 1 KiB.
    pub(crate) fn text(&self, text: &str) -> String {
        line(&self.masked(text))
    }

    /// A URL without user name, password and fragment. Of its query it shows the names, and the values that are allowed.
    pub(crate) fn url(&self, url: &Url) -> String {
        // This leaves out user name and password.
        let mut shown = format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::BeforePath]);
        shown = self.masked(&shown);
        match self.redaction.path().filter(|_| !self.redaction.shows_all()) {
            // A template has no secrets, but words that can be those of short ones.
            Some(path) => shown.push_str(path),
            None => shown.push_str(&self.masked(url.path())),
        }
        escaped(&(shown + &self.query_with_mark(url.query().unwrap_or_default())))
    }

    /// A relative reference to a URL, shown as [`url`](Self::url).
    pub(crate) fn reference(&self, reference: &str) -> String {
        let whole = reference.split('#').next().unwrap_or_default();
        let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
        // `//ana:pw@host` has a user and a password.
        let path = path.rsplit('@').next().unwrap_or_default();
        self.text(&(path.to_owned() + &self.query_with_mark(query)))
    }

    /// A query, or a body that is a form.
    pub(crate) fn query(&self, query: &str) -> String {
        if self.redaction.shows_all() {
            return escaped(query);
        }
        if self.redaction.is_restricted() {
            return "[restricted]".to_owned();
        }
        let pairs: Vec<_> = query.split('&').map(|pair| self.pair(pair)).collect();
        escaped(&self.masked(&pairs.join("&")))
    }

    fn query_with_mark(&self, query: &str) -> String {
        if query.is_empty() { String::new() } else { format!("?{}", self.query(query)) }
    }

    fn pair(&self, pair: &str) -> String {
        let Some((name, value)) = parameter(pair) else { return MASK.to_owned() };
        let decoded = url::form_urlencoded::parse(name.as_bytes()).next();
        let plain = decoded.map(|(name, _)| name).unwrap_or_default();
        let shown = match self.redaction.of_name(&plain) {
            Some(Verdict::Hidden) => None,
            Some(Verdict::Shown | Verdict::ShownByPattern) => Some(Cow::from(value)),
            None => harmless::parameter(&plain, value),
        };
        format!("{name}={}", shown.as_deref().unwrap_or(MASK))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &HeaderName, value: &HeaderValue) -> String {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else { return MASK.to_owned() };
        if self.redaction.shows_all() {
            return line(text);
        }
        let shown = match self.redaction.of_name(name.as_str()) {
            _ if value.is_sensitive() => None,
            Some(Verdict::Hidden) => None,
            Some(Verdict::Shown | Verdict::ShownByPattern) => Some(Cow::from(text)),
            None => harmless::header(name.as_str(), text),
        };
        shown.map_or_else(|| MASK.to_owned(), |text| self.text(&text))
    }

    /// The headers, in the form of `name: value`.
    pub(crate) fn headers<'h>(&'h self, headers: &'h HeaderMap) -> impl Iterator<Item = String> + 'h {
        headers.iter().map(|(name, value)| format!("{name}: {}", self.header(name, value)))
    }

    /// Whether everything is shown, secrets included.
    pub(crate) fn shows_all(&self) -> bool {
        self.redaction.shows_all()
    }

    /// Whether the value of a field of a form is shown.
    pub(crate) fn shows_field(&self, name: &str) -> bool {
        let is_restricted = self.redaction.is_restricted();
        self.shows_all() || (!is_restricted && self.redaction.of_name(name) == Some(Verdict::Shown))
    }

    /// A body as a log shows it, on one line and cut after 1 KiB. JSON and forms show the names of their fields, and the values that are
    /// allowed; of others there is the size.
    pub(crate) fn body(&self, headers: &HeaderMap, body: &[u8]) -> String {
        if body.is_empty() {
            return String::new();
        }
        match self.content(headers, body, MAX_BODY) {
            Content::Text(text, is_whole) if is_whole => cut(escaped(&text), MAX_BODY, body.len()),
            Content::Text(text, _) => noted(escaped(&text), MAX_BODY, body.len()),
            Content::Other(what) => what,
        }
    }

    /// A whole body as a command sends it. `None` is a body that is not text, or of which nothing may be shown.
    pub(crate) fn whole_body(&self, headers: &HeaderMap, body: &[u8]) -> Option<String> {
        match self.content(headers, body, usize::MAX) {
            Content::Text(text, true) => Some(text),
            Content::Text(_, false) | Content::Other(_) => None,
        }
    }

    fn content(&self, headers: &HeaderMap, body: &[u8], max: usize) -> Content {
        let media_type = headers.get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if self.redaction.shows_all() {
            return match std::str::from_utf8(body) {
                Ok(text) => Content::Text(text.to_owned(), true),
                Err(_) => Content::Other(format!("[{} bytes]", body.len())),
            };
        }
        if self.redaction.is_restricted() {
            return Content::Other("[restricted]".to_owned());
        }
        let is_json = essence.ends_with("/json") || essence.ends_with("+json");
        if is_json {
            let (text, is_whole) = json::shown(body, self.redaction.list().map(|list| &**list), max);
            if !text.is_empty() {
                return Content::Text(self.masked(&text), is_whole);
            }
        }
        if let (true, Ok(text)) = (essence == "application/x-www-form-urlencoded", std::str::from_utf8(body))
        {
            return Content::Text(self.query(text), true);
        }
        Content::Other(format!("[redacted: {} bytes]", body.len()))
    }
}

/// What is shown of a body.
enum Content {
    /// It can be shown, and whether that is all of it.
    Text(String, bool),
    /// What is there in its place.
    Other(String),
}

/// The name of a parameter in a query, and its value. Without a value the name may be the value itself, and the `=` at its end the padding
/// of base64.
fn parameter(pair: &str) -> Option<(&str, &str)> {
    let (name, value) = pair.split_once('=')?;
    (!value.trim_end_matches('=').is_empty()).then_some((name, value))
}
