//! Profiles: sections of a configuration file with credentials and settings.

pub(crate) mod document;
mod document_error;
pub(crate) mod ini;
mod save;
mod suggestion;
#[cfg_attr(not(feature = "toml"), path = "no_toml.rs")]
mod toml;

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use self::document::Document;
pub use self::save::SaveConfig;
use self::suggestion::suggested;
use super::environment::Environment;
use crate::error::{Error, Result};
use crate::redact::Secret;
use crate::transport::private_file;

/// A profile: a section of a configuration file that has the credentials and the settings of a user.
///
/// The file is `NAME/config.toml` in the user's folder of configuration files, which is `$XDG_CONFIG_HOME` or `~/.config`, and on Windows
/// `%APPDATA%`. The variable `NAME_CONFIG_FILE` has another path, and `NAME_PROFILE` another section than `default`. For a name such as
/// `acme-calendar` they are `ACME_CALENDAR_CONFIG_FILE` and `ACME_CALENDAR_PROFILE`.
///
/// A file whose name ends in `.toml` is TOML, which requires the feature `toml`. Any other is INI, by the rules of Python's
/// `configparser` without interpolation. A file may have 1 MiB. It is used, with a warning in the log, if others can read it.
///
/// ```
/// use apisession::{Environment, Profile};
///
/// # let folder = std::env::temp_dir().join(format!("apisession-profile-{}", std::process::id()));
/// let environment = Environment::of([("HOME", &folder)]);
/// let profile = Profile::new("acme").file_in_home(".acme/acmerc").environment(environment);
/// assert!(profile.get_config_variable("email")?.is_none());
/// profile.save_config([("token", "t0k3n"), ("email", "ana@acme.example")]).save()?;
/// assert_eq!(profile.get_config_variable("email")?.unwrap().expose(), "ana@acme.example");
///
/// // Another value is refused, unless that is wanted.
/// let another = || profile.save_config([("token", "other")]);
/// assert!(another().save().is_err());
/// another().overwrite().save()?;
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name of the SDK, as it is in variables.
    prefix: String,
    place: Place,
    file_variable: String,
    section: Option<String>,
    keys: Vec<String>,
    environment: Environment,
}

/// Where the file is, unless a variable has its path.
#[derive(Clone, Debug)]
enum Place {
    /// In the folder of configuration files. An absolute path is one of its own.
    Configuration(PathBuf),
    Home(PathBuf),
}

/// A file that was read, and where it is.
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) section: String,
    document: Document,
}

impl Profile {
    /// Creates the profile of an SDK of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let prefix = variable(name);
        let file_variable = format!("{prefix}_CONFIG_FILE");
        let place = Place::Configuration(Path::new(name).join("config.toml"));
        let (section, keys, environment) = (None, Vec::new(), Environment::default());
        Self { prefix, place, file_variable, section, keys, environment }
    }

    /// Sets the path of the file, in the user's folder of configuration files or absolute.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.place = Place::Configuration(path.into());
        self
    }

    /// Sets the path of the file in the user's home folder, such as `.acme/acmerc`.
    #[must_use]
    pub fn file_in_home(mut self, path: impl Into<PathBuf>) -> Self {
        self.place = Place::Home(path.into());
        self
    }

    /// Sets the section. The variable `NAME_PROFILE` is not read then. Default: `default`.
    #[must_use]
    pub fn section(mut self, name: impl Into<String>) -> Self {
        self.section = Some(name.into());
        self
    }

    /// Adds keys that the section may have, besides those of credentials and settings that a [`Chain`](crate::Chain) reads. Any other
    /// key in the section is an error of `build`.
    #[must_use]
    pub fn keys(mut self, names: &[&str]) -> Self {
        self.keys.extend(names.iter().map(|name| (*name).to_owned()));
        self
    }

    /// Sets where variables and folders are looked up. Default: the environment of the process. A chain sets its own.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Returns the path of the file, which may not exist.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if no folder of the user is known.
    pub fn path(&self) -> Result<PathBuf> {
        self.place().ok_or_else(|| {
            Error::configuration(format!(
                "no home folder is known, so that there is no place for the profile; set {}",
                self.file_variable
            ))
        })
    }

    /// The path of the file. Without a home folder, such as in a container, there may be none.
    pub(super) fn place(&self) -> Option<PathBuf> {
        if let Some(path) = self.environment.path(&self.file_variable) {
            return Some(path);
        }
        let (folder, path) = match &self.place {
            Place::Configuration(path) => (self.environment.configuration(), path),
            Place::Home(path) => (self.environment.home(), path),
        };
        if path.is_absolute() { Some(path.clone()) } else { Some(folder?.join(path)) }
    }

    /// Returns the value of a key, or `None` if the file, the section or the key does not exist. The file is read each time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the file can't be read, or is not valid.
    pub fn get_config_variable(&self, key: &str) -> Result<Option<Secret>> {
        match self.opened()? {
            Some(opened) => opened.get(key),
            None => Ok(None),
        }
    }

    /// The name of the section.
    fn section_name(&self) -> Result<String> {
        if let Some(section) = &self.section {
            return Ok(section.clone());
        }
        let set = self.environment.text(&format!("{}_PROFILE", self.prefix))?;
        Ok(set.unwrap_or_else(|| "default".to_owned()))
    }

    /// Reads the file, if it exists.
    pub(super) fn opened(&self) -> Result<Option<Opened>> {
        let Some(path) = self.place() else { return Ok(None) };
        let section = self.section_name()?;
        let (file, exposure) = match private_file::read(&path) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, "can't be read").caused_by(error.into())),
        };
        if let Some(why) = exposure.mistake() {
            tracing::warn!("the configuration file {} {why}", path.display());
        }
        let document = Document::parse(&path, &file).map_err(|why| unusable(&path, &why.to_string()))?;
        Ok(Some(Opened { path, section, document }))
    }

    /// The same for an SDK whose chain looks there, and declares these keys.
    pub(super) fn of_chain(&self, environment: &Environment) -> Self {
        Self { environment: environment.clone(), ..self.clone() }
    }

    /// Refuses keys of the section that are neither declared here nor among the `others`.
    pub(super) fn check(&self, opened: &Opened, others: &[&str]) -> Result<()> {
        let known: Vec<&str> = self.keys.iter().map(String::as_str).chain(others.iter().copied()).collect();
        let is_known = |key: &String| known.iter().any(|known| known.eq_ignore_ascii_case(key));
        let Some(key) = opened.document.keys(&opened.section).into_iter().find(|key| !is_known(key)) else {
            return Ok(());
        };
        let why = format!("has an unknown key in [{}]: {}", opened.section, suggested(&key, &known));
        Err(unusable(&opened.path, &why))
    }
}

impl Opened {
    pub(super) fn get(&self, key: &str) -> Result<Option<Secret>> {
        let value = self.document.get(&self.section, key);
        let value = value.map_err(|why| unusable(&self.path, &why.to_string()))?;
        Ok(value.map(|value: Zeroizing<String>| Secret::new(value.as_str())))
    }

    /// The section and the file, in the words of a report.
    pub(super) fn shown(&self) -> String {
        format!("[{}] of {}", self.section.escape_default(), self.path.display())
    }

    /// Why the section has no values, if it doesn't exist.
    pub(super) fn missing_section(&self) -> Option<String> {
        let sections = self.document.sections();
        if sections.contains(&self.section) {
            return None;
        }
        let names: Vec<&str> = sections.iter().map(String::as_str).collect();
        Some(format!("{} has no section {}", self.path.display(), suggested(&self.section, &names)))
    }
}

/// The name of an SDK or a parameter, as it is in variables.
pub(super) fn variable(name: &str) -> String {
    let upper = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    upper.collect()
}

pub(super) fn unusable(path: &Path, why: &str) -> Error {
    Error::configuration(format!("the configuration file {} {why}", path.display()))
}

impl From<&str> for Profile {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}
