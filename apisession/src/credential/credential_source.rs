//! Where a session's credential comes from, without what it is.

use std::fmt;

/// Where the credential of a session comes from: which step of its [`Chain`](crate::Chain) was used, and what each step looked at.
///
/// It has names of variables and keys, and paths of files, never a value. `Display` is a list with a line for each step.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::{Chain, Environment};
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// let environment = Environment::of([("ACME_TOKEN", "t0k3n")]);
/// let chain = Chain::new().environment(environment).explicit().env("ACME").netrc().required();
/// # let chain = chain;
/// let api = Acme::builder().credentials(chain).build()?;
/// let source = api.credential_source();
/// assert_eq!(source.step(), Some("environment"));
/// assert_eq!(
///     source.to_string(),
///     "environment: ACME_TOKEN\n  \
///        explicit: no credential is set\n  \
///        environment: ACME_TOKEN (used)\n  \
///        netrc: not looked at"
/// );
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CredentialSource {
    used: Option<(String, String)>,
    steps: Vec<(String, String)>,
    settings: Vec<(String, String)>,
}

impl CredentialSource {
    /// The one step of a session without a chain.
    pub(crate) fn only(step: &str, at: &str) -> Self {
        let mut source = Self::default();
        source.found(step, at);
        source
    }

    /// A step that was used. Those that are added after it were not looked at.
    pub(crate) fn found(&mut self, step: &str, at: &str) {
        self.used = Some((step.to_owned(), at.to_owned()));
        self.steps.push((step.to_owned(), format!("{at} (used)")));
    }

    pub(crate) fn looked(&mut self, step: &str, at: &str) {
        self.steps.push((step.to_owned(), at.to_owned()));
    }

    /// Returns the name of the step that was used: `explicit`, `environment`, `profile`, `bearer-token file`, `X.509`, `netrc`, `command`,
    /// or in a session without a chain `authenticate`. It is `None` if there is no credential.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        self.used.as_ref().map(|(step, _)| step.as_str())
    }

    /// Returns what the step that was used found the credential in, such as the name of a variable or the path of a file.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.used.as_ref().map(|(_, place)| place.as_str())
    }

    /// Returns the name of each step, and what it looked at.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &str)> {
        self.steps.iter().map(|(step, at)| (step.as_str(), at.as_str()))
    }

    /// Returns the settings that the chain has set: the name of each, its value without secrets, and where that is from.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|(name, shown)| (name.as_str(), shown.as_str()))
    }

    /// The steps, in lines.
    pub(crate) fn lines(&self) -> String {
        let lines: Vec<_> = self.steps.iter().map(|(step, at)| format!("\n  {step}: {at}")).collect();
        lines.concat()
    }
}

/// What a chain adds.
#[cfg(feature = "sign-in")]
impl CredentialSource {
    pub(crate) fn setting(&mut self, name: &str, shown: &str, from: &str) {
        self.settings.push((name.to_owned(), format!("{shown}, from {from}")));
    }

    /// The steps of another source, with these settings.
    pub(crate) fn with_steps_of(self, other: Self) -> Self {
        Self { settings: self.settings, ..other }
    }
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.used {
            Some((step, place)) => write!(f, "{step}: {place}")?,
            None => f.write_str("no credential")?,
        }
        f.write_str(&self.lines())?;
        for (name, shown) in &self.settings {
            write!(f, "\n  setting {name}: {shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialSource({})", self.step().unwrap_or("no credential"))
    }
}
