//! When the state of a job is read next: values in, values out.

use std::time::Duration;

/// The shortest wait, whatever the caller or the server asks for.
const FLOOR: Duration = Duration::from_secs(1);
/// The longest wait that is not asked for.
const CAP: Duration = Duration::from_secs(30);
/// How much longer than the wait before a wait is.
const GROWTH: f64 = 1.5;
/// The time that a job has by default.
const TOTAL: Duration = Duration::from_secs(3600);

/// When states are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// The time between two reads, if it does not grow.
    pub(super) interval: Option<Duration>,
    pub(super) total: Duration,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A read, after this wait.
    After(Duration),
    /// Nothing: there is no time left.
    Over,
}

impl Schedule {
    pub(super) fn new(interval: Option<Duration>, total: Option<Duration>) -> Self {
        Self { interval, total: total.unwrap_or(TOTAL) }
    }

    /// What comes after this number of waits and this time, if the server `asked` for a pause.
    ///
    /// A pause of the server is kept whole, or ends the job. A wait of our own is shortened, so that there is a last read with a second
    /// left for its response.
    pub(super) fn next(&self, waits: u32, elapsed: Duration, asked: Option<Duration>) -> Next {
        let left = self.total.saturating_sub(elapsed);
        let shortest = self.interval.unwrap_or_default().max(FLOOR);
        if let Some(asked) = asked.filter(|asked| !asked.is_zero()) {
            let wait = asked.max(shortest);
            return if wait < left { Next::After(wait) } else { Next::Over };
        }
        let own = if self.interval.is_some() { shortest } else { grown(waits) };
        let latest = left.saturating_sub(FLOOR);
        if own <= latest {
            Next::After(own)
        } else if latest >= FLOOR {
            Next::After(latest)
        } else if left > FLOOR {
            Next::After(FLOOR)
        } else {
            Next::Over
        }
    }
}

/// The wait after this number of waits: 1 s, 1.5 s, 2.25 s, up to 30 s.
fn grown(waits: u32) -> Duration {
    // The cap is reached after nine.
    let factor = GROWTH.powi(i32::try_from(waits.min(16)).unwrap_or(16));
    FLOOR.mul_f64(factor).min(CAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn waits_grow_and_end_in_time() {
        let row = |interval: Option<u64>, total, waits, elapsed, asked: Option<u64>| {
            let schedule = Schedule { interval: interval.map(millis), total: millis(total) };
            match schedule.next(waits, millis(elapsed), asked.map(millis)) {
                Next::After(wait) => u64::try_from(wait.as_millis()).unwrap(),
                Next::Over => 0,
            }
        };
        let hour = 3_600_000;
        let rows = [
            // The waits grow to their cap.
            (row(None, hour, 0, 0, None), 1_000),
            (row(None, hour, 1, 0, None), 1_500),
            (row(None, hour, 2, 0, None), 2_250),
            (row(None, hour, 8, 0, None), 25_628),
            (row(None, hour, 9, 0, None), 30_000),
            (row(None, hour, u32::MAX, 0, None), 30_000),
            // An interval is constant, and has a floor.
            (row(Some(5_000), hour, 7, 0, None), 5_000),
            (row(Some(10), hour, 7, 0, None), 1_000),
            (row(Some(0), hour, 7, 0, None), 1_000),
            // A pause of the server takes its place, but for the floor and the caller's own.
            (row(None, hour, 7, 0, Some(3_000)), 3_000),
            (row(None, hour, 7, 0, Some(100)), 1_000),
            (row(None, hour, 3, 0, Some(0)), 3_375),
            (row(Some(5_000), hour, 7, 0, Some(3_000)), 5_000),
            (row(Some(5_000), hour, 7, 0, Some(90_000)), 90_000),
            // It is kept whole, or is the end.
            (row(None, 10_000, 0, 0, Some(9_999)), 9_999),
            (row(None, 10_000, 0, 0, Some(10_000)), 0),
            // The last wait is shortened.
            (row(None, 10_000, 8, 5_000, None), 4_000),
            (row(None, 10_000, 8, 8_000, None), 1_000),
            (row(None, 10_000, 8, 8_500, None), 1_000),
            (row(None, 10_000, 8, 9_000, None), 0),
            (row(None, 10_000, 8, 20_000, None), 0),
            (row(None, 1_500, 0, 0, None), 1_000),
            (row(None, 0, 0, 0, None), 0),
        ];
        for (index, (found, expected)) in rows.into_iter().enumerate() {
            assert_eq!(found, expected, "row {index}");
        }
    }
}
