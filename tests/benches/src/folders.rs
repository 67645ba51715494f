//! The folders that are read and written.

use std::path::{Path, PathBuf};

/// The folder of the benches.
pub(crate) fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    manifest().ancestors().nth(2).expect("the benches are two folders below the root")
}

/// The target folder, in which this program was built.
pub(crate) fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    program.ancestors().nth(2).expect("cargo's target folder").to_owned()
}
