//! The names of an SDK don't conflict with those in generated code, and its user needs no imports.
#![deny(warnings, clippy::pedantic)]
#![allow(dead_code)]

mod sdk {
    //! The SDK.
    use apisession::{APISession, Call, Session, endpoint};

    /// Not the standard library's.
    pub struct Result;
    /// Not the standard library's.
    pub struct String;
    /// Not the standard library's.
    pub struct Vec;
    /// Not the standard library's.
    pub enum Option {
        /// Not the standard library's.
        Some,
        /// Not the standard library's.
        None,
    }

    /// Types.
    #[endpoint(path = "/types")]
    pub struct Types;

    #[endpoint]
    impl Types {
        /// A raw identifier, and names that generated code might use.
        #[get("/{type}/{arguments}/{session}")]
        pub fn r#match(
            &self,
            r#type: u64,
            arguments: &str,
            session: &str,
            call: ::core::option::Option<&str>,
            handle: ::core::option::Option<u8>,
        ) -> Call<::std::string::String>;
    }

    /// Acme.
    #[derive(Clone, APISession)]
    #[session(base_url = "http://api.test")]
    pub struct Acme {
        core: Session,
        /// Types.
        #[endpoint]
        types: Types,
        session: u8,
        handle: u8,
        #[session(default)]
        options: u8,
    }
}

#[test]
fn it_compiles_and_runs() {
    let api = sdk::Acme::builder(1, 2).options(3).build().expect("it builds");
    let request =
        api.types().r#match(7, "a", "b").call("c").maybe_handle(Some(1)).build().expect("it can be sent");
    assert_eq!(request.url.as_str(), "http://api.test/types/7/a/b?call=c&handle=1");
}
