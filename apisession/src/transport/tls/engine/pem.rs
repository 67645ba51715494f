//! Reads certificates and keys in PEM (RFC 7468), and finds out why a text has none.
//!
//! The errors continue a sentence: "FILE …". They never quote the text, which may contain a key.

use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::encode::without_bom;

const BEGIN: &[u8] = b"-----BEGIN ";

/// Reads all certificates of a text.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = normalized(text);
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(why_without("certificate", &text, None)),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(why_without("certificate", &text, Some(&error))),
    }
}

/// Reads the first private key of a text.
pub(super) fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    let text = normalized(text);
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let error = Some(&error).filter(|error| !matches!(error, Error::NoItemsFound));
        why_without("private key", &text, error)
    })
}

/// Removes byte order marks, of which each file has one where files were joined, and the indentation of lines: after either, the
/// parser skips the `BEGIN` of a line, and what it begins, without an error.
fn normalized(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut lines = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = line.trim_ascii();
        lines.extend_from_slice(without_bom(line).trim_ascii());
        lines.push(b'\n');
    }
    lines
}

/// Why a text has no `wanted`, and what to do. `error` is that of the parser, if it found a mistake.
fn why_without(wanted: &str, text: &[u8], error: Option<&Error>) -> String {
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    if text.trim_ascii().is_empty() {
        return "is empty".to_owned();
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return "is UTF-16 text; save it as UTF-8 or ASCII".to_owned();
    }
    if text[0] == 0x30 && std::str::from_utf8(text).is_err() {
        return "is binary (DER or PKCS#12) and not PEM; convert it by `openssl`, or use `pkcs12_file` if it is PKCS#12"
            .to_owned();
    }
    if !has(BEGIN) {
        return format!("contains no {wanted} in PEM, which begins with `-----BEGIN`");
    }
    if has(b"\\n") {
        return "contains the two characters `\\n` in place of line breaks; replace each by a line break"
            .to_owned();
    }
    if text.split(|byte| *byte == b'\n').any(|line| line.starts_with(BEGIN) && !is_begin(line)) {
        return "has a `-----BEGIN …-----` that is not alone on its line; restore the line breaks".to_owned();
    }
    if has(b"BEGIN ENCRYPTED PRIVATE KEY") || (has(b"Proc-Type:") && has(b"ENCRYPTED")) {
        return "contains an encrypted private key; decrypt it first, as `openssl pkey -in OLD -out NEW` does"
            .to_owned();
    }
    if has(b"BEGIN OPENSSH PRIVATE KEY") {
        return "contains a key in the format of OpenSSH; convert it, as `ssh-keygen -p -m PKCS8 -f FILE` does"
            .to_owned();
    }
    match error {
        Some(Error::MissingSectionEnd { .. }) => {
            "is not valid PEM: it ends before an `-----END …-----`; is it cut off?".to_owned()
        }
        Some(Error::Base64Decode(_)) => {
            "is not valid PEM: it has text that is not base64; export it again".to_owned()
        }
        Some(_) => "is not valid PEM; export it again".to_owned(),
        None => format!("contains no {wanted} in PEM, but {}", labels(text)),
    }
}

/// Whether a line is `-----BEGIN …-----` and nothing else.
fn is_begin(line: &[u8]) -> bool {
    let label = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(b"-----"));
    label.is_some_and(|label| !label.is_empty() && label.iter().all(is_label))
}

fn is_label(byte: &u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" #.".contains(byte)
}

/// The kinds of what a text contains: `PUBLIC KEY`, `X509 CRL`.
fn labels(text: &[u8]) -> String {
    const MAX: usize = 5;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| is_begin(line)).take(MAX);
    let labels = lines.map(|line| String::from_utf8_lossy(&line[BEGIN.len()..line.len() - 5]).into_owned());
    format!("`{}`", labels.collect::<Vec<_>>().join("`, `"))
}
