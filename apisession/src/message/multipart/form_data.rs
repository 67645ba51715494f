//! Writes the parts of a multipart body, one after the other.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;

use super::part::Part;
use crate::encode::hex::hex;
use crate::encode::random::{self, RandomError};
use crate::error::BoxError;
use crate::message::Body;
use crate::message::body::{ByteStream, Source};
use crate::message::file::PIECE;
use crate::message::shown_part::ShownPart;

/// A part under its name.
pub(super) struct Entry {
    pub(super) name: String,
    /// Its headers, up to the empty line.
    head: Bytes,
    body: Body,
}

impl Entry {
    /// The error continues a sentence: "the part …".
    pub(super) fn new(name: &str, part: Part) -> Result<Self, String> {
        let (head, body) = part.into_message(name)?;
        Ok(Self { name: name.to_owned(), head: head.into(), body })
    }

    /// What a command shows of it. The head was written here, so that a quote in a name is `%22`.
    fn shown(&self) -> ShownPart<'_> {
        let head = std::str::from_utf8(&self.head).unwrap_or_default();
        let content_type = head.lines().find_map(|line| line.strip_prefix("Content-Type: "));
        let is_file = head.lines().next().is_some_and(|line| line.contains("; filename=\""));
        let text = self.body.as_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        ShownPart { name: &self.name, is_file, content_type, text }
    }

    pub(super) fn copied(&self) -> Self {
        Self { name: self.name.clone(), head: self.head.clone(), body: self.body.copied() }
    }
}

/// A multipart body.
pub(super) struct FormData {
    boundary: String,
    entries: Vec<Entry>,
}

impl FormData {
    /// The body of these parts, and its type.
    pub(super) fn of(entries: Vec<Entry>) -> Result<(Body, HeaderValue), RandomError> {
        // 128 random bits are in no part.
        let boundary = hex(&random::bytes::<16>()?);
        let content_type = format!("multipart/form-data; boundary={boundary}");
        // Letters and digits can be in a header.
        let content_type =
            HeaderValue::try_from(content_type).unwrap_or(HeaderValue::from_static("multipart/form-data"));
        Ok((Body::from_source(Arc::new(Self { boundary, entries })), content_type))
    }

    fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.entries.iter().map(|entry| &entry.body)
    }
}

impl Source for FormData {
    fn open(self: Arc<Self>) -> ByteStream {
        Box::pin(Writer { form: self, next: 0, body: None, text: Vec::new() })
    }

    fn length(&self) -> Option<u64> {
        // `--`, the boundary, and a line break.
        let delimiter = self.boundary.len() + 4;
        let mut length = u64::try_from(delimiter + 2).ok()?;
        for Entry { head, body, .. } in &self.entries {
            let around = u64::try_from(delimiter + head.len() + 2).ok()?;
            length = length.checked_add(around)?.checked_add(body.whole_length()?)?;
        }
        Some(length)
    }

    fn has_files(&self) -> bool {
        self.bodies().any(Body::has_files)
    }

    fn measure(&self) -> Result<(), BoxError> {
        self.bodies().try_for_each(Body::measure_blocking)
    }

    fn is_spent(&self) -> bool {
        self.bodies().any(Body::is_spent)
    }

    fn parts(&self) -> Option<Vec<ShownPart<'_>>> {
        Some(self.entries.iter().map(Entry::shown).collect())
    }

    fn copied(&self) -> Arc<dyn Source> {
        let entries = self.entries.iter().map(Entry::copied).collect();
        Arc::new(Self { boundary: self.boundary.clone(), entries })
    }
}

/// The bytes of a form. What is in memory is gathered, so that many small parts are few pieces.
struct Writer {
    form: Arc<FormData>,
    /// The part that is written next; one more than there are, once all is written.
    next: usize,
    /// The rest of the body of the part before it.
    body: Option<Body>,
    /// What was gathered.
    text: Vec<u8>,
}

impl Writer {
    /// Gathers the next part, or the end of the body.
    fn gather(&mut self) {
        let Self { form, next, body, text } = self;
        text.extend_from_slice(b"--");
        text.extend_from_slice(form.boundary.as_bytes());
        match form.entries.get(*next) {
            None => text.extend_from_slice(b"--\r\n"),
            Some(entry) => {
                text.extend_from_slice(b"\r\n");
                text.extend_from_slice(&entry.head);
                match entry.body.as_bytes().filter(|bytes| bytes.len() <= PIECE) {
                    Some(bytes) => {
                        text.extend_from_slice(bytes);
                        text.extend_from_slice(b"\r\n");
                    }
                    None => *body = Some(entry.body.replay()),
                }
            }
        }
        *next += 1;
    }

    fn is_done(&self) -> bool {
        self.next > self.form.entries.len()
    }
}

impl Stream for Writer {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let is_last = self.body.is_some() || self.is_done();
            if !self.text.is_empty() && (is_last || self.text.len() >= PIECE) {
                return Poll::Ready(Some(Ok(std::mem::take(&mut self.text).into())));
            }
            if let Some(body) = &mut self.body {
                match body.poll_piece(context) {
                    Poll::Ready(None) => {
                        self.body = None;
                        self.text.extend_from_slice(b"\r\n");
                    }
                    piece => return piece,
                }
            } else if self.is_done() {
                return Poll::Ready(None);
            } else {
                self.gather();
            }
        }
    }
}
