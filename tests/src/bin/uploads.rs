//! Uploads 1 GiB from a file and as a part of a multipart body, and both again after the connection was cut in the middle. It fails if the
//! server does not receive the same bytes, or if the memory of the process, the server's included, grows by 32 MiB.
//!
//! `cargo run --release -p apisession-tests --bin uploads` takes a minute, and `-- 64` uploads 64 MiB. The file is sparse.

use std::process::ExitCode;

use apisession::BoxError;
use apisession_tests::upload::{Way, upload};

const MIB: u64 = 1024 * 1024;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let size: u64 = std::env::args().nth(1).map_or(Ok(1024), |size| size.parse())?;
    let mut is_ok = true;
    for way in [Way::Body, Way::Part] {
        for is_cut in [false, true] {
            let done = upload(size * MIB, way, is_cut).await?;
            let growth = done.growth.map(|bytes| format!("{:.1} MiB", bytes as f64 / MIB as f64));
            let memory = growth.as_deref().unwrap_or("unknown");
            println!(
                "{size} MiB, {way:?}, cut: {is_cut}, attempts: {}, whole: {}, memory: {memory}",
                done.attempts, done.is_whole
            );
            is_ok &= done.is_whole && done.attempts == 1 + u32::from(is_cut);
            is_ok &= done.growth.is_none_or(|growth| growth < 32 * MIB);
        }
    }
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
