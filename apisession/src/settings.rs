//! The settings that every level can change: the nearest one that says something wins.

use std::time::Duration;

/// What one level says; `None` inherits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) max_body: Option<usize>,
}

/// What holds for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_body: usize,
}

/// How much of the body of an error is kept.
pub(crate) const MAX_ERROR_BODY: usize = 64 * 1024;

const DEFAULT: Resolved = Resolved {
    timeout: Duration::from_secs(180),
    attempt_timeout: Duration::from_secs(60),
    max_attempts: 3,
    max_body: 64 * 1024 * 1024,
};

impl Settings {
    /// What holds, read from the nearest level to the farthest.
    pub(crate) fn resolve(levels: &[&Self]) -> Resolved {
        Resolved {
            timeout: levels.iter().find_map(|level| level.timeout).unwrap_or(DEFAULT.timeout),
            attempt_timeout: levels
                .iter()
                .find_map(|level| level.attempt_timeout)
                .unwrap_or(DEFAULT.attempt_timeout),
            max_attempts: levels.iter().find_map(|level| level.max_attempts).unwrap_or(DEFAULT.max_attempts),
            max_body: levels.iter().find_map(|level| level.max_body).unwrap_or(DEFAULT.max_body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_level_wins_and_silence_inherits() {
        let call = Settings { max_attempts: Some(1), ..Settings::default() };
        let session = Settings { max_attempts: Some(5), max_body: Some(10), ..Settings::default() };
        let resolved = Settings::resolve(&[&call, &session]);
        assert_eq!(resolved, Resolved { max_attempts: 1, max_body: 10, ..DEFAULT });
        assert_eq!(Settings::resolve(&[]), DEFAULT);
    }
}
