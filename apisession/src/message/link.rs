//! Links in headers: `Link: <https://api.example.com/events?page=2>; rel="next"` (RFC 8288).

use http::{HeaderMap, header};
use url::Url;

/// A link in the headers of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// The target, resolved against the URL of the request. It is not resolved for a response without a request.
    pub target: String,
    /// The relations of the target to the response: the words of `rel`, in lower case, such as `next`.
    pub relations: Vec<String>,
}

/// The links in the headers of a response, in order. A target that can't be resolved is skipped.
pub(crate) fn links(headers: &HeaderMap, base: Option<&Url>) -> Vec<Link> {
    let values = headers.get_all(header::LINK).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(parse).filter_map(|link| link.resolved(base)).collect()
}

impl Link {
    fn resolved(mut self, base: Option<&Url>) -> Option<Self> {
        if let Some(base) = base {
            self.target = base.join(&self.target).ok()?.into();
        }
        Some(self)
    }
}

/// Parses `<target>; name=value; name="value", <target>…`. Text that is not a link is skipped.
fn parse(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let end = outside_quotes(after, ',').unwrap_or(after.len());
        links.push(Link { target: target.trim().to_owned(), relations: relations(&after[..end]) });
        rest = &after[end..];
    }
    links
}

/// The words of the first `rel` among a link's parameters.
fn relations(mut parameters: &str) -> Vec<String> {
    while !parameters.is_empty() {
        let end = outside_quotes(parameters, ';').unwrap_or(parameters.len());
        if let Some((name, value)) = parameters[..end].split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            let words = value.trim().trim_matches('"').split_ascii_whitespace();
            return words.map(str::to_ascii_lowercase).collect();
        }
        parameters = parameters.get(end + 1..).unwrap_or_default();
    }
    Vec::new()
}

/// The position of the first `wanted` outside a quoted string (RFC 9110 §5.6.4).
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
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
    use super::*;

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
