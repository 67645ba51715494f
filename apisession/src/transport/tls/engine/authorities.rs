//! Reads the certificates of the authorities that were added.

use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::pem;
use crate::transport::file;
use crate::transport::tls::config::Authorities;

/// Reads the certificates of a source. The error is a complete message.
pub(super) fn read(source: &Authorities) -> Result<Vec<CertificateDer<'static>>, String> {
    match source {
        Authorities::Pem(text) => complete(roots(text).map_err(|why| format!("the added PEM text {why}"))?),
        Authorities::File(path) => complete(file(path)?),
        Authorities::Directory(path) => directory(path),
    }
}

/// Certificates, and the error of the first one that can't be used.
type Roots = (Vec<CertificateDer<'static>>, Option<String>);

/// A text that was named itself must be usable as a whole.
fn complete((roots, unusable): Roots) -> Result<Vec<CertificateDer<'static>>, String> {
    unusable.map_or(Ok(roots), Err)
}

/// What can't be used in a directory is logged and skipped, since others add and remove its files. Nothing at all is an error.
fn directory(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable =
        |error: std::io::Error| format!("the directory {} can't be read: {error}", path.display());
    let mut all = Vec::new();
    let mut first = None;
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if !is_named_as_pem(&entry) || entry.is_dir() {
            continue;
        }
        let (roots, unusable) = file(&entry).unwrap_or_else(|why| (Vec::new(), Some(why)));
        all.extend(roots);
        if let Some(why) = unusable {
            tracing::warn!(why, "a certificate in a directory of authorities is skipped");
            first.get_or_insert(why);
        }
    }
    let none = || format!("the directory {} contains no certificate of an authority", path.display());
    match (all.is_empty(), first) {
        (false, _) => Ok(all),
        (true, Some(why)) => Err(format!("{}: {why}", none())),
        (true, None) => Err(format!("{}: add files whose names end in `.pem` or `.crt`", none())),
    }
}

fn is_named_as_pem(path: &Path) -> bool {
    path.extension().is_some_and(|name| ["pem", "crt"].iter().any(|known| name.eq_ignore_ascii_case(known)))
}

fn file(path: &Path) -> Result<Roots, String> {
    let path_shown = path.display();
    let text = file::read(path)
        .map_err(|error| format!("the certificates in {path_shown} can't be read: {error}"))?;
    let (roots, unusable) = roots(&text).map_err(|why| format!("{path_shown} {why}"))?;
    Ok((roots, unusable.map(|why| format!("{path_shown} {why}"))))
}

/// The certificates of a text. The errors continue a sentence: "FILE …".
fn roots(text: &[u8]) -> Result<Roots, String> {
    let (mut usable, mut unusable) = (Vec::new(), None);
    for (index, certificate) in pem::certificates(text)?.into_iter().enumerate() {
        match webpki::anchor_from_trusted_cert(&certificate) {
            Ok(_) => usable.push(certificate),
            Err(error) => {
                let number = index + 1;
                unusable.get_or_insert_with(|| {
                    format!("contains a certificate (number {number}) that can't be used: {error}; remove or replace it")
                });
            }
        }
    }
    Ok((usable, unusable))
}
