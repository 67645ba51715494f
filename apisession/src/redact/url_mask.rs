//! What of a request's URL is shown.

use std::sync::Arc;

use url::{Position, Url};

use super::mask::masked;
use super::{Secret, names_in};

/// What of a request's URL must not be shown, besides the values of its query. It is a pointer, since every request has one, and
/// most hide nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlMask(Option<Arc<Hides>>);

#[derive(Debug)]
struct Hides {
    restricted: bool,
    path: Option<String>,
    secrets: Option<Arc<Vec<Secret>>>,
}

impl UrlMask {
    /// A mask for a URL whose path is `restricted`, so that neither query nor body is shown. With a `path`, that is shown in place of its
    /// own, and the `secrets` are hidden wherever they are.
    pub(crate) fn new(restricted: bool, path: Option<String>, secrets: Option<Arc<Vec<Secret>>>) -> Self {
        if !restricted && path.is_none() && secrets.is_none() {
            return Self(None);
        }
        Self(Some(Arc::new(Hides { restricted, path, secrets })))
    }

    /// Whether neither query nor body is shown.
    pub(crate) fn is_restricted(&self) -> bool {
        self.0.as_ref().is_some_and(|hides| hides.restricted)
    }

    /// What is shown in place of the path.
    pub(crate) fn path(&self) -> Option<&str> {
        self.0.as_ref()?.path.as_deref()
    }

    /// The secrets among the arguments.
    pub(crate) fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        self.0.as_ref()?.secrets.as_ref()
    }

    /// The URL without user name, password, fragment, and all that is masked.
    pub(crate) fn url(&self, url: &Url) -> String {
        // This leaves out user name and password.
        let mut shown = format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::BeforePath]);
        match self.path() {
            Some(path) => shown.push_str(path),
            None => shown.push_str(&self.text(url.path())),
        }
        let Some(query) = url.query().filter(|query| !query.is_empty()) else { return shown };
        if self.is_restricted() {
            shown.push_str("?[restricted]");
            return shown;
        }
        shown + &self.text(&names_in(query))
    }

    /// The text without the secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        match self.secrets() {
            Some(secrets) => masked(text, secrets),
            None => text.to_owned(),
        }
    }
}
