//! The values that expressions compute.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::{Kind, Timestamp, print_duration};

/// A value that an expression computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// No value.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, exact to 28 digits.
    Decimal(Decimal),
    /// A number with an exponent, or none: 64 bits of IEEE 754.
    Double(f64),
    /// A text.
    Text(String),
    /// A guid.
    Guid(Uuid),
    /// A day.
    Date(NaiveDate),
    /// A point in time.
    Moment(Timestamp),
    /// A time of day.
    TimeOfDay(NaiveTime),
    /// Microseconds.
    Duration(i64),
}

impl Scalar {
    /// Its type, such as `Int64`; nothing for null.
    pub const fn type_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Int64",
            Self::Decimal(_) => "Decimal",
            Self::Double(_) => "Double",
            Self::Text(_) => "String",
            Self::Guid(_) => "Guid",
            Self::Date(_) => "Date",
            Self::Moment(_) => "DateTimeOffset",
            Self::TimeOfDay(_) => "TimeOfDay",
            Self::Duration(_) => "Duration",
        })
    }

    /// The kind of a column that holds such values.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Boolean(_) => Kind::Boolean,
            Self::Integer(_) => Kind::Int64,
            Self::Guid(_) => Kind::Guid,
            Self::Moment(_) => Kind::DateTimeOffset,
            Self::Null
            | Self::Decimal(_)
            | Self::Double(_)
            | Self::Text(_)
            | Self::Date(_)
            | Self::TimeOfDay(_)
            | Self::Duration(_) => Kind::String,
        }
    }

    /// Some value of a kind, which stands for all of them where types are checked; nothing for kinds
    /// that expressions do not compute with.
    pub fn example(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Guid => Self::Guid(Uuid::nil()),
            Kind::String | Kind::Multilanguage | Kind::Enumeration => Self::Text(String::new()),
            Kind::Boolean => Self::Boolean(false),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => Self::Integer(1),
            Kind::DateTimeOffset => Self::Moment(Timestamp::from_micros(0)),
            Kind::Binary => return None,
        })
    }

    /// Its text without quotes; nothing for null.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.normalize().to_string(),
            Self::Double(number) if number.is_infinite() => {
                let sign = if *number < 0.0 { "-" } else { "" };
                format!("{sign}INF")
            }
            Self::Double(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Guid(guid) => guid.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Moment(time) => time.to_string(),
            Self::TimeOfDay(time) => time.to_string(),
            Self::Duration(micros) => print_duration(*micros),
        })
    }

    /// Whether JSON writes it without quotes.
    pub fn is_bare(&self) -> bool {
        match self {
            Self::Null | Self::Boolean(_) | Self::Integer(_) | Self::Decimal(_) => true,
            Self::Double(number) => number.is_finite(),
            Self::Text(_)
            | Self::Guid(_)
            | Self::Date(_)
            | Self::Moment(_)
            | Self::TimeOfDay(_)
            | Self::Duration(_) => false,
        }
    }

    /// A number as a double; nothing for what is none.
    pub fn double(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(real(*number)),
            Self::Decimal(number) => number.to_f64(),
            Self::Double(number) => Some(*number),
            Self::Null
            | Self::Boolean(_)
            | Self::Text(_)
            | Self::Guid(_)
            | Self::Date(_)
            | Self::Moment(_)
            | Self::TimeOfDay(_)
            | Self::Duration(_) => None,
        }
    }

    pub(super) fn words(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub(super) fn date(&self) -> Option<NaiveDate> {
        if let Self::Date(date) = self {
            return Some(*date);
        }
        self.moment().map(|moment| moment.date_naive())
    }

    pub(super) fn time(&self) -> Option<NaiveTime> {
        if let Self::TimeOfDay(time) = self {
            return Some(*time);
        }
        self.moment().map(|moment| moment.time())
    }

    fn moment(&self) -> Option<DateTime<Utc>> {
        if let Self::Moment(moment) = self {
            moment.date_time()
        } else {
            None
        }
    }
}

/// A decimal number without its fraction, a half away from zero.
pub(super) fn rounded(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
}

/// The whole number next to a decimal one; nothing beyond 64 bits.
pub fn nearest(number: Decimal) -> Option<i64> {
    rounded(number).to_i64()
}

/// The whole number that a double is; nothing for one with a fraction, and beyond 2^53, where a
/// double is no exact number any more.
pub fn whole(number: f64) -> Option<i64> {
    let exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    exact.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// A whole number as OData promotes it.
#[expect(
    clippy::as_conversions,
    reason = "OData promotes whole numbers to doubles, with their loss"
)]
pub fn real(whole: i64) -> f64 {
    whole as f64
}
