//! Writes tokens as an author would, the same with every compiler.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Returns the code on one line, with the spaces of hand-written source.
pub(crate) fn source(code: &impl ToTokens) -> String {
    let mut writer = Writer { text: String::new(), last: Last::Start, pipes: 0 };
    writer.stream(code.to_token_stream());
    writer.text
}

/// What was written last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, or something that nothing is separated from.
    Start,
    /// An identifier, a literal or a group: what can be the left side of an operator.
    Operand,
    /// A word that no operand ends with, such as `mut`.
    Word,
    /// Punctuation with a space after it.
    Spaced,
    /// The first half of an operator of several characters.
    Half,
}

struct Writer {
    text: String,
    last: Last,
    /// How many `|` there were.
    pipes: usize,
}

impl Writer {
    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) => {
                    let ident = ident.to_string();
                    let is_word = ["as", "dyn", "else", "if", "impl", "in", "match", "move", "mut", "return"];
                    self.operand(&ident);
                    if is_word.contains(&ident.as_str()) {
                        self.last = Last::Word;
                    }
                }
                TokenTree::Literal(literal) => self.operand(&literal.to_string()),
                TokenTree::Group(group) => self.group(group.delimiter(), group.stream()),
                TokenTree::Punct(punct) => {
                    let is_joint = punct.spacing() == Spacing::Joint
                        && matches!(tokens.peek(), Some(TokenTree::Punct(_)) | None);
                    self.punct(punct.as_char(), is_joint || punct.as_char() == '\'');
                }
            }
        }
    }

    fn operand(&mut self, text: &str) {
        if matches!(self.last, Last::Operand | Last::Word | Last::Spaced) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.last = Last::Operand;
    }

    fn group(&mut self, delimiter: Delimiter, inner: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace if inner.is_empty() => ("{}", ""),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => ("", ""),
        };
        let is_block = delimiter == Delimiter::Brace;
        if matches!(self.last, Last::Spaced | Last::Word) || (is_block && self.last == Last::Operand) {
            self.text.push(' ');
        }
        self.text.push_str(open);
        self.last = Last::Start;
        let pipes = std::mem::take(&mut self.pipes);
        self.stream(inner);
        self.pipes = pipes;
        self.text.push_str(close);
        self.last = Last::Operand;
    }

    fn punct(&mut self, punct: char, is_joint: bool) {
        let is_inside = self.last == Last::Half;
        let after_operand = self.last == Last::Operand;
        // Whether there is a space before it, and what it is for that which follows.
        let (before, last) = match punct {
            ',' | ';' => (false, Last::Spaced),
            '.' | '?' | '<' | '#' | '$' | '@' | '~' => (self.last == Last::Spaced, Last::Start),
            '!' => (self.last == Last::Spaced || self.last == Last::Word, Last::Start),
            ':' if is_inside => (false, Last::Start),
            '=' if is_inside && self.text.ends_with('.') => (false, Last::Start),
            ':' => (false, Last::Spaced),
            '>' if is_inside && !self.text.ends_with('>') => (false, Last::Spaced),
            '>' => (false, Last::Operand),
            '\'' => (matches!(self.last, Last::Spaced | Last::Word | Last::Operand), Last::Half),
            '|' if is_inside => (false, Last::Spaced),
            '|' => {
                self.pipes += 1;
                let opens = self.pipes % 2 == 1;
                (opens && self.last != Last::Start, if opens { Last::Start } else { Last::Spaced })
            }
            '&' | '*' | '-' if !after_operand && !is_inside => {
                (matches!(self.last, Last::Spaced | Last::Word), Last::Start)
            }
            _ if is_inside => (false, Last::Spaced),
            _ => (true, Last::Spaced),
        };
        if before && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push(punct);
        self.last = if is_joint { Last::Half } else { last };
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::source;

    #[test]
    fn code_reads_as_it_was_written() {
        let rows = [
            "Vec<Event>",
            "Option<a::B>",
            "Result<(A, B), C>",
            "HashMap<String, Vec<u8>>",
            "&str",
            "&'static str",
            "&[&str]",
            "&mut [u8; 4]",
            "Cow<'_, str>",
            "Box<dyn Fn(u8) -> u8>",
            "impl Into<Body>",
            "Duration::from_secs(30)",
            "RetryPolicy::new().max_attempts(5)",
            "1024 * 1024",
            "-5",
            "a - 5",
            "\"a b\"",
            "Order::Newest",
            "[1, 2]",
            "vec![1, 2]",
            "|value| value + 1",
            "Limit { count: 5, per: SECOND }",
            "a == b && !c",
            "ErrorMap::new().rule(418, Rule::new(ErrorKind::Conflict))",
            "::core::option::Option<u8>",
            "<T as Trait>::NAME",
            "1..=5",
            "{}",
        ];
        for text in rows {
            let tokens: TokenStream = text.parse().unwrap();
            assert_eq!(source(&tokens), text);
        }
    }
}
