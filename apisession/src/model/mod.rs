//! What models are made of: values that may be absent, bytes as text, enums that keep what they don't
//! know, and a `Debug` that hides secrets. It imports `redact` alone.

mod base64;
pub(crate) mod open_enum;
pub(crate) mod patch;
pub(crate) mod safe_debug;

pub use self::base64::{Base64, Base64Url};
pub use self::open_enum::{OpenEnum, Values};
pub use self::patch::Patch;
