//! The name that somebody may have meant.

/// A name, and the known one that is closest to it, or all of them.
pub(super) fn suggested(name: &str, known: &[&str]) -> String {
    let shown: String = name.escape_default().take(64).collect();
    let closest = known.iter().copied().min_by_key(|other| distance(name, other));
    match closest.filter(|closest| distance(name, closest) <= 1 + name.len() / 4) {
        Some(closest) => format!("`{shown}`; did you mean `{closest}`?"),
        None if known.is_empty() => format!("`{shown}`"),
        None => format!("`{shown}`; there are `{}`", known.join("`, `")),
    }
}

/// The Levenshtein distance, of the first 64 characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::suggested;

    #[test]
    fn the_closest_name_is_suggested() {
        let known = ["token", "url", "api-key"];
        assert_eq!(suggested("tokn", &known), "`tokn`; did you mean `token`?");
        assert_eq!(suggested("API_KEY", &known), "`API_KEY`; did you mean `api-key`?");
        assert_eq!(suggested("colour", &known), "`colour`; there are `token`, `url`, `api-key`");
        assert_eq!(suggested("a\nb", &[]), "`a\\nb`");
    }
}
