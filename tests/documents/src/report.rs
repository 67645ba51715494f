//! Counts the operations of a document.

use crate::declare::declare;
use crate::document::Document;
use crate::{judge, stubs};

/// What can be declared of a document.
#[derive(Debug, Default)]
pub struct Report {
    /// The number of operations.
    pub operations: usize,
    /// Those of which a value is converted by a fn of the author, and why.
    pub by_hand: Vec<Finding>,
    /// Those that can't be declared, and why.
    pub not: Vec<Finding>,
    /// The messages about the session.
    pub session: Vec<String>,
}

/// An operation, and why it is counted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub operation: String,
    pub why: String,
}

impl Report {
    /// Counts the operations of a document.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let operations = document.operations();
        let mut report = Self { operations: operations.len(), ..Self::default() };
        report.session = judge::session(&stubs::session(&document.base_url(), ""));
        for operation in &operations {
            let finding =
                |why: String| Finding { operation: format!("{} {}", operation.method, operation.path), why };
            match declare(document, operation, "operation") {
                Err(why) => report.not.push(finding(why)),
                Ok(declaration) => match &judge::mistakes(&declaration)[..] {
                    [] if declaration.by_hand.is_empty() => {}
                    [] => report.by_hand.push(finding(declaration.by_hand.join("; "))),
                    mistakes => report.not.push(finding(mistakes.join("; "))),
                },
            }
        }
        report
    }

    /// The number of operations that can be declared.
    #[must_use]
    pub fn declared(&self) -> usize {
        self.operations - self.not.len()
    }

    /// Puts the name of the document before each operation.
    #[must_use]
    pub fn named(mut self, document: &str) -> Self {
        for finding in self.by_hand.iter_mut().chain(&mut self.not) {
            finding.operation = format!("{document}: {}", finding.operation);
        }
        self
    }

    /// Adds the numbers and the findings of another document.
    pub fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.by_hand.extend(other.by_hand);
        self.not.extend(other.not);
        self.session.extend(other.session);
    }

    /// The share of the operations that can be declared, in percent, rounded down to two places.
    #[must_use]
    pub fn share(&self) -> String {
        let hundredths = (self.declared() * 10_000).checked_div(self.operations).unwrap_or_default();
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}
