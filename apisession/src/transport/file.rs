//! Reads the files of credentials, certificates and known hosts: up to a size, and off the threads of a runtime.

use std::fs::File;
use std::future::pending;
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::path::Path;

use tokio::runtime::Handle;
use tracing::dispatcher;
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
    Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"))
}

/// Runs `work`, which may block, on a thread for that.
pub(crate) async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let Ok(runtime) = Handle::try_current() else { return work() };
    // A subscriber that is set for a thread gets what is logged on the other one too.
    let subscriber = dispatcher::get_default(Clone::clone);
    match runtime.spawn_blocking(move || dispatcher::with_default(&subscriber, work)).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime shuts down, and drops this future.
            Err(_) => pending().await,
        },
    }
}
