//! The chain of sources in which a session looks for its credential.

mod command;
mod found_settings;
mod mechanism;
mod ready_made;
mod token_file;
mod x509;

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use self::command::TokenCommand;
use self::found_settings::FoundSetting;
pub use self::mechanism::Mechanism;
use super::environment::Environment;
use super::look::{Found, Look};
use super::netrc::Netrc;
use super::profile::{Opened, Profile, variable};
use crate::credential::CredentialSource;
use crate::error::{Error, Result};
use crate::redact::Secret;
use crate::settings::{Choice, Discover, Discovery, Options, Settings};

/// The sources in which a session looks for its credential when it is built. The first one that has it is used, and those after it are
/// not looked at.
///
/// What the builder sets is always used, and never replaced by what a file has. A source that does not exist is passed over. One that
/// is looked at and is not valid is an error of `build`, so that no other credential takes its place. One that is not looked at does no
/// harm, whatever is wrong with it.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::Chain;
///
/// #[derive(Clone, APISession)]
/// #[session(base_url = "https://api.acme.example/v1", hooks)]
/// pub struct Acme {
///     session: Session,
/// }
///
/// impl APISession for Acme {
///     fn build_session(&self, options: Options) -> Result<Options> {
///         Ok(options.credentials(Chain::new().explicit().env("ACME").profile("acme").netrc()))
///     }
/// }
///
/// let api = Acme::builder().credential(Credential::bearer("t0k3n")?).build()?;
/// assert_eq!(api.credential_source().step(), Some("explicit"));
/// # Ok::<(), apisession::Error>(())
/// ```
///
/// [`Session::credential_source`](crate::Session::credential_source) returns which step was used, and what each looked at.
///
/// Without a [`mechanism`](Self::mechanism), the parameters of a credential are `token`, for a bearer token, or else `username` and
/// `password`, for a basic credential.
#[derive(Clone)]
pub struct Chain {
    steps: Vec<Step>,
    mechanisms: Vec<Mechanism>,
    /// The parameters that the author got from the user.
    given: Vec<(String, Secret)>,
    environment: Environment,
    forced: bool,
    required: bool,
    has_settings: bool,
    /// Whether exactly one of certificate and credential is used.
    is_exclusive: bool,
}

#[derive(Clone)]
enum Step {
    Explicit,
    /// Variables with this prefix.
    Variables(String),
    Profile(Profile),
    TokenFile,
    Certificate,
    Netrc(Netrc),
    Command(TokenCommand),
}

/// The parameters of a source by their names, with what a report calls each.
type Parameters<'a> = dyn Fn(&str) -> Result<Option<(String, Secret)>> + 'a;

impl Chain {
    /// Creates an empty chain.
    #[must_use]
    pub fn new() -> Self {
        Self {
            steps: Vec::new(),
            mechanisms: Vec::new(),
            given: Vec::new(),
            environment: Environment::default(),
            forced: false,
            required: false,
            has_settings: false,
            is_exclusive: false,
        }
    }

    /// Sends no credential and no client certificate if `force` is true, whatever the builder and the sources have, and looks at nothing.
    #[must_use]
    pub fn force_none(mut self, force: bool) -> Self {
        self.forced = force;
        self
    }

    /// Adds the step of what the builder sets: a credential, the parameters of [`given`](Self::given), and in a chain with
    /// [`x509`](Self::x509) a client certificate.
    ///
    /// A credential of the builder is used also in a chain without this step, and wherever it stands.
    #[must_use]
    pub fn explicit(self) -> Self {
        self.with(Step::Explicit)
    }

    /// Adds the step of the variables with this prefix: `ACME_TOKEN` for the prefix `ACME`. An empty variable counts as unset.
    #[must_use]
    pub fn env(self, prefix: &str) -> Self {
        self.with(Step::Variables(prefix.to_owned()))
    }

    /// Adds the step of a [`Profile`]. The name of an SDK is that of its default profile.
    #[must_use]
    pub fn profile(self, profile: impl Into<Profile>) -> Self {
        self.with(Step::Profile(profile.into()))
    }

    /// Adds the step of the user's bearer token: the file of the variable `BEARER_TOKEN_FILE`, or else `bt_uUID` in the folder
    /// `XDG_RUNTIME_DIR`, or without that in `/tmp`, if it is not another user's. It is read like that of
    /// [`Credential::bearer_file`](crate::Credential::bearer_file).
    #[must_use]
    pub fn bearer_token_file(self) -> Self {
        self.with(Step::TokenFile)
    }

    /// Adds the step of the user's client certificate: `X509_USER_CERT` with `X509_USER_KEY`, or `X509_USER_PROXY`, or the proxy
    /// certificate `/tmp/x509up_uUID`, if it is not another user's, or `usercert.pem` with `userkey.pem` in `~/.globus`.
    ///
    /// A file that a variable names must exist, and others must not be able to read a key. A session with another transport than the
    /// default one can present no certificate, and passes over this step; so does a build without TLS.
    #[must_use]
    pub fn x509(self) -> Self {
        self.with(Step::Certificate)
    }

    /// Adds the step of the user's [`Netrc`].
    #[must_use]
    pub fn netrc(self) -> Self {
        self.netrc_of(Netrc::new())
    }

    /// Adds the step of a [`Netrc`] that is not the default one.
    #[must_use]
    pub fn netrc_of(self, netrc: Netrc) -> Self {
        self.with(Step::Netrc(netrc))
    }

    /// Adds the step of a program that prints a bearer token. It is found in `PATH`, gets no input, and what it writes to its standard
    /// error is ignored.
    ///
    /// If this step is reached, it is used. The program runs when a call needs the token, again after a 401, and again before a token
    /// that is a JWT expires. One that fails, prints more than 64 KiB, or runs longer than `limit`, is an error of the call.
    #[must_use]
    pub fn command(self, program: impl Into<OsString>, arguments: &[&str], limit: Duration) -> Self {
        let arguments = arguments.iter().map(Into::into).collect();
        self.with(Step::Command(TokenCommand { program: program.into(), arguments, limit }))
    }

    /// Makes it an error of `build` if no step has a credential.
    #[must_use]
    pub fn required(self) -> Self {
        self.required_if(true)
    }

    /// The same, if a setting of the SDK asks for it.
    #[must_use]
    pub fn required_if(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Adds a kind of credential. Of those that a source has, the one that was added first is used.
    #[must_use]
    pub fn mechanism(mut self, mechanism: Mechanism) -> Self {
        self.mechanisms.push(mechanism);
        self
    }

    /// Sets a parameter that the user gave the SDK, such as `token`. `None` is one that was not given.
    ///
    /// It is used before that of any source. Parameters of a mechanism that are missing can come from the environment, but not from
    /// files. A mechanism of which only a part was given is an error of `build`.
    #[must_use]
    pub fn given(mut self, parameter: &str, value: Option<impl Into<Secret>>) -> Self {
        if let Some(value) = value {
            self.given.push((parameter.to_owned(), value.into()));
        }
        self
    }

    /// Takes settings of the session from the environment and the profile of the chain as well: `url`, `timeout`, `attempt_timeout`,
    /// `connect_timeout`, `proxy`, `no_proxy` and `ca_file`, which are `ACME_URL` and so on in the environment.
    ///
    /// What the builder sets wins over the environment, that over the profile, and that over the declaration. A time is a number of
    /// seconds, or one with units, such as `1m30s`.
    #[must_use]
    pub fn settings(mut self) -> Self {
        self.has_settings = true;
        self
    }

    /// Sets where variables and folders are looked up. Default: the environment of the process.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    fn with(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The kinds of credentials, in their order.
    fn mechanisms(&self) -> Vec<Mechanism> {
        if self.mechanisms.is_empty() {
            return vec![Mechanism::bearer("token"), Mechanism::basic("username", "password")];
        }
        self.mechanisms.clone()
    }

    fn look(&self, step: &Step, options: &Options) -> Result<Look> {
        match step {
            Step::Explicit => self.look_at_given(),
            Step::Variables(prefix) => self.look_at_variables(prefix),
            Step::Profile(profile) => self.look_at_profile(&profile.of_chain(&self.environment)),
            Step::TokenFile => token_file::look(&self.environment),
            Step::Certificate => match options.certificate_obstacle() {
                Some(why) => Ok(Look::nothing(why)),
                None => x509::look(&self.environment),
            },
            Step::Netrc(netrc) => match options.any_base_url().and_then(|url| Url::parse(url).ok()) {
                Some(url) => netrc.look(&self.environment, url.host_str().unwrap_or_default()),
                None => Ok(Look::nothing("the session has no base URL")),
            },
            Step::Command(command) => Ok(Look::credential(format!("`{command}`"), command.credential())),
        }
    }

    fn look_at_given(&self) -> Result<Look> {
        if self.given.is_empty() {
            return Ok(Look::nothing("no credential is set"));
        }
        let find = |name: &str| Ok(self.given_parameter(name).map(|value| (format!("`{name}`"), value)));
        self.of_mechanisms(&find, |name| format!("`{name}`"))
    }

    fn look_at_variables(&self, prefix: &str) -> Result<Look> {
        let name_of = |name: &str| format!("{prefix}_{}", variable(name));
        let find = |name: &str| {
            if let Some(value) = self.given_parameter(name) {
                return Ok(Some((format!("`{name}`"), value)));
            }
            let name = name_of(name);
            Ok(self.environment.text(&name)?.map(|value| (name, Secret::new(value))))
        };
        self.of_mechanisms(&find, name_of)
    }

    fn look_at_profile(&self, profile: &Profile) -> Result<Look> {
        let Some(opened) = profile.opened()? else {
            return Ok(Look::nothing(match profile.place() {
                Some(path) => format!("{} does not exist", path.display()),
                None => "no home folder is known".to_owned(),
            }));
        };
        if let Some(why) = opened.missing_section() {
            return Ok(Look::nothing(why));
        }
        self.check(profile, &opened)?;
        let shown = opened.shown();
        let find = |name: &str| {
            let value = opened.get(name)?.filter(|value| !value.expose().is_empty());
            Ok(value.map(|value| (format!("`{name}`"), value)))
        };
        let mut look = self.of_mechanisms(&find, |name| format!("`{name}`"))?;
        look.at = format!("{} in {shown}", look.at);
        Ok(look)
    }

    /// Refuses keys of a profile that the SDK does not know.
    fn check(&self, profile: &Profile, opened: &Opened) -> Result<()> {
        let mechanisms = self.mechanisms();
        let parameters = mechanisms.iter().flat_map(|mechanism| &mechanism.parameters).map(String::as_str);
        profile.check(opened, &parameters.chain(found_settings::NAMES).collect::<Vec<_>>())
    }

    fn given_parameter(&self, name: &str) -> Option<Secret> {
        self.given.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The credential of the first mechanism whose parameters are all found.
    fn of_mechanisms(&self, find: &Parameters<'_>, name_of: impl Fn(&str) -> String) -> Result<Look> {
        let mut missing = Vec::new();
        for mechanism in self.mechanisms() {
            let found = mechanism.parameters.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()?;
            let is_partial = found.iter().any(Option::is_some);
            let absent = mechanism.parameters.iter().zip(&found).filter(|(_, found)| found.is_none());
            let absent: Vec<_> = absent.map(|(name, _)| name_of(name)).collect();
            if absent.is_empty() {
                let (names, values): (Vec<_>, Vec<_>) = found.into_iter().flatten().unzip();
                let names = names.join(" and ");
                let credential = mechanism.credential(&values).map_err(|why| {
                    Error::configuration(format!("the credential of {names} can't be used: {why}"))
                })?;
                return Ok(Look::credential(names, credential));
            }
            let verb = if absent.len() == 1 { "is" } else { "are" };
            let alone = if is_partial { ", although the rest is" } else { "" };
            missing.push(format!("{} {verb} not set{alone}", absent.join(" and ")));
        }
        Ok(Look::nothing(missing.join("; ")))
    }

    /// Refuses a mechanism of which only a part was given.
    fn check_given(&self) -> Result<()> {
        let mechanisms = self.mechanisms();
        let is_used = |name: &String| mechanisms.iter().any(|mechanism| mechanism.parameters.contains(name));
        let is_given = |name: &String| self.given.iter().any(|(given, _)| given == name);
        if let Some((name, _)) = self.given.iter().find(|(name, _)| !is_used(name)) {
            return Err(Error::configuration(format!(
                "`{name}` is no parameter of a mechanism of the chain"
            )));
        }
        let partial = mechanisms.iter().find(|mechanism| mechanism.parameters.iter().any(is_given));
        let Some(mechanism) = partial else { return Ok(()) };
        let missing: Vec<_> = mechanism.parameters.iter().filter(|name| !is_given(name)).cloned().collect();
        let set: Vec<_> = mechanism.parameters.iter().filter(|name| is_given(name)).cloned().collect();
        Err(Error::configuration(format!(
            "`{}` is set without `{}`; set both, or none of them",
            set.join("` and `"),
            missing.join("` and `")
        )))
    }

    /// Looks at each step until one has a credential.
    fn found(&self, options: &Options, source: &mut CredentialSource) -> Result<Option<Found>> {
        let mut found = None;
        let mut complete = false;
        for step in &self.steps {
            if found.is_some() {
                source.looked(step.name(), "not looked at");
                continue;
            }
            // What was given completes itself from the environment, and from nothing else.
            if !matches!(step, Step::Explicit | Step::Variables(_)) && !complete {
                if !self.given.is_empty() {
                    self.check_given()?;
                }
                complete = true;
            }
            let look = self.look(step, options)?;
            match look.found {
                Some(_) => source.found(step.name(), &look.at),
                None => source.looked(step.name(), &look.at),
            }
            found = look.found;
        }
        if found.is_none() && !complete && !self.given.is_empty() {
            self.check_given()?;
        }
        Ok(found)
    }

    /// What the builder has set, if it is used without looking at anything.
    fn explicit_of(&self, options: &Options) -> Option<CredentialSource> {
        let choice = options.choice().filter(|choice| !matches!(choice, Choice::Session));
        let certificate = options.has_certificate() && (self.is_exclusive || choice.is_none());
        // In other chains it is no alternative to a credential, but required besides it.
        let is_alternative = self.steps.iter().any(|step| matches!(step, Step::Certificate));
        let mut source = match choice {
            _ if certificate && (self.is_exclusive || is_alternative) => {
                CredentialSource::only("explicit", "the client certificate that was set")
            }
            Some(choice) => choice.source(),
            None => return None,
        };
        for step in self.steps.iter().filter(|step| !matches!(step, Step::Explicit)) {
            source.looked(step.name(), "not looked at");
        }
        Some(source)
    }

    /// The settings of the environment and the profile.
    fn find_settings(&self, options: &mut Options, source: &mut CredentialSource) -> Result<()> {
        let mut profiles = Vec::new();
        for step in &self.steps {
            if let Step::Profile(profile) = step {
                let profile = profile.of_chain(&self.environment);
                let opened = profile.opened()?.filter(|opened| opened.missing_section().is_none());
                if let Some(opened) = opened {
                    self.check(&profile, &opened)?;
                    profiles.push(opened);
                }
            }
        }
        let variables = |name: &str| -> Result<Option<FoundSetting>> {
            for step in &self.steps {
                let Step::Variables(prefix) = step else { continue };
                let from = format!("{prefix}_{}", variable(name));
                if let Some(value) = self.environment.text(&from)? {
                    return Ok(Some(FoundSetting { from, value: value.into() }));
                }
            }
            Ok(None)
        };
        found_settings::apply(options, source, |name| {
            if let Some(found) = variables(name)? {
                return Ok(Some(found));
            }
            for opened in &profiles {
                if let Some(value) = opened.get(name)? {
                    return Ok(Some(FoundSetting { from: opened.shown(), value }));
                }
            }
            Ok(None)
        })
    }
}

impl Discover for Chain {
    fn discover(&self, options: &mut Options) -> Result<CredentialSource> {
        if self.forced && self.required {
            return Err(Error::configuration(
                "the chain both forces no credential and requires one; remove one of both",
            ));
        }
        let mut found_settings = CredentialSource::default();
        if self.has_settings {
            self.find_settings(options, &mut found_settings)?;
        }
        if self.forced {
            options.force_no_credential();
            let mut source = found_settings;
            source.looked("force none", "no credential is to be sent");
            return Ok(source);
        }
        let mut source = found_settings;
        if let Some(explicit) = self.explicit_of(options) {
            if options.has_certificate() && self.is_exclusive {
                // Exactly one mechanism is used.
                options.send_no_credential();
            } else if self.required && matches!(options.choice(), Some(Choice::None)) {
                return Err(missing(&explicit));
            }
            return Ok(source.with_steps_of(explicit));
        }
        match self.found(options, &mut source)? {
            Some(Found::Credential(credential)) => {
                options.add_found(Settings::new().credential(credential));
            }
            Some(Found::Certificate(certificate)) => {
                options.network().set_client_certificate(certificate);
            }
            None if self.required => return Err(missing(&source)),
            None => {}
        }
        Ok(source)
    }
}

/// The error of a chain that has no credential, with what it looked at.
fn missing(source: &CredentialSource) -> Error {
    Error::configuration(format!("the session requires a credential, and there is none:{}", source.lines()))
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Variables(_) => "environment",
            Self::Profile(_) => "profile",
            Self::TokenFile => "bearer-token file",
            Self::Certificate => "X.509",
            Self::Netrc(_) => "netrc",
            Self::Command(_) => "command",
        }
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Chain> for Discovery {
    fn from(chain: Chain) -> Self {
        Self(Arc::new(chain))
    }
}

/// Shows the steps.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.steps.iter().map(Step::name).collect();
        write!(f, "Chain({})", names.join(", "))
    }
}
