//! The fields of a body, which several parameters of an operation make up: of a JSON object, or of a form.

use crate::encode::{ArgumentError, FieldSet, Object, Query};

/// The fields of a body, which is put together when the call is made.
#[derive(Clone, Default)]
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
}

impl Content {
    /// The form, as `application/x-www-form-urlencoded`: a query in which a space is a plus.
    pub(super) fn into_form(mut self) -> Result<String, ArgumentError> {
        if let Some((field, other)) = self.form.clash(&self.fields) {
            return Err(ArgumentError::Clash(field, format!("the field `{other}` of the operation")));
        }
        self.fields.append(&self.form);
        Ok(self.fields.as_str().replace("%20", "+"))
    }
}
