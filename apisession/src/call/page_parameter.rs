//! How the request of one page differs from that of another: a parameter with another value, or the URL that the server gave.

use http::HeaderName;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::arguments::Arguments;
use crate::encode::Style;
use crate::error::Error;
use crate::model::RawJson;

/// Where the value goes that leads to a page.
#[derive(Clone, Copy, Debug)]
pub enum PageParameter {
    /// A query parameter.
    Query(&'static str),
    /// A field of the JSON body: a name, or a pointer.
    Field(&'static str),
    /// A field of a form.
    FormField(&'static str),
    /// A header, with a name in lower case.
    Header(&'static str),
    /// The JSON body as a whole.
    Json,
    /// The form as a whole.
    Form(Style),
    /// The fields of this flattened query parameter.
    Flat(&'static str, Style),
}

impl Arguments {
    /// The same arguments for another page.
    pub(crate) fn of_page(&self) -> Box<Self> {
        Box::new(self.copied())
    }

    /// Sets a mistake, which the call reports.
    pub(crate) fn refuse_page(&mut self, error: Error) {
        self.refuse(error);
    }

    /// Sets the value that leads to a page, in place of what the caller passed.
    pub(crate) fn set_page(&mut self, at: PageParameter, value: &RawJson) {
        let content = value.content();
        match at {
            PageParameter::Query(name) => {
                self.settings.forget(Some(name), None);
                let result = self.query.replace(name, &*content, Style::default());
                self.check("query parameter", name, result);
            }
            PageParameter::Header(name) => {
                self.settings.forget(None, Some(&HeaderName::from_static(name)));
                self.header_parameter(name, &*content);
            }
            PageParameter::Field(place) => self.object().replace(place, value.get()),
            PageParameter::FormField(name) => {
                let form = self.form_content();
                form.whole.remove(name);
                let result = form.fields.replace(name, &*content, Style::default());
                self.check("field", name, result);
            }
            PageParameter::Json => {
                let of = self.content_type.unwrap_or(crate::decode::JSON);
                self.set_body(value.get().to_owned(), of);
            }
            PageParameter::Form(style) => self.form("form", &parsed(value), style),
            PageParameter::Flat(name, style) => self.query(name, &parsed(value), style),
        }
    }

    /// The value that the caller passed where the value of a page goes.
    pub(crate) fn page(&self, at: PageParameter) -> Option<RawJson> {
        let text = match at {
            PageParameter::Query(name) => self.settings.query_value(name).or_else(|| self.query.get(name)),
            PageParameter::Header(name) => {
                let value = self.headers.as_ref()?.get(name)?;
                Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
            }
            PageParameter::FormField(name) => {
                let form = self.content.as_ref()?.form.as_ref()?;
                form.fields.get(name).or_else(|| form.whole.get(name))
            }
            PageParameter::Field(place) => return self.field_of_body(place),
            PageParameter::Json | PageParameter::Form(_) | PageParameter::Flat(..) => None,
        };
        RawJson::of(&text?).ok()
    }

    fn field_of_body(&self, place: &str) -> Option<RawJson> {
        let object = self.content.as_ref().and_then(|content| content.object.as_ref());
        if let Some(json) = object.and_then(|object| object.get(place)) {
            return RawJson::parse(std::str::from_utf8(json).ok()?).filter(|json| json.get() != "null");
        }
        let body: Value = serde_json::from_slice(self.body.as_bytes()?).ok()?;
        let found = if place.starts_with('/') { body.pointer(place) } else { body.get(place) };
        RawJson::of(found.filter(|found| !found.is_null())?).ok()
    }

    /// A digest of what these arguments are the arguments of: the operation, the path, and which parameters are set, not to which
    /// values. Those of the page itself are not among them.
    pub(crate) fn shape(&self, of_page: [Option<PageParameter>; 2]) -> [u8; 12] {
        let is_of_page = |name: &str, is_header: bool| {
            of_page.into_iter().flatten().any(|parameter| match parameter {
                PageParameter::Query(own) => !is_header && own == name,
                PageParameter::Header(own) => is_header && own == name,
                PageParameter::Flat(..) => !is_header,
                _ => false,
            })
        };
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        };
        add(&self.operation().map(ToString::to_string).unwrap_or_default());
        add(self.method.as_str());
        add(self.path.as_str());
        let mut names: Vec<_> = self.query.names_decoded();
        names.sort_unstable();
        names.dedup();
        for name in names.iter().filter(|name| !is_of_page(name, false)) {
            add(name);
        }
        let keys = self.headers.iter().flat_map(|headers| headers.keys());
        let mut headers: Vec<_> = keys.map(HeaderName::as_str).collect();
        headers.sort_unstable();
        headers.into_iter().filter(|name| !is_of_page(name, true)).for_each(&mut add);
        let digest = digest.finalize();
        let mut shape = [0; 12];
        shape.copy_from_slice(&digest[..12]);
        shape
    }
}

/// The fields of an object, each of which is encoded by itself.
fn parsed(value: &RawJson) -> Value {
    serde_json::from_str(value.get()).unwrap_or_default()
}
