//! How an operation returns what it returns.

/// How an operation returns its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// In one response, which is decoded as a whole.
    #[default]
    Once,
    /// As bytes, which are read as they arrive.
    Download,
    /// As a stream of server-sent events.
    Events,
    /// As a stream of lines, each with a value.
    Lines,
    /// In pages, each with a request of its own.
    Pages,
    /// After the server has done its work, for which it is asked again and again.
    Poll,
}
