//! The limits of the head of a response.

/// The number of headers over HTTP/1.
pub(in crate::transport) const MAX_HEADERS: usize = 100;
/// The size of the head over HTTP/1, which hyper sets.
pub(in crate::transport) const MAX_HEAD: &str = "408 KiB";
/// The size of the headers over HTTP/2, in bytes.
pub(in crate::transport) const MAX_HEADER_LIST: u32 = 64 * 1024;
