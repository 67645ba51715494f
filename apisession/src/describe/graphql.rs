//! The document of a GraphQL operation. It is read when the SDK is compiled, so that what is wrong with it is the compiler's error.

/// The document of a declared GraphQL operation: [`Operation::graphql`](crate::Operation::graphql).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphQlDocument {
    text: &'static str,
    name: Option<&'static str>,
    is_query: bool,
}

impl GraphQlDocument {
    /// Reads a document, of which `operation` names the operation if it has several. `variables` are those that calls set, or at least
    /// some of them, if `are_all` is not set.
    ///
    /// # Panics
    ///
    /// If the operation can't be sent. The compiler shows the message.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn new(
        text: &'static str,
        operation: Option<&'static str>,
        variables: &[&str],
        are_all: bool,
    ) -> Self {
        let Some(found) = find(text, operation) else {
            match operation {
                Some(_) => panic!(
                    "the document has no operation of the name that the key `operation` sets; write one of its operations"
                ),
                None => panic!("the document has no operation; write `query {{ … }}` or `mutation {{ … }}`"),
            }
        };
        if found.is_ambiguous {
            panic!("the document has several operations; name the one to call by `operation = \"…\"`");
        }
        if is(found.kind, "subscription") {
            panic!(
                "a subscription is a stream, which `graphql` can't return; declare it by `post` and an `EventStream`"
            );
        }
        let mut at = 0;
        while at < variables.len() {
            if !has_variable(found.variables, variables[at]) {
                refuse("the operation of the document has no variable `$", variables[at], UNDECLARED);
            }
            at += 1;
        }
        if are_all && let Some(name) = unset_variable(found.variables, variables) {
            refuse("the operation of the document needs the variable `$", name, UNSET);
        }
        Self { text, name: found.name, is_query: is(found.kind, "query") }
    }

    /// Returns the text of the document.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the name of the operation that is called, if it has one.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Whether the operation is a query, and not a mutation. A query is idempotent.
    #[must_use]
    pub const fn is_query(&self) -> bool {
        self.is_query
    }
}

const UNDECLARED: &str = "`; declare it in the document, name the parameter's own by `#[variable(\"…\")]`, or remove the parameter";
const UNSET: &str = "`, which no parameter sets; add one, with `#[variable(\"…\")]` if it has another name, or give it a default in the document";

/// Panics with a name in the message.
#[track_caller]
const fn refuse(before: &str, name: &str, after: &str) -> ! {
    let mut message = [0; 400];
    let mut length = 0;
    let parts = [before.as_bytes(), name.as_bytes(), after.as_bytes()];
    let mut part = 0;
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() && length < message.len() {
            message[length] = parts[part][at];
            (length, at) = (length + 1, at + 1);
        }
        part += 1;
    }
    match std::str::from_utf8(message.split_at(length).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("a variable of the operation has a name that is not ASCII"),
    }
}

/// An operation in a document.
#[derive(Clone, Copy)]
struct Found {
    kind: &'static str,
    name: Option<&'static str>,
    /// What is between the parentheses after the name.
    variables: &'static str,
    /// Whether the document has others, and none was named.
    is_ambiguous: bool,
}

/// The operation of a name, or the only one.
const fn find(text: &'static str, operation: Option<&str>) -> Option<Found> {
    let mut scan = Scan { text, at: 0 };
    let mut found: Option<Found> = None;
    while let Some(token) = scan.next() {
        let mut next = if is(token, "{") { Some(token) } else { scan.next() };
        let mut this = Found { kind: token, name: None, variables: "", is_ambiguous: false };
        if is(token, "{") {
            this.kind = "query";
        } else if let Some(name) = next
            && is_name(name)
        {
            this.name = next;
            next = scan.next();
        }
        // Up to the fields: the variables, and directives with arguments.
        while let Some(token) = next {
            if is(token, "{") {
                scan.skip_to("}");
                break;
            }
            let start = scan.at;
            if is(token, "(") {
                scan.skip_to(")");
                if this.variables.is_empty() {
                    this.variables = text.split_at(scan.at).0.split_at(start).1;
                }
            }
            next = scan.next();
        }
        if !is(this.kind, "query") && !is(this.kind, "mutation") && !is(this.kind, "subscription") {
            continue;
        }
        match (operation, this.name) {
            (Some(operation), Some(name)) if is(name, operation) => return Some(this),
            (Some(_), _) => {}
            (None, _) if found.is_some() => this.is_ambiguous = true,
            (None, _) => {}
        }
        if operation.is_none() {
            found = Some(this);
        }
    }
    found
}

/// Whether a definition of variables has one of this name.
const fn has_variable(variables: &'static str, name: &str) -> bool {
    let mut scan = Scan { text: variables, at: 0 };
    while let Some(token) = scan.next() {
        if is(token, "$")
            && let Some(found) = scan.next()
            && is(found, name)
        {
            return true;
        }
    }
    false
}

/// The first variable that must be set and is not among those that are.
const fn unset_variable(variables: &'static str, set: &[&str]) -> Option<&'static str> {
    let mut scan = Scan { text: variables, at: 0 };
    let mut name: Option<&'static str> = None;
    let mut is_required = false;
    let mut is_type = false;
    loop {
        let token = scan.next();
        let begins = matches!(token, Some(token) if is(token, "$"));
        if begins || token.is_none() {
            if let Some(name) = name
                && is_required
                && !contains(set, name)
            {
                return Some(name);
            }
            if token.is_none() {
                return None;
            }
            name = scan.next();
            (is_required, is_type) = (false, true);
        } else if let Some(token) = token {
            if is(token, "=") {
                // A default.
                (is_required, is_type) = (false, false);
            } else if is(token, "@") {
                is_type = false;
            } else if is_type {
                is_required = is(token, "!");
            }
        }
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if is(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether two texts are the same.
const fn is(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_name(token: &str) -> bool {
    is_part_of_name(token.as_bytes()[0])
}

const fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Cuts a document into tokens: names, numbers, and single characters. Strings and comments are skipped.
struct Scan {
    text: &'static str,
    at: usize,
}

impl Scan {
    const fn byte(&self, ahead: usize) -> u8 {
        let bytes = self.text.as_bytes();
        if self.at + ahead < bytes.len() { bytes[self.at + ahead] } else { 0 }
    }

    const fn next(&mut self) -> Option<&'static str> {
        loop {
            if self.at >= self.text.len() {
                return None;
            }
            match self.byte(0) {
                b'#' => {
                    while self.at < self.text.len() && !matches!(self.byte(0), b'\n' | b'\r') {
                        self.at += 1;
                    }
                }
                b'"' => self.skip_string(),
                byte if byte.is_ascii_graphic() && byte != b',' => break,
                // White space, commas, and what is no token of GraphQL.
                _ => self.at += 1,
            }
        }
        let start = self.at;
        self.at += 1;
        if is_part_of_name(self.text.as_bytes()[start]) {
            while is_part_of_name(self.byte(0)) {
                self.at += 1;
            }
        }
        Some(self.text.split_at(self.at).0.split_at(start).1)
    }

    const fn skip_string(&mut self) {
        let is_block = self.byte(1) == b'"' && self.byte(2) == b'"';
        self.at += if is_block { 3 } else { 1 };
        while self.at < self.text.len() {
            match self.byte(0) {
                b'\\' => self.at += 1,
                b'"' if !is_block => break,
                b'"' if self.byte(1) == b'"' && self.byte(2) == b'"' => {
                    self.at += 2;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
    }

    /// Goes to the token `end`, past those that are in brackets of their own. The opening one is before.
    const fn skip_to(&mut self, end: &str) {
        let mut depth = 0_usize;
        loop {
            let before = self.at;
            let Some(token) = self.next() else { return };
            if depth == 0 && is(token, end) {
                // In front of it, for what is between.
                if is(end, ")") {
                    self.at = before;
                }
                return;
            }
            if is(token, "{") || is(token, "(") || is(token, "[") {
                depth += 1;
            } else if is(token, "}") || is(token, ")") || is(token, "]") {
                depth = depth.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_of_a_document_is_found() {
        type Found = Option<(&'static str, Option<&'static str>, &'static str)>;
        let rows: [(&str, Option<&str>, Found); 13] = [
            ("{ a }", None, Some(("query", None, ""))),
            ("query { a }", None, Some(("query", None, ""))),
            ("query A($id: ID!) { a(id: $id) }", None, Some(("query", Some("A"), "$id: ID!"))),
            (
                "mutation B ( $a: [Int!]! = [1, 2] ) @c(d: \"}\") { a }",
                None,
                Some(("mutation", Some("B"), " $a: [Int!]! = [1, 2]")),
            ),
            ("# query X { a }\nquery Y { a }", None, Some(("query", Some("Y"), ""))),
            ("\"\"\" query X { \\\"\"\" \"\"\" query Y { a }", None, Some(("query", Some("Y"), ""))),
            (
                "query Y { a(b: \"}\", c: { d: [\"}\"] }) } fragment F on G { h }",
                None,
                Some(("query", Some("Y"), "")),
            ),
            ("fragment F on G { h } query Y { ...F }", None, Some(("query", Some("Y"), ""))),
            ("query A { a } mutation B { b }", Some("B"), Some(("mutation", Some("B"), ""))),
            ("query A { a } mutation B { b }", Some("C"), None),
            ("fragment F on G { h }", None, None),
            ("", None, None),
            ("query A($a: B = {c: \")\"}) { a }", None, Some(("query", Some("A"), "$a: B = {c: \")\"}"))),
        ];
        for (text, operation, expected) in rows {
            let found = find(text, operation).map(|found| (found.kind, found.name, found.variables));
            assert_eq!(found, expected, "{text}");
        }
        assert!(find("query A { a } query B { b }", None).unwrap().is_ambiguous);
    }

    #[test]
    fn a_variable_must_be_set_if_it_has_neither_null_nor_a_default() {
        let rows: [(&str, &[&str], Option<&str>); 8] = [
            ("", &[], None),
            ("$a: Int", &[], None),
            ("$a: Int!", &[], Some("a")),
            ("$a: Int!", &["a"], None),
            ("$a: Int! = 7, $b: [Int!]", &[], None),
            ("$a: Int $b: [Int]! @c(d: 1)", &["a"], Some("b")),
            ("$a: In = {b: \"!\"}", &[], None),
            ("$a: Int!, $bc: Int!", &["a", "b"], Some("bc")),
        ];
        for (variables, set, expected) in rows {
            assert_eq!(unset_variable(variables, set), expected, "{variables}");
        }
        assert!(has_variable("$a: Int, $bc: Int", "bc") && !has_variable("$a: Int, $bc: Int", "b"));
    }
}
