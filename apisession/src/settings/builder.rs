//! The builder of a session: what the builders of all SDKs have in common.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Options;

/// The options of a session that is being built.
///
/// The builder of an SDK, such as `AcmeBuilder`, has the ways to build the session and a setter for each of the author's fields with a
/// default, and by `Deref` the methods of this type: the options, which return the SDK's builder again, so that setters and
/// options can be mixed in any order. They leave the original as it is and act on a copy.
///
/// ```
/// use std::time::Duration;
/// # use apisession::prelude::*;
/// # #[derive(Clone, APISession)]
/// # pub struct Acme {
/// #     session: Session,
/// #     #[session(default)]
/// #     region: String,
/// # }
///
/// let builder = Acme::builder().timeout(Duration::from_secs(10));
/// let local = builder.base_url("http://localhost:8080").region("local".to_owned()).build()?;
/// let api = builder.base_url("https://api.acme.example/v1").region("eu".to_owned()).max_in_flight(8).build()?;
/// # assert_eq!(local.base_url()?.as_str(), "http://localhost:8080/");
/// # assert_eq!(api.base_url()?.as_str(), "https://api.acme.example/v1");
/// # Ok::<(), apisession::Error>(())
/// ```
pub struct SessionBuilder<B> {
    options: Options,
    /// The author's fields, in the order of their declaration.
    fields: Vec<FieldValue>,
    /// Makes the SDK's type of it.
    make: fn(Self) -> B,
}

/// The value of one of the author's fields. Copies of a builder share it, and a session gets a copy.
pub type FieldValue = Arc<dyn Any + Send + Sync>;

/// What the macros call.
impl<B> SessionBuilder<B> {
    #[doc(hidden)]
    pub fn open(options: Options, fields: Vec<FieldValue>, make: fn(Self) -> B) -> B {
        make(Self { options, fields, make })
    }

    /// Replaces the value of a field.
    #[doc(hidden)]
    pub fn with_field(mut self, index: usize, value: FieldValue) -> B {
        self.fields[index] = value;
        (self.make)(self)
    }

    pub(crate) fn into_parts(self) -> (Options, Vec<FieldValue>) {
        (self.options, self.fields)
    }

    fn changed(&self, change: impl FnOnce(Options) -> Options) -> B {
        let Self { options, fields, make } = self;
        Self::open(change(options.clone()), fields.clone(), *make)
    }
}

crate::__options!(of_builder SessionBuilder);
crate::__client_option!(of_builder SessionBuilder);
crate::__settings!(of_builder SessionBuilder);

impl<B> fmt::Debug for SessionBuilder<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt(f)
    }
}
