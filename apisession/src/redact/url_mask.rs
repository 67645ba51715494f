//! What of a request's URL is shown.

use std::sync::Arc;

use url::{Position, Url};

use super::mask::masked;
use super::{Secret, names_in};

/// What of a request's URL must not be shown, besides the values of its query. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlMask {
    /// Whether the path is restricted, so that neither query nor body is shown.
    pub(crate) restricted: bool,
    /// What is shown in place of the path.
    pub(crate) path: Option<Arc<str>>,
    /// The secrets among the arguments, which the path can contain.
    pub(crate) secrets: Option<Arc<Vec<Secret>>>,
}

impl UrlMask {
    /// The URL without user name, password, fragment, and all that is masked.
    pub(crate) fn url(&self, url: &Url) -> String {
        // This leaves out user name and password.
        let mut shown = format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::BeforePath]);
        match &self.path {
            Some(path) => shown.push_str(path),
            None => shown.push_str(&self.text(url.path())),
        }
        let Some(query) = url.query().filter(|query| !query.is_empty()) else { return shown };
        if self.restricted {
            shown.push_str("?[restricted]");
            return shown;
        }
        shown + &self.text(&names_in(query))
    }

    /// The text without the secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        match &self.secrets {
            Some(secrets) => masked(text, secrets),
            None => text.to_owned(),
        }
    }
}
