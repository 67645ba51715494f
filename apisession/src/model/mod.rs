//! What models are made of: values that may be absent, bytes as text, enums and unions that keep what
//! they don't know, and a `Debug` that hides secrets. It imports `redact` alone.

#[cfg(feature = "models")]
mod base64;
#[cfg(any(feature = "jobs", feature = "pages"))]
mod content;
#[cfg(feature = "models")]
pub(crate) mod open_enum;
#[cfg(feature = "pages")]
mod of_page;
pub(crate) mod patch;
pub(crate) mod raw_json;
pub(crate) mod reason;
pub(crate) mod refused;
#[cfg(feature = "models")]
pub(crate) mod safe_debug;
#[cfg(feature = "models")]
pub(crate) mod tagged;
#[cfg(feature = "models")]
pub(crate) mod union;
mod values;

#[cfg(feature = "models")]
pub use self::base64::{Base64, Base64Url, Base64UrlPadded};
#[cfg(feature = "models")]
pub use self::open_enum::OpenEnum;
pub use self::patch::Patch;
pub use self::raw_json::RawJson;
pub use self::values::Values;
