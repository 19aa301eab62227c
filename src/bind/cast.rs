//! `cast` and `isof` (OData 4.01 Part 2, 5.1.1.10): of constants, of the row itself, and of rows that
//! paths lead to.

use std::borrow::Cow;

use chrono::NaiveTime;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{Predicate, Term};
use crate::syntax::ast::{Argument, Expr, Head, Name, Node, Path, Step};
use crate::value::{Timestamp, parse_duration, print_duration};

use super::compare::decided;
use super::constant::Constant;
use super::frames::raised;
use super::predicate::{Binder, outcome};
use super::scope::Setting;
use super::truth::Want;
use super::{enumeration, suggest, types, walk};

/// The name of a type as an argument: a path of one qualified name.
pub(super) fn type_name(node: &Node) -> Result<&Name> {
    let name = match &node.node {
        Expr::Path(path) if path.head == Head::Implicit => match path.steps.as_slice() {
            [step] => match &step.node {
                Step::Name(name) if !name.namespace.is_empty() => Some(name),
                Step::Name(_)
                | Step::Key(_)
                | Step::Call { .. }
                | Step::Count(_)
                | Step::Any(_)
                | Step::All(_)
                | Step::Filter(_)
                | Step::Annotation(_) => None,
            },
            [..] => None,
        },
        Expr::Path(_)
        | Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::List(_)
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Case(_) => None,
    };
    name.ok_or_else(|| {
        let text = "the name of a type is wanted here, such as `Edm.String`";
        Problem::new(Code::TypeMismatch, text).at(node.span)
    })
}

/// The types that constants can be cast to.
const TYPES: &[&str] = &[
    "String",
    "Boolean",
    "Byte",
    "SByte",
    "Int16",
    "Int32",
    "Int64",
    "Decimal",
    "Double",
    "Single",
    "Guid",
    "Date",
    "DateTimeOffset",
    "TimeOfDay",
    "Duration",
];

/// A constant as a member of an enumeration or another primitive type; null where it has no value there.
pub(super) fn cast<'a>(
    setting: Setting<'a>,
    value: &Constant<'a>,
    to: &Node,
) -> Result<Constant<'a>> {
    let name = type_name(to)?;
    if let Some(found) = enumeration::of_type(setting, name) {
        let member = enumeration::of_constant(found, value);
        return Ok(member.map_or(Constant::Null, Constant::Enum));
    }
    let Some(wanted) = primitive(name).filter(|name| TYPES.contains(name)) else {
        return Err(unknown(name, to));
    };
    if is_a(value, wanted) {
        return Ok(value.clone());
    }
    let cast = match (wanted, value) {
        ("String", _) => text(value).map(Constant::Text),
        ("Byte" | "SByte" | "Int16" | "Int32" | "Int64", _) => {
            let number = integer(value).filter(|n| range(wanted).contains(n));
            number.map(Constant::Integer)
        }
        ("Decimal", Constant::Integer(n)) => Some(Constant::Decimal((*n).into())),
        ("Decimal", Constant::Double(n)) => Decimal::try_from(*n).ok().map(Constant::Decimal),
        ("Double" | "Single", Constant::Integer(_) | Constant::Decimal(_)) => {
            let number = value.scalar().and_then(|number| number.double());
            number.map(Constant::Double)
        }
        ("Date", Constant::Moment(time)) => {
            time.date_time().map(|t| Constant::Date(t.date_naive()))
        }
        ("DateTimeOffset", Constant::Date(date)) => Timestamp::of_date(*date).map(Constant::Moment),
        ("TimeOfDay", Constant::Moment(time)) => {
            time.date_time().map(|t| Constant::TimeOfDay(t.time()))
        }
        (_, Constant::Text(text)) => read(wanted, text),
        (_, _) => None,
    };
    Ok(cast.unwrap_or(Constant::Null))
}

/// A text read as a value of a type.
fn read<'a>(wanted: &str, text: &str) -> Option<Constant<'a>> {
    match wanted {
        "Boolean" => text.parse().ok().map(Constant::Boolean),
        "Decimal" => text.parse().ok().map(Constant::Decimal),
        "Double" | "Single" => text.parse().ok().map(Constant::Double),
        "Guid" => Uuid::try_parse(text).ok().map(Constant::Guid),
        "Date" => Timestamp::parse_date(text).map(Constant::Date),
        "DateTimeOffset" => Timestamp::parse(text).map(Constant::Moment),
        "TimeOfDay" => time_of_day(text).map(Constant::TimeOfDay),
        "Duration" => parse_duration(text).map(Constant::Duration),
        _ => None,
    }
}

impl<'a> Binder<'a, '_> {
    /// `isof(Erp.Type)` and `isof(Ref,Erp.Type)`: whether a row is one of a type, as the caller sees
    /// it. None is of no type: what a null reference leads to, and what is hidden.
    pub(super) fn is_of(
        &mut self,
        path: Option<&'a Path>,
        of: &At<&'a Name>,
        span: Span,
        want: Want,
    ) -> Result<Predicate> {
        self.lenient("isof", span)?;
        let (row, up) = walk::typed(self.setting, self.frames, path, of, span)?;
        if !row.nullable {
            return Ok(outcome(Some(true), want));
        }
        let is = |negated: bool| Predicate::Null {
            term: Term::Column(row.column),
            negated: !negated,
        };
        Ok(raised(up, decided(want, is)))
    }
}

/// The row and the type that `isof` asks about, where it is about rows: nothing for its own.
pub(super) fn row_of<'a>(
    setting: Setting<'_>,
    arguments: &'a [Argument],
) -> Result<Option<(Option<&'a Path>, At<&'a Name>)>> {
    let typed = |node: &'a Node| {
        type_name(node).map(|name| At {
            node: name,
            span: node.span,
        })
    };
    let is_of_rows =
        |name: &Name| primitive(name).is_none() && enumeration::of_type(setting, name).is_none();
    match arguments {
        [of] => typed(&of.value).map(|of| Some((None, of))),
        [row, of] => match (&row.value.node, typed(&of.value)) {
            (Expr::Path(path), Ok(of)) if is_of_rows(of.node) => Ok(Some((Some(path), of))),
            (_, _) => Ok(None),
        },
        [] | [_, _, _, ..] => Ok(None),
    }
}

/// Whether a constant is of an enumeration or a primitive type; null is of none.
pub(super) fn is_of(setting: Setting<'_>, value: &Constant<'_>, of: &Node) -> Result<bool> {
    let name = type_name(of)?;
    if let Some((id, _)) = enumeration::of_type(setting, name) {
        return Ok(matches!(value, Constant::Enum(member) if member.of == id));
    }
    let Some(wanted) = primitive(name) else {
        return Err(unknown(name, of));
    };
    Ok(is_a(value, wanted))
}

fn is_a(value: &Constant<'_>, wanted: &str) -> bool {
    match value {
        Constant::Null | Constant::Enum(_) | Constant::Entity(_) => false,
        Constant::Boolean(_) => wanted == "Boolean",
        Constant::Integer(n) => {
            matches!(wanted, "Byte" | "SByte" | "Int16" | "Int32" | "Int64")
                && range(wanted).contains(n)
        }
        Constant::Decimal(_) => wanted == "Decimal",
        Constant::Double(_) => matches!(wanted, "Double" | "Single"),
        Constant::Text(_) => wanted == "String",
        Constant::Guid(_) => wanted == "Guid",
        Constant::Date(_) => wanted == "Date",
        Constant::Moment(_) => wanted == "DateTimeOffset",
        Constant::TimeOfDay(_) => wanted == "TimeOfDay",
        Constant::Duration(_) => wanted == "Duration",
        Constant::Binary(_) => wanted == "Binary",
        Constant::Geo(_) => wanted.starts_with("Geo"),
    }
}

/// A time of day: `21:21`, `21:21:42`, `21:21:42.5`.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let whole = NaiveTime::parse_from_str(text, "%H:%M:%S%.f");
    whole
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
}

/// The name of a primitive type without its namespace.
pub(super) fn primitive(name: &Name) -> Option<&str> {
    (name.namespace == "Edm").then_some(name.name.as_str())
}

fn unknown(name: &Name, node: &Node) -> Problem {
    let text = format!(
        "`{}` is no type that a value can be cast to",
        suggest::qualified(name)
    );
    Problem::new(Code::TypeMismatch, text).at(node.span)
}

fn range(name: &str) -> std::ops::RangeInclusive<i64> {
    match name {
        "Byte" => 0..=255,
        "SByte" => -128..=127,
        "Int16" => i16::MIN.into()..=i16::MAX.into(),
        "Int32" => i32::MIN.into()..=i32::MAX.into(),
        _ => i64::MIN..=i64::MAX,
    }
}

fn integer(value: &Constant<'_>) -> Option<i64> {
    match types::text(value) {
        Some(text) => text.parse().ok(),
        None => types::truncated(value),
    }
}

/// A value as text: the literal without quotes.
fn text<'a>(value: &Constant<'a>) -> Option<Cow<'a, str>> {
    match value {
        Constant::Null => None,
        Constant::Text(text) => Some(text.clone()),
        Constant::Duration(micros) => Some(print_duration(*micros).into()),
        Constant::Binary(text) | Constant::Geo(text) => Some(Cow::Borrowed(text)),
        Constant::Enum(member) => Some(Cow::Borrowed(member.name)),
        Constant::Entity(id) => Some(id.clone()),
        Constant::Boolean(_)
        | Constant::Integer(_)
        | Constant::Decimal(_)
        | Constant::Double(_)
        | Constant::Guid(_)
        | Constant::Date(_)
        | Constant::Moment(_)
        | Constant::TimeOfDay(_) => Some(value.to_string().into()),
    }
}
