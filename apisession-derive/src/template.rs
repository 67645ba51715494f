//! Path templates: `/users/{id}/keys`.

use std::fmt;

/// A path template, split at its placeholders.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(String),
    Parameter(String),
    /// `{rest+}`, which can be any number of segments.
    Greedy(String),
}

impl Template {
    /// Parses a template. A missing leading slash is added.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text.strip_prefix('/').unwrap_or(text);
        let mut literal = String::from('/');
        loop {
            let Some(open) = rest.find(['{', '}']) else {
                literal.push_str(rest);
                break;
            };
            literal.push_str(&rest[..open]);
            let placeholder = rest[open..]
                .strip_prefix('{')
                .ok_or("unmatched `}` in the path; add a `{` before the name")?;
            let close = placeholder.find(['{', '}']).filter(|&at| placeholder[at..].starts_with('}'));
            let close = close.ok_or("unmatched `{` in the path; add a `}` after the name")?;
            let written = &placeholder[..close];
            let (name, piece): (_, fn(String) -> Piece) = match written.strip_suffix('+') {
                Some(name) => (name, Piece::Greedy),
                None => (written, Piece::Parameter),
            };
            check_name(name)?;
            if pieces.iter().any(|piece| piece.name() == Some(name)) {
                return Err(format!(
                    "the path contains `{{{name}}}` twice; give each placeholder another name"
                ));
            }
            if literal.is_empty() && !pieces.is_empty() {
                return Err(format!(
                    "`{{{name}}}` directly follows another placeholder; put a `/` between them"
                ));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(piece(name.to_owned()));
            rest = &placeholder[close + 1..];
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let template = Self { pieces };
        template.check()?;
        Ok(template)
    }

    /// Checks the text outside the placeholders. It is sent unchanged, so it must be a valid path (RFC 3986 §3.3).
    fn check(&self) -> Result<(), String> {
        for piece in &self.pieces {
            if let Piece::Literal(text) = piece {
                text.chars().try_for_each(check_char)?;
                text.split('%').skip(1).try_for_each(check_octet)?;
            }
        }
        let path = self.to_string();
        if path.contains("//") {
            return Err("the path has two slashes in a row; remove one".to_owned());
        }
        // A URL parser reads `%2e` as a dot (WHATWG URL §4.1), so it can't be sent either.
        let is_dots =
            |segment: &str| matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
        if path.split('/').any(is_dots) {
            return Err("the path has a dot segment (`.` or `..`, also as `%2e`); write the path without it"
                .to_owned());
        }
        Ok(())
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(Piece::name)
    }

    /// Whether a placeholder of this name can be any number of segments.
    pub(crate) fn is_greedy(&self, name: &str) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Greedy(greedy) if greedy == name))
    }
}

impl Piece {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Parameter(name) | Self::Greedy(name) => Some(name),
            Self::Literal(_) => None,
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => f.write_str(text),
            Piece::Parameter(name) => write!(f, "{{{name}}}"),
            Piece::Greedy(name) => write!(f, "{{{name}+}}"),
        })
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if starts && chars.all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(());
    }
    Err(format!("`{{{name}}}` is not a valid placeholder; write the name of a parameter in the braces"))
}

fn check_char(c: char) -> Result<(), String> {
    match c {
        '?' => Err("the path can't contain `?`; declare query parameters as parameters of the fn".to_owned()),
        '#' => Err("the path can't contain `#`, since fragments are never sent; remove it".to_owned()),
        c if c.is_ascii_alphanumeric() || "/%-._~!$&'()*+,;=:@".contains(c) => Ok(()),
        c => Err(format!("the path can't contain {c:?}; write it percent-encoded")),
    }
}

/// Checks what follows a `%` (RFC 3986 §2.1).
fn check_octet(rest: &str) -> Result<(), String> {
    let digits = rest.chars().take_while(char::is_ascii_hexdigit).take(2).count();
    if digits == 2 {
        return Ok(());
    }
    let written: String = rest.chars().take(2).collect();
    Err(format!(
        "`%{written}` in the path is not percent-encoded; write two hexadecimal digits after `%`, or `%25` for the `%`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_split_at_its_placeholders() {
        let rows: [(&str, &[&str], &str); 7] = [
            ("", &[], ""),
            ("/", &[], "/"),
            ("users", &[], "/users"),
            ("/{id}", &["id"], "/{id}"),
            ("/a/{b}/c.{d}/", &["b", "d"], "/a/{b}/c.{d}/"),
            ("{a}/{b}", &["a", "b"], "/{a}/{b}"),
            ("/{bucket}/{key+}", &["bucket", "key"], "/{bucket}/{key+}"),
        ];
        for (text, parameters, whole) in rows {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.parameters().collect::<Vec<_>>(), parameters, "{text}");
            assert_eq!(template.to_string(), whole, "{text}");
        }
    }

    #[test]
    fn an_invalid_template_is_an_error() {
        let rows = [
            ("/{id", "unmatched `{`"),
            ("/id}", "unmatched `}`"),
            ("/{a{b}}", "unmatched `{`"),
            ("/{}", "is not a valid placeholder"),
            ("/{a-b}", "is not a valid placeholder"),
            ("/{a}/{a}", "twice"),
            ("/{a}/{a+}", "twice"),
            ("/{+a}", "is not a valid placeholder"),
            ("/{a}{b}", "follows another placeholder"),
            ("/a?b=c", "can't contain `?`"),
            ("/a#b", "can't contain `#`"),
            ("/a b", "percent-encoded"),
            ("/é", "percent-encoded"),
            ("/a//b", "two slashes"),
            ("/a/../b", "dot segment"),
            ("/a/./b", "dot segment"),
        ];
        for (text, expected) in rows {
            let message = Template::parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn fault_f2_a_template_that_can_not_be_sent_is_refused() {
        let rows = [
            ("/%2e%2e", "dot segment"),
            ("/a/%2E%2e/b", "dot segment"),
            ("/%2e", "dot segment"),
            ("/.%2E/{id}", "dot segment"),
            ("/%zz", "`%zz` in the path is not percent-encoded"),
            ("/a%", "`%` in the path is not percent-encoded"),
            ("/100%/{id}", "`%/` in the path is not percent-encoded"),
            ("/%2{id}", "`%2` in the path is not percent-encoded"),
            ("/%{id}", "`%` in the path is not percent-encoded"),
            ("/%+f", "`%+f` in the path is not percent-encoded"),
        ];
        for (text, expected) in rows {
            let message = Template::parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
        for text in ["/a%20b", "/%2e%2e%2e", "/..a", "/%25", "/{a}%2F{b}", "/v1%2e0"] {
            assert_eq!(Template::parse(text).map(|template| template.to_string()).as_deref(), Ok(text));
        }
    }
}
