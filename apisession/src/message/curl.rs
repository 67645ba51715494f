//! A request as a command for curl.

use http::{HeaderMap, Method, header};

use super::shown_part::ShownPart;
use super::{Body, Request};
use crate::redact::{MASK, Shown};

impl Request {
    /// Returns the request as a command for curl, to be pasted into a POSIX shell.
    ///
    /// It shows what a log may show: [`redact`](crate::Settings::redact) and [`redact_allow`](crate::Settings::redact_allow) decide, and
    /// `[redacted]` stands for the rest. The credential is not in it, since it is attached when the request is sent. JSON and forms have
    /// the names of all fields. A body that is a stream is not read: the command reads it from its standard input. So does it for a file.
    /// Parts of a multipart body are `--form` options.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # let api = Acme::builder().build()?;
    /// let request = api.raw().get("/events").query("page", &2).query("q", "Ana").build()?;
    /// let command = request.to_curl();
    /// assert!(command.starts_with("curl --globoff 'https://api.test/events?page=2&q=[redacted]'"));
    /// # Ok::<(), apisession::Error>(())
    /// ```
    #[must_use]
    pub fn to_curl(&self) -> String {
        let shown = self.shown();
        let url = shown.url(&self.url);
        let mut command = Command("curl".to_owned());
        if url.contains(['[', ']', '{', '}']) {
            // Without this, they stand for several URLs.
            command.0.push_str(" --globoff");
        }
        let body = body_options(&self.body, &self.headers, &shown);
        match (&self.method, &*body) {
            (&Method::GET, []) => {}
            (&Method::HEAD, []) => command.0.push_str(" --head"),
            (method, _) => command.0.push_str(&format!(" --request {}", quoted(method.as_str()))),
        }
        command.0.push_str(&format!(" {}", quoted(&url)));
        let is_form = body.iter().any(|(option, _)| option.starts_with("--form"));
        for (name, value) in &self.headers {
            match *name {
                header::ACCEPT_ENCODING => command.add("--compressed", None),
                header::CONTENT_TYPE if is_form => {}
                // It is curl's.
                header::CONTENT_LENGTH => {}
                // With a colon, an empty header is removed.
                _ if value.is_empty() => command.add("--header", Some(&format!("{name};"))),
                _ => command.add("--header", Some(&format!("{name}: {}", shown.header(name, value)))),
            }
        }
        // Those that curl adds itself.
        for (name, is_added) in [(header::ACCEPT, true), (header::CONTENT_TYPE, !is_form && !body.is_empty())]
        {
            if is_added && !self.headers.contains_key(&name) {
                command.add("--header", Some(&format!("{name}:")));
            }
        }
        body.iter().for_each(|(option, value)| command.add(option, Some(value)));
        command.0
    }
}

struct Command(String);

impl Command {
    /// Adds an option on a line of its own.
    fn add(&mut self, option: &str, value: Option<&str>) {
        self.0.push_str(&format!(" \\\n  {option}"));
        if let Some(value) = value {
            self.0.push_str(&format!(" {}", quoted(value)));
        }
    }
}

/// The options that send the body.
fn body_options(body: &Body, headers: &HeaderMap, shown: &Shown<'_>) -> Vec<(&'static str, String)> {
    const FROM_INPUT: (&str, &str) = ("--data-binary", "@-");
    if let Some(parts) = body.parts() {
        return parts.iter().map(|part| part_option(part, shown)).collect();
    }
    let from_input = || vec![(FROM_INPUT.0, FROM_INPUT.1.to_owned())];
    let Some(bytes) = body.as_bytes() else { return from_input() };
    if bytes.is_empty() {
        return Vec::new();
    }
    match shown.whole_body(headers, bytes) {
        // A terminal does not take such a text.
        Some(text) if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') => from_input(),
        Some(text) => vec![("--data-raw", text)],
        None if shown.shows_all() => from_input(),
        None => vec![("--data-raw", body.shown(shown, headers))],
    }
}

/// The option that sends a part.
fn part_option(part: &ShownPart<'_>, shown: &Shown<'_>) -> (&'static str, String) {
    let name = shown.masked(part.name);
    let content_type = part.content_type.map(|content_type| {
        let value = http::HeaderValue::try_from(content_type);
        value.map_or_else(|_| MASK.to_owned(), |value| shown.header(&header::CONTENT_TYPE, &value))
    });
    let content_type = content_type.map(|text| format!(";type={text}")).unwrap_or_default();
    let value = part.text.filter(|_| shown.shows_field(part.name));
    let value = value.map_or_else(|| MASK.to_owned(), |text| shown.masked(text));
    match (part.is_file, &*content_type) {
        (true, _) => ("--form", format!("{name}=@{MASK}{content_type}")),
        (false, "") => ("--form-string", format!("{name}={value}")),
        (false, _) => {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            ("--form", format!("{name}=\"{value}\"{content_type}"))
        }
    }
}

/// The text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
