//! Points in time, stored as microseconds, compared and shown to the millisecond.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeZone, Utc};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, always a whole millisecond.
///
/// Time is stored and compared to the millisecond on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The years of points in time.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// A half-open range of time, `from <= t < until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The first instant inside.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Timestamp {
    /// From microseconds; parts below a millisecond are cut off, towards the past.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.div_euclid(1000).saturating_mul(1000))
    }

    /// Microseconds since 1970-01-01T00:00:00Z, where they are in the years that OData has, 1 to
    /// 9999: what a query computes is held against them, as what it writes is.
    pub fn in_calendar(micros: i64) -> Option<Self> {
        let time = Self::from_micros(micros);
        let year = time.date_time()?.year();
        YEARS.contains(&year).then_some(time)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The clock. The only place of the program that reads it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn now() -> Self {
        Self::from_micros(Utc::now().timestamp_micros())
    }

    /// Reads an RFC 3339 date-time with an offset (`Z`, `+00:00`); seconds may be left out, as
    /// OData allows, and a leap second, `:60`, is the first second of the next minute. Nothing for
    /// text of another form or years outside 1 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = if text.as_bytes().get(16).is_some_and(|b| *b != b':') {
            format!("{}:00{}", text.get(..16)?, text.get(16..)?)
        } else {
            text.to_owned()
        };
        let time = DateTime::parse_from_rfc3339(&whole)
            .ok()?
            .with_timezone(&Utc);
        Self::in_calendar(time.timestamp_micros())
    }

    /// Reads a date; nothing for text of another form or years outside 1 to 9999.
    pub fn parse_date(text: &str) -> Option<NaiveDate> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        YEARS.contains(&date.year()).then_some(date)
    }

    /// Midnight UTC of a date.
    pub fn of_date(date: NaiveDate) -> Option<Self> {
        let time = Utc.from_utc_datetime(&date.and_hms_opt(0, 0, 0)?);
        Some(Self::from_micros(time.timestamp_micros()))
    }

    /// The day that starts at midnight UTC of `date`.
    pub fn day(date: NaiveDate) -> Option<Interval> {
        Some(Interval {
            from: Self::of_date(date)?,
            until: Self::of_date(date.succ_opt()?)?,
        })
    }

    /// The calendar year, UTC.
    pub fn year(year: i32) -> Option<Interval> {
        let start = |y| NaiveDate::from_ymd_opt(y, 1, 1).and_then(Self::of_date);
        Some(Interval {
            from: start(year)?,
            until: start(year.checked_add(1)?)?,
        })
    }

    /// The date and time in UTC, where it is one that chrono can hold.
    pub fn date_time(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl std::fmt::Display for Timestamp {
    /// ISO 8601 with `Z`; milliseconds only where there are some.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = if self.0 % 1_000_000 == 0 {
            SecondsFormat::Secs
        } else {
            SecondsFormat::Millis
        };
        match self.date_time() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(form, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        for (text, printed) in [
            (
                "2026-11-20T21:21:42.739000+00:00",
                "2026-11-20T21:21:42.739Z",
            ),
            ("2026-11-20T23:21:42+02:00", "2026-11-20T21:21:42Z"),
            ("2024-01-01T00:00Z", "2024-01-01T00:00:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2017-01-01T00:59:60.5+01:00", "2017-01-01T00:00:00.500Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(
                Timestamp::parse(text).map(|t| t.to_string()).as_deref(),
                Some(printed)
            );
        }
        assert_eq!(Timestamp::parse("2026-13-01T00:00:00Z"), None);
        assert_eq!(Timestamp::parse("2026-11-20"), None);
        assert_eq!(Timestamp::parse("2026-11-20T21:21:61Z"), None);
        assert_eq!(Timestamp::parse("9999-12-31T23:59:60Z"), None);
        assert_eq!(Timestamp::parse("0000-12-31T23:59:59Z"), None);
        assert_eq!(Timestamp::parse("0001-01-01T00:00:00+00:01"), None);
        assert!(Timestamp::parse_date("9999-12-31").is_some());
        for text in ["0000-12-31", "-0001-01-01", "+10000-01-01", "2026-11-31"] {
            assert_eq!(Timestamp::parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_is_half_open() {
        let year = Timestamp::year(2024).unwrap();
        assert_eq!(year.from.to_string(), "2024-01-01T00:00:00Z");
        assert_eq!(year.until.to_string(), "2025-01-01T00:00:00Z");
    }
}
