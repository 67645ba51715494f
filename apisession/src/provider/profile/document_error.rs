//! What is wrong with a profile file.

use super::ini::IniError;
use crate::encode::messages;

messages! {
    /// What is wrong with a file. No error quotes a value.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum DocumentError {
        NotUtf8 = "is not UTF-8 text; save it as that",
        Ini(error: IniError) = "{error}",
        #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
        Toml(line: usize) = "is no valid TOML in line {line}",
        #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
        NoText(found: String) = "has a value of `{found}` that is neither text, a number nor a boolean",
        #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "nothing is read"))]
        NoTable = "has something else than a table in place of the section",
        #[cfg_attr(feature = "toml", expect(dead_code, reason = "TOML is read"))]
        NoToml = "is TOML, which this build can't read; enable the feature `toml` of apisession, or use an INI file",
    }
}

impl From<IniError> for DocumentError {
    fn from(error: IniError) -> Self {
        Self::Ini(error)
    }
}
