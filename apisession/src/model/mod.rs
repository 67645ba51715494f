//! What models are made of: values that may be absent, bytes as text, enums and unions that keep what
//! they don't know, and a `Debug` that hides secrets. It imports `redact` alone.

mod base64;
pub(crate) mod open_enum;
pub(crate) mod patch;
pub(crate) mod raw_json;
pub(crate) mod reason;
pub(crate) mod refused;
pub(crate) mod safe_debug;
pub(crate) mod tagged;
pub(crate) mod union;

pub use self::base64::{Base64, Base64Url, Base64UrlPadded};
pub use self::open_enum::{OpenEnum, Values};
pub use self::patch::Patch;
pub use self::raw_json::RawJson;
