//! Decodes the bodies of responses and of errors as XML.

mod check;
pub(super) mod reason;

use std::any::type_name;
use std::borrow::Cow;
use std::ops::Deref;

use http::{HeaderValue, header};
use quick_xml::de::Deserializer;
use serde::de::DeserializeOwned;

use self::check::check;
use super::absent::Absent;
use super::failure::Expected;
use super::{FromErrorBody, FromResponse};
use crate::describe::ResponseKind;
use crate::error::{Error, Result};
use crate::message::charset::CharsetError;
use crate::message::{Charset, Response, charset};
use crate::redact;

/// A response body of XML, for an operation that returns `Call<Xml<T>>`, or a field of a typed error. It needs the feature `xml`.
///
/// `T` is decoded by the crate `quick-xml`, whose documentation states how names are written: a field is an element,
/// `@name` an attribute, and `$text` the text of an element. A field that is a `Vec` takes all elements of its name. The root
/// element may have any name.
///
/// A document may be as large as [`max_body`](crate::Settings::max_body) and 128 elements deep. One with a document type
/// declaration (`<!DOCTYPE …>`) is an error, so no entities are expanded but the five of XML itself.
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// use apisession::Xml;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// pub struct Feed {
///     #[serde(rename = "@lang")]
///     language: String,
///     entry: Vec<String>,
/// }
///
/// #[endpoint(path = "/feeds")]
/// pub struct Feeds;
///
/// #[endpoint]
/// impl Feeds {
///     #[get("/{id}")]
///     pub fn get(&self, id: u64) -> Call<Xml<Feed>>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] feeds: Feeds }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async {
/// #     Ok(Response::new(StatusCode::OK).with_body(r#"<feed lang="en"><entry>One</entry><entry>Two</entry></feed>"#))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let feed = api.feeds().get(7).await?;
/// assert_eq!(feed.language, "en");
/// assert_eq!(feed.into_inner().entry, ["One", "Two"]);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Xml<T>(pub T);

impl<T> Xml<T> {
    /// Returns the decoded value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Xml<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromResponse for Xml<T> {
    const ACCEPT: &'static str = "application/xml";
    const KIND: ResponseKind = ResponseKind::Xml;

    fn from_response(response: Response) -> Result<Self> {
        response.xml().map(Self)
    }

    fn is_absent(response: &Response) -> bool {
        response.body().is_some_and(|body| body.trim_ascii().is_empty())
    }
}

impl<T: DeserializeOwned> FromErrorBody for Xml<T> {
    fn from_error_body(error: &Error) -> Option<Self> {
        error.body_as_xml().map(Self)
    }
}

impl Response {
    /// Decodes the body as XML, whatever its content type: see [`Xml`]. It needs the feature `xml`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body is not XML of this type, has a document type
    /// declaration, or is a stream that was not read. The error names the type and the content type.
    pub fn xml<T: DeserializeOwned>(&self) -> Result<T> {
        let expected = Expected::of("XML", type_name::<T>());
        let content_type = self.headers().get(header::CONTENT_TYPE);
        decoded(self.bytes(expected)?, content_type).map_err(|Failure { path, why }| {
            let why = redact::line(&why);
            match self.shown_path(path) {
                Some(path) => self.decode_error(expected, &format!("{path}: {why}"), None),
                None => self.decode_error(expected, &why, None),
            }
        })
    }
}

impl Error {
    /// Decodes the body of the response as XML. Returns `None` if there is none, or it can't be decoded as `T`. It needs the feature
    /// `xml`.
    ///
    /// An `Option` is `Some(None)` if the body is empty or can't be decoded. A field of a typed error can be an [`Xml<T>`](Xml), or an
    /// `Option<Xml<T>>` that takes each body.
    ///
    /// ```
    /// # use apisession::{ErrorKind, Response, http::StatusCode};
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Fault {
    ///     code: String,
    /// }
    /// # let error = Response::new(StatusCode::NOT_FOUND).with_body("<Error><Code>NoSuchKey</Code></Error>")
    /// #     .into_error(ErrorKind::NotFound, "404 Not Found");
    /// let fault: Option<Fault> = error.body_as_xml();
    /// assert_eq!(fault.unwrap().code, "NoSuchKey");
    /// ```
    #[must_use]
    pub fn body_as_xml<T: DeserializeOwned>(&self) -> Option<T> {
        let content_type = self.headers().and_then(|headers| headers.get(header::CONTENT_TYPE));
        let decoded = decoded(self.body()?, content_type);
        decoded.ok().or_else(|| T::deserialize(Absent::Resource).ok())
    }
}

/// Why a document can't be decoded: the path to the value, and what is wrong there. It has no text of the document but names.
pub(super) struct Failure {
    pub(super) path: Option<String>,
    pub(super) why: String,
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self { path: None, why }
    }
}

impl From<&str> for Failure {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

fn decoded<T: DeserializeOwned>(
    body: &[u8],
    content_type: Option<&HeaderValue>,
) -> std::result::Result<T, Failure> {
    let text = document(body, content_type)?;
    T::deserialize(&mut Deserializer::from_str(&text)).map_err(|error| {
        let tracked = serde_path_to_error::deserialize::<_, T>(&mut Deserializer::from_str(&text));
        let path = tracked.err().map(|error| error.path().to_string());
        let path = path.filter(|path| !matches!(&**path, "." | "?"));
        Failure { path, why: reason::reason(&text, &error) }
    })
}

/// The document, which is well-formed and has no document type declaration. Its charset is that of its byte order mark, or else the one
/// in the content type, or else the one that it declares itself (RFC 7303 §3).
pub(super) fn document<'b>(
    body: &'b [u8],
    content_type: Option<&HeaderValue>,
) -> std::result::Result<Cow<'b, str>, Failure> {
    if body.trim_ascii().is_empty() {
        return Err(if body.is_empty() { "it has no body" } else { "its body is blank" }.into());
    }
    let is_declared = content_type.and_then(charset::declared).is_some();
    let own = own_charset(body).filter(|_| !is_declared);
    let text = match own {
        Some(own) => charset::text_in(own, body, CharsetError::Own),
        None => charset::text(body, content_type),
    };
    let text = text.map_err(|why| Failure::from(format!("it {why}")))?;
    check(&text).map_err(Failure::from)?;
    Ok(text)
}

/// The charset in the XML declaration of a document. That it can be read here excludes UTF-16, which some servers declare and don't send.
fn own_charset(body: &[u8]) -> Option<Charset> {
    let declaration = body.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|end| end == b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let label = value.split(['"', '\'']).nth(1)?;
    Charset::labelled(label.as_bytes()).map(Charset::in_ascii)
}
