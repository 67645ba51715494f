//! An error says whose fault it is. Names begin with the items of the issue.

use apisession::prelude::*;
use apisession::transport::Reqwest;
use apisession_tests::offline;

/// Credentials that are selected by name, and the settings of the default transport.
mod builds {
    use super::*;

    #[endpoint(path = "/keys", auth = vault)]
    pub struct Keys;

    #[endpoint(path = "/users")]
    pub struct Users;

    #[endpoint]
    impl Users {
        #[get]
        fn list(&self) -> Call<()>;

        #[get("/admins", auth = admin)]
        fn admins(&self) -> Call<()>;

        #[graft("/{id}/keys")]
        fn keys(&self, id: u32) -> Keys;
    }

    /// Selects on an operation, and on an endpoint that is grafted with a value.
    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", hooks)]
    pub struct Deep {
        session: Session,
        #[endpoint]
        users: Users,
        #[session(default)]
        hook: Option<&'static str>,
    }

    impl APISession for Deep {
        fn build_session(&self, options: Options) -> Result<Options> {
            Ok(self.hook.into_iter().fold(options, |options, name| options.add_credential(name, Credential::none())))
        }
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", auth = root)]
    pub struct Own {
        session: Session,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", auth = none)]
    pub struct Plain {
        session: Session,
        #[endpoint]
        keys: Keys,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", connect_timeout = Duration::from_secs(5))]
    pub struct Patient {
        session: Session,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "http://api.test")]
    pub struct Bare {
        session: Session,
    }
}

#[test]
fn fault_d12_what_would_be_dropped_or_missing_is_refused() {
    use self::builds::{Bare, Deep, Own, Patient, Plain};
    let second = Duration::from_secs(1);
    let deep = |names: &[&str]| {
        let builder = Deep::builder().transport(offline());
        names.iter().fold(builder, |builder, name| builder.add_credential(name, Credential::none()))
    };
    let selects = |who: &str, name: &str| {
        Some(format!("`auth` of {who} selects the credential `{name}`, which the session does not have"))
    };
    let option = |name: &str| Some(format!("`{name}` is an option of the default transport"));
    let bare = || Bare::builder().transport(offline());
    let wire = Reqwest::builder().connect_timeout(second).pool_idle_timeout(second).build().unwrap();
    let rows = [
        (deep(&[]).build().err(), selects("Keys", "vault")),
        (deep(&["admin"]).build().err(), selects("Keys", "vault")),
        (deep(&["vault"]).build().err(), selects("Users::admins", "admin")),
        (deep(&["vault"]).hook(Some("other")).build().err(), selects("Users::admins", "admin")),
        (deep(&["vault"]).hook(Some("admin")).build().err(), None),
        (deep(&["admin", "vault"]).build().err(), None),
        (Own::builder().transport(offline()).build().err(), selects("the session", "root")),
        (Own::builder().transport(offline()).without_credential().build().err(), None),
        (Own::builder().transport(offline()).add_credential("root", Credential::none()).build().err(), None),
        (Plain::builder().transport(offline()).build().err(), selects("Keys", "vault")),
        (bare().credential_named("x").build().err(), selects("the session", "x")),
        (bare().connect_timeout(second).build().err(), option("connect_timeout")),
        (bare().pool_idle_timeout(second).build().err(), option("pool_idle_timeout")),
        (bare().pool_idle_timeout(Duration::MAX).build().err(), option("pool_idle_timeout")),
        (Patient::builder().transport(offline()).build().err(), option("connect_timeout")),
        (Bare::builder().transport(wire).build().err(), None),
        (Bare::builder().connect_timeout(second).pool_idle_timeout(second).build().err(), None),
        // A mount takes a part of the API, and the default transport the rest.
        (Bare::builder().mount("http://api.test/v2", offline()).connect_timeout(second).build().err(), None),
    ];
    for (index, (error, expected)) in rows.into_iter().enumerate() {
        match (error, expected) {
            (None, None) => {}
            (Some(error), Some(expected)) => {
                assert!(error.to_string().starts_with(&expected), "{index}: {error}");
                assert_eq!(error.kind(), ErrorKind::Configuration, "{index}");
            }
            (error, expected) => panic!("{index}: {error:?}, not {expected:?}"),
        }
    }
}
