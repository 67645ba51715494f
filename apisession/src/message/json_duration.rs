//! Reads the spans of time in JSON.

use std::time::Duration;

use serde_json::Value;

use super::duration::{Unit, parse};

/// Reads a span of time in JSON: a number of seconds, which some servers write as text. A number below zero is zero.
pub(crate) fn of_json(value: &Value) -> Option<Duration> {
    let seconds: f64 = match value {
        Value::String(text) => match parse(text, Unit::Seconds) {
            Some(span) => return Some(span),
            None => text.trim().parse().ok()?,
        },
        value => value.as_f64()?,
    };
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}
