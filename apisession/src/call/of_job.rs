//! The calls of a job: those that read its state and its result, made from the one that has started it.

use std::marker::PhantomData;

use http::Method;
use sha2::{Digest, Sha256};

use super::arguments::{Arguments, Target};
use super::{Sending, Started};
use crate::decode::{self, Decode, Reads};
use crate::encode::{FieldSet, Query, Segments};
use crate::message::Body;
use crate::redact::Secret;

impl<T, E> Sending<T, E> {
    /// The future of a call that was started, and of its decoder.
    pub(crate) fn of(started: Started, decode: Decode<T>) -> Self {
        Self { started, decode, error: PhantomData }
    }
}

impl Arguments {
    /// What of these arguments all calls of the job have: its place, its declaration and the settings of the call.
    pub(crate) fn of_job(&self) -> Box<Self> {
        Box::new(Self {
            declaration: self.declaration,
            method: self.method.clone(),
            path: self.path.clone(),
            place: self.place.clone(),
            secrets: self.secrets.clone(),
            site: self.site,
            target: Target::Path,
            query: Query::default(),
            fields: FieldSet::default(),
            headers: None,
            body: Body::empty(),
            content: None,
            content_type: None,
            endpoint: self.endpoint.clone(),
            settings: self.settings.clone(),
            accept: decode::JSON,
            mistake: None,
            returns_redirects: false,
            reads: Reads::Whole,
        })
    }

    /// The arguments of a GET at a URL that the server gave, and what must not be shown of it.
    pub(crate) fn at_url(
        &self,
        url: &str,
        secrets: &[Secret],
        (accept, reads): (&'static str, Reads),
    ) -> Box<Self> {
        let mut arguments = self.of_job();
        (arguments.method, arguments.accept, arguments.reads) = (Method::GET, accept, reads);
        arguments.follow_page(url, secrets);
        arguments
    }

    /// Writes the next value of the path.
    pub(crate) fn path_value(&mut self, value: &str) {
        self.path(value, Segments::Plain);
    }

    /// A digest of what has started the job: the operation and its path.
    pub(crate) fn job_shape(&self) -> [u8; 12] {
        let operation = self.operation().map(ToString::to_string).unwrap_or_default();
        let mut digest = Sha256::new();
        for text in [&operation, self.path.as_str()] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        let digest = digest.finalize();
        let mut shape = [0; 12];
        shape.copy_from_slice(&digest[..12]);
        shape
    }
}
