//! What is wrong with a profile file.

use super::ini::IniError;

/// What is wrong with a file. No error quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("is not UTF-8 text; save it as that")]
    NotUtf8,
    #[error(transparent)]
    Ini(#[from] IniError),
    #[error("is no valid TOML in line {0}")]
    #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
    Toml(usize),
    #[error("has a value of `{0}` that is neither text, a number nor a boolean")]
    #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
    NoText(String),
    #[error("has something else than a table in place of the section")]
    #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
    NoTable,
    #[error(
        "is TOML, which this build can't read; enable the feature `toml` of apisession, or use an INI file"
    )]
    #[cfg_attr(feature = "toml", expect(dead_code, reason = "TOML is read"))]
    NoToml,
}
