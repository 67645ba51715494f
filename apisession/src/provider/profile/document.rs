//! The text of a profile file, in one of its formats.

use std::path::Path;

use zeroize::Zeroizing;

use super::document_error::DocumentError;
use super::ini::Ini;
use super::toml::Toml;
use crate::encode::without_bom;

/// A file, in the format that the ending of its name tells.
#[derive(Clone)]
pub(crate) enum Document {
    Ini(Ini),
    Toml(Toml),
}

impl Document {
    pub(crate) fn parse(path: &Path, file: &[u8]) -> Result<Self, DocumentError> {
        let text = std::str::from_utf8(file).map_err(|_| DocumentError::NotUtf8)?;
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            // The mark is no part of the format, and is not kept.
            let text = std::str::from_utf8(without_bom(text.as_bytes())).unwrap_or(text);
            return Ok(Self::Toml(Toml::parse(text)?));
        }
        Ok(Self::Ini(Ini::parse(text)?))
    }

    pub(crate) fn get(&self, section: &str, key: &str) -> Result<Option<Zeroizing<String>>, DocumentError> {
        let text = match self {
            Self::Ini(ini) => ini.get(section, key).map(str::to_owned),
            Self::Toml(toml) => toml.get(section, key)?,
        };
        Ok(text.map(Zeroizing::new))
    }

    pub(crate) fn keys(&self, section: &str) -> Vec<String> {
        match self {
            Self::Ini(ini) => ini.keys(section),
            Self::Toml(toml) => toml.keys(section),
        }
    }

    pub(crate) fn sections(&self) -> Vec<String> {
        match self {
            Self::Ini(ini) => ini.sections(),
            Self::Toml(toml) => toml.sections(),
        }
    }

    pub(crate) fn set(&mut self, section: &str, key: &str, value: &str) -> Result<(), DocumentError> {
        match self {
            Self::Ini(ini) => Ok(ini.set(section, key, value)?),
            Self::Toml(toml) => toml.set(section, key, value),
        }
    }

    pub(crate) fn text(&self) -> Zeroizing<String> {
        match self {
            Self::Ini(ini) => ini.text(),
            Self::Toml(toml) => toml.text(),
        }
    }
}
