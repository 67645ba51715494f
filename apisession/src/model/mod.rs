//! What models are made of: values that may be absent, bytes as text. It imports `redact` alone.

mod base64;
pub(crate) mod patch;

pub use self::base64::{Base64, Base64Url};
pub use self::patch::Patch;
