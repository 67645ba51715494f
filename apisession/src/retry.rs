//! Whether and when to try again: a pure function over what is known.

use std::time::Duration;

use crate::error::Outcome;

/// What is known after an attempt that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// How many attempts were made, this one included.
    pub(crate) attempts: u32,
    /// How many are allowed.
    pub(crate) max_attempts: u32,
    /// Whether sending the request twice does what sending it once does.
    pub(crate) idempotent: bool,
    pub(crate) outcome: Outcome,
    /// Whether another attempt can help.
    pub(crate) retryable: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Stop,
    Again { after: Duration },
}

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// A request is repeated if that can help and can't harm: a write only where the server is known not to
/// have processed it. The delay is drawn from all of `0 ..= min(20 s, 100 ms · 2ⁿ)` (full jitter);
/// `draw` is the place in it, from 0 to 1.
pub(crate) fn decide(facts: &Facts, draw: f64) -> Decision {
    let harmless = facts.idempotent || facts.outcome != Outcome::Unknown;
    if facts.attempts >= facts.max_attempts || !facts.retryable || !harmless {
        return Decision::Stop;
    }
    let doublings = facts.attempts.saturating_sub(1).min(16);
    let longest = FIRST_DELAY.saturating_mul(1 << doublings).min(LONGEST_DELAY);
    Decision::Again { after: longest.mul_f64(draw.clamp(0.0, 1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Facts =
        Facts { attempts: 1, max_attempts: 3, idempotent: true, outcome: Outcome::Unknown, retryable: true };

    #[test]
    fn a_request_is_repeated_only_where_that_can_help_and_not_harm() {
        let write = Facts { idempotent: false, ..FAILED };
        let rows = [
            ("a read that failed somehow", FAILED, true),
            ("a write that failed somehow", write, false),
            ("a write that was never sent", Facts { outcome: Outcome::NotSent, ..write }, true),
            ("a write that was rejected", Facts { outcome: Outcome::Rejected, ..write }, true),
            ("what repetition can't mend", Facts { retryable: false, ..FAILED }, false),
            ("the last attempt but one", Facts { attempts: 2, ..FAILED }, true),
            ("the last attempt", Facts { attempts: 3, ..FAILED }, false),
            ("no retries", Facts { max_attempts: 1, ..FAILED }, false),
        ];
        for (what, facts, again) in rows {
            assert_eq!(decide(&facts, 0.5) != Decision::Stop, again, "{what}");
        }
    }

    #[test]
    fn the_delay_is_drawn_from_a_doubling_range_up_to_20_seconds() {
        let rows = [
            (1, 1.0, 100),
            (1, 0.0, 0),
            (2, 1.0, 200),
            (4, 0.5, 400),
            (8, 1.0, 12_800),
            (9, 1.0, 20_000),
            (u32::MAX - 1, 1.0, 20_000),
        ];
        for (attempts, draw, millis) in rows {
            let facts = Facts { attempts, max_attempts: u32::MAX, ..FAILED };
            assert_eq!(
                decide(&facts, draw),
                Decision::Again { after: Duration::from_millis(millis) },
                "{attempts}"
            );
        }
    }
}
