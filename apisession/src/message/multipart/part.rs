//! One part of a multipart body.

use std::fmt;
use std::path::Path;

use http::{HeaderMap, HeaderValue, header};
use serde::ser::Serialize;

use super::media_types::guessed;
use super::name::{base_name, check_file_name, quoted};
use crate::encode::ArgumentError;
use crate::message::file::shown;
use crate::message::{Body, headers};

/// What a part without a known type is sent as.
const ANY: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A part of a multipart body: a field, or a file.
///
/// A part that can't be sent, such as one whose header has a line break, is reported when the call is awaited, and nothing is sent.
///
/// ```
/// use apisession::Part;
///
/// let report = Part::file("reports/q1.pdf");
/// let picture = Part::bytes(vec![0xff, 0xd8]).with_file_name("photo.jpg").with_header("content-id", "<photo>");
/// # let _ = (report, picture);
/// ```
pub struct Part {
    body: Body,
    file_name: FileName,
    content_type: Option<HeaderValue>,
    /// The type that is sent unless another one is set, or is guessed from the name of the file.
    natural_type: Option<HeaderValue>,
    headers: HeaderMap,
    mistake: Option<String>,
}

/// The name of the file in a part.
#[derive(Clone)]
enum FileName {
    /// It is a field, not a file.
    None,
    /// It is that of the field.
    OfField,
    /// It is that of the path from which the part is read.
    OfPath(String),
    Set(String),
}

impl Part {
    /// Creates a field with text. It has no type, which means `text/plain` in UTF-8.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(text.into().into(), FileName::None)
    }

    /// Creates a field with JSON, of the type `application/json`.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => Self::of_json(json),
            Err(error) => {
                Self { mistake: Some(ArgumentError::json(&error).to_string()), ..Self::of_json(Vec::new()) }
            }
        }
    }

    pub(super) fn of_json(json: Vec<u8>) -> Self {
        let natural_type = Some(HeaderValue::from_static("application/json"));
        Self { natural_type, ..Self::new(json.into(), FileName::None) }
    }

    /// Creates a file with these bytes. Its name is that of the field, unless [`with_file_name`](Self::with_file_name) sets another.
    pub fn bytes(bytes: impl Into<Body>) -> Self {
        Self::body(bytes)
    }

    /// Creates a file that is read from a path while it is sent, as [`Body::file`] is. Its name is the last one of the path.
    ///
    /// The path `-` is standard input, which stays open and can be sent once: see [`Body::stdin`].
    pub fn file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let body = if path == Path::new("-") { Body::stdin() } else { Body::file(path) };
        Self::new(body, FileName::OfPath(shown(path)))
    }

    /// Creates a file with any body, such as a [`Body::reader`]. If the body can be sent once, so can the request.
    ///
    /// Its name is that of the field, unless [`with_file_name`](Self::with_file_name) sets another.
    pub fn body(body: impl Into<Body>) -> Self {
        Self::new(body.into(), FileName::OfField)
    }

    fn new(body: Body, file_name: FileName) -> Self {
        let (content_type, natural_type, headers, mistake) = (None, None, HeaderMap::new(), None);
        Self { body, file_name, content_type, natural_type, headers, mistake }
    }

    /// Sets the name of the file, which makes the part a file. Of a path, it is the last name.
    ///
    /// It is sent as quoted UTF-8, with `%22` for a quote and `%0D` and `%0A` for line breaks, as by browsers. It may have 255 bytes, and
    /// no other control characters.
    #[must_use]
    pub fn with_file_name(mut self, name: &str) -> Self {
        self.file_name = FileName::Set(base_name(name).to_owned());
        self
    }

    /// Sends the part as a field, without the name of a file.
    #[must_use]
    pub fn without_file_name(mut self) -> Self {
        self.file_name = FileName::None;
        self
    }

    /// Sets the type. Default: for a file the one that is guessed from the ending of its name, or else `application/octet-stream`.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &str) -> Self {
        match HeaderValue::try_from(content_type) {
            Ok(content_type) => self.content_type = Some(content_type),
            Err(_) => self.refuse("has a content type with a control character; remove it".to_owned()),
        }
        self
    }

    /// Adds a header to the part, beside others of the same name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        match headers::parse(name, value) {
            Ok((name, _)) if name == header::CONTENT_DISPOSITION => {
                self.refuse("sets the header `content-disposition`; use `with_file_name`".to_owned());
            }
            Ok((name, value)) if name == header::CONTENT_TYPE => self.content_type = Some(value),
            Ok((name, value)) => drop(self.headers.append(name, value)),
            Err(error) => self.refuse(format!("can't have this header: {}", error.message())),
        }
        self
    }

    /// The same part once more. A body that can be sent once is sent by whichever is sent first.
    pub(super) fn copied(&self) -> Self {
        Self {
            body: self.body.copied(),
            file_name: self.file_name.clone(),
            content_type: self.content_type.clone(),
            natural_type: self.natural_type.clone(),
            headers: self.headers.clone(),
            mistake: self.mistake.clone(),
        }
    }

    /// Sets what a declaration sets for the part, where its maker has not.
    pub(super) fn declare(&mut self, file_name: Option<&str>, content_type: Option<&str>) {
        if let Some(name) = file_name.filter(|_| !matches!(self.file_name, FileName::Set(_))) {
            self.file_name = FileName::Set(base_name(name).to_owned());
        }
        if let (None, Some(content_type)) = (&self.content_type, content_type) {
            self.content_type = HeaderValue::try_from(content_type).ok();
        }
    }

    fn refuse(&mut self, why: String) {
        self.mistake.get_or_insert(why);
    }

    /// The headers of the part, up to the empty line, and its body. The error continues a sentence: "the part …".
    pub(super) fn into_message(self, field: &str) -> Result<(Vec<u8>, Body), String> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let mut head = format!("Content-Disposition: form-data; name={}", quoted(field)?).into_bytes();
        let file_name = match &self.file_name {
            FileName::None => None,
            FileName::OfField => {
                Some(base_name(field)).filter(|name| check_file_name(name).is_ok()).or(Some("file"))
            }
            FileName::OfPath(name) | FileName::Set(name) => Some(name.as_str()),
        };
        if let Some(name) = file_name {
            check_file_name(name)?;
            let quoted = quoted(name).map_err(|why| format!("has a file name that {why}"))?;
            head.extend_from_slice(format!("; filename={quoted}").as_bytes());
        }
        let by_name = || file_name.map(|name| guessed(name).unwrap_or(ANY));
        if let Some(content_type) = self.content_type.or(self.natural_type).or_else(by_name) {
            field_line(&mut head, "Content-Type", &content_type);
        }
        for (name, value) in &self.headers {
            field_line(&mut head, name.as_str(), value);
        }
        head.extend_from_slice(b"\r\n\r\n");
        Ok((head, self.body))
    }
}

fn field_line(head: &mut Vec<u8>, name: &str, value: &HeaderValue) {
    for text in [b"\r\n", name.as_bytes(), b": ", value.as_bytes()] {
        head.extend_from_slice(text);
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Part {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

/// Shows the size, and neither name nor content.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Part").field(&self.body).finish()
    }
}
