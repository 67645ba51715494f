//! Cuts tokens by Rust's grammar.

use proc_macro2::{TokenStream, TokenTree};
use syn::Token;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};

/// Returns the tokens from where `begin` stands to where its fork `end` stands.
pub(crate) fn between(begin: ParseStream<'_>, end: ParseStream<'_>) -> TokenStream {
    let (mut cursor, end) = (begin.cursor(), end.cursor());
    let mut tokens = TokenStream::new();
    while cursor != end {
        let Some((token, next)) = cursor.token_tree() else { break };
        tokens.extend([token]);
        cursor = next;
    }
    tokens
}

/// Splits a list at its commas. A comma inside the expression after a `=`, as in `a = b::<C, D>()`, doesn't split it.
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let split = |input: ParseStream<'_>| {
        let mut parts = Vec::new();
        while !input.is_empty() {
            let part = part(input)?;
            input.parse::<Option<Token![,]>>()?;
            parts.extend((!part.is_empty()).then_some(part));
        }
        Ok(parts)
    };
    split.parse2(tokens).unwrap_or_default()
}

fn part(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut part = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        let token: TokenTree = input.parse()?;
        let is_equals = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '=');
        part.extend([token]);
        if is_equals {
            part.extend(expression(input));
        }
    }
    Ok(part)
}

/// Takes the tokens of an expression, if one ends at a comma or at the end.
fn expression(input: ParseStream<'_>) -> Option<TokenStream> {
    let after = input.fork();
    after.parse::<syn::Expr>().ok()?;
    (after.is_empty() || after.peek(Token![,])).then(|| {
        let tokens = between(input, &after);
        input.advance_to(&after);
        tokens
    })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn fault_f2_values_are_cut_by_the_grammar_of_rust() {
        let rows = [
            (quote!(), 0),
            (quote!(,), 0),
            (quote!(a, b = 1, c(d, e)), 3),
            (quote!(rate_limit = make::<u8, u8>(1), timeout = b), 2),
            (quote!(a = <B as C<D, E>>::F, b), 2),
            (quote!(a = b as C<D, E>, b), 2),
            (quote!(a = |b, c| b + c, d), 2),
            (quote!(a = B < C, d = E > F), 2),
            (quote!("x" = f::<u8, u8>(), "y" = none), 2),
            (quote!(a = if b < c { d } else { e }, f), 2),
            // Incomplete values end at the next comma.
            (quote!(a = , b), 2),
            (quote!(a = b c, d), 2),
        ];
        for (tokens, expected) in rows {
            let parts: Vec<_> = split_at_commas(tokens).iter().map(ToString::to_string).collect();
            assert_eq!(parts.len(), expected, "{parts:?}");
        }
    }
}
