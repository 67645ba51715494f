//! Where the paths of an endpoint or an operation are, if that is not below the session's base URL with its base path.

use std::fmt;
use std::sync::OnceLock;

use crate::encode::Base;

/// The base URL that an endpoint or an operation declares. It is parsed once.
pub struct BaseUrl {
    text: &'static str,
    base: OnceLock<Result<Base, String>>,
}

impl BaseUrl {
    /// A base URL as it is written.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, base: OnceLock::new() }
    }

    pub(crate) fn as_str(&self) -> &'static str {
        self.text
    }

    fn has_origin_of(&self, other: &Self) -> bool {
        matches!((self.base(), other.base()), (Ok(own), Ok(other)) if own.is_origin_of(other.url()))
    }

    /// The parsed URL. The error is a complete message.
    pub(crate) fn base(&self) -> Result<&Base, &str> {
        self.base.get_or_init(|| Base::parse(self.text, "")).as_ref().map_err(String::as_str)
    }
}

/// Shows nothing: a URL with a mistake can hold a password.
impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BaseUrl")
    }
}

/// What the paths of an endpoint or an operation are below.
#[derive(Clone, Copy, Debug)]
pub enum Below {
    /// The session's base URL, with its base path or without.
    Session {
        /// Whether the base path is there.
        use_base: bool,
    },
    /// A base URL of their own.
    Other(&'static BaseUrl),
}

/// Where calls go: what their paths are below, and how many of the endpoints' settings are from outer levels, which are meant for
/// another place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) below: Below,
    pub(crate) outer: usize,
}

impl Default for Site {
    fn default() -> Self {
        Self { below: Below::Session { use_base: true }, outer: 0 }
    }
}

impl Site {
    /// What a nearer level makes of it. Below a base URL of its own there is no base path. At the same origin, the levels around it are
    /// still meant.
    pub(crate) fn nearer(self, below: Below, outer: usize) -> Self {
        match (self.below, below) {
            (Below::Other(_), Below::Session { .. }) => self,
            (Below::Other(around), Below::Other(url)) if around.has_origin_of(url) => Self { below, ..self },
            _ => Self { below, outer },
        }
    }
}
