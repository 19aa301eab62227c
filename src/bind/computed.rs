//! Functions of constants: `now()`, `tolower('X')`, `year(now())`.

use chrono::NaiveDate;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{Argument, Name};
use crate::value::{Function, NoValue, TextFunction, Timestamp};

use super::arithmetic::{compute, out_of_range};
use super::cast;
use super::constant::{Constant, fold};
use super::functions::{self, Moment, Role};
use super::scope::Setting;

/// The value of a function of constants; nothing where an argument is none.
pub(super) fn call<'a>(
    setting: Setting<'a>,
    name: &'a At<Name>,
    arguments: &'a [Argument],
    span: Span,
) -> Result<Option<Constant<'a>>> {
    let called = functions::find(&name.node, arguments.len(), name.span)?;
    let function = match called.role {
        Role::Wrap(wrap) => wrap.function(),
        Role::Constant(function) => function,
        Role::IndexOf => Function::Text(TextFunction::IndexOf),
        Role::Moment(moment) => return Ok(self::moment(setting, moment)),
        Role::Cast | Role::IsOf => {
            return typed(setting, called.role == Role::Cast, arguments);
        }
        Role::Match(_) | Role::OrNull(_) | Role::Known(_) => return Ok(None),
    };
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match fold(setting, &argument.value)? {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    let values: Vec<_> = values.iter().collect();
    let value = compute(function, &values).map_err(|why| match why {
        NoValue::OutOfRange => out_of_range(span),
        NoValue::Mismatch => {
            let text = format!("`{}` does not take such arguments", called.name);
            Problem::new(Code::TypeMismatch, text)
                .about(called.name)
                .at(span)
        }
    });
    value.map(Some)
}

/// `now()`, `mindatetime()`, `maxdatetime()`.
fn moment<'a>(setting: Setting<'_>, moment: Moment) -> Option<Constant<'a>> {
    let start = |year| NaiveDate::from_ymd_opt(year, 1, 1).and_then(Timestamp::of_date);
    Some(Constant::Moment(match moment {
        Moment::Now => setting.now(),
        Moment::Min => start(1)?,
        Moment::Max => Timestamp::from_micros(start(10_000)?.micros().checked_sub(1000)?),
    }))
}

/// `cast(value,Type)` or `isof(value,Type)`.
fn typed<'a>(
    setting: Setting<'a>,
    is_cast: bool,
    arguments: &'a [Argument],
) -> Result<Option<Constant<'a>>> {
    let [value, of] = arguments else {
        return Ok(None);
    };
    match (fold(setting, &value.value)?, is_cast) {
        (None, _) => Ok(None),
        (Some(value), true) => cast::cast(setting, &value, &of.value).map(Some),
        (Some(value), false) => {
            let found = cast::is_of(setting, &value, &of.value)?;
            Ok(Some(Constant::Boolean(found)))
        }
    }
}
