//! Formats of responses.

use apisession::Xml;
use apisession::prelude::*;
use serde::Deserialize;

use crate::Encoded;

/// Responses in several formats and codings.
#[endpoint(tags("Response formats"))]
pub struct Formats;

#[endpoint]
impl Formats {
    /// Returns a JSON document.
    #[get("/json", value = "/slideshow")]
    pub fn json(&self) -> Call<Slideshow>;

    /// Returns an XML document.
    #[get("/xml")]
    pub fn xml(&self) -> Call<Xml<Slides>>;

    /// Returns an HTML page.
    #[get("/html", accept = "text/html")]
    pub fn html(&self) -> Call<Text>;

    /// Returns the rules for robots.
    #[get("/robots.txt")]
    pub fn robots(&self) -> Call<Text>;

    /// Returns a page that the rules for robots deny.
    #[get("/deny")]
    pub fn deny(&self) -> Call<Text>;

    /// Returns text in UTF-8.
    #[get("/encoding/utf8")]
    pub fn utf8(&self) -> Call<Text>;

    /// Returns a body that is compressed by gzip.
    #[get("/gzip")]
    pub fn gzip(&self) -> Call<Encoded>;

    /// Returns a body that is compressed by deflate.
    #[get("/deflate")]
    pub fn deflate(&self) -> Call<Encoded>;

    /// Returns a body that is compressed by brotli.
    #[get("/brotli")]
    pub fn brotli(&self) -> Call<Encoded>;
}

/// Slides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Slideshow {
    /// The title.
    pub title: String,
    /// When it was published.
    pub date: String,
    /// Who wrote it.
    pub author: String,
    /// The slides.
    pub slides: Vec<Slide>,
}

/// A slide.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Slide {
    /// For whom the slide is.
    pub r#type: String,
    /// The title.
    pub title: String,
    /// The items, with markup.
    #[serde(default)]
    pub items: Vec<String>,
}

/// The same in XML.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Slides {
    /// The title.
    #[serde(rename = "@title")]
    pub title: String,
    /// The slides.
    pub slide: Vec<XmlSlide>,
}

/// A slide in XML.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct XmlSlide {
    /// The title.
    pub title: String,
}
