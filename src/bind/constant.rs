//! Constant expressions: literals, aliases, `now()`, arithmetic between constants.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{EnumId, split_address};
use crate::syntax::ast::{Expr, Head, Literal, Node, UnaryOperator};
use crate::value::{Scalar, Timestamp, parse_duration, print_duration};

use super::arithmetic;
use super::scope::{NAMESPACE, Setting};
use super::{cast, computed, enumeration, root, types};

/// A value that no row changes, not yet of the type that its place asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Double(f64),
    Text(Cow<'a, str>),
    Guid(Uuid),
    Date(NaiveDate),
    Moment(Timestamp),
    TimeOfDay(NaiveTime),
    /// Microseconds.
    Duration(i64),
    Binary(&'a str),
    Enum(Member<'a>),
    /// The address in `{"@odata.id":"…"}`, or of `$root/Set(guid)`.
    Entity(Cow<'a, str>),
    Geo(&'a str),
}

/// A member of an enumeration of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Member<'a> {
    pub(super) of: EnumId,
    pub(super) type_name: &'a str,
    pub(super) name: &'a str,
    pub(super) value: i64,
}

impl Constant<'_> {
    /// What it is, for messages.
    pub(super) const fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a truth value",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a decimal number",
            Self::Double(_) => "a double",
            Self::Text(_) => "a text",
            Self::Guid(_) => "a guid",
            Self::Date(_) => "a date",
            Self::Moment(_) => "a point in time",
            Self::TimeOfDay(_) => "a time of day",
            Self::Duration(_) => "a duration",
            Self::Binary(_) => "a binary value",
            Self::Enum(_) => "an enumeration member",
            Self::Entity(_) => "the address of an entity",
            Self::Geo(_) => "a geographic value",
        }
    }
}

impl Constant<'_> {
    /// Whether it is a number.
    pub(super) const fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Decimal(_) | Self::Double(_))
    }

    /// As a value to compute with; nothing for what nothing is computed with.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        Some(match self {
            Self::Null => Scalar::Null,
            Self::Boolean(b) => Scalar::Boolean(*b),
            Self::Integer(i) => Scalar::Integer(*i),
            Self::Decimal(d) => Scalar::Decimal(*d),
            Self::Double(d) => Scalar::Double(*d),
            Self::Text(t) => Scalar::Text(t.clone().into_owned()),
            Self::Guid(g) => Scalar::Guid(*g),
            Self::Date(d) => Scalar::Date(*d),
            Self::Moment(t) => Scalar::Moment(*t),
            Self::TimeOfDay(t) => Scalar::TimeOfDay(*t),
            Self::Duration(d) => Scalar::Duration(*d),
            Self::Binary(_) | Self::Enum(_) | Self::Entity(_) | Self::Geo(_) => return None,
        })
    }
}

impl From<Scalar> for Constant<'_> {
    fn from(value: Scalar) -> Self {
        match value {
            Scalar::Null => Self::Null,
            Scalar::Boolean(b) => Self::Boolean(b),
            Scalar::Integer(i) => Self::Integer(i),
            Scalar::Decimal(d) => Self::Decimal(d),
            Scalar::Double(d) => Self::Double(d),
            Scalar::Text(t) => Self::Text(t.into()),
            Scalar::Guid(g) => Self::Guid(g),
            Scalar::Date(d) => Self::Date(d),
            Scalar::Moment(t) => Self::Moment(t),
            Scalar::TimeOfDay(t) => Self::TimeOfDay(t),
            Scalar::Duration(d) => Self::Duration(d),
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
            Self::Decimal(d) if d.scale() == 0 => write!(f, "{d}.0"),
            Self::Decimal(d) => write!(f, "{d}"),
            Self::Double(d) if d.is_finite() => write!(f, "{d:e}"),
            Self::Double(d) => f.write_str(&Scalar::Double(*d).text().unwrap_or_default()),
            Self::Text(t) => write!(f, "'{}'", t.replace('\'', "''")),
            Self::Guid(g) => write!(f, "{g}"),
            Self::Date(d) => write!(f, "{d}"),
            Self::Moment(t) => write!(f, "{t}"),
            Self::TimeOfDay(t) => write!(f, "{t}"),
            Self::Geo(t) => f.write_str(t),
            Self::Duration(micros) => write!(f, "duration'{}'", print_duration(*micros)),
            Self::Binary(b) => write!(f, "binary'{b}'"),
            Self::Enum(Member {
                type_name, name, ..
            }) => write!(f, "{NAMESPACE}.{type_name}'{name}'"),
            Self::Entity(id) => write!(f, "{{\"@odata.id\":\"{id}\"}}"),
        }
    }
}

/// The value of an expression that names no property; nothing for others, conditions included.
pub(super) fn fold<'a>(setting: Setting<'a>, node: &'a Node) -> Result<Option<Constant<'a>>> {
    match &node.node {
        Expr::Literal(literal) => self::literal(setting, literal, node.span).map(Some),
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok(Some(Constant::Null)),
            Some((inner, opt)) => {
                fold(inner, &opt.value).map_err(|p| p.within(&at(name), &opt.text))
            }
        },
        Expr::Unary { operator, operand } => match operator {
            UnaryOperator::Not => Ok(None),
            UnaryOperator::Negate => match fold(setting, operand)? {
                Some(value) => arithmetic::negate(&value, node.span).map(Some),
                None => Ok(None),
            },
        },
        Expr::Binary {
            operator,
            left,
            right,
        } => arithmetic::arithmetic(setting, operator, left, right, node.span),
        Expr::Call { name, arguments } => computed::call(setting, name, arguments, node.span),
        Expr::Json(json) => Ok(entity_id(json)),
        Expr::Path(path) if path.head == Head::Root => root::value(setting, path, node.span),
        Expr::Path(path) => match setting.computed(path) {
            Some((inner, item, text)) => {
                setting.step(node.span)?;
                let source = setting.compute_source();
                fold(inner, &item.expression).map_err(|p| p.within(source, text))
            }
            None => Ok(None),
        },
        Expr::Logical { .. }
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
    id.as_str().map(|id| Constant::Entity(Cow::Borrowed(id)))
}

/// An item of a JSON array.
pub(super) fn json_item(json: &serde_json::Value) -> Option<Constant<'_>> {
    use serde_json::Value as Json;
    Some(match json {
        Json::Null => Constant::Null,
        Json::Bool(b) => Constant::Boolean(*b),
        Json::Number(n) => match n.as_i64() {
            Some(i) => Constant::Integer(i),
            None => decimal(&n.to_string())?,
        },
        Json::String(t) => Constant::Text(Cow::Borrowed(t)),
        Json::Object(_) => return entity_id(json),
        Json::Array(_) => return None,
    })
}

fn literal<'a>(setting: Setting<'a>, literal: &'a Literal, span: Span) -> Result<Constant<'a>> {
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
        Literal::Decimal(t) => {
            decimal(t).ok_or_else(|| invalid("a decimal number of 28 digits, or a double", t))?
        }
        Literal::String(t) => Constant::Text(Cow::Borrowed(t)),
        Literal::Guid(g) => Constant::Guid(*g),
        Literal::Date(t) => Constant::Date(
            Timestamp::parse_date(t).ok_or_else(|| invalid("a date of the calendar", t))?,
        ),
        Literal::DateTimeOffset(t) => Constant::Moment(
            Timestamp::parse(t).ok_or_else(|| invalid("a point in time of the calendar", t))?,
        ),
        Literal::TimeOfDay(t) => {
            Constant::TimeOfDay(cast::time_of_day(t).ok_or_else(|| invalid("a time of day", t))?)
        }
        Literal::Duration(t) => {
            Constant::Duration(parse_duration(t).ok_or_else(|| invalid("a duration", t))?)
        }
        Literal::Binary(t) => Constant::Binary(t),
        Literal::Enum { type_name, members } => {
            Constant::Enum(enumeration::literal(setting, type_name, members, span)?)
        }
        Literal::Geo(t) => Constant::Geo(t),
    })
}

/// A number that is no whole one: a double where it has an exponent (OData 4.01 Part 2,
/// 5.1.1.14.1). Digits after the 28th are rounded.
fn decimal(text: &str) -> Option<Constant<'static>> {
    match text {
        "INF" => Some(Constant::Double(f64::INFINITY)),
        "-INF" => Some(Constant::Double(f64::NEG_INFINITY)),
        "NaN" => Some(Constant::Double(f64::NAN)),
        other if other.contains(['e', 'E']) => other.parse().ok().map(Constant::Double),
        other => other.parse().ok().map(Constant::Decimal),
    }
}

/// An alias with its sign, as messages name it.
pub(super) fn at(alias: &str) -> String {
    let bare = alias.strip_prefix('@').unwrap_or(alias);
    format!("@{bare}")
}

/// How two constants compare; nothing where their types have no order.
pub(super) fn order(left: &Constant<'_>, right: &Constant<'_>) -> Option<Ordering> {
    use Constant::{
        Binary, Boolean, Date, Decimal, Double, Duration, Enum, Guid, Integer, Moment, Text,
        TimeOfDay,
    };
    match (left, right) {
        (Boolean(a), Boolean(b)) => Some(a.cmp(b)),
        (Integer(a), Integer(b)) => Some(a.cmp(b)),
        (Integer(a), Decimal(b)) => Some(rust_decimal::Decimal::from(*a).cmp(b)),
        (Decimal(a), Integer(b)) => Some(a.cmp(&(*b).into())),
        (Decimal(a), Decimal(b)) => Some(a.cmp(b)),
        (Double(_), _) | (_, Double(_)) => double(left)?.partial_cmp(&double(right)?),
        (Text(a), Text(b)) => Some(a.cmp(b)),
        (Guid(a), Guid(b)) => Some(a.cmp(b)),
        (Date(a), Date(b)) => Some(a.cmp(b)),
        (Moment(a), Moment(b)) => Some(a.cmp(b)),
        (Moment(a), Date(b)) => Some(a.cmp(&Timestamp::of_date(*b)?)),
        (Date(a), Moment(b)) => Some(Timestamp::of_date(*a)?.cmp(b)),
        (TimeOfDay(a), TimeOfDay(b)) => Some(a.cmp(b)),
        (Duration(a), Duration(b)) => Some(a.cmp(b)),
        (Binary(a), Binary(b)) => Some(types::bytes(a)?.cmp(&types::bytes(b)?)),
        (Enum(a), Enum(b)) if a.of == b.of => Some(a.value.cmp(&b.value)),
        _ => None,
    }
}

/// A number as a double (OData 4.01 Part 2, 5.1.1.15).
fn double(number: &Constant<'_>) -> Option<f64> {
    number.scalar()?.double()
}

/// Whether two constants without an order are equal; nothing where their types differ.
pub(super) fn equal(left: &Constant<'_>, right: &Constant<'_>) -> Option<bool> {
    match (left, right) {
        (Constant::Entity(a), Constant::Entity(b)) => Some(split_address(a)? == split_address(b)?),
        (Constant::Geo(a), Constant::Geo(b)) => Some(a == b),
        _ => None,
    }
}
