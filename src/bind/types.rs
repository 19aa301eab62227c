//! Typing: what a constant is where an attribute of some kind is compared with it.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive as _;
use uuid::Uuid;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, EnumId};
use crate::value::{self, Kind, LANGUAGE_SEPARATOR, LANGUAGE_START, Timestamp, Value};

use super::constant::Constant;
use super::scope::{NAMESPACE, Setting};
use super::suggest;

/// The value of a constant for an attribute; texts as given, not folded.
pub(super) fn value(
    setting: Setting<'_>,
    attribute: &Attribute,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Value> {
    let wrong = || mismatch(attribute, constant, span);
    match attribute.kind {
        Kind::Guid => guid(constant, span)?.map(Value::Guid).ok_or_else(wrong),
        Kind::String | Kind::Multilanguage => text(constant)
            .map(|t| Value::Text(t.to_owned()))
            .ok_or_else(wrong),
        Kind::Boolean => {
            let Constant::Boolean(b) = constant else {
                return Err(wrong());
            };
            Ok(Value::Boolean(*b))
        }
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            let number = whole(constant).ok_or_else(wrong)?;
            in_range(attribute, number, span).map(Value::Integer)
        }
        Kind::DateTimeOffset => moment(setting, constant)
            .map(Value::Timestamp)
            .ok_or_else(wrong),
        Kind::Binary => {
            let Constant::Binary(b) = constant else {
                return Err(wrong());
            };
            let bytes = bytes(b).map(Value::Binary);
            bytes.ok_or_else(|| invalid("binary text is base64url", span))
        }
        Kind::Enumeration => match attribute.enumeration {
            Some(id) => member(setting, attribute, id, constant, span),
            None => Err(wrong()),
        },
    }
}

/// What a binary literal says, padded or not.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let bare = URL_SAFE_NO_PAD.decode(text);
    bare.or_else(|_| URL_SAFE.decode(text)).ok()
}

fn invalid(text: impl Into<String>, span: Span) -> Problem {
    Problem::new(Code::InvalidValue, text).at(span)
}

/// The constant is of another type than the attribute.
pub(super) fn mismatch(attribute: &Attribute, constant: &Constant<'_>, span: Span) -> Problem {
    let text = format!(
        "`{}` is {} and cannot be compared with {}",
        attribute.name,
        noun(attribute.kind),
        constant.noun()
    );
    Problem::new(Code::TypeMismatch, text)
        .about(&attribute.name)
        .at(span)
        .help(format!("write it as {}", example(attribute.kind)))
}

/// What values of a kind are, for messages.
const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Guid => "a guid",
        Kind::String => "a text",
        Kind::Boolean => "a truth value",
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => "a whole number",
        Kind::DateTimeOffset => "a point in time",
        Kind::Binary => "a binary value",
        Kind::Multilanguage => "a text in several languages",
        Kind::Enumeration => "an enumeration",
    }
}

/// How a literal of a kind looks.
const fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Guid => "`9da64839-a8d0-491d-aebb-4d18fa42b014`, without quotes",
        Kind::String | Kind::Multilanguage => "`'text'`, in single quotes",
        Kind::Boolean => "`true` or `false`",
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => "`42`, without quotes",
        Kind::DateTimeOffset => "`2024-01-31T10:00:00Z` or `2024-01-31`, without quotes",
        Kind::Binary => "`binary'T0RhdGE'`",
        Kind::Enumeration => "the name of a member, `'Name'`",
    }
}

/// A bare or quoted guid.
pub(super) fn guid(constant: &Constant<'_>, span: Span) -> Result<Option<Uuid>> {
    if let Constant::Guid(guid) = constant {
        return Ok(Some(*guid));
    }
    let given = text(constant).map(|given| {
        let guid = Uuid::try_parse(given);
        guid.map_err(|_| invalid(format!("`{given}` is not a guid"), span))
    });
    given.transpose()
}

/// A text constant.
pub(super) fn text<'c>(constant: &'c Constant<'_>) -> Option<&'c str> {
    match constant {
        Constant::Text(t) => Some(t),
        Constant::Null
        | Constant::Boolean(_)
        | Constant::Integer(_)
        | Constant::Decimal(_)
        | Constant::Double(_)
        | Constant::Guid(_)
        | Constant::Date(_)
        | Constant::Moment(_)
        | Constant::TimeOfDay(_)
        | Constant::Duration(_)
        | Constant::Binary(_)
        | Constant::Enum(_)
        | Constant::Entity(_)
        | Constant::Geo(_) => None,
    }
}

/// A whole number, also as a decimal without a fraction: `3.0`.
pub(super) fn whole(constant: &Constant<'_>) -> Option<i64> {
    if let Constant::Integer(i) = constant {
        return Some(*i);
    }
    if let Constant::Decimal(d) = constant {
        return if d.is_integer() { d.to_i64() } else { None };
    }
    let Constant::Double(d) = constant else {
        return None;
    };
    value::whole(*d)
}

/// The whole part of a number, where it is exact.
pub(super) fn truncated(constant: &Constant<'_>) -> Option<i64> {
    if let Constant::Decimal(number) = constant {
        return number.trunc().to_i64();
    }
    if let Constant::Double(number) = constant {
        return value::whole(number.trunc());
    }
    whole(constant)
}

fn in_range(attribute: &Attribute, number: i64, span: Span) -> Result<i64> {
    let (least, most) = attribute
        .kind
        .integer_range()
        .unwrap_or((i64::MIN, i64::MAX));
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let text = format!(
        "{number} is out of the range of `{}`, {least} to {most}",
        attribute.name
    );
    Err(invalid(text, span).about(&attribute.name))
}

/// A point in time; a date is its midnight, UTC. In the vendor's way the time of day is cut off.
pub(super) fn moment(setting: Setting<'_>, constant: &Constant<'_>) -> Option<Timestamp> {
    if let Constant::Date(d) = constant {
        return Timestamp::of_date(*d);
    }
    let Constant::Moment(t) = constant else {
        return None;
    };
    if setting.context.truncate_datetime {
        return Timestamp::of_date(t.date_time()?.date_naive());
    }
    Some(*t)
}

/// A date, for `date(A)`.
pub(super) fn date(constant: &Constant<'_>) -> Option<NaiveDate> {
    let Constant::Date(d) = constant else {
        return None;
    };
    Some(*d)
}

/// A calendar year, for `year(A)`.
pub(super) fn year(constant: &Constant<'_>, span: Span) -> Result<Option<i32>> {
    match whole(constant) {
        None => Ok(None),
        Some(year) if (1..=9999).contains(&year) => Ok(i32::try_from(year).ok()),
        Some(year) => Err(invalid(
            format!("{year} is out of the range of years, 1 to 9999"),
            span,
        )),
    }
}

/// The database code of an enumeration member, given by its API name.
fn member(
    setting: Setting<'_>,
    attribute: &Attribute,
    id: EnumId,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Value> {
    let enumeration = setting.model.enumeration(id);
    let name = match (text(constant), constant) {
        (Some(text), _) => text,
        (None, Constant::Enum(member)) => {
            if member.of != id {
                let text = format!(
                    "`{}` is of the type `{NAMESPACE}.{}`, not `{NAMESPACE}.{}`",
                    attribute.name, enumeration.type_name, member.type_name
                );
                return Err(Problem::new(Code::TypeMismatch, text)
                    .about(&attribute.name)
                    .at(span));
            }
            member.name
        }
        (None, _) => {
            let names: Vec<_> = enumeration
                .members
                .iter()
                .map(|m| format!("`'{}'`", m.name))
                .collect();
            return Err(mismatch(attribute, constant, span)
                .help(format!("the members are {}", names.join(", "))));
        }
    };
    enumeration
        .member(name)
        .map(|m| Value::Text(m.code.clone()))
        .ok_or_else(|| suggest::unknown_member(enumeration, name, span).about(&attribute.name))
}

/// Refuses characters that multi-language shadows use between languages: no stored text has them.
pub(super) fn plain(text: &str, span: Span) -> Result<()> {
    if text.contains([LANGUAGE_SEPARATOR, LANGUAGE_START]) {
        return Err(invalid(
            "the text holds a control character that no stored text has",
            span,
        ));
    }
    Ok(())
}
