//! Pages that are counted: by the number of the first item, or by their own number.

use super::{Next, PageStyle, PageView};
use crate::error::Result;

/// Pages from an offset on. The next begins after the items of this one.
///
/// An empty page ends the list, and so does one that reaches the total. Without a total, a page that is shorter than asked for ends it.
#[derive(Clone, Copy, Debug)]
pub struct Offset;

impl PageStyle for Offset {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let next = Self::start(page).saturating_add(page.items() as u64);
        let is_last = match page.total() {
            Some(total) => next >= total,
            None => page.is_short(),
        };
        Ok(if is_last || page.items() == 0 || page.is_last() { Next::end() } else { Next::value(&next) })
    }

    fn ahead(&self, page: &PageView<'_>, steps: u64) -> Option<Next> {
        let step = page.size().unwrap_or(page.items() as u64);
        let next = Self::start(page).checked_add(page.items() as u64)?;
        let at = next.checked_add(step.checked_mul(steps)?)?;
        (step > 0 && at < page.total()?).then(|| Next::value(&at))
    }
}

impl Offset {
    fn start(page: &PageView<'_>) -> u64 {
        page.value().and_then(|value| value.count()).unwrap_or(0)
    }
}

/// Pages with numbers.
///
/// An empty page ends the list, and so does the last of those that the server counts. If it counts neither pages nor items, a page that is
/// shorter than asked for ends it.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The number of the first page.
    pub first: u64,
}

impl PageStyle for Number {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let number = self.number(page);
        let is_last = match (page.pages(), page.total()) {
            (Some(pages), _) => self.index(number) + 1 >= pages,
            (None, Some(total)) => self.items_up_to(page) >= total,
            (None, None) => page.is_short(),
        };
        let is_end = is_last || page.items() == 0 || page.is_last() || number == u64::MAX;
        Ok(if is_end { Next::end() } else { Next::value(&(number + 1)) })
    }

    fn ahead(&self, page: &PageView<'_>, steps: u64) -> Option<Next> {
        let at = self.number(page).checked_add(1)?.checked_add(steps)?;
        let pages = match (page.pages(), page.total()) {
            (Some(pages), _) => pages,
            (None, Some(total)) => {
                total.div_ceil(page.size().or(Some(page.items() as u64)).filter(|size| *size > 0)?)
            }
            (None, None) => return None,
        };
        (self.index(at) < pages).then(|| Next::value(&at))
    }
}

impl Number {
    fn number(self, page: &PageView<'_>) -> u64 {
        page.value().and_then(|value| value.count()).unwrap_or(self.first)
    }

    /// How many pages are before the page of this number.
    fn index(self, number: u64) -> u64 {
        number.saturating_sub(self.first).min(u64::MAX - 1)
    }

    /// How many items there are up to the end of this page. A list that begins at a later page has those before it too.
    fn items_up_to(self, page: &PageView<'_>) -> u64 {
        let before = self.index(self.number(page));
        let skipped = before.saturating_sub(page.pages_before).saturating_mul(page.size().unwrap_or(0));
        page.items_so_far().saturating_add(skipped)
    }
}
