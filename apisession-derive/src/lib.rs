//! The macros of `apisession`, which re-exports and documents them.
//!
//! Each macro takes the same steps: cut the input into items, parse them, check them, expand them. A macro reports all
//! mistakes, not only the first, and emits usable code for any input, so that one mistake doesn't cause further errors
//! elsewhere.

use proc_macro::TokenStream;

mod api_error;
#[cfg(feature = "models")]
mod api_model;
mod api_response;
mod base_url;
mod case;
mod endpoint;
mod group;
mod header;
#[cfg_attr(
    not(all(feature = "jobs", feature = "models", feature = "pages", feature = "streams")),
    allow(
        dead_code,
        reason = "the tables of keys, and the syntax of their values, are the same in every build"
    )
)]
mod keys;
mod krate;
mod setters;
mod settings;
mod media_type;
mod misplaced;
mod mistakes;
mod multipart;
mod names;
#[cfg(feature = "models")]
mod open_enum;
mod operations;
mod part;
mod record;
#[cfg(feature = "models")]
mod safe_debug;
mod session;
mod source;
mod statuses;
mod template;
mod tokens;
mod types;
#[cfg(feature = "models")]
mod union;

#[allow(missing_docs, reason = "the docs are at the re-export, where their examples can use the framework")]
#[proc_macro_derive(APISession, attributes(session, endpoint))]
pub fn derive_api_session(input: TokenStream) -> TokenStream {
    session::derive(input.into()).into()
}

#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(ApiError, attributes(api_error, default, other, status))]
pub fn derive_api_error(input: TokenStream) -> TokenStream {
    api_error::derive(input.into()).into()
}

#[cfg(feature = "models")]
#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(APIModel, attributes(model))]
pub fn derive_api_model(input: TokenStream) -> TokenStream {
    api_model::derive(input.into()).into()
}

#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(ApiResponse, attributes(api_response, status))]
pub fn derive_api_response(input: TokenStream) -> TokenStream {
    api_response::derive(input.into()).into()
}

#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(Multipart, attributes(multipart))]
pub fn derive_multipart(input: TokenStream) -> TokenStream {
    multipart::derive(input.into()).into()
}

#[cfg(feature = "models")]
#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(OpenEnum, attributes(open_enum))]
pub fn derive_open_enum(input: TokenStream) -> TokenStream {
    open_enum::derive(input.into()).into()
}

#[cfg(feature = "models")]
#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(SafeDebug, attributes(debug))]
pub fn derive_safe_debug(input: TokenStream) -> TokenStream {
    safe_debug::derive(input.into()).into()
}

#[cfg(feature = "models")]
#[allow(missing_docs, reason = "as above")]
#[proc_macro_derive(Union, attributes(union))]
pub fn derive_union(input: TokenStream) -> TokenStream {
    union::derive(input.into()).into()
}

#[allow(missing_docs, reason = "as above")]
#[proc_macro_attribute]
pub fn endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    endpoint::endpoint(arguments.into(), item.into()).into()
}

#[allow(
    missing_docs,
    reason = "`#[get]` and the other attributes of operations, by which the prelude exports it"
)]
#[proc_macro_attribute]
pub fn operation(_: TokenStream, item: TokenStream) -> TokenStream {
    // One macro for all of them, since each costs the compiler as much as a module.
    misplaced::misplaced(&misplaced::written(), &item.into()).into()
}
