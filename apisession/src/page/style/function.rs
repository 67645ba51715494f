//! Pages whose requests a fn of the author makes, each from the last request and its page.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::{Next, PageStyle, PageView};
use crate::error::{Error, Result};
use crate::model::RawJson;

/// The fn as a step from JSON to JSON. The macros write it.
#[derive(Clone, Copy)]
pub struct NextRequest(pub fn(&PageView<'_>) -> Result<Next>);

impl fmt::Debug for NextRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextRequest")
    }
}

impl PageStyle for NextRequest {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        (self.0)(page)
    }
}

/// Calls a fn with the request of a page and the page.
///
/// # Errors
///
/// Fails if the page can't be decoded, or the request does not decode as what it was encoded from.
pub fn next_request<R: PageRequest, P: DeserializeOwned>(
    page: &PageView<'_>,
    next: impl FnOnce(&R, &P) -> Option<R>,
) -> Result<Next> {
    let mistake = |what: &str| {
        Error::argument(format!(
            "the request of the page {what}, so that there is no next one; encode and decode it alike"
        ))
    };
    let request = page.value().ok_or_else(|| mistake("can't be encoded"))?;
    let request: R = serde_json::from_str(request.get()).map_err(|_| mistake("can't be decoded again"))?;
    match next(&request, &page.json()?) {
        Some(next) => Ok(Next::json(RawJson::of(&next).map_err(|_| mistake("can't be encoded"))?)),
        None => Ok(Next::end()),
    }
}

/// Required of a request from which a fn makes the next one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the request of a page",
    label = "this is not `Clone`, `Serialize` and `Deserialize`",
    note = "add `#[derive(Clone, serde::Serialize, serde::Deserialize)]` to `{Self}`: a resume token contains the request"
)]
pub trait PageRequest: Clone + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<R: Clone + Serialize + DeserializeOwned> PageRequest for R {}
