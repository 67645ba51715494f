//! Fills the variables of a base URL, `https://{subdomain}.acme.example/{version}`.

use super::argument::ArgumentError;
use super::messages::messages;
use super::segment::push_segment;

/// How long a label of a host can be (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;

messages! {
    /// Why a value can't be in a host. The message continues a sentence: "the variable `subdomain` …".
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum LabelError {
        Empty = "is empty; set it",
        Dot = "contains a dot, and would name another host; pass one label",
        Character(found: char) = "contains {found:?}, which no host can; a label has letters, digits and hyphens",
        Hyphen = "begins or ends with a hyphen, which no label of a host can",
        Long = "has a label longer than 63 characters, which no host has",
    }
}

/// The base URL with the values of its variables. The error is a complete message, and quotes no value.
pub(crate) fn filled(template: &str, values: &[(&str, String)]) -> Result<String, String> {
    let (scheme, rest) = template.split_once("://").unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut url = format!("{scheme}://");
    let start = url.len();
    fill(&mut url, host, values, |url, value| {
        check_label(value).map_err(|why| why.to_string())?;
        url.push_str(value);
        Ok(())
    })?;
    let host = url[start..].to_ascii_lowercase();
    if host.split(['.', ':']).any(|label| label.len() > LONGEST_LABEL) {
        return Err(format!("the host of `base_url` {}", LabelError::Long));
    }
    fill(&mut url, path, values, |url, value| {
        push_segment(url, value).map_err(|why: ArgumentError| why.to_string())
    })?;
    // A host of numbers would become an address.
    match url::Url::parse(&url) {
        Ok(parsed) if host.starts_with(parsed.host_str().unwrap_or_default()) => Ok(url),
        _ => Err("the variables of `base_url` make no host that can be called; pass other values".to_owned()),
    }
}

/// Appends `template`, with each variable written by `write`.
fn fill(
    url: &mut String,
    template: &str,
    values: &[(&str, String)],
    write: impl Fn(&mut String, &str) -> Result<(), String>,
) -> Result<(), String> {
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        url.push_str(text);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value);
        write(url, value).map_err(|why| format!("the variable `{name}` of `base_url` {why}"))?;
        rest = after;
    }
    url.push_str(rest);
    Ok(())
}

fn check_label(value: &str) -> Result<(), LabelError> {
    match value.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        _ if value.is_empty() => Err(LabelError::Empty),
        Some('.') => Err(LabelError::Dot),
        Some(other) => Err(LabelError::Character(other)),
        None if value.starts_with('-') || value.ends_with('-') => Err(LabelError::Hyphen),
        None if value.len() > LONGEST_LABEL => Err(LabelError::Long),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_a_label_of_the_host_or_a_segment_of_the_path() {
        let long = "a".repeat(64);
        let rows = [
            ("https://{a}.acme.test/{b}", "eu-1", "v 2/é", Ok("https://eu-1.acme.test/v%202%2F%C3%A9")),
            (
                "https://{a}-api.acme.test:8443/x/v{b}/y",
                "EU",
                "1",
                Ok("https://EU-api.acme.test:8443/x/v1/y"),
            ),
            ("http://{a}", "localhost", "", Ok("http://localhost")),
            ("https://{a}.test/{a}", "x", "", Ok("https://x.test/x")),
            ("https://x.test/{b}", "", "%2e%2e", Ok("https://x.test/%252e%252e")),
            ("https://{a}.test", "", "", Err("the variable `a` of `base_url` is empty")),
            ("https://{a}.test", "evil.test/", "", Err("`a` of `base_url` contains a dot")),
            ("https://{a}.test", "x/", "", Err("contains '/'")),
            ("https://{a}.test", "x@", "", Err("contains '@'")),
            ("https://{a}.test", "x:1", "", Err("contains ':'")),
            ("https://{a}.test", "é", "", Err("contains 'é'")),
            ("https://{a}.test", "x_y", "", Err("contains '_'")),
            ("https://{a}.test", "-x", "", Err("begins or ends with a hyphen")),
            ("https://{a}.test", "x-", "", Err("begins or ends with a hyphen")),
            ("https://{a}.test", &long, "", Err("longer than 63")),
            ("https://{a}-api.test", &long[2..], "", Err("longer than 63")),
            ("http://{a}", "127", "", Err("make no host")),
            ("http://{a}", "0x7f", "", Err("make no host")),
            ("https://x.test/{b}", "", "", Err("the variable `b` of `base_url` is empty")),
            ("https://x.test/{b}", "", "..", Err("the variable `b` of `base_url` is a dot segment")),
            ("https://x.test/{b}", "", "a\n", Err("contains the control character")),
        ];
        for (template, a, b, expected) in rows {
            let found = filled(template, &[("a", a.to_owned()), ("b", b.to_owned())]);
            match (&found, expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url, expected),
                (Err(error), Err(message)) => {
                    assert!(error.contains(message), "{error}");
                    assert!(a.len() < 3 || !error.contains(a), "{error}");
                }
                _ => panic!("{template} {a} {b}: {found:?} is not {expected:?}"),
            }
        }
    }
}
