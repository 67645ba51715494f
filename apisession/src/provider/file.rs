//! Bearer tokens in files.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::call::Session;
use crate::credential::{Credential, check, jwt};
use crate::encode::without_bom;
use crate::error::{Error, Result};
use crate::message::blocking::off_runtime;
use crate::transport::file;

impl Credential {
    /// Creates a bearer token that is read from a file, as batch systems and Kubernetes provide one.
    ///
    /// Spaces and line breaks around the token are ignored, and so is a byte order mark. A token that [`bearer`](Self::bearer) does
    /// not accept is an error that names the file.
    ///
    /// The file may have 1 MiB. It is read when the token is needed, and again after a 401. If the token is a JWT, the file is also read
    /// again before the token expires (RFC 7519 §4.1.4).
    #[must_use]
    pub fn bearer_file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::provided_by(move |_: Session| {
            let path = path.clone();
            off_runtime(move || read(&path))
        })
    }
}

fn read(path: &Path) -> Result<Credential> {
    let file = file::read(path).map_err(|error| {
        Error::configuration(format!("the token in {} can't be read", path.display())).caused_by(error.into())
    })?;
    let wrong = |why: &dyn Display| Error::argument(format!("the token in {} {why}", path.display()));
    let text =
        std::str::from_utf8(without_bom(&file)).map_err(|_| wrong(&"is not UTF-8 text; save it as that"))?;
    let token = text.trim();
    check::token(token).map_err(|why| wrong(&why))?;
    let credential = Credential::bearer(token)?;
    Ok(match jwt::remaining(token) {
        Some(lifetime) => credential.expires_in(lifetime),
        None => credential,
    })
}
