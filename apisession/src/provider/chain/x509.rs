//! Client certificates in the places where grid computing keeps them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::provider::environment::Environment;
use crate::provider::look::Look;
use crate::transport::private_file::{self, Exposure, user};
use crate::transport::tls::ClientCertificate;

const CERTIFICATE: &str = "X509_USER_CERT";
const KEY: &str = "X509_USER_KEY";
const PROXY: &str = "X509_USER_PROXY";

/// Looks for a certificate: the variables, the proxy certificate of the user, and then the files in the home folder.
pub(super) fn look(environment: &Environment) -> Result<Look> {
    let mut looked = Vec::new();
    match (environment.path(CERTIFICATE), environment.path(KEY)) {
        (Some(certificate), Some(key)) => {
            named(CERTIFICATE, &certificate, false)?;
            named(KEY, &key, true)?;
            let at = format!("{CERTIFICATE} and {KEY}: {} and {}", certificate.display(), key.display());
            return Ok(Look::certificate(at, ClientCertificate::files(certificate, key)));
        }
        (Some(_), None) => looked.push(format!("{CERTIFICATE} is set without {KEY}")),
        (None, Some(_)) => looked.push(format!("{KEY} is set without {CERTIFICATE}")),
        (None, None) => looked.push(format!("{CERTIFICATE} and {KEY} are not set")),
    }
    if let Some(path) = environment.path(PROXY) {
        named(PROXY, &path, true)?;
        return Ok(Look::certificate(format!("{PROXY}: {}", path.display()), ClientCertificate::file(path)));
    }
    looked.push(format!("{PROXY} is not set"));
    if let Some(path) = user().map(|user| environment.shared().join(format!("x509up_u{user}"))) {
        match private_file::probe(&path) {
            Some(Exposure::Foreign) => looked.push(format!("{} belongs to another user", path.display())),
            Some(_) => {
                private(&path)?;
                return Ok(Look::certificate(path.display().to_string(), ClientCertificate::file(path)));
            }
            None => looked.push(absent(&path)),
        }
    }
    if let Some(folder) = environment.home().map(|home| home.join(".globus")) {
        let (certificate, key) = (folder.join("usercert.pem"), folder.join("userkey.pem"));
        let missing = [&certificate, &key].into_iter().find(|path| private_file::probe(path).is_none());
        match missing.map(|path| absent(path)) {
            None => {
                private(&key)?;
                let at = format!("{} and {}", certificate.display(), key.display());
                return Ok(Look::certificate(at, ClientCertificate::files(certificate, key)));
            }
            Some(missing) => looked.push(missing),
        }
    }
    Ok(Look::nothing(looked.join("; ")))
}

fn absent(path: &Path) -> String {
    format!("{} can't be read, or does not exist", path.display())
}

/// Checks a file that a variable names.
fn named(variable: &str, path: &Path, is_key: bool) -> Result<()> {
    if private_file::probe(path).is_none() {
        return Err(Error::configuration(format!(
            "{variable} names the file {}, which can't be read, or does not exist",
            path.display()
        )));
    }
    if is_key { private(path) } else { Ok(()) }
}

/// Refuses a key that others can read or change.
fn private(path: &Path) -> Result<()> {
    match private_file::probe(path).and_then(Exposure::mistake) {
        None => Ok(()),
        Some(why) => Err(Error::configuration(format!("the key in {} {why}", path.display()))),
    }
}
