//! netrc files.

use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::look::Look;
use crate::credential::Credential;
use crate::credential::netrc::{Entries, Lookup, NetrcError};
use crate::error::{Error, Result};
use crate::transport::private_file::{self, Exposure};

/// A netrc file, as a source of a [`Chain`](crate::Chain).
///
/// The file is that of the variable `NETRC`, or `.netrc` in the home folder, or on Windows `_netrc`. It is read by the rules of curl:
/// words in quotes with escapes, comments, `default`, and macros, which are skipped. The machine is the host of the session's base URL.
/// An entry without login or password adds nothing, and no other entry takes its place. A file that does not exist, or that this
/// process can't read, has no entry.
///
/// A file may have 128 KiB, a line 16 KiB, and a word 4 KiB.
///
/// ```
/// use apisession::{Chain, Netrc};
///
/// let chain = Chain::new().netrc_of(Netrc::new().path("/etc/acme/netrc").login("ana").strict());
/// # let _ = chain;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Netrc {
    path: Option<PathBuf>,
    login: Option<String>,
    strict: bool,
}

impl Netrc {
    /// Creates the default file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the path of the file. The variable `NETRC` is not read then.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Accepts only an entry with this login.
    #[must_use]
    pub fn login(mut self, login: impl Into<String>) -> Self {
        self.login = Some(login.into());
        self
    }

    /// Refuses a file of another user, and a file that others can read or change. By default it is used, with a warning in the log.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Looks up the host of a URL, without the brackets of an IPv6 address.
    pub(super) fn look(&self, environment: &Environment, host: &str) -> Result<Look> {
        let Some(path) = self.place(environment) else {
            return Ok(Look::nothing("no home folder is known, and NETRC is not set"));
        };
        let shown = path.display();
        let (file, exposure) = match private_file::read(&path) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Look::nothing(format!("{shown} does not exist")));
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Ok(Look::nothing(format!("{shown} can't be read by this user")));
            }
            // As curl, and without a hint at what the file is.
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(unusable(&path, &NetrcError::TooLarge.to_string()));
            }
            Err(error) => return Err(unusable(&path, "can't be read").caused_by(error.into())),
        };
        self.check(&path, exposure)?;
        let entries = Entries::parse(&file).map_err(|why| unusable(&path, &why.to_string()))?;
        let of_login =
            self.login.as_deref().map(|login| format!(" and the login `{}`", login.escape_default()));
        let of_login = of_login.unwrap_or_default();
        Ok(match entries.find(host, self.login.as_deref()) {
            Lookup::Found { login, password } => {
                let credential = Credential::basic(login, password).map_err(|why| {
                    unusable(&path, &format!("has an entry for {host} that can't be used"))
                        .caused_by(why.into())
                })?;
                Look::credential(format!("the entry for {host}{of_login} in {shown}"), credential)
            }
            Lookup::Incomplete => Look::nothing(format!(
                "the entry for {host}{of_login} in {shown} has no login or no password"
            )),
            Lookup::Absent => Look::nothing(format!("no entry for {host}{of_login} in {shown}")),
        })
    }

    fn place(&self, environment: &Environment) -> Option<PathBuf> {
        let default = || {
            let home = environment.home()?;
            let usual = home.join(".netrc");
            let other = home.join("_netrc");
            Some(if cfg!(windows) && !usual.exists() { other } else { usual })
        };
        self.path.clone().or_else(|| environment.path("NETRC")).or_else(default)
    }

    fn check(&self, path: &Path, exposure: Exposure) -> Result<()> {
        match exposure.mistake() {
            Some(why) if self.strict => Err(unusable(path, why)),
            Some(why) => {
                tracing::warn!("the netrc file {} {why}", path.display());
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::configuration(format!("the netrc file {} {why}", path.display()))
}
