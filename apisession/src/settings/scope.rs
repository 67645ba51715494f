//! The scope of a token, as a level states it: `shelf:{name}:read`.

use std::sync::Arc;

use crate::encode::messages;

/// A scope with placeholders that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Scope(Arc<str>);

impl Scope {
    /// Checks a scope. The error is a complete message.
    pub(super) fn new(scope: &str) -> Result<Self, String> {
        check(scope)?;
        Ok(Self(scope.into()))
    }

    /// Fills the placeholders. The error is a complete message, and quotes no value.
    pub(crate) fn filled(
        &self,
        value: impl Fn(&str) -> Result<String, ScopeError>,
    ) -> Result<String, String> {
        let scope = &*self.0;
        let (start, mut rest) = scope.split_once('{').unwrap_or((scope, ""));
        let mut filled = start.to_owned();
        while let Some((name, after)) = rest.split_once('}') {
            let (literal, next) = after.split_once('{').unwrap_or((after, ""));
            let beside = [filled.chars().next_back(), literal.chars().next()];
            let value = value(name).and_then(|value| match value.chars().find(|c| !is_scope_character(*c)) {
                _ if value.is_empty() => Err(ScopeError::Empty),
                Some(_) => Err(ScopeError::Character),
                None if beside.iter().flatten().any(|c| !c.is_alphanumeric() && value.contains(*c)) => {
                    Err(ScopeError::Delimiter)
                }
                None => Ok(value),
            });
            filled.push_str(&value.map_err(|why| format!("`{{{name}}}` in the scope `{scope}` {why}"))?);
            filled.push_str(literal);
            rest = next;
        }
        Ok(filled)
    }
}

messages! {
    /// Why a placeholder has no value. It continues a sentence: "`{name}` in the scope `…` …".
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ScopeError {
        Unknown = "is no parameter of the call's path, of a graft on the way, or of the query",
        Ambiguous = "can't be told from what is beside it in the path; give it a segment of its own",
        List = "has more than one value; a scope needs one",
        Empty = "is empty",
        Delimiter = "has the character that ends it in the scope, so that it would be another scope",
        Character = "has a character that no scope can have (RFC 6749 §3.3)",
    }
}

/// Checks a scope with placeholders. The error is a complete message.
fn check(scope: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("the scope `{}` {why}", scope.escape_debug()));
    if scope.trim().is_empty() {
        return Err("the scope is empty; leave it out for the one that the server asks for".to_owned());
    }
    let mut literals = String::new();
    for (index, part) in scope.split('{').enumerate() {
        let literal = match part.split_once('}') {
            _ if index == 0 => part,
            Some((name, literal)) if is_name(name) => literal,
            _ => return wrong("has a placeholder that is not closed or not named; write `{name}`"),
        };
        literals.push_str(literal);
    }
    if literals.contains('}') {
        return wrong("has a `}` without a `{`");
    }
    if literals.chars().all(|c| c == ' ' || is_scope_character(c)) {
        Ok(())
    } else {
        wrong("has a character that no scope can have (RFC 6749 §3.3)")
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['{', ' ']) && !name.chars().any(char::is_control)
}

/// Whether a token of a scope can have this character (RFC 6749 §3.3).
fn is_scope_character(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_checked_and_filled() {
        let rows = [
            ("read", Ok("read")),
            ("shelf:{name}:read", Ok("shelf:a/b:read")),
            ("{name}", Ok("a/b")),
            ("read:{name} write:{name}", Ok("read:a/b write:a/b")),
            ("{name}{other}", Ok("a/bc.d")),
            ("shelf/{name}", Err("has the character that ends it")),
            ("shelf:{none}:read", Err("`{none}` in the scope `shelf:{none}:read` is no parameter")),
            ("shelf:{space}:read", Err("has a character that no scope can have")),
            ("shelf:{colon}:read", Err("has the character that ends it")),
            ("shelf:{empty}:read", Err("is empty")),
            ("", Err("the scope is empty")),
            (" ", Err("the scope is empty")),
            ("shelf:{name", Err("not closed")),
            ("shelf:{}", Err("not closed or not named")),
            ("shelf:name}", Err("without a `{`")),
            ("shelf:{na{me}", Err("not closed")),
            ("a\"b", Err("has a character that no scope can have")),
            ("a\tb", Err("has a character that no scope can have")),
            ("\u{e9}", Err("has a character that no scope can have")),
        ];
        let value = |name: &str| match name {
            "name" => Ok("a/b".to_owned()),
            "other" => Ok("c.d".to_owned()),
            "space" => Ok("a write".to_owned()),
            "colon" => Ok("a:write".to_owned()),
            "empty" => Ok(String::new()),
            _ => Err(ScopeError::Unknown),
        };
        for (scope, expected) in rows {
            let found = Scope::new(scope).and_then(|scope| scope.filled(value));
            match (&found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(message), Err(expected)) => {
                    assert!(message.contains(expected), "{scope}: {message}");
                    assert!(!message.contains("a:write"), "{scope}: {message}");
                }
                _ => panic!("{scope}: {found:?} is not {expected:?}"),
            }
        }
    }
}
