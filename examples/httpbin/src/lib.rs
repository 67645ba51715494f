#![doc = include_str!("../README.md")]

use apisession::prelude::*;

mod anything;
mod auth;
mod cookies;
mod dynamic;
mod echo;
mod formats;
mod images;
mod methods;
mod redirects;
mod request_inspection;
mod response_inspection;
pub mod server;
mod status;

pub use self::anything::Anything;
pub use self::auth::{Algorithm, Auth, Authenticated, Digest, Qop, TokenAccepted};
pub use self::cookies::Cookies;
pub use self::dynamic::Dynamic;
pub use self::echo::{Echo, Encoded, Pairs, Values};
pub use self::formats::{Formats, Slide, Slides, Slideshow, XmlSlide};
pub use self::images::{ImageType, Images};
pub use self::methods::Methods;
pub use self::redirects::Redirects;
pub use self::request_inspection::RequestInspection;
pub use self::response_inspection::ResponseInspection;
pub use self::status::{NotAcceptable, Status, StatusError};

/// The service httpbin.
#[derive(Clone, Debug, APISession)]
#[session(base_url = "https://httpbin.org", vendor = "httpbin", product = "sdk")]
pub struct HttpBin {
    session: Session,
    #[endpoint]
    anything: Anything,
    #[endpoint]
    auth: Auth,
    #[endpoint]
    cookies: Cookies,
    #[endpoint]
    dynamic: Dynamic,
    #[endpoint]
    formats: Formats,
    #[endpoint]
    images: Images,
    #[endpoint]
    methods: Methods,
    #[endpoint]
    redirects: Redirects,
    #[endpoint]
    request_inspection: RequestInspection,
    #[endpoint]
    response_inspection: ResponseInspection,
    #[endpoint]
    status: Status,
}
