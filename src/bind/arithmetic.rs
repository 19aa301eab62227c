//! Arithmetic between constants (OData 4.01 Part 2, 5.1.1.2).

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{BinaryOperator, Node};
use crate::value::{Arithmetic, Function, NoValue, parse_duration};

use super::constant::{Constant, fold};
use super::scope::Setting;

/// `-x`.
pub(super) fn negate<'a>(value: &Constant<'a>, span: Span) -> Result<Constant<'a>> {
    compute(Function::Negate, &[value]).map_err(|why| match why {
        NoValue::OutOfRange => out_of_range(span),
        NoValue::Mismatch => {
            let text = format!("`-` takes a number or a duration, not {}", value.noun());
            Problem::new(Code::TypeMismatch, text).at(span)
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
    let Some(function) = function(operator.node) else {
        return Ok(None);
    };
    let (Some(left), Some(right)) = (fold(setting, left)?, fold(setting, right)?) else {
        return Ok(None);
    };
    let right = beside(right, &left);
    let left = beside(left, &right);
    let value = compute(function, &[&left, &right]).map_err(|why| match why {
        NoValue::OutOfRange => out_of_range(span),
        NoValue::Mismatch => {
            let (word, left, right) = (operator.node.word(), left.noun(), right.noun());
            let text = format!("`{word}` cannot join {left} and {right}");
            Problem::new(Code::TypeMismatch, text).at(operator.span)
        }
    });
    value.map(Some)
}

/// A constant beside another one: a text beside a time or a duration is a duration, whose literal
/// needs no type in front (OData 4.01 Part 2, 5.1.1.14.1).
fn beside<'a>(constant: Constant<'a>, other: &Constant<'_>) -> Constant<'a> {
    let is_time = matches!(
        other,
        Constant::Date(_) | Constant::Moment(_) | Constant::Duration(_)
    );
    let text = super::types::text(&constant).filter(|_| is_time);
    let parsed = text.and_then(parse_duration);
    parsed.map_or(constant, Constant::Duration)
}

/// What an operator computes; nothing for one that compares.
pub(super) const fn function(operator: BinaryOperator) -> Option<Function> {
    Some(Function::Arithmetic(match operator {
        BinaryOperator::Add => Arithmetic::Add,
        BinaryOperator::Sub => Arithmetic::Sub,
        BinaryOperator::Mul => Arithmetic::Mul,
        BinaryOperator::Div => Arithmetic::Div,
        BinaryOperator::DivBy => Arithmetic::DivBy,
        BinaryOperator::Mod => Arithmetic::Mod,
        BinaryOperator::Eq
        | BinaryOperator::Ne
        | BinaryOperator::Gt
        | BinaryOperator::Ge
        | BinaryOperator::Lt
        | BinaryOperator::Le
        | BinaryOperator::Has => return None,
    }))
}

/// The value of a function of constants.
pub(super) fn compute<'a>(
    function: Function,
    values: &[&Constant<'_>],
) -> Result<Constant<'a>, NoValue> {
    if values.contains(&&Constant::Null) {
        return Ok(Constant::Null);
    }
    let scalars: Option<Vec<_>> = values.iter().map(|value| value.scalar()).collect();
    let value = function.call(&scalars.ok_or(NoValue::Mismatch)?)?;
    Ok(value.into())
}

/// A problem of the values of a constant expression.
pub(super) fn out_of_range(span: Span) -> Problem {
    Problem::new(Code::InvalidValue, "the result is out of range").at(span)
}
