//! Replaces the reader of PKCS#12 files in a build without the feature `pkcs12`.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(super) fn read(
    _: &[u8],
    _: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    Err("enable the feature `pkcs12` of `apisession`".to_owned())
}
