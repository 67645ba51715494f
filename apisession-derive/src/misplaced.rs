//! `#[get]` and the like where no `#[endpoint]` reads them.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::FnArg;
use syn::parse::Parser;

use crate::operations::Declared;

/// Returns the attribute as it is written, without its arguments: `#[get]` for `#[get("/{id}")]`.
pub(crate) fn written() -> String {
    let source = Span::call_site().source_text().unwrap_or_default();
    name(&source).map_or_else(|| "this attribute".to_owned(), |name| format!("`#[{name}]`"))
}

/// The name of an attribute in its source. One that a macro makes, such as `#[$method("/")]`, has none.
fn name(source: &str) -> Option<&str> {
    let path = source.split('(').next()?.rsplit("::").next()?;
    let name = path.trim_matches(|c: char| matches!(c, '#' | '[' | ']') || c.is_whitespace());
    (!name.is_empty() && !name.contains('$')).then_some(name)
}

/// Reports that the impl has no `#[endpoint]`. `#[endpoint]` removes the attributes of operations, so they are expanded only
/// where it is missing. The fn gets a body, so that this is the only message.
pub(crate) fn misplaced(attribute: &str, item: &TokenStream) -> TokenStream {
    let has_body = matches!(
        item.clone().into_iter().last(),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace
    );
    let message = if has_body {
        format!(
            "{attribute} can't be here: it makes a fn without a body an operation, inside an `#[endpoint] impl`"
        )
    } else {
        format!("{attribute} has no effect by itself; add `#[endpoint]` above the `impl`")
    };
    // At the attribute, but not as part of a macro's output, of which rustc would add a note.
    let outside = item.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    let error = quote_spanned!(Span::call_site().resolved_at(outside)=> ::core::compile_error!(#message););
    let Ok(Declared { attrs, vis, mut sig }) = Declared::parse.parse2(item.clone()) else {
        return if has_body { quote!(#error #item) } else { error };
    };
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs.clear();
        }
    }
    let body = quote_spanned!(sig.ident.span()=> ::core::unreachable!());
    quote! {
        #error
        #(#attrs)*
        #[allow(unused_variables)]
        #vis #sig { #body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_attribute_is_found_in_its_source() {
        let rows = [
            ("#[get]", Some("get")),
            ("#[get(\"/{id}\", timeout = a::b(1))]", Some("get")),
            ("# [ request (PURGE) ]", Some("request")),
            ("#[apisession::prelude::post(\"/\")]", Some("post")),
            ("graphql(\"{ a }\")", Some("graphql")),
            ("#[$method(\"/\")]", None),
            ("", None),
        ];
        for (source, expected) in rows {
            assert_eq!(name(source), expected, "{source}");
        }
    }

    #[test]
    fn fault_f6_an_operation_without_endpoint_is_one_message() {
        let rows = [
            (
                quote!(
                    pub fn get(&self, id: u64) -> Call<String>;
                ),
                "add `#[endpoint]` above the `impl`",
            ),
            (
                quote!(
                    fn get(&self, #[json] a: &A, #[query(flag)] b: Option<bool>) -> Call<(), E>;
                ),
                "add `#[endpoint]`",
            ),
            (
                quote!(
                    /** Docs. */
                    #[must_use]
                    fn get(&self) -> A<{ 1 }, B>;
                ),
                "add `#[endpoint]`",
            ),
            (
                quote!(
                    fn get(&self) -> u8 {
                        1
                    }
                ),
                "inside an `#[endpoint] impl`",
            ),
            (quote!(fn get(&self) ->), "add `#[endpoint]`"),
        ];
        for (item, expected) in rows {
            let output = misplaced("`#[get]`", &item);
            let text = output.to_string();
            assert_eq!(text.matches("compile_error !").count(), 1, "{text}");
            assert!(text.contains(expected), "{text}");
            // What remains is valid Rust, and has no attribute that only `#[endpoint]` knows.
            assert!(!text.contains("query") && !text.contains("json"), "{text}");
            syn::parse2::<syn::ItemImpl>(quote!(impl A { #output })).unwrap();
        }
    }
}
