//! The bearer token of the user, in the file where batch systems keep it.

use crate::credential::Credential;
use crate::error::{Error, Result};
use crate::provider::environment::Environment;
use crate::provider::look::Look;
use crate::transport::private_file::{self, Exposure, user};

const VARIABLE: &str = "BEARER_TOKEN_FILE";

/// Looks for the file: that of the variable, or else `bt_uUID` in the user's folder of run-time files.
pub(super) fn look(environment: &Environment) -> Result<Look> {
    if let Some(path) = environment.path(VARIABLE) {
        let shown = path.display().to_string();
        if std::fs::metadata(&path).is_err() {
            return Err(Error::configuration(format!(
                "{VARIABLE} names the file {shown}, which can't be read, or does not exist"
            )));
        }
        return Ok(Look::credential(format!("{VARIABLE}: {shown}"), Credential::bearer_file(path)));
    }
    let Some(user) = user() else { return Ok(Look::nothing(format!("{VARIABLE} is not set"))) };
    let folder = environment.path("XDG_RUNTIME_DIR").unwrap_or_else(|| environment.shared().to_owned());
    let path = folder.join(format!("bt_u{user}"));
    let shown = path.display().to_string();
    let why = match private_file::probe(&path) {
        // Anybody can put a file into a folder that all users share, with a token of their own.
        Some(Exposure::Foreign) => "belongs to another user",
        Some(_) => return Ok(Look::credential(shown, Credential::bearer_file(path))),
        None => "can't be read, or does not exist",
    };
    Ok(Look::nothing(format!("{VARIABLE} is not set; {shown} {why}")))
}
