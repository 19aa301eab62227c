//! What functions and operators compute (OData 4.01 Part 2, 5.1.1): the same for constants of a
//! query and for values of rows.

use chrono::{Datelike as _, NaiveTime, Timelike as _};

use super::{Scalar, Timestamp, real, whole};

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
            Self::Text(function) => function.of(arguments).ok_or(NoValue::Mismatch),
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
            Self::FractionalSeconds => Scalar::Decimal(f64::from(value.time()?.nanosecond()) / 1e9),
            Self::Time => Scalar::TimeOfDay(value.time()?),
            Self::TotalSeconds => {
                let Scalar::Duration(micros) = value else {
                    return None;
                };
                Scalar::Decimal(real(*micros) / 1e6)
            }
        })
    }
}

impl Rounding {
    fn of(self, arguments: &[Scalar]) -> Option<Scalar> {
        match arguments {
            [Scalar::Integer(n)] => Some(Scalar::Integer(*n)),
            [Scalar::Decimal(d)] => Some(Scalar::Decimal(match self {
                // Half away from zero, as OData has it.
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
        use Scalar::{Date, Decimal, Duration, Integer, Moment};
        let value = match (left, self, right) {
            (Integer(a), _, Integer(b)) => self.integers(*a, *b),
            (Integer(a), _, Decimal(b)) => Some(self.decimals(real(*a), *b)),
            (Decimal(a), _, Integer(b)) => Some(self.decimals(*a, real(*b))),
            (Decimal(a), _, Decimal(b)) => Some(self.decimals(*a, *b)),
            (Moment(t), Self::Add, Duration(d)) | (Duration(d), Self::Add, Moment(t)) => {
                shift(*t, Some(*d))
            }
            (Moment(t), Self::Sub, Duration(d)) => shift(*t, d.checked_neg()),
            (Date(t), Self::Add, Duration(d)) => {
                Timestamp::of_date(*t).and_then(|t| shift(t, Some(*d)))
            }
            (Date(t), Self::Sub, Duration(d)) => {
                Timestamp::of_date(*t).and_then(|t| shift(t, d.checked_neg()))
            }
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
            (Self::Mul, Scalar::Decimal(times)) => whole((real(duration) * times).round()),
            (Self::Div | Self::DivBy, Scalar::Decimal(parts)) => {
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
            Self::DivBy => return Some(self.decimals(real(a), real(b))),
        };
        whole.map(Scalar::Integer)
    }

    fn decimals(self, a: f64, b: f64) -> Scalar {
        Scalar::Decimal(match self {
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

fn shift(time: Timestamp, by: Option<i64>) -> Option<Scalar> {
    Timestamp::in_calendar(time.micros().checked_add(by?)?).map(Scalar::Moment)
}

fn negate(arguments: &[Scalar]) -> Computed {
    let value = match arguments {
        [Scalar::Integer(i)] => i.checked_neg().map(Scalar::Integer),
        [Scalar::Decimal(d)] => Some(Scalar::Decimal(-*d)),
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
                vec![Decimal(-2.5)],
                Ok(Decimal(-3.0)),
            ),
            (
                Function::Arithmetic(Arithmetic::Div),
                vec![Integer(7), Integer(2)],
                Ok(Integer(3)),
            ),
            (
                Function::Arithmetic(Arithmetic::DivBy),
                vec![Integer(7), Integer(2)],
                Ok(Decimal(3.5)),
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
                vec![Duration(1_000_000), Decimal(1.5)],
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
                vec![Duration(7), Decimal(0.0)],
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
