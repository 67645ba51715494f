//! What the derive writes down of a session.

use crate::describe::Group;

/// The text of a session, and what is no text.
#[derive(Debug)]
pub(super) struct About {
    group: Group,
    /// What is no text, but an expression of the SDK.
    values: Vec<(&'static str, String)>,
}

impl About {
    pub(super) fn new(text: &'static str) -> Self {
        Self { group: Group::new(text, &[]), values: Vec::new() }
    }

    pub(super) fn set(&mut self, key: &'static str, value: String) {
        self.values.push((key, value));
    }

    pub(super) fn group(&self) -> Group {
        self.group
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&str> {
        let value = self.values.iter().find(|(name, _)| *name == key);
        value.map(|(_, value)| value.as_str()).or_else(|| self.group.get(key))
    }
}

impl Default for About {
    fn default() -> Self {
        Self::new("")
    }
}
