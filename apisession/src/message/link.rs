//! Links in headers: `Link: <https://api.example.com/events?page=2>; rel="next"` (RFC 8288).

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, header};
use url::Url;

use super::headers;
use crate::redact::Redaction;

/// A link in the headers of a response.
#[derive(Clone)]
#[non_exhaustive]
pub struct Link {
    /// The target, resolved against the URL of the request. It is as the server sent it for a response without a request, and if
    /// it can't be resolved; a call that follows the latter fails.
    pub target: String,
    /// The relations of the target to the response: the words of `rel`, in lower case, such as `next`.
    pub relations: Vec<String>,
    /// Of what the target is the relation, if not of the response (RFC 8288 §3.2).
    pub(super) anchor: Option<String>,
    /// What of the target is not shown.
    redaction: Redaction,
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        (&self.target, &self.relations, &self.anchor) == (&other.target, &other.relations, &other.anchor)
    }
}

impl Eq for Link {}

/// The links in the headers of a response, in order.
pub(crate) fn links(headers: &HeaderMap, base: Option<&Url>, redaction: &Redaction) -> Vec<Link> {
    let values = headers.get_all(header::LINK).into_iter();
    let links = values.flat_map(|value| parse(&without_open_quote(headers::url_text(value))));
    links.map(|link| Link { redaction: redaction.clone(), ..link.resolved(base) }).collect()
}

impl Link {
    /// What of it is not shown.
    pub(crate) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    fn resolved(mut self, base: Option<&Url>) -> Self {
        // A target that can't be resolved stays, so that a loop over pages fails and does not end early.
        if let Some(target) = base.and_then(|base| base.join(&self.target).ok()) {
            self.target = target.into();
        }
        self
    }
}

/// Shows the target with the values of its query that may be shown.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = match Url::parse(&self.target) {
            Ok(url) => self.redaction.shown().url(&url),
            Err(_) => self.redaction.shown().reference(&self.target),
        };
        f.debug_struct("Link").field("target", &target).field("relations", &self.relations).finish()
    }
}

/// Parses `<target>; name=value; name="value", <target>…`. Text that is not a link is skipped.
fn parse(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let end = outside_quotes(after, ',').unwrap_or(after.len());
        let parameters = &after[..end];
        let words = parameter(parameters, "rel").unwrap_or_default();
        let relations = words.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        let anchor = parameter(parameters, "anchor");
        links.push(Link {
            target: target.trim().to_owned(),
            relations,
            anchor,
            redaction: Redaction::default(),
        });
        rest = &after[end..];
    }
    links
}

/// The value of the first parameter of this name among a link's.
fn parameter(mut parameters: &str, wanted: &str) -> Option<String> {
    while !parameters.is_empty() {
        let end = outside_quotes(parameters, ';').unwrap_or(parameters.len());
        if let Some((name, value)) = parameters[..end].split_once('=')
            && name.trim().eq_ignore_ascii_case(wanted)
        {
            return Some(unquoted(value.trim()));
        }
        parameters = parameters.get(end + 1..).unwrap_or_default();
    }
    None
}

/// The text of a token or a quoted string. Some servers use single quotes.
fn unquoted(value: &str) -> String {
    let text = value.trim_matches(['"', '\'']);
    let (mut unquoted, mut escaped) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            unquoted.push(c);
            escaped = false;
        }
    }
    unquoted
}

/// Replaces a quote that is never closed, and those after it, by spaces: it must not hide the links that follow.
fn without_open_quote(text: Cow<'_, str>) -> Cow<'_, str> {
    let (mut opened, mut escaped, mut in_target) = (None, false, false);
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' if opened.is_some() => escaped = true,
            '"' if !in_target => opened = if opened.is_some() { None } else { Some(at) },
            '<' | '>' if opened.is_none() => in_target = c == '<',
            _ => {}
        }
    }
    match opened {
        Some(at) => Cow::Owned(text[..at].to_owned() + &text[at..].replace('"', " ")),
        None => text,
    }
}

/// The position of the first `wanted` outside a quoted string (RFC 9110 §5.6.4).
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        #[cfg(test)]
        tests::VISITS.set(tests::VISITS.get() + 1);
        if std::mem::take(&mut escaped) {
            return None;
        }
        match c {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many characters were looked at, in search of the end of a parameter or a link.
        pub(super) static VISITS: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn p5_a_header_is_read_in_linear_time() {
        let units = [
            "<",
            "<a>,",
            "<a>;rel=\"",
            "\",<",
            "\\\"",
            "<a>; x=\"y, z; rel=prev\"; rel=next,",
            "<a>;",
            ";",
            "rel=next;",
            ";x;y=\"",
        ];
        for unit in units {
            for length in [1024, 64 * 1024] {
                let text = unit.repeat(length / unit.len());
                VISITS.set(0);
                for link in parse(&without_open_quote(text.as_str().into())) {
                    assert_eq!(link.anchor, None);
                }
                // Once for the end of the link, and once for each of the two parameters that are looked for.
                assert!(VISITS.get() <= 3 * text.len(), "{unit}: {} for {length}", VISITS.get());
            }
        }
    }

    #[test]
    fn links_are_parsed_as_rfc_8288_defines_them() {
        let rows: [(&str, &[(&str, &str)]); 9] = [
            ("<https://a.test/?p=2>; rel=\"next\"", &[("https://a.test/?p=2", "next")]),
            ("</p/2>; rel=next, </p/9>; rel=last", &[("/p/2", "next"), ("/p/9", "last")]),
            ("</a>; title=\"x, y; rel=prev\"; rel=\"next Last\"", &[("/a", "next last")]),
            ("</a,b;c>; REL=next", &[("/a,b;c", "next")]),
            ("</a>; title=\"\\\", \"; rel=next", &[("/a", "next")]),
            ("</a>; rel=next; rel=prev", &[("/a", "next")]),
            ("</a>", &[("/a", "")]),
            ("<broken; rel=next", &[]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            let links = parse(text);
            let found: Vec<_> =
                links.iter().map(|link| (link.target.as_str(), link.relations.join(" "))).collect();
            let found: Vec<_> =
                found.iter().map(|(target, relations)| (*target, relations.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
