//! Encodes values as the text of URLs and headers, and parses the URLs that authors write. It imports
//! `redact` and `model`.

pub(crate) mod argument;
pub(crate) mod base;
mod bom;
mod exposed;
mod fields;
pub(crate) mod hex;
mod json;
mod messages;
mod object;
#[cfg(feature = "pages")]
mod of_page;
pub(crate) mod origin;
pub(crate) mod pairs;
mod path;
pub(crate) mod percent;
#[cfg(feature = "sign-in")]
pub(crate) mod placeholders;
mod query;
pub(crate) mod random;
pub(crate) mod segment;
mod unset;
pub(crate) mod value;
mod variables;
#[cfg(feature = "xml")]
pub(crate) mod xml;

pub(crate) use self::argument::ArgumentError;
pub(crate) use self::base::Base;
pub(crate) use self::bom::without_bom;
pub(crate) use self::exposed::{find_secrets, secrets};
pub(crate) use self::fields::FieldSet;
pub(crate) use self::json::{ascii_json, json, json_bytes};
pub(crate) use self::messages::messages;
pub(crate) use self::object::Object;
pub(crate) use self::path::{Filling, Segments};
pub(crate) use self::query::Query;
pub(crate) use self::value::{Encodable, is_unset};
pub use self::value::{ListStyle, Nested, Style};
pub(crate) use self::variables::filled;
