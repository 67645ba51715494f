//! How the body of a response is read before it is decoded.

/// How the body of a successful response is read: to its end, or by the owner of the value.
///
/// A type of [`FromResponse`](crate::FromResponse) chooses it by its constant `READS`, so that the return type of an operation decides
/// it, and not the one who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reads {
    /// To its end, within `max_body` and the time limits of the call.
    Whole,
    /// In pieces, while it arrives: the call ends with the head of the response, as by [`Call::streaming`](crate::Call::streaming), and
    /// the [`Body`](crate::Body) is a stream.
    Streamed,
    /// In pieces as well, which may be few and far between: `idle_timeout` is 5 minutes and there is no `min_throughput`, unless a level
    /// sets them. The request accepts content codings, which the type decodes.
    Live,
}

impl Reads {
    pub(crate) const fn is_streamed(self) -> bool {
        !matches!(self, Self::Whole)
    }
}

/// How the body is read if the type of the response is one of several. This is evaluated when the SDK is compiled.
#[must_use]
pub const fn common_reads(all: &[Reads]) -> Reads {
    let [first, rest @ ..] = all else { return Reads::Whole };
    let mut index = 0;
    while index < rest.len() {
        if *first as u8 != rest[index] as u8 {
            panic!(
                "one variant is read while it arrives, as a `Download` is, and another one as a whole; declare an operation for each"
            );
        }
        index += 1;
    }
    *first
}
