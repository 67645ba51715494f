//! The variables of a session's base URL: fields of the author's, as text.

use std::fmt::Display;

use crate::decode::Probe;
use crate::encode;
use crate::error::{Error, Result};

/// The base URL, from its variables.
///
/// # Errors
///
/// If a value can't be where its variable is. The error names the variable, and does not quote the value.
pub fn filled(template: &str, values: &[(&str, String)]) -> Result<Option<String>> {
    encode::filled(template, values).map(Some).map_err(Error::configuration)
}

/// A value that can be in a base URL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be in `base_url`",
    label = "this is neither `Display` nor `AsRef<str>`",
    note = "implement `Display` for it, or write a `String`"
)]
pub trait Variable {
    /// Its text.
    fn text(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Variable for T {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Takes a value as the string that it is, by method probing.
pub trait ByStr<T> {
    /// The text of the value.
    fn variable(&self, value: &T) -> String;
}

impl<T: AsRef<str>> ByStr<T> for &Probe<T> {
    fn variable(&self, value: &T) -> String {
        value.as_ref().to_owned()
    }
}

/// Takes a value as it is displayed.
pub trait ByDisplay<T> {
    /// The text of the value.
    fn variable(&self, value: &T) -> String
    where
        T: Variable;
}

impl<T> ByDisplay<T> for Probe<T> {
    fn variable(&self, value: &T) -> String
    where
        T: Variable,
    {
        value.text()
    }
}
