//! The value of a constant that a name is compared with.

use crate::diag::{Code, Problem, Result, Span};
use crate::model::split_address;
use crate::plan::CompareOperator;
use crate::value::{Value, nearest, whole};

use super::super::constant::Constant;
use super::super::promote::Between;
use super::super::scope::Setting;
use super::super::types;
use super::named::{Named, What};

/// The value of a constant that is not null, for a comparison; nothing where no value equals it.
pub(super) fn compared(
    setting: Setting<'_>,
    named: &Named<'_>,
    operator: CompareOperator,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Option<Value>> {
    let between = match named.what {
        What::Attribute(attribute) => Between::of_attribute(attribute, constant),
        What::Number => Between::of(constant),
        What::Link(..) | What::Decimal | What::Time | What::Date | What::Text => None,
    };
    let Some(between) = between else {
        return value(setting, named, constant, span).map(Some);
    };
    for one in &between.both() {
        value(setting, named, one, span)?;
    }
    let number = between.instead(operator);
    number
        .map(|number| value(setting, named, &number, span))
        .transpose()
}

/// The value of a constant that is not null.
fn value(
    setting: Setting<'_>,
    named: &Named<'_>,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Value> {
    let found = match named.what {
        What::Attribute(attribute) => return types::value(setting, attribute, constant, span),
        What::Link(_, true) => types::guid(constant, span)?.map(Value::Guid),
        What::Link(reference, false) => {
            let text = if let Constant::Entity(text) = constant {
                Some(text.as_ref())
            } else {
                types::text(constant)
            };
            let target = reference.target;
            let parts = text.and_then(split_address);
            parts.and_then(|(set, guid)| {
                let found = setting.model.set(set)?;
                let fits = setting.model.is_a(found, target) || setting.model.is_a(target, found);
                fits.then_some(Value::Guid(guid))
            })
        }
        What::Number => types::whole(constant).map(Value::Integer),
        What::Decimal => millionths(constant).map(Value::Integer),
        What::Time => types::moment(setting, constant).map(Value::Timestamp),
        What::Date => types::date(constant).map(|d| Value::Text(d.format("%Y-%m-%d").to_string())),
        What::Text => types::text(constant).map(|t| Value::Text(t.to_owned())),
    };
    found.ok_or_else(|| wrong(named, constant, span))
}

/// A number in millionths; what lies between two of them is the nearer one.
fn millionths(constant: &Constant<'_>) -> Option<i64> {
    if let Constant::Integer(number) = constant {
        return number.checked_mul(1_000_000);
    }
    if let Constant::Decimal(number) = constant {
        return number.checked_mul(1_000_000.into()).and_then(nearest);
    }
    let Constant::Double(number) = constant else {
        return None;
    };
    whole((number * 1_000_000.0).round())
}

fn wrong(named: &Named<'_>, constant: &Constant<'_>, span: Span) -> Problem {
    let text = format!(
        "`{}` is {} and cannot be compared with {}",
        named.label(),
        named.what.noun(),
        constant.noun()
    );
    named.problem(Code::TypeMismatch, text, span)
}
