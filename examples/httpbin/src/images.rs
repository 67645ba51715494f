//! Images.

use apisession::prelude::*;

/// A small image in several formats.
#[endpoint(path = "/image", tags("Images"))]
pub struct Images;

#[endpoint]
impl Images {
    /// Returns an image of this type.
    #[get]
    pub fn of_type(&self, #[header] accept: ImageType) -> Call<Bytes>;

    /// Returns a PNG.
    #[get("/png", accept = "image/png")]
    pub fn png(&self) -> Call<Bytes>;

    /// Returns a JPEG.
    #[get("/jpeg", accept = "image/jpeg")]
    pub fn jpeg(&self) -> Call<Bytes>;

    /// Returns a WebP.
    #[get("/webp", accept = "image/webp")]
    pub fn webp(&self) -> Call<Bytes>;

    /// Returns an SVG.
    #[get("/svg", accept = "image/svg+xml")]
    pub fn svg(&self) -> Call<Text>;
}

/// The media type of an image.
#[derive(Clone, Debug, PartialEq, Eq, OpenEnum)]
pub enum ImageType {
    /// PNG.
    #[open_enum("image/png")]
    Png,
    /// JPEG.
    #[open_enum("image/jpeg")]
    Jpeg,
    /// WebP.
    #[open_enum("image/webp")]
    Webp,
    /// SVG.
    #[open_enum("image/svg+xml")]
    Svg,
    /// What this version of the SDK does not know.
    Other(String),
}
