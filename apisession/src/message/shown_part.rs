//! What a command shows of a part of a multipart body.

/// A part of a multipart body, as far as a command shows it.
pub(super) struct ShownPart<'a> {
    pub(super) name: &'a str,
    pub(super) is_file: bool,
    pub(super) content_type: Option<&'a str>,
    /// The text of a field that is in memory.
    pub(super) text: Option<&'a str>,
}
