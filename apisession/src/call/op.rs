//! A declared operation together with its settings and its types.

use std::fmt;
use std::marker::PhantomData;

use super::site::Below;
use crate::decode::{Asks, Decode, GRAPHQL, JSON, Reads};
use crate::describe::{Cases, Facts, GraphQlDocument, Mode, Operation, ResponseKind, Returned};
use crate::error::Error;
use crate::message::IS_GZIP_BUILT_IN;
use crate::settings::Settings;

/// What the macros write down of an operation: its descriptor, and its settings.
#[derive(Debug)]
pub struct Declaration {
    operation: Operation,
    settings: Option<fn() -> &'static Settings>,
    /// The name of the credential that the settings select.
    credential: Option<&'static str>,
    below: Option<fn() -> Below>,
    /// What the type of the response asks of its call.
    asks: Asks,
    /// Which of the table's types are those of the operation.
    types: Option<usize>,
}

/// The types of a response and an error, which operations have in common.
#[derive(Clone, Copy, Debug)]
pub struct Types {
    asks: Asks,
    errors: &'static str,
}

impl Types {
    /// The types: what the one of the response asks for, and the text of the variants of the error.
    #[must_use]
    pub const fn new(asks: Asks, errors: &'static str) -> Self {
        Self { asks, errors }
    }
}

/// What is asked for as long as the types are not set.
const UNKNOWN: Asks =
    Asks { accept: JSON, redirects: false, reads: Reads::Whole, kind: ResponseKind::Other, cases: "" };

/// That this build can compress. A row has it in a constant, which is evaluated when the SDK is checked.
pub struct Gzip(());

impl Gzip {
    /// Fails to compile in a build without the feature.
    #[must_use]
    pub const fn required() -> Self {
        if !IS_GZIP_BUILT_IN {
            panic!("the key `gzip` needs the feature `gzip` of `apisession`");
        }
        Self(())
    }
}

impl Declaration {
    /// The declaration of an operation without settings: its method, its path, which of the table's types are its own, and all else
    /// that a text can tell.
    #[must_use]
    pub const fn new(method: &'static str, path: &'static str, types: usize, text: &'static str) -> Self {
        let operation = Operation::new(method, path, text);
        Self { operation, settings: None, credential: None, below: None, asks: UNKNOWN, types: Some(types) }
    }

    /// The declarations of a type, which have types in common. This is evaluated when the SDK is compiled.
    #[must_use]
    pub const fn table<const ROWS: usize, const TYPES: usize>(
        mut rows: [Self; ROWS],
        types: [Types; TYPES],
    ) -> [Self; ROWS] {
        let mut row = 0;
        while row < ROWS {
            if let Some(index) = rows[row].types {
                rows[row].set_types(types[index]);
            }
            row += 1;
        }
        rows
    }

    /// Sets types that are not those of the table.
    #[must_use]
    pub const fn with_types(mut self, types: Types) -> Self {
        self.set_types(types);
        self.types = None;
        self
    }

    const fn set_types(&mut self, Types { asks, errors }: Types) {
        self.asks = asks;
        if self.operation.graphql().is_some() {
            self.asks.accept = GRAPHQL;
        }
        self.operation.set_returned(Returned {
            accept: self.asks.accept,
            redirects: asks.redirects,
            kind: asks.kind,
            responses: Cases::new(asks.cases),
            errors: Cases::new(errors),
        });
    }

    /// What the type of the response asks of its call.
    pub(super) const fn asks(&self) -> &Asks {
        &self.asks
    }

    /// Sets what is known of the types of parameters: of those that are marked in the text.
    #[must_use]
    pub const fn with_facts(mut self, facts: &'static [Facts]) -> Self {
        self.operation = self.operation.with_facts(facts);
        self
    }

    /// Sets the parameters of an operation of which one has a `cfg`, which a text can't have.
    #[must_use]
    pub const fn with_parameters(mut self, parameters: &'static [&'static str]) -> Self {
        self.operation = self.operation.with_parameters(parameters);
        self
    }

    /// Sets the name of the header of the idempotency key.
    #[must_use]
    pub const fn with_idempotency_key(mut self, header: &'static str) -> Self {
        self.operation = self.operation.with_idempotency_key(header);
        self
    }

    /// Sets how values are returned.
    #[must_use]
    pub const fn with_mode(mut self, mode: Mode) -> Self {
        self.operation = self.operation.with_mode(mode);
        self
    }

    /// Compresses the body of the request.
    #[must_use]
    pub const fn with_gzip(mut self, _: Gzip) -> Self {
        self.operation = self.operation.with_gzip();
        self
    }

    /// Sets the document that is sent. It is before the types.
    #[must_use]
    pub const fn with_graphql(mut self, document: &'static GraphQlDocument) -> Self {
        self.operation = self.operation.with_graphql(document);
        self
    }

    /// Sets the settings, which are made when the operation is first called.
    #[must_use]
    pub const fn with_settings(mut self, settings: fn() -> &'static Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Sets the name of the credential that the settings select, which is known before they are made.
    #[must_use]
    pub const fn with_credential(mut self, name: &'static str) -> Self {
        self.credential = Some(name);
        self
    }

    /// Sets what the path is below.
    #[must_use]
    pub const fn with_below(mut self, below: fn() -> Below) -> Self {
        self.below = Some(below);
        self
    }

    /// What the path is below, if the operation declares it.
    pub(crate) fn below(&self) -> Option<Below> {
        self.below.map(|below| below())
    }

    /// The name of the credential that the settings select.
    pub(crate) const fn credential(&self) -> Option<&'static str> {
        self.credential
    }

    /// The descriptor.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The settings, if there are any.
    #[must_use]
    pub fn settings(&self) -> Option<&'static Settings> {
        self.settings.map(|settings| settings())
    }
}

/// A row of a table of declarations.
///
/// It refers to the table by a fn. A check evaluates the constants that methods use, and so would evaluate the table, with all rows, for
/// each impl.
#[derive(Clone, Copy)]
pub struct Row {
    table: fn() -> &'static [Declaration],
    index: usize,
}

impl Row {
    pub(crate) fn declaration(self) -> &'static Declaration {
        &(self.table)()[self.index]
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.declaration().fmt(f)
    }
}

/// An operation together with the types of its response and its error.
///
/// Each operation of an endpoint has one as a constant: `Events::GET` for `Events::get`.
pub struct Op<T, E = Error> {
    row: Row,
    pub(super) decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Op<T, E> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(table: fn() -> &'static [Declaration], index: usize, decode: Decode<T>) -> Self {
        Self { row: Row { table, index }, decode, error: PhantomData }
    }

    /// An operation whose response has the same type as another's.
    #[doc(hidden)]
    #[must_use]
    pub const fn like<F>(table: fn() -> &'static [Declaration], index: usize, other: Op<T, F>) -> Self {
        Self::new(table, index, other.decode)
    }

    /// Returns the row that the macros wrote for the operation.
    #[doc(hidden)]
    #[must_use]
    pub const fn row(self) -> Row {
        self.row
    }

    pub(super) fn declaration(self) -> &'static Declaration {
        self.row.declaration()
    }

    /// Returns the descriptor of the operation.
    #[must_use]
    pub fn operation(self) -> &'static Operation {
        self.declaration().operation()
    }

    /// Returns the settings of the operation, if it has any.
    #[must_use]
    pub fn settings(self) -> Option<&'static Settings> {
        self.declaration().settings()
    }
}

impl<T, E> Clone for Op<T, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E> Copy for Op<T, E> {}

impl<T, E> fmt::Debug for Op<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Op({})", self.operation())
    }
}
