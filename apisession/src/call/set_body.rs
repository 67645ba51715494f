//! How the parameters of an operation set its body.

use super::arguments::Arguments;
use super::content::{Content, ContentHeaders, Form};
use crate::decode;
use crate::describe::{GraphQlDocument, Operation, Place};
use crate::encode::{self, ArgumentError, Encodable, Object, Query, Style};
use crate::error::{Error, Result};
use crate::message::multipart::PartValue;
use crate::message::{Body, Multipart, Parts};

const FORM: &str = "application/x-www-form-urlencoded";

impl Arguments {
    /// Sets the JSON body.
    pub(super) fn json<T: Encodable + ?Sized>(&mut self, name: &str, value: &T) {
        self.json_of_type(name, value, decode::JSON);
    }

    /// Sets the JSON body, with a content type of its own.
    pub(super) fn json_of_type<T: Encodable + ?Sized>(&mut self, name: &str, value: &T, of: &'static str) {
        self.encoded(name, of, value, encode::json_bytes);
    }

    /// Sets the body to what `encode` makes of a value.
    pub(super) fn encoded<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        content_type: &'static str,
        value: &T,
        encode: impl FnOnce(&T) -> Result<Vec<u8>, ArgumentError>,
    ) {
        match encode(value) {
            Ok(bytes) => self.set_body(bytes, content_type),
            Err(error) => self.check("body", name, Err(error)),
        }
        self.conceal(value);
    }

    /// Sets the body as it is.
    pub(super) fn set_body(&mut self, body: impl Into<Body>, content_type: &'static str) {
        self.body = body.into();
        self.content_type = Some(content_type);
    }

    /// Makes the body a JSON object, which may have no fields.
    pub(super) fn object(&mut self) -> &mut Object {
        self.content().object.get_or_insert_default()
    }

    /// Sets a field of the JSON body.
    pub(super) fn field<T: Encodable + ?Sized>(&mut self, place: &'static str, value: &T) {
        self.conceal(value);
        let result = self.object().set(place, value);
        self.check("field", place, result);
    }

    /// Sends a document of GraphQL (GraphQL over HTTP, §5.1).
    pub(super) fn document(&mut self, document: &GraphQlDocument) {
        self.field("query", document.text());
        if let Some(name) = document.name() {
            self.field("operationName", name);
        }
    }

    /// Makes the body a form, which may have no fields.
    pub(super) fn form_content(&mut self) -> &mut Form {
        self.content().form.get_or_insert_default()
    }

    /// Sets a field of the form.
    pub(super) fn form_field<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T, style: Style) {
        self.conceal(value);
        let parameters = self.operation().into_iter().flat_map(Operation::parameters);
        let others =
            parameters.filter(|parameter| parameter.place() == Place::Field && parameter.name() != name);
        let others = others.map(|parameter| parameter.name());
        let Form { fields, structs, .. } = self.form_content();
        let result = structs.set(fields, (name, value, style), others);
        self.check("field", name, result);
    }

    /// Sets a field of the form to JSON.
    pub(super) fn form_field_json<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.conceal(value);
        let fields = &mut self.form_content().fields;
        let result = encode::json(value).and_then(|json| fields.replace(name, &json, Style::default()));
        self.check("field", name, result);
    }

    /// Sets the form to the fields of a struct or a map.
    pub(super) fn form<T: Encodable + ?Sized>(&mut self, name: &str, value: &T, style: Style) {
        self.conceal(value);
        let mut form = Query::default();
        let result = form.write_fields(value, style);
        self.form_content().whole = form;
        self.check("form", name, result);
    }

    /// Sets a multipart body.
    pub(super) fn multipart(&mut self, value: &dyn Multipart) {
        let mut parts = Parts::new();
        value.add_to(&mut parts);
        self.set_parts(parts);
    }

    /// Sets a part of a multipart body, in place of an earlier one of this name.
    pub(super) fn part(&mut self, name: &str, value: PartValue) {
        let mut parts = self.content().parts.take().unwrap_or_default();
        parts.remove(name);
        parts.add_value(name, value);
        self.set_parts(parts);
    }

    fn set_parts(&mut self, mut parts: Parts) {
        self.secrets.append(&mut parts.take_secrets());
        if let Some(mistake) = parts.take_mistake() {
            self.refuse(Error::argument(mistake));
        }
        self.content().parts = Some(parts);
    }

    /// What several parameters make up.
    pub(super) fn content(&mut self) -> &mut Content {
        self.content.get_or_insert_default()
    }

    /// Puts together what several parameters make up. Returns the headers among it.
    pub(crate) fn assemble(&mut self) -> Result<Option<ContentHeaders>> {
        let Some(content) = self.content.take() else { return Ok(None) };
        let Content { object, form, parts, cookies } = *content;
        let mut headers = ContentHeaders { multipart: None, cookies };
        if let Some(object) = object {
            let model = self.body.as_bytes().filter(|bytes| !bytes.is_empty());
            let json = object.to_json(model.map(|bytes| &**bytes));
            self.assembled(json, decode::JSON);
        }
        if let Some(form) = form {
            self.assembled(form.into_text(), FORM);
        }
        if let Some(parts) = parts {
            let (body, content_type) = parts.into_body()?;
            (self.body, headers.multipart) = (body, Some(content_type));
        }
        Ok(Some(headers))
    }

    fn assembled(&mut self, body: Result<impl Into<Body>, ArgumentError>, content_type: &'static str) {
        match body {
            Ok(body) => {
                self.body = body.into();
                self.content_type.get_or_insert(content_type);
            }
            Err(error) => self.check("body", whole(self.operation()).unwrap_or("body"), Err(error)),
        }
    }
}

/// The name of the parameter that is the body as a whole.
fn whole(operation: Option<&'static Operation>) -> Option<&'static str> {
    operation?
        .parameters()
        .find(|parameter| matches!(parameter.place(), Place::Json | Place::Form))
        .map(|parameter| parameter.name())
}
