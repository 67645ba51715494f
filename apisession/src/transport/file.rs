//! Reads the files of credentials, certificates and known hosts, up to a size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// How large a file may be, in bytes. A bundle of all public authorities has a quarter of it.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;

/// Reads a file, which may be a device without an end.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let length = file.metadata().map_or(0, |metadata| metadata.len()).min(MAX_FILE);
    // With room for all of it, no part of a secret is left behind by a larger copy.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_FILE) {
        return Ok(bytes);
    }
    Err(too_large())
}

pub(crate) fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB")
}
