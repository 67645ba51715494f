//! What stands in for pages of XML without the feature `xml`. An operation whose pages are XML doesn't compile then.

use http::HeaderValue;

use super::layout::PageLayout;
use super::walk::Found;

pub(super) fn found<T>(
    _: &[u8],
    _: Option<&HeaderValue>,
    _: &PageLayout,
) -> Result<Found<T>, (Option<String>, String)> {
    Err((None, "it is XML, which needs the feature `xml` of `apisession`".to_owned()))
}
