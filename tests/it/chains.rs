//! Where a session's credential and settings come from.
//!
//! The rows of requests-gracedb and qbraid are by the behavior of those clients. Where ours differs, the row names the defect.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{Chain, Environment, Mechanism, Netrc, Profile};
use apisession_tests::{Sent, recording, respond, tokio};
use tempfile::TempDir;

#[derive(Clone, APISession)]
#[session(base_url = "https://example.org/api", timeout = Duration::from_secs(11))]
struct Acme {
    session: Session,
}

/// A folder of files and an environment, in place of those of the user.
struct User {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl User {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home");
        fs::create_dir_all(folder.path().join("tmp")).unwrap();
        fs::create_dir_all(&home).unwrap();
        Self { folder, variables: vec![("HOME".to_owned(), home.display().to_string())] }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file, and has a variable name it.
    fn named(self, variable: &str, name: &str, text: &str) -> Self {
        let path = self.path(name).display().to_string();
        self.file(name, text, 0o600).set(variable, &path)
    }

    fn file(self, name: &str, text: &str, mode: u32) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn environment(&self) -> Environment {
        let variables = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Environment::of(variables).shared_folder(self.path("tmp"))
    }

    fn id(&self) -> u32 {
        fs::metadata(self.folder.path()).unwrap().uid()
    }
}

/// What a session with this chain has: the step, and the `Authorization` of a call, or the error of the build.
async fn outcome(user: &User, chain: Chain, change: impl FnOnce(AcmeBuilder) -> AcmeBuilder) -> String {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
    let builder = change(Acme::builder().credentials(chain.environment(user.environment())));
    let api = match builder.transport(transport).build() {
        Ok(api) => api,
        Err(error) => return error.to_string(),
    };
    let step = api.credential_source().step().unwrap_or("none").to_owned();
    format!("{step} {}", authorization(&api, &sent).await).trim_end().to_owned()
}

async fn authorization(api: &Acme, sent: &Sent) -> String {
    api.raw().get("/x").await.unwrap();
    sent.all().last().unwrap().header("authorization").to_owned()
}

fn basic(user: &str, password: &str) -> Credential {
    Credential::basic(user, password).unwrap()
}

const NETRC: &str = "machine example.org login ana password pw";

/// Python-systems §2.6, the rows without certificates, and those of 1.0.
#[tokio::test]
async fn chain_of_requests_gracedb() {
    type Row =
        (&'static str, fn(User) -> User, fn(Chain) -> Chain, fn(AcmeBuilder) -> AcmeBuilder, &'static str);
    let as_is = |builder: AcmeBuilder| builder;
    let with_ana: fn(AcmeBuilder) -> AcmeBuilder = |builder| builder.credential(basic("ana", "pw"));
    let both = "the chain both forces no credential and requires one; remove one of both";
    let rows: [Row; 18] = [
        ("test_noauth_invalid", |user| user, |chain| chain.force_none(true).required(), as_is, both),
        ("test_force_noauth", |user| user, |chain| chain.force_none(true), with_ana, "none"),
        // G1: there the user's netrc file is sent all the same.
        ("G1", |user| user.named("NETRC", "netrc", NETRC), |chain| chain.force_none(true), as_is, "none"),
        // G11: there a token that is set is sent all the same.
        (
            "G11",
            |user| user,
            |chain| chain.force_none(true),
            |builder| builder.credential(Credential::bearer("t0k3n").unwrap()),
            "none",
        ),
        (
            "test_basic_invalid 1",
            |user| user,
            |chain| chain.given("username", Some("ana")),
            as_is,
            "`username` is set without `password`; set both, or none of them",
        ),
        (
            "test_basic_invalid 2",
            |user| user.named("NETRC", "netrc", NETRC),
            |chain| chain.given("password", Some("s3cret")),
            as_is,
            "`password` is set without `username`; set both, or none of them",
        ),
        ("test_basic_explicit", |user| user, |chain| chain, with_ana, "explicit Basic YW5hOnB3"),
        (
            "both parameters",
            |user| user,
            |chain| chain.given("username", Some("ana")).given("password", Some("pw")),
            as_is,
            "explicit Basic YW5hOnB3",
        ),
        (
            "test_basic_default",
            |user| user.named("NETRC", "netrc", NETRC),
            |chain| chain,
            as_is,
            "netrc Basic YW5hOnB3",
        ),
        (
            "netrc in the home folder",
            |user| user.file("home/.netrc", NETRC, 0o700),
            |chain| chain,
            as_is,
            "netrc Basic YW5hOnB3",
        ),
        ("test_fail_if_noauth: none", |user| user, |chain| chain, as_is, "none"),
        // A missing NETRC is none.
        ("missing netrc", |user| user.set("NETRC", "/nowhere/netrc"), |chain| chain, as_is, "none"),
        (
            "other host",
            |user| user.named("NETRC", "netrc", "machine x login y password z"),
            |chain| chain,
            as_is,
            "none",
        ),
        // G3: there the constructor fails, although the file is not needed.
        (
            "G3",
            |user| user.file("home/.netrc", "s3cret\0", 0o777),
            |chain| chain,
            with_ana,
            "explicit Basic YW5hOnB3",
        ),
        (
            "a login that is no one's",
            |user| user.named("NETRC", "netrc", "machine example.org login ana"),
            |chain| chain,
            as_is,
            "none",
        ),
        (
            "default entry",
            |user| user.named("NETRC", "netrc", "default login ana password pw"),
            |chain| chain,
            as_is,
            "netrc Basic YW5hOnB3",
        ),
        ("variables are not read", |user| user.set("GRACEDB_USERNAME", "x"), |chain| chain, as_is, "none"),
        (
            "empty variables",
            |user| user.set("NETRC", "").file("home/.netrc", NETRC, 0o600),
            |chain| chain,
            as_is,
            "netrc Basic YW5hOnB3",
        ),
    ];
    for (name, prepare, chain, build, expected) in rows {
        let user = prepare(User::new());
        for version in [Chain::gracedb_0_1, Chain::gracedb_1_0] {
            assert_eq!(outcome(&user, chain(version()), build).await, expected, "{name}");
        }
    }
    // safe_netrc: a file that others can read is refused, if it is reached.
    for mode in [0o777, 0o640, 0o604, 0o620] {
        let user = User::new().file("home/.netrc", NETRC, mode);
        let refused = outcome(&user, Chain::gracedb_0_1(), as_is).await;
        assert!(
            refused.contains("can be read or changed by other users; run `chmod 600` on it"),
            "{refused}"
        );
    }
    let missing = outcome(&User::new(), Chain::gracedb_1_0().required(), as_is).await;
    assert!(
        missing.starts_with("the session requires a credential, and there is none:\n  explicit: "),
        "{missing}"
    );

    // 1.0: a token file that is set, that of the variable, and that of the convention. Spaces around it are ignored.
    let user = User::new().named("BEARER_TOKEN_FILE", "token", " t0k3n\n").named("NETRC", "netrc", NETRC);
    let token = |builder: AcmeBuilder| builder.credential(Credential::bearer_file(user.path("token")));
    assert_eq!(outcome(&user, Chain::gracedb_1_0(), token).await, "explicit Bearer t0k3n");
    assert_eq!(outcome(&user, Chain::gracedb_1_0(), as_is).await, "bearer-token file Bearer t0k3n");
    assert_eq!(outcome(&user, Chain::gracedb_0_1(), as_is).await, "netrc Basic YW5hOnB3");
    let user = User::new();
    let name = format!("tmp/bt_u{}", user.id());
    let user = user.file(&name, "t0k3n", 0o644);
    assert_eq!(outcome(&user, Chain::gracedb_1_0(), as_is).await, "bearer-token file Bearer t0k3n");
    let runtime = user.path("run");
    let name = format!("run/bt_u{}", user.id());
    let user = user.file(&name, "other", 0o600).set("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
    assert_eq!(outcome(&user, Chain::gracedb_1_0(), as_is).await, "bearer-token file Bearer other");
    let user = User::new().set("BEARER_TOKEN_FILE", "/nowhere/token");
    assert_eq!(
        outcome(&user, Chain::gracedb_1_0(), as_is).await,
        "BEARER_TOKEN_FILE names the file /nowhere/token, which can't be read, or does not exist"
    );
}

/// Python-systems §2.6, the rows with certificates. The default transport presents them, so it is built.
#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[test]
fn chain_of_requests_gracedb_with_certificates() {
    use apisession::tls::{ClientCertificate, Tls};
    use faults::tls::{parameters, self_signed};

    let issued = self_signed(&parameters("ana", &[]));
    let place = |user: &User, change: &dyn Fn(AcmeBuilder) -> AcmeBuilder, chain: Chain| {
        let builder = change(Acme::builder().credentials(chain.environment(user.environment())));
        match builder.build() {
            Ok(api) => {
                let source = api.credential_source();
                let shown =
                    format!("{} {}", source.step().unwrap_or("none"), source.place().unwrap_or_default());
                shown.trim_end().replace(user.folder.path().to_str().unwrap(), "")
            }
            Err(error) => error.to_string().replace(user.folder.path().to_str().unwrap(), ""),
        }
    };
    let as_is = |builder: AcmeBuilder| builder;
    let pair = |user: User, folder: &str| {
        let user = user.file(&format!("{folder}/usercert.pem"), &issued.certificate, 0o644);
        user.file(&format!("{folder}/userkey.pem"), &issued.key, 0o400)
    };
    let full = || {
        let user = pair(pair(User::new(), "home/.globus"), "env");
        let proxy = format!("tmp/x509up_u{}", user.id());
        let user = user.file(&proxy, &issued.combined(), 0o600).file("proxy.pem", &issued.combined(), 0o600);
        user.file("home/.netrc", NETRC, 0o600)
    };
    let set = |user: User, name: &str, path: &str| {
        let path = user.path(path).display().to_string();
        user.set(name, &path)
    };
    let chain = Chain::gracedb_0_1;

    // test_x509_explicit. A user that is set as well is ignored.
    let user = full();
    let certificate = ClientCertificate::files(user.path("env/usercert.pem"), user.path("env/userkey.pem"));
    let explicit = |builder: AcmeBuilder| {
        builder.tls(Tls::new().client_certificate(certificate.clone())).credential(basic("ana", "pw"))
    };
    assert_eq!(place(&user, &explicit, chain()), "explicit the client certificate that was set");
    // test_force_noauth: the certificate is not presented either.
    assert_eq!(place(&user, &explicit, chain().force_none(true)), "none");

    // test_x509_default_cert_key, _proxy, _x509up, _globus, and then netrc.
    let user = set(
        set(set(full(), "X509_USER_CERT", "env/usercert.pem"), "X509_USER_KEY", "env/userkey.pem"),
        "X509_USER_PROXY",
        "proxy.pem",
    );
    assert_eq!(
        place(&user, &as_is, chain()),
        "X.509 X509_USER_CERT and X509_USER_KEY: /env/usercert.pem and /env/userkey.pem"
    );
    let user = set(full(), "X509_USER_PROXY", "proxy.pem");
    assert_eq!(place(&user, &as_is, chain()), "X.509 X509_USER_PROXY: /proxy.pem");
    let user = set(set(full(), "X509_USER_PROXY", "proxy.pem"), "X509_USER_CERT", "env/usercert.pem");
    assert_eq!(place(&user, &as_is, chain()), "X.509 X509_USER_PROXY: /proxy.pem");
    let user = full();
    let proxy = format!("tmp/x509up_u{}", user.id());
    assert_eq!(place(&user, &as_is, chain()), format!("X.509 /{proxy}"));
    fs::remove_file(user.path(&proxy)).unwrap();
    assert_eq!(
        place(&user, &as_is, chain()),
        "X.509 /home/.globus/usercert.pem and /home/.globus/userkey.pem"
    );
    // 1.0 has no certificates.
    assert_eq!(place(&user, &as_is, Chain::gracedb_1_0()), "netrc the entry for example.org in /home/.netrc");
    fs::remove_file(user.path("home/.globus/userkey.pem")).unwrap();
    assert_eq!(place(&user, &as_is, chain()), "netrc the entry for example.org in /home/.netrc");

    // G5: there the paths of variables are not checked.
    let user = set(full(), "X509_USER_PROXY", "missing.pem");
    assert_eq!(
        place(&user, &as_is, chain()),
        "X509_USER_PROXY names the file /missing.pem, which can't be read, or does not exist"
    );
    // G3: a source that is not needed does no harm.
    let given = |builder: AcmeBuilder| builder.credential(basic("ana", "pw"));
    assert_eq!(place(&user, &given, chain()), "explicit the credential that was set");

    // N5: a key that others can read is refused.
    let user = full().file("open.pem", &issued.combined(), 0o640);
    let user = set(user, "X509_USER_PROXY", "open.pem");
    assert_eq!(
        place(&user, &as_is, chain()),
        "the key in /open.pem can be read or changed by other users; run `chmod 600` on it"
    );
    // Where certificates are no source, one that is set does not take the place of a credential.
    let user = full().set("ACME_TOKEN", "t0k3n");
    let only = |builder: AcmeBuilder| builder.tls(Tls::new().client_certificate(certificate.clone()));
    assert_eq!(place(&user, &only, Chain::new().explicit().env("ACME")), "environment ACME_TOKEN");
    let alternative = place(&user, &only, Chain::new().explicit().env("ACME").x509());
    assert_eq!(alternative, "explicit the client certificate that was set");
    // A transport of the session's own presents none.
    let user = full();
    let own = |builder: AcmeBuilder| builder.transport(recording(|_, _| Ok(respond(200, "1"))).0);
    assert_eq!(place(&user, &own, chain()), "netrc the entry for example.org in /home/.netrc");
}

/// qbraid: an INI file `~/.qbraid/qbraidrc` with the section `default`, headers of its own, and variables.
fn qbraid() -> Chain {
    let profile =
        Profile::new("qbraid").file_in_home(".qbraid/qbraidrc").keys(&["email", "id-token", "refresh-token"]);
    Chain::new()
        .mechanism(Mechanism::header("x-access-token", "access-token"))
        .mechanism(Mechanism::header("api-key", "api-key"))
        .explicit()
        .env("QBRAID")
        .profile(profile)
        .settings()
}

/// Python-systems §3.2 and §3.3.
#[tokio::test]
async fn chain_of_qbraid() {
    async fn sent(user: &User, chain: Chain, build: impl FnOnce(AcmeBuilder) -> AcmeBuilder) -> String {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let builder = build(Acme::builder().credentials(chain.environment(user.environment())));
        let api = match builder.transport(transport).build() {
            Ok(api) => api,
            Err(error) => return error.to_string().replace(user.folder.path().to_str().unwrap(), ""),
        };
        api.raw().get("/x").await.unwrap();
        let seen = sent.only();
        let shown = format!(
            "{} {}{} {}",
            api.credential_source().step().unwrap_or("none"),
            seen.header("api-key"),
            seen.header("x-access-token"),
            seen.url
        );
        shown.replace("https://", "").replace("/api/x", "")
    }
    let as_is = |builder: AcmeBuilder| builder;
    let file = |text: &str| User::new().file("home/.qbraid/qbraidrc", text, 0o600);
    let key = "[default]\nemail = ana@x\napi-key = file\n";
    let rows: [(&str, User, &str); 12] = [
        // Q1: there a key of the environment is never sent.
        ("Q1", User::new().set("QBRAID_API_KEY", "env"), "environment env example.org"),
        ("the file", file(key), "profile file example.org"),
        // Q2: there the file wins over the environment.
        ("Q2", file(key).set("QBRAID_API_KEY", "env"), "environment env example.org"),
        ("another section", file("[other]\napi-key = file"), "none  example.org"),
        ("no section of ours, no file", User::new(), "none  example.org"),
        // §3.2: there `%` in a value is an error of interpolation.
        ("percent", file("[default]\napi-key = a%b%%c"), "profile a%b%%c example.org"),
        (
            "token wins over key",
            file(key).set("QBRAID_ACCESS_TOKEN", "t").set("QBRAID_API_KEY", "env"),
            "environment t example.org",
        ),
        // §3.3: the variable with the path of the file, and the URL, for which the environment wins as well.
        ("url", file("[default]\nurl = https://file.org/api\napi-key = file"), "profile file file.org"),
        (
            "url of the environment",
            file("[default]\nurl = https://file.org/api\napi-key = file")
                .set("QBRAID_URL", "https://env.org/api"),
            "profile file env.org",
        ),
        (
            "file of a variable",
            file(key).named("QBRAID_CONFIG_FILE", "own.ini", "[default]\napi-key = own"),
            "profile own example.org",
        ),
        (
            "section of a variable",
            file("[work]\napi-key = work").set("QBRAID_PROFILE", "work"),
            "profile work example.org",
        ),
        (
            "unknown key",
            file("[default]\napikey = s3cret"),
            "the configuration file /home/.qbraid/qbraidrc has an unknown key in [default]: `apikey`; did you mean `api-key`?",
        ),
    ];
    for (name, user, expected) in rows {
        assert_eq!(sent(&user, qbraid(), as_is).await, expected, "{name}");
    }
    // An argument wins over both, and its URL too.
    let user = file(key).set("QBRAID_API_KEY", "env").set("QBRAID_URL", "https://env.org/api");
    let given = qbraid().given("api-key", Some("given"));
    assert_eq!(
        sent(&user, given, |builder| builder.base_url("https://arg.org/api")).await,
        "explicit given arg.org"
    );
    assert_eq!(sent(&user, qbraid().given("api-key", None::<&str>), as_is).await, "environment env env.org");
    // A builder's credential is not replaced, and then the file may be broken, if no settings are read from it.
    let user = file("[default\ns3cret");
    let chain = Chain::new().explicit().profile(Profile::new("qbraid").file_in_home(".qbraid/qbraidrc"));
    let set = |builder: AcmeBuilder| builder.credential(Credential::header("api-key", "set").unwrap());
    assert_eq!(sent(&user, chain.clone(), set).await, "explicit set example.org");
    assert_eq!(
        sent(&user, chain, as_is).await,
        "the configuration file /home/.qbraid/qbraidrc has no section above line 1; write `[default]`"
    );
}

/// Python-systems §6: prioritized mechanisms, with a parameter of each in the environment.
#[tokio::test]
async fn mechanisms_are_tried_in_their_order() {
    let chain = || {
        let keys = Mechanism::new("keys", &["access_key", "secret_key"], |values| {
            Credential::bearer(format!("{}.{}", values[0].expose(), values[1].expose()))
        });
        Chain::new()
            .mechanism(keys)
            .mechanism(Mechanism::basic("username", "password"))
            .explicit()
            .env("TIO")
            .profile(Profile::new("tio").file("tio.ini"))
    };
    type Give = fn(Chain) -> Chain;
    let given_access: Give = |chain| chain.given("access_key", Some("given"));
    type Variables = &'static [(&'static str, &'static str)];
    let rows: [(Variables, Give, &str); 8] = [
        (&[("TIO_ACCESS_KEY", "a"), ("TIO_SECRET_KEY", "s")], |chain| chain, "environment Bearer a.s"),
        (&[("TIO_USERNAME", "ana"), ("TIO_PASSWORD", "pw")], |chain| chain, "environment Basic YW5hOnB3"),
        (
            &[
                ("TIO_USERNAME", "ana"),
                ("TIO_PASSWORD", "pw"),
                ("TIO_ACCESS_KEY", "a"),
                ("TIO_SECRET_KEY", "s"),
            ],
            |chain| chain,
            "environment Bearer a.s",
        ),
        // A part of the first does not hide the second.
        (
            &[("TIO_USERNAME", "ana"), ("TIO_PASSWORD", "pw"), ("TIO_ACCESS_KEY", "a")],
            |chain| chain,
            "environment Basic YW5hOnB3",
        ),
        // An argument wins over its variable, and is completed by the environment.
        (&[("TIO_ACCESS_KEY", "a"), ("TIO_SECRET_KEY", "s")], given_access, "environment Bearer given.s"),
        (&[], given_access, "`access_key` is set without `secret_key`; set both, or none of them"),
        (
            &[],
            |chain| chain.given("acces_key", Some("x")),
            "`acces_key` is no parameter of a mechanism of the chain",
        ),
        (&[("TIO_ACCESS_KEY", "a")], |chain| chain, "none"),
    ];
    for (variables, give, expected) in rows {
        let user = variables.iter().fold(User::new(), |user, (name, value)| user.set(name, value));
        assert_eq!(outcome(&user, give(chain()), |builder| builder).await, expected, "{variables:?}");
    }
    // What was given is not completed from a file.
    let user = User::new().file("home/.config/tio.ini", "[default]\nsecret_key = s", 0o600);
    let refused = outcome(&user, given_access(chain()), |builder| builder).await;
    assert_eq!(refused, "`access_key` is set without `secret_key`; set both, or none of them");
    // A value that can't be right is an error that does not quote it, and no other source takes its place.
    let user = User::new().set("ACME_TOKEN", "s3cr\u{2019}et").file("home/.netrc", NETRC, 0o600);
    let refused = outcome(&user, Chain::new().env("ACME").netrc(), |builder| builder).await;
    assert!(
        refused.starts_with("the credential of ACME_TOKEN can't be used: ") && !refused.contains("s3cr"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_report_has_what_was_looked_at_and_no_secret() {
    let user =
        User::new().file("home/.netrc", "machine example.org login s3cret-user password s3cret", 0o600);
    let user = user.file("home/.config/acme/config.toml", "[default]\n# s3cret\nemail = 's3cret'\n", 0o600);
    let chain = Chain::new()
        .explicit()
        .env("ACME")
        .profile(Profile::new("acme").keys(&["email"]))
        .bearer_token_file()
        .x509()
        .netrc();
    let chain = chain.command("vault", &["s3cret"], Duration::from_secs(1)).environment(user.environment());
    let (transport, _) = recording(|_, _| Ok(respond(200, "1")));
    let api = Acme::builder().credentials(chain.clone()).transport(transport).build().unwrap();
    let (home, shared) = (user.path("home"), user.path("tmp"));
    let expected = format!(
        "netrc: the entry for example.org in {home}/.netrc
  explicit: no credential is set
  environment: ACME_TOKEN is not set; ACME_USERNAME and ACME_PASSWORD are not set
  profile: `token` is not set; `username` and `password` are not set in [default] of {home}/.config/acme/config.toml
  bearer-token file: BEARER_TOKEN_FILE is not set; {shared}/bt_u{id} can't be read, or does not exist
  X.509: the session's own transport presents no certificate that is found
  netrc: the entry for example.org in {home}/.netrc (used)
  command: not looked at",
        home = home.display(),
        shared = shared.display(),
        id = user.id()
    );
    let source = api.credential_source();
    assert_eq!(source.to_string(), expected);
    assert_eq!((source.step(), source.steps().count()), (Some("netrc"), 7));
    assert!(!format!("{source:?} {chain:?} {:?}", user.environment()).contains("s3cret"));

    // A session without a chain, and one that was changed.
    let offline = || Acme::builder().transport(recording(|_, _| Ok(respond(200, "1"))).0);
    assert_eq!(
        offline().build().unwrap().credential_source().to_string(),
        "authenticate: the hook\n  authenticate: the hook (used)"
    );
    let none = api.with(Settings::without_credential).credential_source();
    assert_eq!(none.to_string(), "no credential\n  explicit: no credential is to be sent");
    let other = api.with(|settings| settings.credential(basic("ana", "pw")));
    assert_eq!(other.credential_source().step(), Some("explicit"));
    assert_eq!(other.with(Settings::session_credential).credential_source().step(), Some("explicit"));
    // `without_credential` of the builder is a credential that is set: none.
    let chain = chain.required();
    let refused = offline().credentials(chain).without_credential().build().err().unwrap();
    assert!(refused.to_string().contains("requires a credential"), "{refused}");
}

#[tokio::test]
async fn settings_are_those_of_the_nearest_source() {
    let file =
        "[default]\nurl = 'https://file.org/v1'\ntimeout = 21\nproxy = 'http://ana:s3cret@proxy.file:3128'\n";
    let shown = |user: &User, build: &dyn Fn(AcmeBuilder) -> AcmeBuilder| {
        let chain =
            Chain::new().explicit().env("ACME").profile("acme").settings().environment(user.environment());
        let builder = build(Acme::builder().credentials(chain));
        match builder.build() {
            Ok(api) => {
                let source = api.credential_source();
                let rows: Vec<_> = source.settings().map(|(name, shown)| format!("{name} {shown}")).collect();
                rows.join("; ").replace(user.folder.path().to_str().unwrap(), "")
            }
            Err(error) => error.to_string().replace(user.folder.path().to_str().unwrap(), ""),
        }
    };
    let user = |text: &str| User::new().file("home/.config/acme/config.toml", text, 0o600);
    let http = |builder: AcmeBuilder| builder.base_url("http://127.0.0.1:1");
    assert_eq!(
        shown(&user(&file.replace("https", "http")), &|builder| builder),
        "url http://file.org/v1, from [default] of /home/.config/acme/config.toml; \
         timeout 21s, from [default] of /home/.config/acme/config.toml; \
         proxy http://proxy.file:3128, from [default] of /home/.config/acme/config.toml"
    );
    // The environment wins over the file, and the builder over both.
    let set = user(file)
        .set("ACME_TIMEOUT", "1m30s")
        .set("ACME_PROXY", "proxy.env:1")
        .set("ACME_CONNECT_TIMEOUT", "2");
    assert_eq!(
        shown(&set, &http),
        "timeout 90s, from ACME_TIMEOUT; connect_timeout 2s, from ACME_CONNECT_TIMEOUT; proxy proxy.env:1, from ACME_PROXY"
    );
    assert_eq!(
        shown(&set, &|builder| http(builder)
            .timeout(Duration::from_secs(1))
            .connect_timeout(Duration::from_secs(1))),
        "proxy proxy.env:1, from ACME_PROXY"
    );
    let rows = [
        (
            "timeout = 'soon'",
            "the setting `timeout` of [default] of /home/.config/acme/config.toml is no time, such as `30` or `1m30s`",
        ),
        (
            "timeout = 0",
            "the setting `timeout` of [default] of /home/.config/acme/config.toml is no time, such as `30` or `1m30s`",
        ),
        (
            "timeout = [1]",
            "the configuration file /home/.config/acme/config.toml has a value of `timeout` that is neither text, a number nor a boolean",
        ),
        (
            "time_out = 1",
            "the configuration file /home/.config/acme/config.toml has an unknown key in [default]: `time_out`; did you mean `timeout`?",
        ),
        ("url = 's3cret'", "the setting `url` of [default] of /home/.config/acme/config.toml is no URL"),
        ("s3cret", "the configuration file /home/.config/acme/config.toml is no valid TOML in line 2"),
    ];
    for (text, expected) in rows {
        assert_eq!(shown(&user(&format!("[default]\n{text}")), &|builder| builder), expected, "{text}");
    }
    // The declaration holds where no source has a setting, and a source wins over it.
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
    let user = User::new().set("ACME_URL", "https://env.org/v2").set("ACME_TOKEN", "t0k3n");
    let chain = Chain::new().env("ACME").settings().environment(user.environment());
    let api = Acme::builder().credentials(chain).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.only().url.as_str(), "https://env.org/v2/x");
    assert_eq!(
        api.credential_source().to_string(),
        "environment: ACME_TOKEN\n  environment: ACME_TOKEN (used)\n  setting url: https://env.org/v2, from ACME_URL"
    );
    // netrc is for the host of the URL that is used.
    let user = User::new().set("ACME_URL", "https://env.org/v2").file("home/.netrc", NETRC, 0o600);
    assert_eq!(outcome(&user, Chain::new().env("ACME").netrc().settings(), |builder| builder).await, "none");
}

#[test]
fn a_source_replaces_what_is_declared_and_not_what_the_builder_sets() {
    #[derive(Clone, APISession)]
    #[session(base_url = "http://127.0.0.1:1", connect_timeout = Duration::from_secs(5))]
    struct Patient {
        session: Session,
    }
    let found = |set: fn(PatientBuilder) -> PatientBuilder| {
        let environment = Environment::of([("ACME_CONNECT_TIMEOUT", "2")]);
        let chain = Chain::new().env("ACME").settings().environment(environment);
        let source = set(Patient::builder().credentials(chain)).build().unwrap().credential_source();
        source.settings().map(|(name, shown)| format!("{name} {shown}")).collect::<Vec<_>>()
    };
    assert_eq!(found(|builder| builder), ["connect_timeout 2s, from ACME_CONNECT_TIMEOUT"]);
    assert_eq!(found(|builder| builder.connect_timeout(Duration::from_secs(1))), [""; 0]);
}

#[tokio::test]
async fn a_command_prints_the_token_within_its_time() {
    let script = |text: &str| ["-c".to_owned(), text.to_owned()];
    let second = Duration::from_secs(1);
    let rows: [(&str, &str); 8] = [
        ("echo t0k3n", "Bearer t0k3n"),
        ("printf '  t0k3n\\r\\n'", "Bearer t0k3n"),
        ("cat; echo t0k3n", "Bearer t0k3n"),
        ("echo s3cret; exit 3", "failed: exit status: 3; run it to see why"),
        ("echo s3cret >&2", "printed a token that is empty; set it"),
        (
            "echo 's3cret s3cret'",
            "printed a token that contains a space; remove it, and the name of the scheme if it is there",
        ),
        ("sleep 100", "did not end within 1s"),
        ("head -c 70000 /dev/zero", "printed more than 64 KiB"),
    ];
    for (text, expected) in rows {
        let [flag, text] = script(text);
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let chain = Chain::new().env("ACME").command("sh", &[&flag, &text], second).required();
        let chain = chain.environment(User::new().environment());
        let api = Acme::builder().credentials(chain).transport(transport).build().unwrap();
        assert_eq!(
            api.credential_source().to_string(),
            "command: `sh`\n  environment: ACME_TOKEN is not set; ACME_USERNAME and ACME_PASSWORD are not set\n  command: `sh` (used)"
        );
        match api.raw().get("/x").await {
            Ok(_) => assert_eq!(sent.only().header("authorization"), expected, "{text}"),
            Err(error) => {
                let report = error.report();
                assert!(report.contains(expected) && !report.contains("s3cret"), "{text}: {report}");
                assert_eq!(sent.all().len(), 0);
            }
        }
    }
    let chain = Chain::new().command("/nowhere/vault", &[], second).environment(User::new().environment());
    let api = Acme::builder()
        .credentials(chain)
        .transport(recording(|_, _| Ok(respond(200, "1"))).0)
        .build()
        .unwrap();
    let error = api.raw().get("/x").await.unwrap_err();
    assert!(error.report().contains("can't be started"), "{}", error.report());
}

/// The program runs once for all calls, and again after a 401.
#[tokio::test]
async fn a_command_runs_again_after_a_refusal() {
    let folder = TempDir::new().unwrap();
    let count = folder.path().join("count");
    let (transport, sent) = recording(|_, seen| {
        Ok(respond(if seen.header("authorization") == "Bearer t1" { 401 } else { 200 }, "1"))
    });
    let text = format!("echo x >> {0}; printf t; wc -l < {0}", count.display());
    let chain = Chain::new().command("sh", &["-c", &text], Duration::from_secs(20));
    let api = Acme::builder().credentials(chain).transport(transport).build().unwrap();
    for _ in 0..3 {
        api.raw().get("/x").await.unwrap();
    }
    let tokens: Vec<_> = sent.all().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t2"]);
}

/// The author's hook is used if no source has a credential, and not if one has.
#[tokio::test]
async fn the_hook_signs_in_if_there_is_no_credential() {
    #[derive(Clone, APISession)]
    #[session(base_url = "https://example.org", hooks)]
    struct Hooked {
        session: Session,
        user: Environment,
        #[session(default)]
        logins: Arc<AtomicUsize>,
    }
    impl APISession for Hooked {
        fn build_session(&self, options: Options) -> Result<Options> {
            Ok(options.credentials(Chain::new().environment(self.user.clone()).explicit().env("ACME")))
        }
        async fn authenticate(&self) -> Result<Credential> {
            self.logins.fetch_add(1, Ordering::SeqCst);
            Credential::bearer("login")
        }
    }
    for (user, expected, logins) in
        [(User::new(), "Bearer login", 1), (User::new().set("ACME_TOKEN", "env"), "Bearer env", 0)]
    {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let api = Hooked::builder(user.environment()).transport(transport).build().unwrap();
        api.raw().get("/x").await.unwrap();
        assert_eq!(
            (sent.only().header("authorization"), api.logins.load(Ordering::SeqCst)),
            (expected, logins)
        );
    }
}

/// The environment of the process is read where there is no other, once, in `build`.
#[test]
fn the_environment_of_the_process_is_the_default() {
    const CHILD: &str = "APISESSION_CHAINS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let chain = Chain::new().env("ACME_CHAINS").required();
        let api =
            Acme::builder().credentials(chain).transport(recording(|_, _| Ok(respond(200, "1"))).0).build();
        println!("{}", api.unwrap().credential_source());
        return;
    }
    let name = "the_environment_of_the_process_is_the_default";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([&format!("chains::{name}"), "--exact", "--nocapture"])
        .env(CHILD, "1")
        .env("ACME_CHAINS_TOKEN", "s3cret")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("environment: ACME_CHAINS_TOKEN") && !shown.contains("s3cret"), "{shown}");
}

/// The entries of a netrc file, and that of a login.
#[tokio::test]
async fn netrc_is_for_the_host_of_the_base_url_alone() {
    let file = "machine evil.org login evil password evil\nmachine EXAMPLE.org login bob password two\nmachine example.org login ana password pw";
    let user = User::new().file("own", file, 0o644);
    let own = |netrc: Netrc| Chain::new().netrc_of(netrc.path(user.path("own")));
    let rows = [
        ("https://example.org", own(Netrc::new()), "netrc Basic Ym9iOnR3bw=="),
        ("https://EXAMPLE.ORG:8443/x", own(Netrc::new()), "netrc Basic Ym9iOnR3bw=="),
        ("https://example.org", own(Netrc::new().login("ana")), "netrc Basic YW5hOnB3"),
        ("https://example.org", own(Netrc::new().login("eve")), "none"),
        ("https://www.example.org", own(Netrc::new()), "none"),
        ("https://example.org.evil.com", own(Netrc::new()), "none"),
    ];
    for (url, chain, expected) in rows {
        assert_eq!(outcome(&user, chain, |builder| builder.base_url(url)).await, expected, "{url}");
    }
    // N3, CVE-2024-47081: a URL with a user name has no host that somebody may have meant.
    for url in ["https://example.org:@evil.org/", "https://example.org@evil.org"] {
        let refused = outcome(&user, own(Netrc::new()), |builder| builder.base_url(url)).await;
        assert!(refused.contains("user name"), "{refused}");
    }
    let strict = outcome(&user, own(Netrc::new().strict()), |builder| builder).await;
    assert!(strict.contains("can be read or changed by other users"), "{strict}");
}

/// N4: what is no netrc file is an error at once.
#[tokio::test]
async fn n4_a_file_that_is_none_does_not_hang() {
    let user = User::new();
    let file = |name: &str, text: &[u8]| fs::write(user.path(name), text).unwrap();
    file("large", &vec![b'\n'; 128 * 1024 + 1]);
    file("huge", &vec![b'\n'; 2 * 1024 * 1024]);
    file("line", &[b' '; 16 * 1024 + 1]);
    file("word", &[b'x'; 4 * 1024 + 1]);
    file("nul", b"machine \0");
    fs::create_dir(user.path("folder")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(user.path("pipe")).status().unwrap().success());
    for name in ["large", "huge", "line", "word", "nul", "folder", "pipe"] {
        let started = std::time::Instant::now();
        let chain = Chain::new().netrc_of(Netrc::new().path(user.path(name)));
        let refused = outcome(&user, chain, |builder| builder).await;
        assert!(refused.starts_with(&format!("the netrc file {}", user.path(name).display())), "{refused}");
        assert!(started.elapsed() < Duration::from_millis(500), "{name}: {:?}", started.elapsed());
    }
}

/// curl reads the same from a well-formed file.
#[tokio::test]
async fn n1_curl_is_the_oracle_for_netrc() {
    let Ok(version) = std::process::Command::new("curl").arg("--version").output() else {
        eprintln!("SKIPPED: curl is not installed; netrc files were not compared with it");
        return;
    };
    println!("compared with {}", String::from_utf8_lossy(&version.stdout).lines().next().unwrap_or_default());
    let server = apisession_tests::Server::start(|head| {
        let line =
            head.lines().find_map(|line| line.strip_prefix("Authorization: ")).unwrap_or("-").to_owned();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{line}", line.len())
    })
    .await;
    let address = server.url().replace("http://", "");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("netrc");
    let mut seed = 7_u64;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let machines = ["machine example.com", "machine other.org", "machine EXAMPLE.com", "default"];
    let words = [
        "pw",
        "p\"w",
        "\"p w\"",
        "\"a\\\"b\"",
        "\"a\\\\b\"",
        "login",
        "machine",
        "p#w",
        "\\n",
        "\"\\t\"",
        "p:w",
    ];
    let ends = ["\n", " ", "\t", "\r\n", "\n  ", "\n\n"];
    let mut files = vec![
        "# c\nmachine example.com login ana password pw\n".to_owned(),
        "macdef x\nmachine example.com login evil password evil\n\nmachine example.com login ana password pw\n".to_owned(),
        "machine example.com\n# login evil\nlogin ana\npassword pw\n".to_owned(),
    ];
    for _ in 0..60 {
        let mut file = String::new();
        for _ in 0..=draw(3) {
            file.push_str(machines[draw(machines.len())]);
            let login = format!("login u{}", draw(3));
            let password = format!("password {}", words[draw(words.len())]);
            let pair = if draw(2) == 0 { [login, password] } else { [password, login] };
            for part in pair {
                file.push_str(ends[draw(ends.len())]);
                file.push_str(&part);
            }
            file.push('\n');
        }
        files.push(file);
    }
    for file in files {
        fs::write(&path, &file).unwrap();
        let (file_of_curl, address) = (path.clone(), format!("::{address}"));
        let output = tokio::task::spawn_blocking(move || {
            let mut curl = std::process::Command::new("curl");
            curl.args(["-s", "--max-time", "10", "--netrc-file"]).arg(file_of_curl);
            curl.args(["--connect-to", &address, "http://example.com/"]).output().unwrap().stdout
        });
        let output = String::from_utf8(output.await.unwrap()).unwrap();
        let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
        let chain = Chain::new().netrc_of(Netrc::new().path(&path));
        let api =
            Acme::builder().base_url("https://example.com").credentials(chain).transport(transport).build();
        // A password with a tab is one that this library sends in no credential.
        let ours = match api {
            Ok(api) => authorization(&api, &sent).await,
            Err(_) if file.contains("\\t") => continue,
            Err(error) => panic!("{file:?} {error}"),
        };
        let ours = if ours.is_empty() { "-".to_owned() } else { ours };
        assert_eq!(ours, output, "{file:?}");
    }
}
