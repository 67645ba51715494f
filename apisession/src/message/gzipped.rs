//! Bodies of requests that are compressed with gzip (RFC 1952).

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_core::Stream;

use super::Body;
use super::body::{ByteStream, Source};
use super::file::PIECE;
use crate::error::BoxError;

/// Whether a body can be compressed.
pub(crate) const IS_BUILT_IN: bool = true;

impl Body {
    /// The same body, compressed. What is in memory is compressed at once; anything else while it is read, so that its length is not known.
    pub(crate) fn gzipped(self) -> io::Result<Self> {
        match self.as_bytes() {
            Some(bytes) => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes)?;
                Ok(encoder.finish()?.into())
            }
            None => Ok(Self::from_source(Arc::new(Gzipped(self)))),
        }
    }
}

struct Gzipped(Body);

impl Source for Gzipped {
    fn open(self: Arc<Self>) -> ByteStream {
        let encoder = Some(GzEncoder::new(Vec::new(), Compression::default()));
        Box::pin(Encoding { body: self.0.replay(), rest: Bytes::new(), encoder })
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn has_files(&self) -> bool {
        self.0.has_files()
    }

    fn measure(&self) -> Result<(), BoxError> {
        self.0.measure_blocking()
    }

    fn is_spent(&self) -> bool {
        self.0.is_spent()
    }

    fn copied(&self) -> Arc<dyn Source> {
        Arc::new(Self(self.0.copied()))
    }
}

/// A body that is compressed while it is read.
struct Encoding {
    body: Body,
    /// The rest of a large piece, which would block for long if it were compressed at once.
    rest: Bytes,
    /// `None` after the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl Stream for Encoding {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { body, rest, encoder } = &mut *self;
        loop {
            let Some(open) = encoder else { return Poll::Ready(None) };
            // The encoder keeps what it has read, until a block is full.
            if open.get_ref().len() >= PIECE / 4 {
                return Poll::Ready(Some(Ok(std::mem::take(open.get_mut()).into())));
            }
            if rest.is_empty() {
                match ready!(body.poll_piece(context)) {
                    Some(Ok(piece)) => *rest = piece,
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => {
                        let end = encoder.take().map(GzEncoder::finish).transpose()?;
                        return Poll::Ready(end.map(|end| Ok(end.into())));
                    }
                }
            }
            let size = rest.len().min(PIECE);
            open.write_all(&rest.split_to(size))?;
        }
    }
}
