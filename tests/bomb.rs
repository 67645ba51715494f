//! The memory that a decompression bomb costs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession_tests::{recording, respond};
use flate2::Compression;
use flate2::write::GzEncoder;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

const MIB: usize = 1024 * 1024;
const LIMIT: usize = 10 * MIB;

/// 512 MiB, as members of one MiB each.
fn gzip() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; MIB]).unwrap();
    encoder.finish().unwrap().repeat(512)
}

fn zstd() -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    // The largest window that a decoder has to allow.
    encoder.window_log(23).unwrap();
    let zeros = vec![0; MIB];
    for _ in 0..512 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

/// 32 MiB, since brotli compresses slowly, and its bombs are smaller than any limit.
fn brotli(window: i32) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 2, lgwin: window, ..Default::default() };
    let mut encoder = brotli::CompressorWriter::with_params(Vec::new(), MIB, &parameters);
    let zeros = vec![0; MIB];
    for _ in 0..32 {
        encoder.write_all(&zeros).unwrap();
        // What is not flushed yet is copied with each piece.
        encoder.flush().unwrap();
    }
    encoder.into_inner()
}

/// The memory of the process, `VmRSS`, or its maximum, `VmHWM`, on systems with `/proc`.
fn resident(field: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim_start_matches(':').trim().strip_suffix(" kB")?.parse::<usize>().ok()? * 1024)
}

/// Resets the maximum, and returns the memory of the process, on systems with `/proc`.
fn baseline() -> Option<usize> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    resident("VmRSS")
}

type Make = fn() -> Vec<u8>;

#[test]
fn b1_a_decompression_bomb_costs_at_most_the_limit() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Brotli's largest window alone is 16 MiB; by default encoders use 4.
    let rows: [(&str, Make, usize); 4] = [
        ("gzip", gzip, 16 * MIB),
        ("br", || brotli(22), 16 * MIB),
        ("br", || brotli(24), 17 * MIB),
        ("zstd", zstd, 16 * MIB),
    ];
    for (coding, bomb, more) in rows {
        let bomb = bomb();
        let size = bomb.len();
        let bomb = Arc::new(Mutex::new(bomb));
        let (transport, _) = recording(move |_, _| {
            let bomb = bomb.lock().unwrap().clone();
            Ok(respond(200, "").with_header("content-encoding", coding).with_body(bomb))
        });
        let api = Acme::builder().transport(transport).max_body(LIMIT).build().unwrap();
        let before = baseline();
        let mut kind = None;
        let measured = allocation_counter::measure(|| {
            let error = runtime.block_on(async { api.raw().get("/x").await.unwrap_err() });
            kind = Some(error.kind());
        });
        assert_eq!(kind, Some(ErrorKind::BodyTooLarge), "{coding}");
        let heap = usize::try_from(measured.bytes_max).unwrap();
        let process = before.and_then(|before| Some(resident("VmHWM")?.saturating_sub(before)));
        println!("{coding}: {size} bytes; the heap grew by {heap}, the process by {process:?}");
        assert!(heap < LIMIT + more, "{coding}: {heap}");
        assert!(process.is_none_or(|process| process < LIMIT + more), "{coding}: {process:?}");
    }
}
