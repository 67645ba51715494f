//! Pointers into the responses of lists and jobs.

/// Checks a pointer (RFC 6901) into a response.
pub(super) fn check(text: &str) -> Result<(), String> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err(format!(
            "`{text}` is not a pointer, which begins with a slash; write `\"/{}\"`",
            text.trim_start_matches("$.").replace('.', "/")
        ));
    }
    let is_escape = |at: usize| text[at + 1..].starts_with(['0', '1']);
    if text.match_indices('~').any(|(at, _)| !is_escape(at)) {
        return Err(format!(
            "the pointer `{text}` has a `~` without `0` or `1`; write `~0` for `~`, and `~1` for `/`"
        ));
    }
    Ok(())
}
