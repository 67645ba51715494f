//! Requests and responses, and the meaning of their headers. It imports `error` and what is below it.

#[cfg(any(feature = "downloads", feature = "streams"))]
mod again;
pub(crate) mod blocking;
mod body;
#[cfg(feature = "sign-in")]
pub(crate) mod challenge;
pub(crate) mod charset;
#[cfg(feature = "charset")]
mod charset_table;
#[cfg(not(feature = "charset"))]
#[path = "no_charset_table.rs"]
mod charset_table;
pub(crate) mod cookie_header;
mod curl;
pub(crate) mod duration;
pub(crate) mod encoding;
mod etag;
mod file;
mod graphql;
#[cfg(feature = "gzip")]
mod gzipped;
#[cfg(not(feature = "gzip"))]
#[path = "not_gzipped.rs"]
mod gzipped;
pub(crate) mod headers;
#[cfg(feature = "sign-in")]
pub(crate) mod json_duration;
mod lines;
pub(crate) mod link;
pub(crate) mod location;
pub(crate) mod method;
pub(crate) mod multipart;
#[cfg(feature = "pages")]
pub(crate) mod of_page;
pub(crate) mod problem;
mod progress;
pub(crate) mod quota;
mod reader;
mod request;
mod response;
mod shown_part;
#[cfg(any(feature = "__tls", feature = "cookies", feature = "downloads", feature = "sign-in"))]
pub(crate) mod temporary_file;
pub(crate) mod user_agent;

#[cfg(any(feature = "downloads", feature = "streams"))]
pub(crate) use self::again::{After, Again, Changes};
pub use self::body::Body;
pub(crate) use self::body::StreamFailure;
#[cfg(feature = "sign-in")]
pub use self::challenge::Challenge;
#[cfg(feature = "xml")]
pub(crate) use self::charset_table::Charset;
pub use self::etag::ETag;
pub use self::graphql::{GraphQlError, GraphQlErrors, GraphQlLocation};
pub(crate) use self::gzipped::IS_BUILT_IN as IS_GZIP_BUILT_IN;
pub use self::link::Link;
pub use self::location::Location;
pub use self::multipart::{Multipart, Part, Parts};
pub use self::problem::Problem;
pub use self::progress::Progress;
pub(crate) use self::progress::Report;
pub use self::quota::Quota;
pub use self::request::Request;
pub use self::response::Response;
