//! Constant expressions: literals, aliases, `now()`, arithmetic between constants.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{Argument, BinaryOperator, Expr, Literal, Name, Node, UnaryOperator};
use crate::value::Timestamp;

use super::duration;
use super::functions::{self, Computed, Role, Wrap};
use super::scope::Setting;

/// A value that no row changes, not yet of the type that its place asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'a, str>),
    Guid(Uuid),
    Date(NaiveDate),
    Moment(Timestamp),
    TimeOfDay(&'a str),
    /// Microseconds.
    Duration(i64),
    Binary(&'a str),
    Enum {
        type_name: &'a Name,
        member: &'a str,
    },
    /// The address in `{"@odata.id":"…"}`.
    Entity(&'a str),
    Geo(&'a str),
}

impl Constant<'_> {
    /// What it is, for messages.
    pub(super) const fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a truth value",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a decimal number",
            Self::Text(_) => "a text",
            Self::Guid(_) => "a guid",
            Self::Date(_) => "a date",
            Self::Moment(_) => "a point in time",
            Self::TimeOfDay(_) => "a time of day",
            Self::Duration(_) => "a duration",
            Self::Binary(_) => "a binary value",
            Self::Enum { .. } => "an enumeration member",
            Self::Entity(_) => "the address of an entity",
            Self::Geo(_) => "a geographic value",
        }
    }
}

impl fmt::Display for Constant<'_> {
    /// The literal, as a query would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Decimal(d) => write!(f, "{d:?}"),
            Self::Text(t) => write!(f, "'{}'", t.replace('\'', "''")),
            Self::Guid(g) => write!(f, "{g}"),
            Self::Date(d) => write!(f, "{d}"),
            Self::Moment(t) => write!(f, "{t}"),
            Self::TimeOfDay(t) | Self::Geo(t) => f.write_str(t),
            Self::Duration(micros) => write!(f, "duration'{}'", duration::print(*micros)),
            Self::Binary(b) => write!(f, "binary'{b}'"),
            Self::Enum { type_name, member } => {
                write!(f, "{}'{member}'", super::suggest::qualified(type_name))
            }
            Self::Entity(id) => write!(f, "{{\"@odata.id\":\"{id}\"}}"),
        }
    }
}

/// The value of an expression that names no property; nothing for others, conditions included.
pub(super) fn fold<'a>(setting: Setting<'a>, node: &'a Node) -> Result<Option<Constant<'a>>> {
    match &node.node {
        Expr::Literal(literal) => self::literal(literal, node.span).map(Some),
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok(Some(Constant::Null)),
            Some((inner, opt)) => {
                fold(inner, &opt.value).map_err(|p| p.within(&at(name), &opt.text))
            }
        },
        Expr::Unary { operator, operand } => match operator {
            UnaryOperator::Not => Ok(None),
            UnaryOperator::Negate => match fold(setting, operand)? {
                Some(value) => negate(&value, node.span).map(Some),
                None => Ok(None),
            },
        },
        Expr::Binary {
            operator,
            left,
            right,
        } => arithmetic(setting, operator, left, right, node.span),
        Expr::Call { name, arguments } => call(setting, name, arguments, node.span),
        Expr::Json(json) => Ok(entity_id(json)),
        Expr::Path(_)
        | Expr::Logical { .. }
        | Expr::In { .. }
        | Expr::List(_)
        | Expr::Object(_)
        | Expr::Case(_) => Ok(None),
    }
}

/// `{"@odata.id":"…"}`, with or without `odata.`.
fn entity_id(json: &serde_json::Value) -> Option<Constant<'_>> {
    let object = json.as_object()?;
    let id = object.get("@odata.id").or_else(|| object.get("@id"))?;
    id.as_str().map(Constant::Entity)
}

/// An item of a JSON array.
pub(super) fn json_item(json: &serde_json::Value) -> Option<Constant<'_>> {
    use serde_json::Value as Json;
    Some(match json {
        Json::Null => Constant::Null,
        Json::Bool(b) => Constant::Boolean(*b),
        Json::Number(n) => match n.as_i64() {
            Some(i) => Constant::Integer(i),
            None => Constant::Decimal(n.as_f64()?),
        },
        Json::String(t) => Constant::Text(Cow::Borrowed(t)),
        Json::Object(_) => return entity_id(json),
        Json::Array(_) => return None,
    })
}

fn literal<'a>(literal: &'a Literal, span: Span) -> Result<Constant<'a>> {
    let invalid = |what: &str, text: &str| {
        Problem::new(Code::InvalidValue, format!("`{text}` is not {what}")).at(span)
    };
    Ok(match literal {
        Literal::Null => Constant::Null,
        Literal::Boolean(b) => Constant::Boolean(*b),
        Literal::Integer(t) => Constant::Integer(
            t.parse()
                .map_err(|_| invalid("a whole number of 64 bits", t))?,
        ),
        Literal::Decimal(t) => Constant::Decimal(decimal(t).ok_or_else(|| invalid("a number", t))?),
        Literal::String(t) => Constant::Text(Cow::Borrowed(t)),
        Literal::Guid(g) => Constant::Guid(*g),
        Literal::Date(t) => Constant::Date(
            NaiveDate::parse_from_str(t, "%Y-%m-%d")
                .map_err(|_| invalid("a date of the calendar", t))?,
        ),
        Literal::DateTimeOffset(t) => Constant::Moment(
            Timestamp::parse(t).ok_or_else(|| invalid("a point in time of the calendar", t))?,
        ),
        Literal::TimeOfDay(t) => Constant::TimeOfDay(t),
        Literal::Duration(t) => {
            Constant::Duration(duration::parse(t).ok_or_else(|| invalid("a duration", t))?)
        }
        Literal::Binary(t) => Constant::Binary(t),
        Literal::Enum { type_name, members } => Constant::Enum {
            type_name,
            member: members,
        },
        Literal::Geo(t) => Constant::Geo(t),
    })
}

fn decimal(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        other => other.parse().ok(),
    }
}

/// An alias with its sign, as messages name it.
pub(super) fn at(alias: &str) -> String {
    let bare = alias.strip_prefix('@').unwrap_or(alias);
    format!("@{bare}")
}

/// A problem of the values of a constant expression.
fn overflow(span: Span) -> Problem {
    Problem::new(Code::InvalidValue, "the result is out of range").at(span)
}

fn negate<'a>(value: &Constant<'a>, span: Span) -> Result<Constant<'a>> {
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

fn arithmetic<'a>(
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

fn midnight(date: NaiveDate) -> Option<Timestamp> {
    Timestamp::of_date(date)
}

fn shift<'a>(time: Timestamp, by: Option<i64>) -> Option<Constant<'a>> {
    let moved = Timestamp::from_micros(time.micros().checked_add(by?)?);
    moved.date_time().map(|_| Constant::Moment(moved))
}

#[expect(
    clippy::as_conversions,
    reason = "OData promotes whole numbers to doubles, with their loss"
)]
fn real(whole: i64) -> f64 {
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

fn call<'a>(
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

/// How two constants compare; nothing where their types do not.
pub(super) fn order(left: &Constant<'_>, right: &Constant<'_>) -> Option<Ordering> {
    use Constant::{
        Binary, Boolean, Date, Decimal, Duration, Guid, Integer, Moment, Text, TimeOfDay,
    };
    match (left, right) {
        (Boolean(a), Boolean(b)) => Some(a.cmp(b)),
        (Integer(a), Integer(b)) => Some(a.cmp(b)),
        (Integer(a), Decimal(b)) => real(*a).partial_cmp(b),
        (Decimal(a), Integer(b)) => a.partial_cmp(&real(*b)),
        (Decimal(a), Decimal(b)) => a.partial_cmp(b),
        (Text(a), Text(b)) => Some(a.cmp(b)),
        (Guid(a), Guid(b)) => Some(a.cmp(b)),
        (Date(a), Date(b)) => Some(a.cmp(b)),
        (Moment(a), Moment(b)) => Some(a.cmp(b)),
        (Moment(a), Date(b)) => Some(a.cmp(&midnight(*b)?)),
        (Date(a), Moment(b)) => Some(midnight(*a)?.cmp(b)),
        (TimeOfDay(a), TimeOfDay(b)) => Some(a.cmp(b)),
        (Duration(a), Duration(b)) => Some(a.cmp(b)),
        (Binary(a), Binary(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
