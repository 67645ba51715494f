//! Bearer tokens in files.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::call::Session;
use crate::credential::{Credential, jwt};
use crate::error::{Error, Result};

impl Credential {
    /// Creates a bearer token that is read from a file, as batch systems and Kubernetes provide one.
    ///
    /// The file is read when the token is needed, and again after a 401. If the token is a JWT, the file is also read
    /// again before the token expires (RFC 7519 §4.1.4).
    #[must_use]
    pub fn bearer_file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::provided_by(move |_: Session| {
            let token = read(&path);
            async { token }
        })
    }
}

fn read(path: &Path) -> Result<Credential> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        Error::configuration(format!("the token in {} can't be read", path.display())).caused_by(error.into())
    })?;
    let credential = Credential::bearer(text.trim())?;
    Ok(match jwt::remaining(text.trim()) {
        Some(lifetime) => credential.expires_in(lifetime),
        None => credential,
    })
}
