//! Data that is made for a request.

use apisession::prelude::*;

use crate::Echo;

/// Data that the server makes: random, slow, or in pieces.
#[endpoint(tags("Dynamic data"))]
pub struct Dynamic;

#[endpoint]
impl Dynamic {
    /// Returns a random UUID.
    #[get("/uuid", value = "/uuid")]
    pub fn uuid(&self) -> Call<String>;

    /// Decodes base64 of text.
    #[get("/base64/{value}")]
    pub fn base64(&self, value: &Base64UrlPadded) -> Call<Text>;

    /// Returns random bytes, the same for the same seed.
    #[get("/bytes/{n}")]
    pub fn bytes(&self, n: u32, seed: Option<i64>) -> Call<Bytes>;

    /// Streams random bytes, the same for the same seed.
    #[get("/stream-bytes/{n}")]
    pub fn stream_bytes(&self, n: u32, seed: Option<i64>, chunk_size: Option<u32>) -> Call<ByteStream>;

    /// Streams lines, each of which repeats the request.
    #[get("/stream/{n}")]
    pub fn stream(&self, n: u32) -> Call<Lines<Echo>>;

    /// Streams bytes slowly: so many within so many seconds.
    #[get("/drip")]
    pub fn drip(&self, numbytes: Option<u32>, duration: Option<f32>, delay: Option<f32>) -> Call<ByteStream>;

    /// Downloads bytes, of which a part can be requested.
    #[get("/range/{n}")]
    pub fn range(&self, n: u32, chunk_size: Option<u32>, duration: Option<f32>) -> Call<Download>;

    /// Responds after so many seconds, at most ten.
    #[get("/delay/{seconds}")]
    pub fn delay(&self, seconds: f32) -> Call<Echo>;

    /// Returns the first page with so many links.
    #[get("/links/{n}")]
    pub fn first_links(&self, n: u32) -> Call<Text>;

    /// Returns a page with so many links, of which this one is no link.
    #[get("/links/{n}/{offset}")]
    pub fn links(&self, n: u32, offset: u32) -> Call<Text>;
}
