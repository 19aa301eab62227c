//! Arithmetic between constants (OData 4.01 Part 2, 5.1.1.2).

use chrono::NaiveDate;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{BinaryOperator, Node};
use crate::value::Timestamp;

use super::constant::{Constant, fold};
use super::scope::Setting;

/// A problem of the values of a constant expression.
fn overflow(span: Span) -> Problem {
    Problem::new(Code::InvalidValue, "the result is out of range").at(span)
}

/// `-x`.
pub(super) fn negate<'a>(value: &Constant<'a>, span: Span) -> Result<Constant<'a>> {
    Ok(match value {
        Constant::Null => Constant::Null,
        Constant::Integer(i) => Constant::Integer(i.checked_neg().ok_or_else(|| overflow(span))?),
        Constant::Decimal(d) => Constant::Decimal(-*d),
        Constant::Duration(d) => Constant::Duration(d.checked_neg().ok_or_else(|| overflow(span))?),
        Constant::Boolean(_)
        | Constant::Text(_)
        | Constant::Guid(_)
        | Constant::Date(_)
        | Constant::Moment(_)
        | Constant::TimeOfDay(_)
        | Constant::Binary(_)
        | Constant::Enum { .. }
        | Constant::Entity(_)
        | Constant::Geo(_) => {
            let text = format!("`-` takes a number or a duration, not {}", value.noun());
            return Err(Problem::new(Code::TypeMismatch, text).at(span));
        }
    })
}

/// `a add b` and its siblings, where both sides are constant.
pub(super) fn arithmetic<'a>(
    setting: Setting<'a>,
    operator: &'a At<BinaryOperator>,
    left: &'a Node,
    right: &'a Node,
    span: Span,
) -> Result<Option<Constant<'a>>> {
    if !is_arithmetic(operator.node) {
        return Ok(None);
    }
    let (Some(left), Some(right)) = (fold(setting, left)?, fold(setting, right)?) else {
        return Ok(None);
    };
    compute(operator, &left, &right, span).map(Some)
}

/// Whether an operator computes a value and does not compare.
pub(super) const fn is_arithmetic(operator: BinaryOperator) -> bool {
    match operator {
        BinaryOperator::Add
        | BinaryOperator::Sub
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::DivBy
        | BinaryOperator::Mod => true,
        BinaryOperator::Eq
        | BinaryOperator::Ne
        | BinaryOperator::Gt
        | BinaryOperator::Ge
        | BinaryOperator::Lt
        | BinaryOperator::Le
        | BinaryOperator::Has => false,
    }
}

/// OData 4.01 Part 2, 5.1.1.2; null with anything is null.
fn compute<'a>(
    operator: &At<BinaryOperator>,
    left: &Constant<'_>,
    right: &Constant<'_>,
    span: Span,
) -> Result<Constant<'a>> {
    use BinaryOperator::{Add, Sub};
    use Constant::{Date, Decimal, Duration, Integer, Moment, Null};
    let op = operator.node;
    let value = match (left, op, right) {
        (Null, _, _) | (_, _, Null) => Some(Null),
        (Integer(a), _, Integer(b)) => integers(op, *a, *b),
        (Integer(a), _, Decimal(b)) => decimals(op, real(*a), *b),
        (Decimal(a), _, Integer(b)) => decimals(op, *a, real(*b)),
        (Decimal(a), _, Decimal(b)) => decimals(op, *a, *b),
        (Moment(t), Add, Duration(d)) | (Duration(d), Add, Moment(t)) => shift(*t, Some(*d)),
        (Moment(t), Sub, Duration(d)) => shift(*t, d.checked_neg()),
        (Date(t), Add, Duration(d)) => midnight(*t).and_then(|t| shift(t, Some(*d))),
        (Date(t), Sub, Duration(d)) => midnight(*t).and_then(|t| shift(t, d.checked_neg())),
        (Moment(a), Sub, Moment(b)) => a.micros().checked_sub(b.micros()).map(Duration),
        (Date(a), Sub, Date(b)) => Some(Duration((*a - *b).num_days().saturating_mul(DAY))),
        (Duration(a), Add, Duration(b)) => a.checked_add(*b).map(Duration),
        (Duration(a), Sub, Duration(b)) => a.checked_sub(*b).map(Duration),
        _ => {
            let text = format!(
                "`{}` cannot join {} and {}",
                op.word(),
                left.noun(),
                right.noun()
            );
            return Err(Problem::new(Code::TypeMismatch, text).at(operator.span));
        }
    };
    value.ok_or_else(|| overflow(span))
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Midnight UTC.
pub(super) fn midnight(date: NaiveDate) -> Option<Timestamp> {
    Timestamp::of_date(date)
}

fn shift<'a>(time: Timestamp, by: Option<i64>) -> Option<Constant<'a>> {
    let moved = Timestamp::from_micros(time.micros().checked_add(by?)?);
    moved.date_time().map(|_| Constant::Moment(moved))
}

/// A whole number as OData promotes it.
#[expect(
    clippy::as_conversions,
    reason = "OData promotes whole numbers to doubles, with their loss"
)]
pub(super) fn real(whole: i64) -> f64 {
    whole as f64
}

fn integers<'a>(operator: BinaryOperator, a: i64, b: i64) -> Option<Constant<'a>> {
    let whole = match operator {
        BinaryOperator::Add => a.checked_add(b),
        BinaryOperator::Sub => a.checked_sub(b),
        BinaryOperator::Mul => a.checked_mul(b),
        BinaryOperator::Div => a.checked_div(b),
        BinaryOperator::Mod => a.checked_rem(b),
        BinaryOperator::DivBy => return decimals(operator, real(a), real(b)),
        BinaryOperator::Eq
        | BinaryOperator::Ne
        | BinaryOperator::Gt
        | BinaryOperator::Ge
        | BinaryOperator::Lt
        | BinaryOperator::Le
        | BinaryOperator::Has => None,
    };
    whole.map(Constant::Integer)
}

fn decimals<'a>(operator: BinaryOperator, a: f64, b: f64) -> Option<Constant<'a>> {
    let value = match operator {
        BinaryOperator::Add => a + b,
        BinaryOperator::Sub => a - b,
        BinaryOperator::Mul => a * b,
        BinaryOperator::Div | BinaryOperator::DivBy => a / b,
        BinaryOperator::Mod => a % b,
        BinaryOperator::Eq
        | BinaryOperator::Ne
        | BinaryOperator::Gt
        | BinaryOperator::Ge
        | BinaryOperator::Lt
        | BinaryOperator::Le
        | BinaryOperator::Has => return None,
    };
    Some(Constant::Decimal(value))
}
