//! The variables and folders in which sources are looked for.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;

use crate::error::{Error, Result};

/// The variables and the folders in which a [`Chain`](crate::Chain) or a [`Profile`](crate::Profile) looks for its sources.
///
/// The default is that of the process, which is read when a session is built. A test, or a server that acts for several users, has its
/// own. Then nothing of the process is read: the home folder is that of `HOME`.
///
/// ```
/// use apisession::Environment;
///
/// let environment = Environment::of([("ACME_TOKEN", "t0k3n"), ("HOME", "/srv/acme")]);
/// # let _ = environment;
/// ```
#[derive(Clone)]
pub struct Environment {
    /// `None` is that of the process.
    variables: Option<Arc<[(OsString, OsString)]>>,
    shared: PathBuf,
}

impl Environment {
    /// Returns the environment of the process.
    #[must_use]
    pub fn process() -> Self {
        Self { variables: None, shared: PathBuf::from("/tmp") }
    }

    /// Creates an environment that has only these variables.
    #[must_use]
    pub fn of<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables: Some(variables), ..Self::process() }
    }

    /// Sets the folder of temporary files that all users share, where proxy certificates and bearer tokens are looked for by their
    /// conventions. Default: `/tmp`.
    #[must_use]
    pub fn shared_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.shared = path.into();
        self
    }

    /// A variable that has a value. An empty one counts as unset.
    pub(super) fn os(&self, name: &str) -> Option<OsString> {
        let value = match &self.variables {
            None => std::env::var_os(name),
            Some(all) => all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
        };
        value.filter(|value| !value.is_empty())
    }

    /// A variable as text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        let text = self.os(name).map(OsString::into_string).transpose();
        text.map_err(|_| Error::configuration(format!("the variable {name} is not UTF-8 text")))
    }

    /// A variable that names a file.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.os(name).map(PathBuf::from)
    }

    pub(super) fn shared(&self) -> &Path {
        &self.shared
    }

    pub(super) fn home(&self) -> Option<PathBuf> {
        match self.variables {
            None => etcetera::home_dir().ok(),
            Some(_) => self.path("HOME"),
        }
    }

    /// The folder of configuration files: `XDG_CONFIG_HOME` or `~/.config`, and on Windows `%APPDATA%`.
    pub(super) fn configuration(&self) -> Option<PathBuf> {
        match self.variables {
            None => Some(etcetera::choose_base_strategy().ok()?.config_dir()),
            Some(_) => {
                let set = self.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
                set.or_else(|| Some(self.home()?.join(".config")))
            }
        }
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

/// Shows the names of the variables, never their values.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variables {
            None => f.write_str("Environment(of the process)"),
            Some(all) => {
                write!(f, "Environment(")?;
                f.debug_list().entries(all.iter().map(|(name, _)| name)).finish()?;
                f.write_str(")")
            }
        }
    }
}
