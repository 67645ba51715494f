//! What several parameters of an operation make up: a JSON object, a form, a multipart body, or the cookies.

use http::{HeaderMap, HeaderValue, header};

use crate::encode::{ArgumentError, FieldSet, Object, Query};
use crate::message::{Parts, cookie_header};
use crate::redact::Secret;

/// The fields or parts of a body, and cookies. They are put together when the call is made.
#[derive(Default)]
pub(crate) struct Content {
    /// The fields of a JSON object. Its other members are those of the body that the arguments have.
    pub(super) object: Option<Object>,
    pub(super) form: Option<Form>,
    /// The parts of a multipart body.
    pub(super) parts: Option<Parts>,
    pub(super) cookies: Vec<(&'static str, Secret)>,
}

/// The fields of a form.
#[derive(Clone, Default)]
pub(super) struct Form {
    pub(super) fields: Query,
    /// Those of them whose names depend on values.
    pub(super) structs: FieldSet,
    /// The fields of a struct that is a form.
    pub(super) whole: Query,
}

/// The headers that several parameters make up.
#[derive(Default)]
pub(crate) struct ContentHeaders {
    /// The type of a multipart body. It has the boundary of the parts, so that nothing can replace it.
    pub(super) multipart: Option<HeaderValue>,
    pub(super) cookies: Vec<(&'static str, Secret)>,
}

impl Content {
    /// The same content for another call.
    pub(super) fn copied(&self) -> Self {
        Self {
            object: self.object.clone(),
            form: self.form.clone(),
            parts: self.parts.as_ref().map(Parts::copied),
            cookies: self.cookies.clone(),
        }
    }
}

impl Form {
    /// The form, as `application/x-www-form-urlencoded`: a query in which a space is a plus.
    pub(super) fn into_text(mut self) -> Result<String, ArgumentError> {
        if let Some((field, other)) = self.whole.clash(&self.fields) {
            return Err(ArgumentError::Clash(field, format!("the field `{other}` of the operation")));
        }
        self.fields.append(&self.whole);
        Ok(self.fields.as_str().replace("%20", "+"))
    }
}

impl ContentHeaders {
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        for (name, value) in &self.cookies {
            cookie_header::set(headers, name, value);
        }
        if let Some(content_type) = self.multipart {
            headers.insert(header::CONTENT_TYPE, content_type);
        }
    }
}
