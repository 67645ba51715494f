//! Splits the tokens in the body of an impl into items. Each is parsed separately, so that an incomplete item doesn't
//! affect the others.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Returns the items of a body in source order.
pub(super) fn items(body: TokenStream) -> Vec<Item> {
    let mut items = Vec::new();
    let mut item = Item::default();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if item.ends_before(&token) {
            items.push(std::mem::take(&mut item));
        }
        let next_closes = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '>');
        let ends = item.ends_with(&token) && !next_closes;
        item.push(token);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items.push(item);
    items.retain(|item| !item.tokens.is_empty());
    items
}

/// The tokens of one item, and what is known of it from its keywords.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) tokens: TokenStream,
    kind: Kind,
    /// Whether any token after the attributes was added.
    started: bool,
    /// Whether the last token was the `#` of an attribute.
    hash: bool,
    /// Whether the last token was a block.
    block: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    /// `const`, which can begin a fn or a value.
    Const,
    Fn,
    /// A `const` or a `type`. Its value can contain blocks, and it ends with a semicolon.
    Value,
}

impl Item {
    /// Whether the item is a fn without a body, complete or not.
    pub(super) fn is_declaration(&self) -> bool {
        self.kind == Kind::Fn && !self.block
    }

    /// Whether `token` begins the next item. An attribute or a `pub` can't be inside an item, so this item has no end.
    fn ends_before(&self, token: &TokenTree) -> bool {
        let begins = match token {
            TokenTree::Punct(punct) => punct.as_char() == '#',
            TokenTree::Ident(ident) => ident == "pub",
            _ => false,
        };
        self.started && self.kind != Kind::Value && begins
    }

    fn ends_with(&self, token: &TokenTree) -> bool {
        match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && self.kind != Kind::Value,
            _ => false,
        }
    }

    fn push(&mut self, token: TokenTree) {
        self.block = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '#' && !self.started => self.hash = true,
            TokenTree::Group(group) if self.hash && group.delimiter() == Delimiter::Bracket => {
                self.hash = false;
            }
            TokenTree::Ident(ident) => {
                self.started = true;
                self.kind = self.kind.after(&ident.to_string());
            }
            _ => self.started = true,
        }
        self.tokens.extend([token]);
    }
}

impl Kind {
    fn after(self, word: &str) -> Self {
        match (self, word) {
            (Self::Unknown | Self::Const, "fn") => Self::Fn,
            (Self::Unknown, "const") => Self::Const,
            (Self::Unknown, "type") => Self::Value,
            (Self::Const, "async" | "unsafe" | "extern") => Self::Const,
            (Self::Const, _) => Self::Value,
            (kind, _) => kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_body_is_split_into_items() {
        let rows = [
            (quote!(), 0),
            (quote! { #[get("/")] pub fn a(&self) -> A; fn b() {} }, 2),
            (quote! { const A: A = A { b: 1 }; const B: B = if c { d } else { e }; type C = D; }, 3),
            (quote! { fn a() -> A<{ B }> {} fn b() where C: D {} }, 2),
            (quote! { m! { x } n!(y); }, 2),
            (quote! { pub fn a(&self) -> impl Iterator<Item = u64> { b } #[get] pub fn b(&self) -> B; }, 2),
            (
                quote! { fn a<I>(i: I) where I: IntoIterator<Item = u64> { i } const fn b() { c } fn d() {} },
                3,
            ),
            (quote! { const A: fn() -> B = { c }; pub fn d() {} }, 2),
            // Incomplete items: without the end, without the type, without everything after `fn`.
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
