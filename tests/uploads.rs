//! The memory that an upload costs. It has a process of its own; `src/bin/uploads.rs` is the same with 1 GiB.

use apisession_tests::upload::{Way, upload};
use apisession_tests::watched;

const MIB: u64 = 1024 * 1024;

#[tokio::test]
async fn a_large_file_arrives_whole_and_is_never_in_memory() {
    for way in [Way::Body, Way::Part] {
        let done = watched(upload(40 * MIB, way, true)).await.unwrap();
        assert!(done.is_whole && done.attempts == 2, "{way:?}: {done:?}");
        assert!(done.growth.is_none_or(|growth| growth < 32 * MIB), "{way:?}: {done:?}");
    }
}
