//! Bodies of the type `multipart/form-data` (RFC 7578). They are written here since reqwest's writer leaves line breaks in names, and can
//! replay no part from a file.

mod form_data;
mod media_types;
mod part_value;
mod name;
mod part;
mod values;

use std::fmt;

use http::HeaderValue;

use self::form_data::{Entry, FormData};
pub use self::part::Part;
pub use self::part_value::{IntoParts, PartValue};
use super::Body;
use crate::encode::random::RandomError;
use crate::redact::Secret;

/// A value whose fields are the parts of a multipart body. It is derived for structs.
///
/// ```
/// use apisession::prelude::*;
///
/// let parts = [("title", Part::text("Minutes")), ("file", Part::bytes("…").with_file_name("minutes.txt"))];
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session }
/// # let api = Acme::builder().build()?;
/// let request = api.raw().post("/files").multipart(&parts).build()?;
/// assert!(request.headers["content-type"].to_str().unwrap().starts_with("multipart/form-data; boundary="));
/// # Ok::<(), apisession::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a multipart body",
    label = "this is not `Multipart`",
    note = "add `#[derive(Multipart)]` to `{Self}`, or pass `Parts`"
)]
pub trait Multipart {
    /// Adds the parts, in the order in which they are sent.
    fn add_to(&self, parts: &mut Parts);
}

impl<T: Multipart + ?Sized> Multipart for &T {
    fn add_to(&self, parts: &mut Parts) {
        (**self).add_to(parts);
    }
}

impl<N: AsRef<str>> Multipart for [(N, Part)] {
    fn add_to(&self, parts: &mut Parts) {
        for (name, part) in self {
            parts.add(name.as_ref(), part.copied());
        }
    }
}

impl<N: AsRef<str>, const LENGTH: usize> Multipart for [(N, Part); LENGTH] {
    fn add_to(&self, parts: &mut Parts) {
        self.as_slice().add_to(parts);
    }
}

impl<N: AsRef<str>> Multipart for Vec<(N, Part)> {
    fn add_to(&self, parts: &mut Parts) {
        self.as_slice().add_to(parts);
    }
}

impl Multipart for Parts {
    fn add_to(&self, parts: &mut Parts) {
        let Self { entries, secrets, mistake } = self.copied();
        parts.entries.extend(entries);
        parts.secrets.extend(secrets);
        parts.mistake = parts.mistake.take().or(mistake);
    }
}

/// The parts of a multipart body, in order. Several can have the same name.
///
/// ```
/// use apisession::{Part, Parts};
///
/// let parts = Parts::new().with("title", "Minutes").with("file", Part::file("minutes.pdf")).with("file", Part::file("slides.pdf"));
/// # let _ = parts;
/// ```
#[derive(Default)]
pub struct Parts {
    entries: Vec<Entry>,
    secrets: Vec<Secret>,
    /// The first part that can't be sent.
    mistake: Option<String>,
}

impl Parts {
    /// Creates a body without parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part. One that can't be sent is reported when the call is awaited.
    #[must_use]
    pub fn with(mut self, name: &str, part: impl Into<Part>) -> Self {
        self.add(name, part.into());
        self
    }

    fn add(&mut self, name: &str, part: Part) {
        match Entry::new(name, part) {
            Ok(entry) => self.entries.push(entry),
            Err(why) => self.refuse(name, &why),
        }
    }

    /// Adds what a field or a parameter is sent as.
    #[doc(hidden)]
    pub fn add_value(&mut self, name: &str, value: PartValue) {
        let (parts, secrets) = value.into_parts();
        self.secrets.extend(secrets);
        match parts {
            Ok(parts) => parts.into_iter().for_each(|part| self.add(name, part)),
            Err(why) => self.refuse(name, &why.to_string()),
        }
    }

    fn refuse(&mut self, name: &str, why: &str) {
        self.mistake.get_or_insert_with(|| format!("the part `{}` {why}", name.escape_debug()));
    }

    /// Removes the parts of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.entries.retain(|entry| entry.name != name);
    }

    pub(crate) fn take_mistake(&mut self) -> Option<String> {
        self.mistake.take()
    }

    pub(crate) fn take_secrets(&mut self) -> Vec<Secret> {
        std::mem::take(&mut self.secrets)
    }

    /// The same parts once more. Those that can be sent once are sent by whichever is sent first.
    pub(crate) fn copied(&self) -> Self {
        let Self { entries, secrets, mistake } = self;
        let entries = entries.iter().map(Entry::copied).collect();
        Self { entries, secrets: secrets.clone(), mistake: mistake.clone() }
    }

    /// The body, and its type.
    pub(crate) fn into_body(self) -> Result<(Body, HeaderValue), RandomError> {
        FormData::of(self.entries)
    }
}

/// Shows how many parts there are, and nothing of them.
impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parts({})", self.entries.len())
    }
}
