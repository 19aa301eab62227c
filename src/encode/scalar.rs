//! The texts of single values, written without allocating: numbers, guids, times, bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::value::Timestamp;

/// Appends a whole number.
pub(super) fn integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a number of millionths as a decimal number, without zeros at its end.
pub(super) fn millionths(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    let number = number.unsigned_abs();
    count(out, number / 1_000_000);
    let rest = number % 1_000_000;
    if rest == 0 {
        return;
    }
    let digits = format!(".{rest:06}");
    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
}

/// Appends a number of rows.
pub(super) fn count(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a guid, lower case, with hyphens.
pub(super) fn guid(out: &mut Vec<u8>, guid: Uuid) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    out.extend_from_slice(guid.hyphenated().encode_lower(&mut text).as_bytes());
}

/// Appends bytes as base64url without padding (OData JSON 4.01, 7.1).
pub(super) fn binary(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(URL_SAFE_NO_PAD.encode(bytes).as_bytes());
}

/// Appends a point in time exactly as [`Timestamp`] displays it.
pub(super) fn timestamp(out: &mut Vec<u8>, time: Timestamp) {
    let micros = time.micros();
    let date = civil_date(micros.div_euclid(86_400_000_000));
    if !(1..=9999).contains(&date.year) {
        out.extend_from_slice(time.to_string().as_bytes());
        return;
    }
    let second = micros.rem_euclid(86_400_000_000) / 1_000_000;
    let [y3, y2, y1, y0] = four(date.year);
    let ([m1, m0], [d1, d0]) = (two(date.month), two(date.day));
    let ([h1, h0], [n1, n0], [s1, s0]) =
        (two(second / 3600), two(second / 60 % 60), two(second % 60));
    out.extend_from_slice(&[
        y3, y2, y1, y0, b'-', m1, m0, b'-', d1, d0, b'T', h1, h0, b':', n1, n0, b':', s1, s0,
    ]);
    let millis = micros.rem_euclid(1_000_000) / 1000;
    if millis != 0 {
        let [_, c, d, u] = four(millis);
        out.extend_from_slice(&[b'.', c, d, u]);
    }
    out.push(b'Z');
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// The date in the proleptic Gregorian calendar, `days` after 1970-01-01. Counts in eras of 400
/// years that start on the first of March, so that the leap day is the last of a year.
const fn civil_date(days: i64) -> Date {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (month, next_year) = if shifted < 10 {
        (shifted + 3, 0)
    } else {
        (shifted - 9, 1)
    };
    Date {
        year: era * 400 + year_of_era + next_year,
        month,
        day: day_of_year - (153 * shifted + 2) / 5 + 1,
    }
}

/// The last digit of a number that is not negative.
fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0)
}

fn two(number: i64) -> [u8; 2] {
    [digit(number / 10), digit(number)]
}

fn four(number: i64) -> [u8; 4] {
    [
        digit(number / 1000),
        digit(number / 100),
        digit(number / 10),
        digit(number),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(time: Timestamp) -> String {
        let mut out = Vec::new();
        timestamp(&mut out, time);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn calendar_corners() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1900-02-28T23:59:59.999Z",
            "1969-12-31T23:59:59.001Z",
            "1970-01-01T00:00:00Z",
            "2000-02-29T12:00:00.010Z",
            "2023-12-31T23:59:59Z",
            "2024-03-01T00:00:00.100Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert_eq!(written(Timestamp::parse(text).unwrap()), text);
        }
    }

    proptest! {
        #[test]
        fn same_as_display(micros in -80_000_000_000_000_000i64..260_000_000_000_000_000) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(written(time), time.to_string());
        }
    }
}
