//! How much of a stream came before an error.

use super::Error;

impl Error {
    /// Adds how many whole items of a stream came before, unless that is known already.
    pub(crate) fn after_items(mut self, items: u64) -> Self {
        if self.0.items.is_none() {
            self.0.items = Some(items);
            self.0.message.push_str(&match items {
                0 => ", before the first item".to_owned(),
                1 => ", after 1 item".to_owned(),
                items => format!(", after {items} items"),
            });
        }
        self
    }
}
