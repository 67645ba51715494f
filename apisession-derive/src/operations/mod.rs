//! `#[endpoint]` on an impl: the operations of an endpoint or a session.

mod check;
mod conditional;
mod cut;
mod describe;
mod expand;
mod graphql;
mod item;
#[cfg_attr(not(feature = "pages"), path = "no_page.rs")]
mod page;
mod parameter;
mod parse;
#[cfg(any(feature = "jobs", feature = "pages"))]
mod pointer;
#[cfg_attr(not(feature = "jobs"), path = "no_poll.rs")]
mod poll;
#[cfg_attr(not(feature = "streams"), path = "no_stream.rs")]
mod stream;
mod write;

pub(crate) use self::parse::Declared;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::ItemImpl;

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;

pub(crate) fn endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let keys = Keys::parse(arguments, keys::IMPL, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let (head, body) = match split(item) {
        Ok(parts) => parts,
        Err(error) => return error.to_compile_error(),
    };
    let owner = check::owner(&head, &mut mistakes);
    let mut items = Vec::new();
    for item in cut::items(body) {
        items.extend(item::read(item, &owner));
    }
    check::names_of_items(&mut items);
    poll::targets(&mut items);
    expand::expand(&krate, &head, &items, mistakes)
}

/// Splits an impl into its head, with an empty body, and the tokens of its body.
fn split(item: TokenStream) -> syn::Result<(ItemImpl, TokenStream)> {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    match tokens.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
            tokens.push(Group::new(Delimiter::Brace, TokenStream::new()).into());
            Ok((syn::parse2(tokens.into_iter().collect())?, body.stream()))
        }
        last => Err(syn::Error::new_spanned(last, "expected the body of an `impl`")),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    /// Returns the formatted output of the macro for `impl Events` with this body.
    fn expanded(body: &TokenStream) -> String {
        let output = endpoint(TokenStream::new(), quote! { impl Events { #body } });
        prettyplease::unparse(&syn::parse2(output).expect("the output is items"))
    }

    #[test]
    fn an_incomplete_operation_does_not_affect_the_others() {
        let whole = [
            quote! { #[get("/{id}")] pub fn get(&self, id: u64) -> Call<Event>; },
            quote! { pub fn helper(&self) -> u8 { 1 } },
        ];
        let halves = [
            quote!(#[post] pub fn create(&self, #[json] event: &NewEvent) -> Call<Event>),
            quote!(#[post] pub fn create(&self, #[json] event: ) -> Call<Event>;),
            quote!(#[post] pub fn create(&self, event: &NewEvent) -> ),
            quote!(#[post] pub fn create),
            quote!(#[post] pub fn),
            quote!(pub),
        ];
        for half in halves {
            let output = expanded(&quote! { #half #(#whole)* });
            assert!(output.contains("fn get(&self, id: u64) -> Call<Event> {"), "{half}\n{output}");
            assert!(output.contains("fn helper"), "{half}\n{output}");
            assert_eq!(output.matches("compile_error!").count(), 1, "{half}\n{output}");
        }
    }

    #[cfg(not(any(feature = "jobs", feature = "pages", feature = "streams")))]
    #[test]
    fn what_a_build_leaves_out_is_refused_with_the_feature_that_has_it() {
        let rows = [
            (quote! { #[get(page = link(items = ""))] pub fn a(&self) -> Pager<A>; }, "`page`", "pages"),
            (
                quote! { #[graphql("{ a }", page = connection(at = "/a"))] pub fn a(&self) -> Pager<A>; },
                "`page`",
                "pages",
            ),
            (quote! { #[get] pub fn a(&self) -> Pager<A>; }, "`Pager`", "pages"),
            (quote! { #[post(poll(read = location))] pub fn a(&self) -> Poller<A>; }, "`poll`", "jobs"),
            (quote! { #[get(wait(until_exists))] pub fn a(&self) -> Poller<A>; }, "`wait`", "jobs"),
            (quote! { #[get] pub fn a(&self, b: Option<u8>) -> Poller<A, E>; }, "`Poller`", "jobs"),
            (
                quote! { #[get(events(reconnect))] pub fn a(&self) -> Call<EventStream<A>>; },
                "`events`",
                "streams",
            ),
            (quote! { #[get(lines)] pub fn a(&self) -> Call<Lines<A>>; }, "`lines`", "streams"),
            (quote! { #[get(resume = after)] pub fn a(&self) -> Call<Lines<A>>; }, "`resume`", "streams"),
        ];
        for (row, what, feature) in rows {
            let output = expanded(&row);
            let message = format!("{what} requires the feature `{feature}` of `apisession`");
            assert!(output.contains(&message), "{row}\n{output}");
            assert_eq!(output.matches("compile_error!").count(), 1, "{row}\n{output}");
        }
        let call = expanded(&quote! { #[get] pub fn a(&self) -> Call<Lines>; });
        assert!(!call.contains("compile_error!"), "{call}");
    }

    #[test]
    fn fault_f4_the_advice_to_make_a_parameter_an_option_names_the_query() {
        let rows = [
            (
                quote!(
                    #[get]
                    pub fn a(&self, since: u64) -> Call<()>;
                ),
                1,
            ),
            (
                quote!(
                    #[get("/{id}")]
                    pub fn a(&self, id: u64, since: u64) -> Call<()>;
                ),
                1,
            ),
            (
                quote!(
                    #[delete]
                    pub fn a(&self, force: bool) -> Call<()>;
                ),
                1,
            ),
            (
                quote!(
                    #[request(PURGE)]
                    pub fn a(&self, r#type: &str) -> Call<()>;
                ),
                1,
            ),
            (
                quote!(
                    #[post]
                    pub fn a(&self, one: &A, two: &B) -> Call<()>;
                ),
                2,
            ),
            (
                quote!(
                    #[put]
                    pub fn a(&self, #[json] one: &A, two: &B) -> Call<()>;
                ),
                1,
            ),
            (
                quote!(
                    #[patch]
                    pub fn a(&self, one: &A, since: Option<u8>) -> Call<()>;
                ),
                0,
            ),
        ];
        for (row, expected) in rows {
            let output = expanded(&row);
            let advice = "or make it an `Option`, whose value then goes into the query";
            assert_eq!(output.matches(advice).count(), expected, "{row}\n{output}");
            assert_eq!(output.matches("compile_error!").count(), expected, "{row}\n{output}");
        }
    }
}
