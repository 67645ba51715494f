//! What the declaration of an operation states about its lines.

use serde::de::DeserializeOwned;

use super::splitter::Form;
use crate::decode::pointer::Pointer;
use crate::decode::resume::Resume;

/// The keys of `lines(…)`, as the macros write them down.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct LineKeys {
    pub(super) form: Form,
    pub(super) each: Option<Pointer>,
    pub(super) done: &'static [&'static str],
    pub(super) errors: &'static [&'static str],
    pub(super) expired: Option<fn(&[u8]) -> bool>,
}

impl LineKeys {
    /// The keys of a declaration without keys.
    pub const NONE: Self = Self { form: Form::Auto, each: None, done: &[], errors: &[], expired: None };

    /// Sets how items follow each other.
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// Sets where in an item its value is.
    #[must_use]
    pub const fn each(mut self, pointer: &'static str) -> Self {
        self.each = Some(Pointer(pointer));
        self
    }

    /// Sets the pointers whose value marks the last item.
    #[must_use]
    pub const fn done(mut self, pointers: &'static [&'static str]) -> Self {
        self.done = pointers;
        self
    }

    /// Sets the pointers to an error.
    #[must_use]
    pub const fn error(mut self, pointers: &'static [&'static str]) -> Self {
        self.errors = pointers;
        self
    }

    /// Sets what tells that the first item refuses the credential.
    #[must_use]
    pub const fn expired_when_item(mut self, expired: fn(&[u8]) -> bool) -> Self {
        self.expired = Some(expired);
        self
    }
}

/// The value at the first pointer that has one.
pub(super) fn marked<'j>(json: &'j [u8], pointers: &[&'static str]) -> Option<&'j [u8]> {
    pointers.iter().find_map(|pointer| Pointer(pointer).find_present(json))
}

/// A response to which the keys of `lines(…)` can be applied.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`lines(…)` is for an operation that returns `Lines`, and not a `{Self}`",
    label = "these are not `Lines`",
    note = "return a `Call<Lines<T>>`; for an `EventStream<T>`, the key is `events(…)`"
)]
pub trait DeclaresLines: Sized {
    /// The type of an item.
    type Item;

    fn with_line_keys(self, keys: &'static LineKeys) -> Self;

    fn with_resume(self, resume: fn(&Self::Item) -> Resume) -> Self;
}

impl<S: DeclaresLines> DeclaresLines for Option<S> {
    type Item = S::Item;

    fn with_line_keys(self, keys: &'static LineKeys) -> Self {
        self.map(|lines| lines.with_line_keys(keys))
    }

    fn with_resume(self, resume: fn(&S::Item) -> Resume) -> Self {
        self.map(|lines| lines.with_resume(resume))
    }
}

/// Applies the keys of the declaration.
#[doc(hidden)]
pub fn with_lines<S: DeclaresLines>(lines: S, keys: &'static LineKeys) -> S {
    lines.with_line_keys(keys)
}

/// Applies the key `resume` of the declaration.
#[doc(hidden)]
pub fn with_resume<S: DeclaresLines>(lines: S, resume: fn(&S::Item) -> Resume) -> S {
    lines.with_resume(resume)
}

/// Whether an item refuses the credential, by a fn of whatever it can be decoded as.
#[doc(hidden)]
#[must_use]
pub fn is_expired_item<T: DeserializeOwned>(item: &[u8], is_expired: fn(&T) -> bool) -> bool {
    serde_json::from_slice(item).is_ok_and(|item| is_expired(&item))
}
