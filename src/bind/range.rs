//! Comparisons of `date(A)` and `year(A)`, rewritten to half-open ranges of A.

use crate::diag::{Code, Problem, Result};
use crate::plan::{CompareOperator, Predicate};
use crate::value::{Interval, Timestamp, Value};

use super::compare::Comparison;
use super::constant::Constant;
use super::subject::{Part, Subject};
use super::tables::Located;
use super::types;

/// The time that a date or year stands for.
pub(super) fn interval(
    subject: &Subject<'_>,
    constant: &Constant<'_>,
    comparison: &Comparison,
) -> Result<Interval> {
    let wrong = |what: &str| {
        let text = format!("{what} cannot be compared with {}", constant.noun());
        Problem::new(Code::TypeMismatch, text)
            .about(subject.path.to_string())
            .at(comparison.value_span)
    };
    let range = match subject.part {
        Part::Date | Part::Whole => {
            let date = types::date(constant)
                .ok_or_else(|| wrong("a date").help("write it as `2024-01-31`, without quotes"))?;
            Timestamp::day(date)
        }
        Part::Year => {
            let year = types::year(constant, comparison.value_span)?
                .ok_or_else(|| wrong("a year").help("write it as `2024`"))?;
            Timestamp::year(year)
        }
    };
    range.ok_or_else(|| {
        Problem::new(Code::InvalidValue, "the date is out of range").at(comparison.value_span)
    })
}

/// A comparison of a day or a year as one of points in time: half-open ranges keep the index.
pub(super) fn compare(
    subject: &Subject<'_>,
    located: Located,
    comparison: &Comparison,
    range: Interval,
    negated: bool,
) -> Predicate {
    let operator = if negated {
        comparison.operator.complement()
    } else {
        comparison.operator
    };
    let or_null = located.nullable && (comparison.true_for_null() != negated);
    let term = subject.term(located.column);
    let point = |operator, at: Timestamp, or_null| Predicate::Compare {
        term: term.clone(),
        operator,
        value: Value::Timestamp(at),
        or_null,
    };
    match operator {
        CompareOperator::Eq => Predicate::All(vec![
            point(CompareOperator::Ge, range.from, or_null),
            point(CompareOperator::Lt, range.until, or_null),
        ]),
        CompareOperator::Ne => Predicate::Any(vec![
            point(CompareOperator::Lt, range.from, or_null),
            point(CompareOperator::Ge, range.until, false),
        ]),
        CompareOperator::Ge => point(CompareOperator::Ge, range.from, or_null),
        CompareOperator::Gt => point(CompareOperator::Ge, range.until, or_null),
        CompareOperator::Lt => point(CompareOperator::Lt, range.from, or_null),
        CompareOperator::Le => point(CompareOperator::Lt, range.until, or_null),
    }
}
