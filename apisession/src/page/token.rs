//! Where a list is, as a text that can be stored.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::position::{Position, Target};
use crate::error::{Error, Result};
use crate::model::RawJson;

/// The version that is written, and the only one that is read.
const VERSION: &str = "page1.";
/// How long the text of a token may be.
const LONGEST: usize = 1 << 20;

/// A text by which a list continues exactly where it was, also in the middle of a page, in another process, or after an error.
///
/// [`Items::resume_token`](crate::Items::resume_token) returns one, and `with_resume_token` of a pager continues after it. It belongs to
/// the operation, and to the path and the names of the parameters of its call; another call refuses it. The values of the parameters are
/// not part of it: pass the same ones again. It is exact only as far as the pages of the vendor are stable: where items are inserted or
/// removed meanwhile, a page by number or offset has other items.
///
/// What a token leads to is checked as a link of the server is, so that a token that was changed leads to no other origin. It can
/// contain a cursor or a URL of the server in readable form. `Debug` shows nothing of it.
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # #[endpoint(path = "/events")] pub struct Events;
/// # #[endpoint] impl Events {
/// #     #[get(page = cursor(items = "/data", next = "/next", param = "after"))] pub fn list(&self) -> Pager<u64>; }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] events: Events }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async { Ok(Response::new(StatusCode::OK).with_body(r#"{"data": [1, 2, 3]}"#)) });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let mut events = api.events().list().items();
/// let first = events.next().await.transpose()?;
/// let stored: String = events.resume_token().expose().to_owned();
///
/// let rest: Vec<u64> = api.events().list().with_resume_token(&stored).try_collect().await?;
/// assert_eq!((first, rest), (Some(1), vec![2, 3]));
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken(String);

/// What a token contains, as a list in JSON: what the arguments of the call are the arguments of, the value or the URL that leads to
/// the page, the pages and items before it, the items of it that were returned, whether nothing follows, and the size of pages.
type Content = (String, Option<RawJson>, Option<String>, [u64; 3], bool, Option<u64>);

impl PageToken {
    pub(super) fn new(position: &Position, size: Option<u64>, shape: &[u8]) -> Self {
        let (value, link) = match &position.target {
            None => (None, None),
            Some(Target::Value(value)) => (Some(value.clone()), None),
            Some(Target::Link(link)) => (None, Some(link.clone())),
        };
        let &Position { pages, items, skip, is_end, .. } = position;
        let content: Content =
            (URL_SAFE_NO_PAD.encode(shape), value, link, [pages, items, skip], is_end, size);
        // All of it can be JSON.
        let json = serde_json::to_vec(&content).unwrap_or_default();
        Self(VERSION.to_owned() + &URL_SAFE_NO_PAD.encode(json))
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The place, and the size of the pages, for a call of this shape.
    pub(super) fn read(text: &str, shape: &[u8]) -> Result<(Position, Option<u64>)> {
        let (of, value, link, [pages, items, skip], is_end, size) = content(text)?;
        if of != URL_SAFE_NO_PAD.encode(shape) {
            let message = "the resume token is that of another operation, or of a call with another path or other parameters; continue the \
                           call that it was taken from";
            return Err(Error::argument(message));
        }
        let target = value.map(Target::Value).or(link.map(Target::Link));
        Ok((Position { target, pages, items, skip, is_end }, size))
    }
}

fn content(text: &str) -> Result<Content> {
    let refused = |why: &str| Error::argument(format!("the resume token {why}; start the list anew"));
    let Some(encoded) = text.strip_prefix(VERSION) else {
        return Err(refused(match text.strip_prefix("page") {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => "is of another version",
            _ => "is not one",
        }));
    };
    if encoded.len() > LONGEST {
        return Err(refused("is longer than 1 MiB"));
    }
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| refused("is damaged"))?;
    let content: Content = serde_json::from_slice(&json).map_err(|_| refused("is damaged"))?;
    if content.1.is_some() && content.2.is_some() { Err(refused("is damaged")) } else { Ok(content) }
}

/// Parses a text that was stored. Whether it is that of a call is known when that is made.
impl FromStr for PageToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        content(text).map(|_| Self(text.to_owned()))
    }
}

impl AsRef<str> for PageToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageToken(…)")
    }
}

/// A token with any content.
#[cfg(any(fuzzing, test))]
pub(crate) fn token_of(content: &[u8]) -> String {
    VERSION.to_owned() + &URL_SAFE_NO_PAD.encode(content)
}
