//! Cuts the body of an impl at its items, token by token, so that each is parsed alone and a half-typed
//! one leaves the others as they are.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The items of a body, in order.
pub(super) fn items(body: TokenStream) -> Vec<TokenStream> {
    let mut items = Vec::new();
    let mut item = Item::default();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if item.ends_before(&token) {
            items.push(std::mem::take(&mut item).tokens);
        }
        let next_closes = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '>');
        let ends = item.ends_with(&token) && !next_closes;
        item.push(token);
        if ends {
            items.push(std::mem::take(&mut item).tokens);
        }
    }
    items.push(item.tokens);
    items.retain(|item| !item.is_empty());
    items
}

#[derive(Default)]
struct Item {
    tokens: TokenStream,
    /// Whether anything but attributes was seen.
    started: bool,
    /// Whether the last token was the `#` of an attribute.
    hash: bool,
    /// Whether a value is assigned, as in `const X: T = …;`, so that a block does not end the item.
    assigns: bool,
}

impl Item {
    /// An attribute or a `pub` can't stand inside an item, so the item before it has lost its end.
    fn ends_before(&self, token: &TokenTree) -> bool {
        let begins = match token {
            TokenTree::Punct(punct) => punct.as_char() == '#',
            TokenTree::Ident(ident) => ident == "pub",
            _ => false,
        };
        self.started && !self.assigns && begins
    }

    fn ends_with(&self, token: &TokenTree) -> bool {
        match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !self.assigns,
            _ => false,
        }
    }

    fn push(&mut self, token: TokenTree) {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '#' && !self.started => self.hash = true,
            TokenTree::Group(group) if self.hash && group.delimiter() == Delimiter::Bracket => {
                self.hash = false;
            }
            TokenTree::Punct(punct) => {
                self.started = true;
                self.assigns |= punct.as_char() == '=';
            }
            _ => self.started = true,
        }
        self.tokens.extend([token]);
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_body_is_cut_at_its_items() {
        let rows = [
            (quote!(), 0),
            (quote! { #[get("/")] pub fn a(&self) -> A; fn b() {} }, 2),
            (quote! { const A: A = A { b: 1 }; const B: B = if c { d } else { e }; type C = D; }, 3),
            (quote! { fn a() -> A<{ B }> {} fn b() where C: D {} }, 2),
            (quote! { m! { x } n!(y); }, 2),
            // Half-typed: without its end, without its type, without anything.
            (quote! { pub fn a(&self) -> Call<A> #[get] pub fn b(&self) -> B; }, 2),
            (quote! { #[get] pub fn a(&self) -> pub fn b(&self) -> B; }, 2),
            (quote! { #[get] pub fn #[get] fn b(&self) -> B; }, 2),
        ];
        for (body, expected) in rows {
            let items = items(body.clone());
            assert_eq!(items.len(), expected, "{body}: {items:?}");
        }
    }
}
