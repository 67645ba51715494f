//! Variables in the base URL of a session.

use std::fmt;
use std::sync::Arc;

use apisession::ErrorKind;
use apisession::prelude::*;
use apisession_tests::offline;

#[derive(Clone, Default)]
enum Region {
    #[default]
    Europe,
    America,
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Europe => "eu",
            Self::America => "us",
        })
    }
}

/// Text that is not displayed.
#[derive(Clone)]
struct Version(String);

impl AsRef<str> for Version {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://{subdomain}.{region}.acme.test/{version}/{type}", base_path = "/rest")]
struct Acme {
    session: Session,
    subdomain: Arc<str>,
    #[session(default)]
    region: Region,
    version: Version,
    r#type: u8,
    unused: u8,
}

fn builder(subdomain: &str, version: &str) -> AcmeBuilder {
    Acme::builder(subdomain.into(), Version(version.to_owned()), 7, 1).transport(offline())
}

#[test]
fn the_fields_of_a_session_are_in_its_base_url() {
    let rows = [
        (builder("ana", "v2"), "https://ana.eu.acme.test/v2/7/rest/x"),
        (builder("Ana-1", "v 2/x").region(Region::America), "https://ana-1.us.acme.test/v%202%2Fx/7/rest/x"),
        (builder("", "..").base_url("http://localhost:8080/v1"), "http://localhost:8080/v1/rest/x"),
    ];
    for (builder, expected) in rows {
        let api = builder.build().unwrap();
        assert_eq!(api.raw().get("/x").build().unwrap().url.as_str(), expected);
    }
    let api = builder("ana", "v2").build().unwrap();
    assert_eq!((&*api.subdomain, api.unused, api.r#type), ("ana", 1, 7));
    assert_eq!((api.version.as_ref(), api.region.to_string().as_str()), ("v2", "eu"));
}

#[test]
fn a_value_that_can_not_be_there_is_an_error_of_build_that_does_not_quote_it() {
    let rows = [
        (builder("evil.test", "v1"), "the variable `subdomain` of `base_url` contains a dot"),
        (builder("s3cret/", "v1"), "the variable `subdomain` of `base_url` contains '/'"),
        (builder("s3cret@x", "v1"), "the variable `subdomain` of `base_url` contains '@'"),
        (builder("", "v1"), "the variable `subdomain` of `base_url` is empty"),
        (builder("-s3cret", "v1"), "the variable `subdomain` of `base_url` begins or ends with a hyphen"),
        (builder("ana", ""), "the variable `version` of `base_url` is empty"),
        (builder("ana", ".."), "the variable `version` of `base_url` is a dot segment"),
        (builder("ana", "s3cret\n"), "the variable `version` of `base_url` contains the control character"),
    ];
    for (builder, expected) in rows {
        let error = builder.build().map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.report().contains("s3cret") && !error.report().contains("evil"), "{}", error.report());
    }
}
