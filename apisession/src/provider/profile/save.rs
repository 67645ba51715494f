//! Saving values in a profile.

use std::fs;
use std::future::IntoFuture;
use std::path::Path;

use super::document::Document;
use super::{Profile, unusable};
use crate::error::{Error, ErrorKind, Result};
use crate::message::blocking::off_runtime;
use crate::redact::Secret;
use crate::transport::replace::replace;

/// Values that are about to be saved in a [`Profile`].
///
/// The file is replaced as a whole, so that no other process reads a part of it, and an error or a crash leaves the old one. Only its
/// owner can read it. Comments, other keys and other sections stay. If two processes save at the same time, the later one may undo what
/// the other one has changed.
#[derive(Clone, Debug)]
#[must_use = "nothing is saved before `save`"]
pub struct SaveConfig {
    profile: Profile,
    values: Vec<(String, Secret)>,
    overwrites: bool,
}

impl Profile {
    /// Returns what saves these values in the section: call [`save`](SaveConfig::save) on it.
    pub fn save_config<K: Into<String>, V: Into<Secret>>(
        &self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> SaveConfig {
        let values = values.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        SaveConfig { profile: self.clone(), values, overwrites: false }
    }
}

impl SaveConfig {
    /// Replaces values that are there already. By default another value is an error.
    pub fn overwrite(mut self) -> Self {
        self.overwrites = true;
        self
    }

    /// Saves the values. It reads and writes files, so async code calls [`save_if`](Self::save_if).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the file is not valid, has another value, or can't be written.
    /// Then it is as it was. No error quotes a value.
    pub fn save(self) -> Result<()> {
        let (path, section) = (self.profile.path()?, self.profile.section_name()?);
        let wrong = |why: &dyn std::fmt::Display| unusable(&path, &why.to_string());
        let mut document = match self.profile.opened()? {
            Some(opened) => opened.document,
            None => Document::parse(&path, b"").map_err(|why| wrong(&why))?,
        };
        for (key, value) in &self.values {
            let old = document.get(&section, key).map_err(|why| wrong(&why))?;
            if old.as_ref().is_some_and(|old| old.as_str() == value.expose()) {
                continue;
            }
            if old.is_some() && !self.overwrites {
                return Err(wrong(&format_args!(
                    "has another value of `{}` in [{}]; save with `overwrite` to replace it",
                    key.escape_default(),
                    section.escape_default()
                )));
            }
            document.set(&section, key, value.expose()).map_err(|why| wrong(&why))?;
        }
        let text = document.text();
        let written = create_folder(&path).and_then(|()| replace(&path, text.as_bytes()));
        written.map_err(|error| wrong(&"can't be written").caused_by(error.into()))
    }

    /// Saves the values if a call succeeds, such as one that asks whose credential it is.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # use apisession::Profile;
    /// # async fn example(whoami: Call<String>) -> Result<()> {
    /// Profile::new("acme").save_config([("token", "t0k3n")]).save_if(whoami).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the call, with which nothing is saved, and those of [`save`](Self::save).
    pub async fn save_if<T, E: Into<Error>>(
        self,
        call: impl IntoFuture<Output = Result<T, E>>,
    ) -> Result<()> {
        if let Err(error) = call.await {
            let error = error.into();
            let kind = error.kind();
            let kind = if kind.is_outage() { kind } else { ErrorKind::Authentication };
            return Err(Error::outer(
                kind,
                "nothing was saved, since the credential was not accepted",
                error,
            ));
        }
        off_runtime(move || self.save()).await
    }
}

/// Creates the folder of the file, which only its owner can list.
fn create_folder(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    restrict(&mut builder);
    builder.create(folder)
}

#[cfg(unix)]
fn restrict(builder: &mut fs::DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
}

#[cfg(not(unix))]
fn restrict(_: &mut fs::DirBuilder) {}
