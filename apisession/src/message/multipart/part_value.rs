//! What a field or a parameter is sent as.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::part::Part;
use super::values;
use crate::encode::{self, ArgumentError, Encodable};
use crate::message::Body;
use crate::redact::Secret;

/// The parts of one field or parameter.
#[derive(Debug)]
pub struct PartValue {
    parts: Result<Vec<Part>, ArgumentError>,
    secrets: Vec<Secret>,
}

impl PartValue {
    /// Those of a value that is parts already.
    pub fn parts<T: IntoParts + ?Sized>(value: &T) -> Self {
        let mut parts = Vec::new();
        value.add_parts(&mut parts);
        Self { parts: Ok(parts), secrets: Vec::new() }
    }

    /// Those of any other value: text for a scalar, one for each element of a list, and otherwise JSON.
    pub fn value<T: Encodable + ?Sized>(value: &T) -> Self {
        Self { parts: values::parts(value), secrets: encode::secrets(value) }
    }

    /// The value as one part of JSON.
    #[must_use]
    pub fn json<T: Encodable + ?Sized>(value: &T) -> Self {
        Self { parts: values::json(value).map(|part| vec![part]), secrets: encode::secrets(value) }
    }

    /// Sets the declared name of the file, and the declared type, of each part whose maker has set none.
    #[must_use]
    pub fn declared(mut self, file_name: Option<&str>, content_type: Option<&str>) -> Self {
        for part in self.parts.iter_mut().flatten() {
            part.declare(file_name, content_type);
        }
        self
    }

    pub(super) fn into_parts(self) -> (Result<Vec<Part>, ArgumentError>, Vec<Secret>) {
        (self.parts, self.secrets)
    }
}

/// Parts, files and bytes, which are sent as they are; also behind a pointer, an `Option`, or in a list.
pub trait IntoParts {
    /// Adds the parts, in order.
    fn add_parts(&self, parts: &mut Vec<Part>);
}

impl IntoParts for Part {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        parts.push(self.copied());
    }
}

impl IntoParts for Body {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        parts.push(Part::body(self.copied()));
    }
}

/// A file.
impl IntoParts for Path {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        parts.push(Part::file(self));
    }
}

impl IntoParts for PathBuf {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_path().add_parts(parts);
    }
}

impl IntoParts for [u8] {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        parts.push(Part::bytes(self));
    }
}

impl<const N: usize> IntoParts for [u8; N] {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_slice().add_parts(parts);
    }
}

impl IntoParts for Bytes {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        parts.push(Part::bytes(self.clone()));
    }
}

impl IntoParts for BytesMut {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_ref().add_parts(parts);
    }
}

impl IntoParts for Vec<u8> {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_slice().add_parts(parts);
    }
}

impl<T: IntoParts> IntoParts for Option<T> {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.iter().for_each(|value| value.add_parts(parts));
    }
}

impl<T: IntoParts> IntoParts for [T] {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.iter().for_each(|value| value.add_parts(parts));
    }
}

impl<T: IntoParts, const N: usize> IntoParts for [T; N] {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_slice().add_parts(parts);
    }
}

impl<T: IntoParts> IntoParts for Vec<T> {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        self.as_slice().add_parts(parts);
    }
}

macro_rules! behind_pointers {
    ($($pointer:ty),*) => {
        $(
            impl<T: IntoParts + ?Sized> IntoParts for $pointer {
                fn add_parts(&self, parts: &mut Vec<Part>) {
                    (**self).add_parts(parts);
                }
            }
        )*
    };
}

behind_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: IntoParts + ToOwned + ?Sized> IntoParts for Cow<'_, T> {
    fn add_parts(&self, parts: &mut Vec<Part>) {
        (**self).add_parts(parts);
    }
}
