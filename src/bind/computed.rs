//! Functions of constants: `now()`, `tolower('X')`, `year(now())`.

use chrono::{Datelike, NaiveDate};

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{Argument, Name};
use crate::value::Timestamp;

use super::constant::{Constant, fold};
use super::functions::{self, Computed, Role, Wrap};
use super::scope::Setting;

/// The value of a function of constants; nothing where an argument is none.
pub(super) fn call<'a>(
    setting: Setting<'a>,
    name: &'a At<Name>,
    arguments: &'a [Argument],
    span: Span,
) -> Result<Option<Constant<'a>>> {
    let function = functions::find(&name.node, arguments.len(), name.span)?;
    let computed = match function.role {
        Role::Wrap(wrap) => Some(Step::Wrap(wrap)),
        Role::Constant(computed) => Some(Step::Computed(computed)),
        Role::Match(_) | Role::OrNull(_) | Role::IndexOf | Role::Known => None,
    };
    let Some(step) = computed else {
        return Ok(None);
    };
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match fold(setting, &argument.value)? {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    let value = match step {
        Step::Wrap(wrap) => wrapped(wrap, values),
        Step::Computed(computed) => apply(setting, computed, values),
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => {
            let text = format!("`{}` does not take such arguments", function.name);
            Err(Problem::new(Code::TypeMismatch, text)
                .about(function.name)
                .at(span))
        }
    }
}

/// What a call computes.
enum Step {
    Wrap(Wrap),
    Computed(Computed),
}

fn wrapped(wrap: Wrap, values: Vec<Constant<'_>>) -> Option<Constant<'_>> {
    let value = values.into_iter().next()?;
    Some(match (wrap, value) {
        (_, Constant::Null) => Constant::Null,
        (Wrap::Lower, Constant::Text(t)) => Constant::Text(t.to_lowercase().into()),
        (Wrap::Upper, Constant::Text(t)) => Constant::Text(t.to_uppercase().into()),
        (Wrap::Trim, Constant::Text(t)) => Constant::Text(t.trim().to_owned().into()),
        (Wrap::Date, Constant::Moment(t)) => Constant::Date(t.date_time()?.date_naive()),
        (Wrap::Date, Constant::Date(d)) => Constant::Date(d),
        (Wrap::Year, value) => Constant::Integer(date(&value)?.year().into()),
        (Wrap::Lower | Wrap::Upper | Wrap::Trim | Wrap::Date, _) => return None,
    })
}

fn apply<'a>(
    setting: Setting<'a>,
    computed: Computed,
    values: Vec<Constant<'a>>,
) -> Option<Constant<'a>> {
    let mut values = values.into_iter();
    let first = values.next();
    if [&first, &values.as_slice().first().cloned()].contains(&&Some(Constant::Null)) {
        return Some(Constant::Null);
    }
    let moment = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).and_then(Timestamp::of_date);
    Some(match computed {
        Computed::Now => Constant::Moment(setting.context.now),
        Computed::Min => Constant::Moment(moment(1, 1, 1)?),
        Computed::Max => Constant::Moment(Timestamp::from_micros(
            moment(10_000, 1, 1)?.micros().checked_sub(1000)?,
        )),
        Computed::Concat => match (first?, values.next()?) {
            (Constant::Text(a), Constant::Text(b)) => Constant::Text(format!("{a}{b}").into()),
            _ => return None,
        },
        Computed::Length => {
            let Constant::Text(text) = first? else {
                return None;
            };
            Constant::Integer(i64::try_from(text.chars().count()).ok()?)
        }
        Computed::Month => Constant::Integer(date(&first?)?.month().into()),
        Computed::Day => Constant::Integer(date(&first?)?.day().into()),
    })
}

fn date(value: &Constant<'_>) -> Option<NaiveDate> {
    match value {
        Constant::Date(d) => Some(*d),
        Constant::Moment(t) => Some(t.date_time()?.date_naive()),
        Constant::Null
        | Constant::Boolean(_)
        | Constant::Integer(_)
        | Constant::Decimal(_)
        | Constant::Text(_)
        | Constant::Guid(_)
        | Constant::TimeOfDay(_)
        | Constant::Duration(_)
        | Constant::Binary(_)
        | Constant::Enum { .. }
        | Constant::Entity(_)
        | Constant::Geo(_) => None,
    }
}
