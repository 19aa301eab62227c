//! What functions and operators compute (OData 4.01 Part 2, 5.1.1): the same for constants of a
//! query and for values of rows.

use chrono::{Datelike as _, NaiveDate, NaiveTime, Timelike as _};
use rust_decimal::Decimal;

use super::scalar::rounded;
use super::{Scalar, Timestamp, nearest, real, whole};

/// A function or an operator that computes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// A function of texts.
    Text(TextFunction),
    /// A function of points in time, days, times of day and durations.
    Time(TimeFunction),
    /// A number without its fraction.
    Rounded(Rounding),
    /// `-x`.
    Negate,
    /// An operator between two values.
    Arithmetic(Arithmetic),
}

/// Functions of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum TextFunction {
    Lower,
    Upper,
    Trim,
    Concat,
    Length,
    Substring,
    IndexOf,
}

/// Functions of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum TimeFunction {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    FractionalSeconds,
    Date,
    Time,
    TotalSeconds,
}

/// Ways to lose a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum Rounding {
    Round,
    Floor,
    Ceiling,
}

/// Operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    DivBy,
    Mod,
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoValue {
    /// It takes no such arguments.
    Mismatch,
    /// The value is out of range.
    OutOfRange,
}

type Computed = Result<Scalar, NoValue>;

/// Bytes of a computed text, at most: a few functions of functions would make any number of them.
const LONGEST: usize = 64 * 1024;

impl Function {
    /// The value for some arguments; null where one of them is null.
    ///
    /// # Errors
    ///
    /// [`NoValue`].
    pub fn call(self, arguments: &[Scalar]) -> Computed {
        if arguments.contains(&Scalar::Null) {
            return Ok(Scalar::Null);
        }
        match self {
            Self::Text(function) => match function.of(arguments) {
                Some(Scalar::Text(text)) if text.len() > LONGEST => Err(NoValue::OutOfRange),
                value => value.ok_or(NoValue::Mismatch),
            },
            Self::Time(function) => function.of(arguments).ok_or(NoValue::Mismatch),
            Self::Rounded(rounding) => rounding.of(arguments).ok_or(NoValue::Mismatch),
            Self::Negate => negate(arguments),
            Self::Arithmetic(operator) => match arguments {
                [left, right] => operator.of(left, right),
                [..] => Err(NoValue::Mismatch),
            },
        }
    }
}

impl TextFunction {
    fn of(self, arguments: &[Scalar]) -> Option<Scalar> {
        let (first, rest) = arguments.split_first()?;
        let text = first.words()?;
        let second = || rest.first().and_then(Scalar::words);
        Some(match self {
            Self::Lower => Scalar::Text(text.to_lowercase()),
            Self::Upper => Scalar::Text(text.to_uppercase()),
            Self::Trim => Scalar::Text(text.trim().to_owned()),
            Self::Concat => Scalar::Text(format!("{text}{}", second()?)),
            Self::Length => Scalar::Integer(length(text)?),
            Self::Substring => substring(text, rest)?,
            Self::IndexOf => {
                let before = text.find(second()?).and_then(|at| text.get(..at));
                // By characters; -1 where it is not in it.
                Scalar::Integer(before.map_or(Some(-1), length)?)
            }
        })
    }
}

impl TimeFunction {
    fn of(self, arguments: &[Scalar]) -> Option<Scalar> {
        let [value] = arguments else { return None };
        let number = |n: u32| Scalar::Integer(n.into());
        let of_time = |part: fn(&NaiveTime) -> u32| value.time().map(|time| number(part(&time)));
        Some(match self {
            Self::Year => Scalar::Integer(value.date()?.year().into()),
            Self::Month => number(value.date()?.month()),
            Self::Day => number(value.date()?.day()),
            Self::Date => Scalar::Date(value.date()?),
            Self::Hour => of_time(NaiveTime::hour)?,
            Self::Minute => of_time(NaiveTime::minute)?,
            Self::Second => of_time(NaiveTime::second)?,
            Self::FractionalSeconds => decimal(value.time()?.nanosecond().into(), 9)?,
            Self::Time => Scalar::TimeOfDay(value.time()?),
            Self::TotalSeconds => {
                let Scalar::Duration(micros) = value else {
                    return None;
                };
                decimal(*micros, 6)?
            }
        })
    }
}

impl Rounding {
    fn of(self, arguments: &[Scalar]) -> Option<Scalar> {
        match arguments {
            [Scalar::Integer(n)] => Some(Scalar::Integer(*n)),
            // Half away from zero, as OData has it.
            [Scalar::Decimal(d)] => Some(Scalar::Decimal(match self {
                Self::Round => rounded(*d),
                Self::Floor => d.floor(),
                Self::Ceiling => d.ceil(),
            })),
            [Scalar::Double(d)] => Some(Scalar::Double(match self {
                Self::Round => d.round(),
                Self::Floor => d.floor(),
                Self::Ceiling => d.ceil(),
            })),
            [..] => None,
        }
    }
}

impl Arithmetic {
    fn of(self, left: &Scalar, right: &Scalar) -> Computed {
        use Scalar::{Date, Decimal, Double, Duration, Integer, Moment};
        let value = match (left, self, right) {
            (Integer(a), _, Integer(b)) => self.integers(*a, *b),
            (Integer(a), _, Decimal(b)) => self.decimals((*a).into(), *b),
            (Decimal(a), _, Integer(b)) => self.decimals(*a, (*b).into()),
            (Decimal(a), _, Decimal(b)) => self.decimals(*a, *b),
            (Double(a), _, b) if b.double().is_some() => b.double().map(|b| self.doubles(*a, b)),
            (a, _, Double(b)) if a.double().is_some() => a.double().map(|a| self.doubles(a, *b)),
            (Moment(t), Self::Add, Duration(d)) | (Duration(d), Self::Add, Moment(t)) => {
                shift(*t, Some(*d))
            }
            (Moment(t), Self::Sub, Duration(d)) => shift(*t, d.checked_neg()),
            (Date(t), Self::Add, Duration(d)) | (Duration(d), Self::Add, Date(t)) => {
                shift_day(*t, Some(*d))
            }
            (Date(t), Self::Sub, Duration(d)) => shift_day(*t, d.checked_neg()),
            (Moment(a), Self::Sub, Moment(b)) => a.micros().checked_sub(b.micros()).map(Duration),
            (Date(a), Self::Sub, Date(b)) => {
                Some(Duration((*a - *b).num_days().saturating_mul(DAY)))
            }
            (Duration(a), Self::Add, Duration(b)) => a.checked_add(*b).map(Duration),
            (Duration(a), Self::Sub, Duration(b)) => a.checked_sub(*b).map(Duration),
            (Duration(d), Self::Mul, number) | (number, Self::Mul, Duration(d)) => {
                return self.scaled(*d, number);
            }
            (Duration(d), Self::Div | Self::DivBy, number) => return self.scaled(*d, number),
            _ => return Err(NoValue::Mismatch),
        };
        value.ok_or(NoValue::OutOfRange)
    }

    /// A duration so many times, or a part of it, to the microsecond.
    fn scaled(self, duration: i64, number: &Scalar) -> Computed {
        let scaled = match (self, number) {
            (Self::Mul, Scalar::Integer(times)) => duration.checked_mul(*times),
            (Self::Div | Self::DivBy, Scalar::Integer(parts)) => duration.checked_div(*parts),
            (Self::Mul, Scalar::Decimal(times)) => Decimal::from(duration)
                .checked_mul(*times)
                .and_then(nearest),
            (Self::Div | Self::DivBy, Scalar::Decimal(parts)) => Decimal::from(duration)
                .checked_div(*parts)
                .and_then(nearest),
            (Self::Mul, Scalar::Double(times)) => whole((real(duration) * times).round()),
            (Self::Div | Self::DivBy, Scalar::Double(parts)) => {
                whole((real(duration) / parts).round())
            }
            _ => return Err(NoValue::Mismatch),
        };
        scaled.map(Scalar::Duration).ok_or(NoValue::OutOfRange)
    }

    fn integers(self, a: i64, b: i64) -> Option<Scalar> {
        let whole = match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
            Self::Div => a.checked_div(b),
            Self::Mod => a.checked_rem(b),
            Self::DivBy => return self.decimals(a.into(), b.into()),
        };
        whole.map(Scalar::Integer)
    }

    fn decimals(self, a: Decimal, b: Decimal) -> Option<Scalar> {
        let value = match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
            Self::Div | Self::DivBy => a.checked_div(b),
            Self::Mod => a.checked_rem(b),
        };
        value.map(Scalar::Decimal)
    }

    fn doubles(self, a: f64, b: f64) -> Scalar {
        Scalar::Double(match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div | Self::DivBy => a / b,
            Self::Mod => a % b,
        })
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// So many units of the last of some decimal places.
fn decimal(units: i64, places: u32) -> Option<Scalar> {
    let number = Decimal::try_new(units, places).ok()?;
    Some(Scalar::Decimal(number.normalize()))
}

/// A day some time later: the part of a day that is over does not count (OData 4.01 Part 2,
/// 5.1.1.2.1).
fn shift_day(day: NaiveDate, by: Option<i64>) -> Option<Scalar> {
    let time = Timestamp::of_date(day)?.micros().checked_add(by?)?;
    let time = Timestamp::in_calendar(time)?.date_time()?;
    Some(Scalar::Date(time.date_naive()))
}

fn shift(time: Timestamp, by: Option<i64>) -> Option<Scalar> {
    Timestamp::in_calendar(time.micros().checked_add(by?)?).map(Scalar::Moment)
}

fn negate(arguments: &[Scalar]) -> Computed {
    let value = match arguments {
        [Scalar::Integer(i)] => i.checked_neg().map(Scalar::Integer),
        [Scalar::Decimal(d)] => Some(Scalar::Decimal(-*d)),
        [Scalar::Double(d)] => Some(Scalar::Double(-*d)),
        [Scalar::Duration(d)] => d.checked_neg().map(Scalar::Duration),
        [..] => return Err(NoValue::Mismatch),
    };
    value.ok_or(NoValue::OutOfRange)
}

fn length(text: &str) -> Option<i64> {
    i64::try_from(text.chars().count()).ok()
}

/// The characters from a position on, counted from the end where it is negative; so many at most.
fn substring(text: &str, rest: &[Scalar]) -> Option<Scalar> {
    let (from, most) = match rest {
        [Scalar::Integer(from)] => (*from, i64::MAX),
        [Scalar::Integer(from), Scalar::Integer(most)] => (*from, *most),
        [..] => return None,
    };
    let start = if from < 0 {
        length(text)?.saturating_add(from)
    } else {
        from
    };
    let size = |n: i64| usize::try_from(n.max(0)).unwrap_or(usize::MAX);
    Some(Scalar::Text(
        text.chars().skip(size(start)).take(size(most)).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_why_there_is_none() {
        use Scalar::{Decimal, Duration, Integer, Null, Text};
        let text = |t: &str| Text(t.to_owned());
        let tenths = |n| Decimal(rust_decimal::Decimal::new(n, 1));
        let day = |d| Scalar::Date(NaiveDate::from_ymd_opt(2024, 2, d).unwrap());
        for (function, arguments, expected) in [
            (
                Function::Text(TextFunction::Substring),
                vec![text("абв"), Integer(1)],
                Ok(text("бв")),
            ),
            (
                Function::Text(TextFunction::Substring),
                vec![text("абв"), Integer(-1)],
                Ok(text("в")),
            ),
            (
                Function::Text(TextFunction::Substring),
                vec![text("абв"), Integer(9), Integer(-2)],
                Ok(text("")),
            ),
            (
                Function::Text(TextFunction::IndexOf),
                vec![text("яx"), text("x")],
                Ok(Integer(1)),
            ),
            (
                Function::Text(TextFunction::IndexOf),
                vec![text("яx"), text("y")],
                Ok(Integer(-1)),
            ),
            (Function::Text(TextFunction::Length), vec![Null], Ok(Null)),
            (
                Function::Text(TextFunction::Length),
                vec![Integer(1)],
                Err(NoValue::Mismatch),
            ),
            (
                Function::Rounded(Rounding::Round),
                vec![tenths(-25)],
                Ok(tenths(-30)),
            ),
            (
                Function::Arithmetic(Arithmetic::Div),
                vec![Integer(7), Integer(2)],
                Ok(Integer(3)),
            ),
            (
                Function::Arithmetic(Arithmetic::DivBy),
                vec![Integer(7), Integer(2)],
                Ok(tenths(35)),
            ),
            (
                Function::Text(TextFunction::Concat),
                vec![text(&"a".repeat(LONGEST)), text("")],
                Ok(text(&"a".repeat(LONGEST))),
            ),
            (
                Function::Text(TextFunction::Concat),
                vec![text(&"a".repeat(LONGEST)), text("b")],
                Err(NoValue::OutOfRange),
            ),
            (
                Function::Arithmetic(Arithmetic::Add),
                vec![tenths(1), tenths(2)],
                Ok(tenths(3)),
            ),
            (
                Function::Arithmetic(Arithmetic::Add),
                vec![Integer(1), Scalar::Double(0.5)],
                Ok(Scalar::Double(1.5)),
            ),
            (
                Function::Arithmetic(Arithmetic::DivBy),
                vec![Integer(1), Integer(0)],
                Err(NoValue::OutOfRange),
            ),
            (
                Function::Arithmetic(Arithmetic::Add),
                vec![day(28), Duration(2 * 86_400_000_000)],
                Ok(Scalar::Date(NaiveDate::from_ymd_opt(2024, 3, 1).unwrap())),
            ),
            (
                Function::Arithmetic(Arithmetic::Sub),
                vec![day(2), Duration(1)],
                Ok(day(1)),
            ),
            (
                Function::Time(TimeFunction::TotalSeconds),
                vec![Duration(-1_500_000)],
                Ok(tenths(-15)),
            ),
            (
                Function::Arithmetic(Arithmetic::Div),
                vec![Integer(7), Integer(0)],
                Err(NoValue::OutOfRange),
            ),
            (
                Function::Arithmetic(Arithmetic::Add),
                vec![Integer(i64::MAX), Integer(1)],
                Err(NoValue::OutOfRange),
            ),
            (
                Function::Arithmetic(Arithmetic::Add),
                vec![text("a"), Integer(1)],
                Err(NoValue::Mismatch),
            ),
            (
                Function::Arithmetic(Arithmetic::Mul),
                vec![Duration(1_000_000), tenths(15)],
                Ok(Duration(1_500_000)),
            ),
            (
                Function::Arithmetic(Arithmetic::Mul),
                vec![Integer(-3), Duration(7)],
                Ok(Duration(-21)),
            ),
            (
                Function::Arithmetic(Arithmetic::Div),
                vec![Duration(7), Integer(2)],
                Ok(Duration(3)),
            ),
            (
                Function::Arithmetic(Arithmetic::DivBy),
                vec![Duration(7), tenths(0)],
                Err(NoValue::OutOfRange),
            ),
            (
                Function::Arithmetic(Arithmetic::Div),
                vec![Integer(7), Duration(2)],
                Err(NoValue::Mismatch),
            ),
            (
                Function::Negate,
                vec![Integer(i64::MIN)],
                Err(NoValue::OutOfRange),
            ),
        ] {
            assert_eq!(
                function.call(&arguments),
                expected,
                "{function:?} {arguments:?}"
            );
        }
    }
}
