//! Cuts the body of an impl into items by Rust's grammar. An incomplete item is cut where the next one seems to begin, so
//! that it doesn't affect the others.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ImplItem;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};

use super::parse::Declared;
use crate::tokens::between;

/// One item in the body of an impl.
pub(super) enum Item {
    /// A fn without a body.
    Declared(Box<Declared>),
    /// Plain Rust, and its tokens.
    Plain(Box<ImplItem>, TokenStream),
    /// Tokens that are no item.
    Broken(Broken),
}

/// Returns the items of a body in source order.
pub(super) fn items(body: TokenStream) -> Vec<Item> {
    let cut = |input: ParseStream<'_>| {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(item(input)?);
        }
        Ok(items)
    };
    cut.parse2(body).unwrap_or_default()
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let after = input.fork();
    if let Ok(declared) = Declared::parse(&after) {
        input.advance_to(&after);
        return Ok(Item::Declared(Box::new(declared)));
    }
    let after = input.fork();
    if let Ok(item) = after.parse::<ImplItem>() {
        let tokens = between(input, &after);
        input.advance_to(&after);
        return Ok(Item::Plain(Box::new(item), tokens));
    }
    let mut broken = Broken::default();
    while !input.is_empty() && !broken.takes_last(input)? {}
    Ok(Item::Broken(broken))
}

/// The tokens of an incomplete item, and what is known of it from its keywords.
#[derive(Debug, Default)]
pub(super) struct Broken {
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

impl Broken {
    /// Whether the item is a fn without a body, complete or not.
    pub(super) fn is_declaration(&self) -> bool {
        self.kind == Kind::Fn && !self.block
    }

    /// Takes the next token, if it belongs to this item. Returns whether the item ends.
    fn takes_last(&mut self, input: ParseStream<'_>) -> syn::Result<bool> {
        let after = input.fork();
        let token: TokenTree = after.parse()?;
        if self.ends_before(&token) {
            return Ok(true);
        }
        input.advance_to(&after);
        // A block before one of these is a constant in a type.
        let goes_on = input.peek(syn::Token![>]) || input.peek(syn::Token![,]);
        let ends = self.ends_with(&token) && !goes_on;
        self.push(token);
        Ok(ends)
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
            assert_eq!(items(body.clone()).len(), expected, "{body}");
        }
    }

    #[test]
    fn fault_f2_items_are_cut_by_the_grammar_of_rust() {
        let rows = [
            quote! { #[get] pub fn a(&self) -> Call<P<{ 1 + 2 }, u8>>; },
            quote! { #[get] pub fn a(&self) -> Call<[P<{ 1 }>; { 2 }]>; },
            quote! { #[get] pub fn a(&self, a: [u8; { 3 }], b: P<{ 4 }>) -> Call<A>; },
            quote! { #[get] pub fn a(&self) -> Call<A> where A: B<{ 1 }, C>, D: E; },
            quote! { pub fn a(&self) -> P<{ 1 + 2 }, u8> { b } },
            quote! { pub fn a(&self) where P<{ 1 }>: B { #[allow(c)] pub fn d() {} } },
            quote! { const A: P<{ 1 }> = { #[allow(b)] pub fn c() {} c() }; },
            quote! { type A = P<{ 1 }, { 2 }>; },
            quote! { pub const unsafe extern "C" fn a() {} },
        ];
        for row in rows {
            let body = quote! { #row #[get] pub fn last(&self) -> Call<()>; };
            let items = items(body);
            assert_eq!(items.len(), 2, "{row}");
            assert!(items.iter().all(|item| !matches!(item, Item::Broken(_))), "{row}");
            assert!(matches!(&items[1], Item::Declared(declared) if declared.sig.ident == "last"), "{row}");
        }
    }
}
