//! `#[derive(APISession)]`: the struct of a session.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

pub(crate) use self::check::is_method;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => {
            let mut session = parse::parse(&input);
            check::check(&input, &mut session);
            expand::expand(&session)
        }
        Err(error) => error.to_compile_error(),
    }
}
