//! Which types are a JSON body without `#[json]`. A bare scalar hardly ever is what a server expects, and bytes would be sent as a list
//! of numbers, so both need the attribute.

use std::borrow::Cow;
use std::num;
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::decode::Probe;
use crate::message::Body;
use crate::redact::Secret;

/// A value that is no body without an attribute, also behind a pointer.
pub trait Bare {
    /// [`Bytes`](OfBytes) or a [scalar](OfScalar).
    type Kind;
}

/// Bytes.
pub struct OfBytes;

/// A number, a string or a truth value.
pub struct OfScalar;

macro_rules! types {
    ($kind:ident: $($type:ty),* $(,)?) => {
        $(impl Bare for $type {
            type Kind = $kind;
        })*
    };
}

types!(OfBytes: [u8], Vec<u8>, std::collections::VecDeque<u8>, Bytes, BytesMut, Body);

impl<const N: usize> Bare for [u8; N] {
    type Kind = OfBytes;
}

types!(
    OfScalar: (), bool, char, str, String, Secret, f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize,
    num::NonZeroI8, num::NonZeroI16, num::NonZeroI32, num::NonZeroI64, num::NonZeroI128, num::NonZeroIsize,
    num::NonZeroU8, num::NonZeroU16, num::NonZeroU32, num::NonZeroU64, num::NonZeroU128, num::NonZeroUsize,
    std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr, std::path::Path, std::path::PathBuf,
    url::Url,
);

macro_rules! behind_pointers {
    ($([$($generic:tt)*] $type:ty),* $(,)?) => {
        $(impl<$($generic)*> Bare for $type {
            type Kind = T::Kind;
        })*
    };
}

behind_pointers!(
    [T: Bare + ?Sized] &T,
    [T: Bare + ?Sized] &mut T,
    [T: Bare + ?Sized] Box<T>,
    [T: Bare + ?Sized] Rc<T>,
    [T: Bare + ?Sized] Arc<T>,
    [T: Bare + ToOwned + ?Sized] Cow<'_, T>,
    [T: Bare] Option<T>,
);

/// Fails to compile for what is no body without an attribute. It is the fn of a type that is bytes or a scalar, or else that of
/// [`ByObject`]: rustc finds either by the path alone, which costs it less than to probe for a method.
impl<T: Bare + ?Sized> Probe<T> {
    #[doc(hidden)]
    #[must_use]
    pub fn json_body() -> fn(&T) -> &'static ()
    where
        T: JsonOfBytes<T::Kind> + JsonOfScalar<T::Kind>,
    {
        |_| &()
    }
}

/// What is no bytes and no scalar.
pub trait ByObject<T: ?Sized> {
    /// Returns a fn that returns the value.
    #[must_use]
    fn json_body() -> fn(&T) -> &T;
}

impl<T: ?Sized> ByObject<T> for Probe<T> {
    fn json_body() -> fn(&T) -> &T {
        |value| value
    }
}

/// Required of bytes that are the body without an attribute. No bytes implement it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place in the request: as JSON, bytes are a list of numbers",
    label = "the body would be a list of numbers",
    note = "write `#[json]` before the parameter if the server expects that list",
    note = "to send the bytes as they are, write `#[body(\"application/octet-stream\")]` with their media type"
)]
pub trait JsonOfBytes<Kind> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> JsonOfBytes<OfScalar> for T {}

/// Required of a scalar that is the body without an attribute. No scalar implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place in the request: the body would be this bare value instead of an object",
    label = "the whole body would be this value",
    note = "write `#[json]` before the parameter if the server expects the bare value as JSON",
    note = "write `#[field]` for an object with this value as a field",
    note = "to send text as it is, write `#[body(\"text/plain\")]`"
)]
pub trait JsonOfScalar<Kind> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> JsonOfScalar<OfBytes> for T {}
