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

/// Bytes, also behind a pointer.
pub trait OfBytes {}

/// A number, a string or a truth value, also behind a pointer.
pub trait OfScalar {}

macro_rules! types {
    ($trait:ident: $($type:ty),* $(,)?) => {
        $(impl $trait for $type {})*
    };
}

types!(OfBytes: [u8], Vec<u8>, std::collections::VecDeque<u8>, Bytes, BytesMut, Body);

impl<const N: usize> OfBytes for [u8; N] {}

types!(
    OfScalar: (), bool, char, str, String, Secret, f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize,
    num::NonZeroI8, num::NonZeroI16, num::NonZeroI32, num::NonZeroI64, num::NonZeroI128, num::NonZeroIsize,
    num::NonZeroU8, num::NonZeroU16, num::NonZeroU32, num::NonZeroU64, num::NonZeroU128, num::NonZeroUsize,
    std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr, std::path::Path, std::path::PathBuf,
    url::Url,
);

macro_rules! behind_pointers {
    ($($trait:ident)*) => {
        $(
            impl<T: $trait + ?Sized> $trait for &T {}
            impl<T: $trait + ?Sized> $trait for &mut T {}
            impl<T: $trait + ?Sized> $trait for Box<T> {}
            impl<T: $trait + ?Sized> $trait for Rc<T> {}
            impl<T: $trait + ?Sized> $trait for Arc<T> {}
            impl<T: $trait + ToOwned + ?Sized> $trait for Cow<'_, T> {}
            impl<T: $trait> $trait for Option<T> {}
        )*
    };
}

behind_pointers!(OfBytes OfScalar);

/// The first of three ways to take a value as the body, which are selected by method probing on `&&&Probe<T>`.
pub trait ByBytes<T: ?Sized> {
    /// Fails to compile.
    fn json_body(&self, value: &T) -> &'static ()
    where
        T: JsonOfBytes;
}

impl<T: OfBytes + ?Sized> ByBytes<T> for &&Probe<T> {
    fn json_body(&self, _: &T) -> &'static ()
    where
        T: JsonOfBytes,
    {
        &()
    }
}

/// The second way.
pub trait ByScalar<T: ?Sized> {
    /// Fails to compile.
    fn json_body(&self, value: &T) -> &'static ()
    where
        T: JsonOfScalar;
}

impl<T: OfScalar + ?Sized> ByScalar<T> for &Probe<T> {
    fn json_body(&self, _: &T) -> &'static ()
    where
        T: JsonOfScalar,
    {
        &()
    }
}

/// The third way: the value is the body.
pub trait ByObject<T: ?Sized> {
    /// Returns the value.
    fn json_body<'a>(&self, value: &'a T) -> &'a T;
}

impl<T: ?Sized> ByObject<T> for Probe<T> {
    fn json_body<'a>(&self, value: &'a T) -> &'a T {
        value
    }
}

/// Required of bytes that are the body without an attribute. No type implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place in the request: as JSON, bytes are a list of numbers",
    label = "the body would be a list of numbers",
    note = "write `#[json]` before the parameter if the server expects that list",
    note = "to send the bytes as they are, write `#[body(\"application/octet-stream\")]` with their media type"
)]
pub trait JsonOfBytes {}

/// Required of a scalar that is the body without an attribute. No type implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place in the request: the body would be this bare value instead of an object",
    label = "the whole body would be this value",
    note = "write `#[json]` before the parameter if the server expects the bare value as JSON",
    note = "write `#[field]` for an object with this value as a field",
    note = "to send text as it is, write `#[body(\"text/plain\")]`"
)]
pub trait JsonOfScalar {}
