//! The headers of a parameter that is a map of them.

use std::collections::{BTreeMap, HashMap};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::encode::value::scalars;
use crate::encode::{ArgumentError, Encodable};
use crate::error::Result;
use crate::message::headers;
use crate::redact::Secret;

/// A map of headers, or a list of their names and values.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a map of headers",
    label = "this has no names and values",
    note = "pass a `HeaderMap`, a `BTreeMap` or a `HashMap`, or a list of pairs: `&[(&str, &str)]`"
)]
pub trait HeaderPairs {
    #[doc(hidden)]
    fn write(&self, writer: &mut HeaderWriter);
}

/// Collects the headers of a map.
#[doc(hidden)]
pub struct HeaderWriter {
    prefix: &'static str,
    headers: HeaderMap,
    secrets: Vec<Secret>,
    mistake: Option<String>,
}

/// The headers that belong to the credential.
const CREDENTIALS: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

impl HeaderWriter {
    pub(super) fn new(prefix: &'static str) -> Self {
        Self { prefix, headers: HeaderMap::new(), secrets: Vec::new(), mistake: None }
    }

    /// The headers, and the secrets among their values. The error continues a sentence.
    pub(super) fn end(self) -> (HeaderMap, Vec<Secret>, Result<(), String>) {
        (self.headers, self.secrets, self.mistake.map_or(Ok(()), Err))
    }

    fn pair<V: Encodable + ?Sized>(&mut self, name: &str, value: &V) {
        self.secrets.extend(value.secret().cloned());
        let text = match joined(value) {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(error) => {
                let shown = name.escape_default();
                self.mistake
                    .get_or_insert_with(|| format!("has the header `{}{shown}`, which {error}", self.prefix));
                return;
            }
        };
        match headers::parse(&format!("{}{name}", self.prefix), &text) {
            Ok((parsed, mut header)) => {
                header.set_sensitive(value.secret().is_some());
                self.add(name, parsed, header);
            }
            Err(error) => {
                self.mistake.get_or_insert_with(|| format!("can't be sent: {}", error.message()));
            }
        }
    }

    fn add(&mut self, key: &str, name: HeaderName, value: HeaderValue) {
        if key.is_empty() {
            let error = ArgumentError::NamelessHeader(self.prefix.to_owned());
            self.mistake.get_or_insert_with(|| error.to_string());
        }
        if CREDENTIALS.contains(&name) {
            let error = ArgumentError::HeaderClash(name.to_string(), "the credential".to_owned());
            self.mistake.get_or_insert_with(|| error.to_string());
        }
        self.headers.append(name, value);
    }
}

impl HeaderPairs for HeaderMap {
    fn write(&self, writer: &mut HeaderWriter) {
        for (name, value) in self {
            match headers::name(&format!("{}{name}", writer.prefix)) {
                Ok(prefixed) => writer.add(name.as_str(), prefixed, value.clone()),
                Err(error) => {
                    writer.mistake.get_or_insert_with(|| format!("can't be sent: {}", error.message()));
                }
            }
        }
    }
}

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<K: AsRef<str>, V: Encodable, $($generics)*> HeaderPairs for $type {
            fn write(&self, writer: &mut HeaderWriter) {
                for (name, value) in self {
                    writer.pair(name.as_ref(), value);
                }
            }
        })*
    };
}

maps! {
    [] BTreeMap<K, V>;
    [S] HashMap<K, V, S>;
    [] [(K, V)];
    [] Vec<(K, V)>;
    [const N: usize] [(K, V); N];
}

#[diagnostic::do_not_recommend]
impl<T: HeaderPairs + ?Sized> HeaderPairs for &T {
    fn write(&self, writer: &mut HeaderWriter) {
        (**self).write(writer);
    }
}

/// The value of a header: a list is joined by commas, and `None` is nothing.
pub(super) fn joined<T: Encodable + ?Sized>(value: &T) -> Result<Option<String>, ArgumentError> {
    let mut text: Option<String> = None;
    scalars(value, |scalar| {
        match &mut text {
            None => text = Some(scalar.to_owned()),
            Some(text) => text.extend([", ", scalar]),
        }
        Ok(())
    })?;
    Ok(text)
}
