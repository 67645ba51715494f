//! The causes of an error that are of other types. One of these can have a text with a secret, as that of an author's own transport.

use std::fmt;

use super::shared::Shared;
use super::{BoxError, Error};

/// The text of a cause that had a secret in it, in place of the cause.
struct Masked {
    text: String,
    source: Option<Box<Self>>,
}

impl Error {
    /// The same error, whose causes show no secret that the request carries. A cause without one stays as it is.
    pub(crate) fn with_masked_causes(mut self) -> Self {
        let Some(source) = self.0.source.as_deref() else { return self };
        let shown = self.shown();
        let (mut texts, mut has_secret) = (Vec::new(), false);
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(source);
        while let Some(cause) = next {
            if cause.is::<Self>() || cause.is::<Shared>() {
                // It masks its own.
                return self;
            }
            let (text, debug) = (cause.to_string(), format!("{cause:?}"));
            let masked = shown.masked(&text);
            has_secret |= masked != text || shown.masked(&debug) != debug;
            texts.push(masked);
            next = cause.source();
        }
        if has_secret {
            let masked =
                texts.into_iter().rev().fold(None, |source, text| Some(Box::new(Masked { text, source })));
            self.0.source = masked.map(|masked| masked as BoxError);
        }
        self
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl std::error::Error for Masked {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
