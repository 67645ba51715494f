//! The dates of cookies, in any of the forms that servers write (RFC 6265 §5.1.1).

use std::time::{Duration, SystemTime};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Parses a date. One before 1970 is the beginning of 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter = |c: char| matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
    for word in text.split(is_delimiter).filter(|word| !word.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(word)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(word, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(word)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(word, 2..=4)
        {
            year = Some(found);
        }
    }
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let (day, month, time) = (day?, month?, time?);
    if !(1..=31).contains(&day) || year < 1601 {
        return None;
    }
    let since = days(year, month, day).max(0) * 24 * 60 * 60 + if year < 1970 { 0 } else { time };
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(since).ok()?))
}

/// `8:49:37`, in seconds.
fn time_of(word: &str) -> Option<i64> {
    let mut parts = word.splitn(3, ':');
    let mut part = || number(parts.next()?, 1..=2);
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// The number at the start of a word that has so many digits.
fn number(word: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let length = word.bytes().take_while(u8::is_ascii_digit).count();
    digits.contains(&length).then(|| word[..length].parse().ok())?
}

/// The month, from 1.
fn month_of(word: &str) -> Option<i64> {
    let start = word.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).and_then(|index| i64::try_from(index + 1).ok())
}

/// The days from the beginning of 1970 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // A year that begins in March ends with the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_their_forms() {
        let seconds =
            |text| parse(text).map(|at| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 6 Nov 1994 8:49:37 GMT",
            "06 NOVEMBER 1994 08:49:37",
            "1994 6 Nov 08:49:37",
        ] {
            assert_eq!(seconds(text), Some(784_111_777), "{text}");
        }
        let rows = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sat, 01 Jan 1900 00:00:01 GMT", Some(0)),
            ("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400)),
            ("Wed, 01 Mar 2000 00:00:00 GMT", Some(951_868_800)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
            ("Fri, 31 Dec 1600 23:59:59 GMT", None),
            ("Fri, 32 Dec 1999 23:59:59 GMT", None),
            ("Fri, 31 Dec 1999 24:00:00 GMT", None),
            ("31 Dec 1999", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
