//! The macros of apisession as fns. A compiler can call a proc macro, a program can't.
#![allow(dead_code, reason = "not every macro is called, and unit tests are those of the other crate")]

use proc_macro2::TokenStream;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// `#[endpoint(…)]` on a struct or an impl.
#[must_use]
pub fn endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    endpoint::endpoint(arguments, item)
}

/// `#[derive(APISession)]`
#[must_use]
pub fn session(item: TokenStream) -> TokenStream {
    session::derive(item)
}

/// `#[derive(ApiError)]`
#[must_use]
pub fn api_error(item: TokenStream) -> TokenStream {
    api_error::derive(item)
}

/// `#[derive(ApiResponse)]`
#[must_use]
pub fn api_response(item: TokenStream) -> TokenStream {
    api_response::derive(item)
}
