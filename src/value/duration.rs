//! Durations: `P1DT2H30M5.5S`, days and below only, as OData's `dayTimeDuration`.

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// The units, largest first, and their microseconds.
const UNITS: [(char, i64); 4] = [
    ('D', 86_400 * SECOND),
    ('H', 3600 * SECOND),
    ('M', 60 * SECOND),
    ('S', SECOND),
];

/// Microseconds of a duration text; nothing for text of another form or out of range.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let [day, times @ ..] = &UNITS;
    let sum = parts(days, std::slice::from_ref(day))?.checked_add(parts(time, times)?)?;
    sum.checked_mul(sign)
}

/// The sum of parts such as `2H30M`, whose units come in order.
fn parts(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0i64;
    for (unit, micros) in units {
        let Some((number, rest)) = text.split_once([*unit, unit.to_ascii_lowercase()]) else {
            continue;
        };
        sum = sum.checked_add(part(number, *micros)?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

/// A number of units; only seconds have a fraction.
fn part(number: &str, micros: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(micros)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    if micros != SECOND {
        return None;
    }
    let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
    whole.checked_add(six.parse().ok()?)
}

/// The text of so many microseconds.
pub fn print_duration(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let all = micros.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let (seconds, rest) = (all / second, all % second);
    let fraction = match rest {
        0 => String::new(),
        rest => format!(".{rest:06}"),
    };
    format!("{sign}PT{seconds}{fraction}S")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        for (text, seconds) in [
            ("P1D", Some(86_400)),
            ("-P1DT2H", Some(-93_600)),
            ("PT1H30M5S", Some(5405)),
            ("PT0S", Some(0)),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("PT1M2H", None),
            ("P1Y", None),
            ("PT1.5M", None),
            ("P99999999999999D", None),
        ] {
            assert_eq!(
                parse_duration(text),
                seconds.map(|s: i64| s * SECOND),
                "{text}"
            );
        }
        assert_eq!(parse_duration("PT0.5S"), Some(SECOND / 2));
        assert_eq!(print_duration(-SECOND / 2), "-PT0.500000S");
    }
}
