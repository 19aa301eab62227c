//! Lengths of time as people write them: `500ms`, `30s`, `5m`, `1h`, `30d`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// Units and their length in milliseconds; `ms` stands before `m` and `s`, which it ends with.
const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a whole number with a unit. Nothing for anything else, also for more than `u64`
/// milliseconds.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let (number, length) = UNITS
        .iter()
        .find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)))?;
    let number: u64 = number.trim_end().parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(length)?))
}

/// The same where `0`, as a number or a text, stands for never.
pub(super) fn or_never<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }
    let time = match Written::deserialize(input)? {
        Written::Number(0) => Some(Duration::ZERO),
        Written::Number(_) => None,
        Written::Text(text) if text == "0" => Some(Duration::ZERO),
        Written::Text(text) => parse(&text),
    };
    time.ok_or_else(|| D::Error::custom("not a length of time"))
}

/// For `#[serde(deserialize_with = "…")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(input)?;
    parse(&text).ok_or_else(|| D::Error::custom("not a length of time"))
}
