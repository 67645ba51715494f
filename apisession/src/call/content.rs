//! What several parameters of an operation make up: a JSON object, a form, or a multipart body.

use crate::encode::{ArgumentError, FieldSet, Object, Query};
use crate::message::Parts;

/// The fields or parts of a body, which is put together when the call is made.
#[derive(Default)]
pub(crate) struct Content {
    pub(super) is_form: bool,
    /// The fields of a JSON object. Its other members are those of the body that the arguments have.
    pub(super) object: Object,
    /// The fields of a form.
    pub(super) fields: Query,
    /// Those of them whose names depend on values.
    pub(super) structs: FieldSet,
    /// The fields of a struct that is a form.
    pub(super) form: Query,
    /// The parts of a multipart body.
    pub(super) parts: Option<Parts>,
}

impl Content {
    /// The same content for another call.
    pub(super) fn copied(&self) -> Self {
        Self {
            is_form: self.is_form,
            object: self.object.clone(),
            fields: self.fields.clone(),
            structs: self.structs.clone(),
            form: self.form.clone(),
            parts: self.parts.as_ref().map(Parts::copied),
        }
    }

    /// The form, as `application/x-www-form-urlencoded`: a query in which a space is a plus.
    pub(super) fn into_form(mut self) -> Result<String, ArgumentError> {
        if let Some((field, other)) = self.form.clash(&self.fields) {
            return Err(ArgumentError::Clash(field, format!("the field `{other}` of the operation")));
        }
        self.fields.append(&self.form);
        Ok(self.fields.as_str().replace("%20", "+"))
    }
}
