//! The values by which pages follow each other, as JSON.

use serde::ser::Serialize;
use serde_json::value::RawValue;

use super::RawJson;
use super::raw_json::is_shallow;

impl RawJson {
    /// A value as JSON.
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// A copy of JSON that was found in a text, or `None` if it is deeper than any parser takes.
    pub(crate) fn copied(found: &RawValue) -> Option<Self> {
        is_shallow(found.get()).then(|| Self(found.to_owned()))
    }

    /// A count, which some servers send as a string. It is `None` if it is negative or no number.
    pub(crate) fn count(&self) -> Option<u64> {
        let content = self.content();
        let text = content.trim();
        let whole = || text.parse().ok().filter(|float: &f64| *float >= 0.0 && float.fract() == 0.0);
        // A float that is too large becomes the largest count.
        text.parse().ok().or_else(|| whole().map(|float| float as u64))
    }
}
