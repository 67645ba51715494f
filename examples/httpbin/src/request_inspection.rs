//! What the server sees of a request.

use apisession::prelude::*;

use crate::Pairs;

/// What the server sees of a request.
#[endpoint(tags("Request inspection"))]
pub struct RequestInspection;

#[endpoint]
impl RequestInspection {
    /// Returns the headers.
    #[get("/headers", value = "/headers")]
    pub fn headers(&self) -> Call<Pairs>;

    /// Returns the address of the client.
    #[get("/ip", value = "/origin")]
    pub fn ip(&self) -> Call<String>;

    /// Returns the user agent.
    #[get("/user-agent", value = "/user-agent")]
    pub fn user_agent(&self) -> Call<String>;
}
