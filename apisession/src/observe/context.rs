//! The context of a trace, which continues in the server.

use http::HeaderValue;

/// Where the context of a trace comes from. A builder's `trace_context` sets it.
///
/// It is asked once for each attempt, redirects and sign-ins included, inside of the span of the attempt. What it returns is sent in the
/// headers `traceparent` and `tracestate` ([Trace Context](https://www.w3.org/TR/trace-context/)), to the origin of the session alone, and
/// not in place of a `traceparent` that the call sets itself.
///
/// A fn is one:
///
/// ```
/// use apisession::observe::TraceHeaders;
/// use apisession::prelude::*;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # fn main() -> Result<()> {
/// let current = || TraceHeaders::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
/// let api = Acme::builder().trace_context(current).build()?;
/// # let _ = api;
/// # Ok(())
/// # }
/// ```
pub trait TraceContext: Send + Sync {
    /// Returns the context of the current span, or `None` if there is none.
    fn current(&self) -> Option<TraceHeaders>;
}

impl<F: Fn() -> Option<TraceHeaders> + Send + Sync> TraceContext for F {
    fn current(&self) -> Option<TraceHeaders> {
        self()
    }
}

/// The headers of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceHeaders {
    pub(crate) parent: HeaderValue,
    pub(crate) state: Option<HeaderValue>,
}

/// The longest `tracestate` that is sent, in bytes. Servers have to pass on so many (Trace Context §3.3.1.5).
const MAX_STATE: usize = 512;

impl TraceHeaders {
    /// Creates them from a `traceparent`: `00-{trace id}-{span id}-{flags}`, all in lower-case hexadecimal digits. Returns `None` if it is
    /// not valid.
    #[must_use]
    pub fn new(traceparent: &str) -> Option<Self> {
        let parts: Vec<_> = traceparent.split('-').collect();
        let [version, trace, span, flags] = parts[..] else { return None };
        let is_hex = |part: &str, digits| {
            part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_id = |part: &str, digits| is_hex(part, digits) && part.bytes().any(|byte| byte != b'0');
        let is_valid = version == "00" && is_id(trace, 32) && is_id(span, 16) && is_hex(flags, 2);
        let parent = HeaderValue::from_str(traceparent).ok().filter(|_| is_valid)?;
        Some(Self { parent, state: None })
    }

    /// Adds a `tracestate`. One that is empty, longer than 512 bytes or not visible ASCII is left out.
    #[must_use]
    pub fn with_state(mut self, tracestate: &str) -> Self {
        let is_sendable = (1..=MAX_STATE).contains(&tracestate.len()) && tracestate.is_ascii();
        self.state = HeaderValue::from_str(tracestate).ok().filter(|_| is_sendable);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_parent_is_sent() {
        let rows = [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
            ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nx: y", false),
            ("", false),
        ];
        for (parent, is_valid) in rows {
            assert_eq!(TraceHeaders::new(parent).is_some(), is_valid, "{parent:?}");
        }
    }

    #[test]
    fn a_state_that_can_not_be_sent_is_left_out() {
        let headers =
            || TraceHeaders::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        let long = "x".repeat(MAX_STATE + 1);
        for (state, is_sent) in
            [("vendor=1,b=2", true), ("", false), ("a=\r\n", false), ("ä=1", false), (&long, false)]
        {
            assert_eq!(headers().with_state(state).state.is_some(), is_sent, "{state:?}");
        }
    }
}
