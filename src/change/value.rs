//! JSON values as the values of attributes (OData JSON 4.01, section 7).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::draft::Given;
use super::json::Json;
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, Model};
use crate::value::{Kind, LANGUAGE_SEPARATOR, LANGUAGE_START, Language, Timestamp, Value};

/// The value of an attribute. Null is always a value here: whether it may be one is seen when the
/// object is whole.
///
/// # Errors
///
/// What is wrong with it, about nothing yet: the caller knows the path.
pub(super) fn given(model: &Model, attribute: &Attribute, json: &Json) -> Result<Given> {
    match (attribute.kind, json) {
        (Kind::Multilanguage, Json::Object(members)) => languages(attribute, members),
        (_, Json::Null) => Ok(Given::Value(Value::Null)),
        _ => value(model, attribute, json).map(Given::Value),
    }
}

/// A value of one of the primitive kinds.
fn value(model: &Model, attribute: &Attribute, json: &Json) -> Result<Value> {
    let mismatch = || Err(mismatch(attribute, json));
    match (attribute.kind, json) {
        (Kind::Boolean, Json::Boolean(truth)) => Ok(Value::Boolean(*truth)),
        (Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64, Json::Number(number)) => {
            match number.as_i64() {
                Some(whole) => integer(attribute, whole),
                None if is_huge(number) => Err(out_of_range(attribute)),
                None => mismatch(),
            }
        }
        // `IEEE754Compatible=true` writes numbers of 64 bits as texts.
        (Kind::Int64, Json::Text(text)) => match text.parse() {
            Ok(whole) => integer(attribute, whole),
            Err(_) => mismatch(),
        },
        (Kind::String, Json::Text(text)) => {
            check_text(attribute, text)?;
            Ok(Value::Text(text.clone()))
        }
        (Kind::Guid, Json::Text(text)) => match Uuid::try_parse(text) {
            Ok(guid) => Ok(Value::Guid(guid)),
            Err(_) => Err(invalid(text, "a guid")),
        },
        (Kind::DateTimeOffset, Json::Text(text)) => match Timestamp::parse(text) {
            Some(time) => Ok(Value::Timestamp(time)),
            None => Err(invalid(
                text,
                "a date and time such as `2026-11-20T21:21:42Z`",
            )),
        },
        (Kind::Binary, Json::Text(text)) => {
            let bare = text.trim_end_matches('=');
            let bytes = URL_SAFE_NO_PAD.decode(bare);
            let bytes = bytes.or_else(|_| STANDARD.decode(text));
            bytes
                .map(Value::Binary)
                .map_err(|_| Problem::new(Code::InvalidValue, "the text is not base64url"))
        }
        (Kind::Enumeration, Json::Text(text)) => member(model, attribute, text),
        (
            Kind::Guid
            | Kind::String
            | Kind::Boolean
            | Kind::Byte
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::DateTimeOffset
            | Kind::Binary
            | Kind::Multilanguage
            | Kind::Enumeration,
            _,
        ) => mismatch(),
    }
}

/// Whether a number is beyond 64 bits: JSON readers turn it into one with a fraction.
fn is_huge(number: &serde_json::Number) -> bool {
    let beyond = |float: f64| float.abs() >= 9.3e18;
    number.is_u64() || number.as_f64().is_some_and(beyond)
}

fn mismatch(attribute: &Attribute, json: &Json) -> Problem {
    let wanted = match attribute.kind {
        Kind::Guid => "a guid as text",
        Kind::String => "a text",
        Kind::Boolean => "`true` or `false`",
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => "a whole number",
        Kind::DateTimeOffset => "a date and time as text",
        Kind::Binary => "base64url as text",
        Kind::Multilanguage => "an object such as `{\"EN\":\"…\"}`",
        Kind::Enumeration => "the name of a member as text",
    };
    let message = format!("`{}` takes {wanted}, not {}", attribute.name, json.noun());
    Problem::new(Code::TypeMismatch, message)
}

fn invalid(text: &str, wanted: &str) -> Problem {
    let shown: String = text.chars().take(80).collect();
    Problem::new(Code::InvalidValue, format!("`{shown}` is not {wanted}"))
}

fn integer(attribute: &Attribute, whole: i64) -> Result<Value> {
    let (least, greatest) = attribute
        .kind
        .integer_range()
        .unwrap_or((i64::MIN, i64::MAX));
    let least = attribute.min.map_or(least, |min| min.max(least));
    let greatest = attribute.max.map_or(greatest, |max| max.min(greatest));
    if (least..=greatest).contains(&whole) {
        return Ok(Value::Integer(whole));
    }
    Err(out_of_range(attribute).help(format!("it takes {least} to {greatest}")))
}

fn out_of_range(attribute: &Attribute) -> Problem {
    let message = format!("the number is out of the range of `{}`", attribute.name);
    Problem::new(Code::ValueOutOfRange, message)
}

/// Length in Unicode characters, and characters that no database row may hold.
pub(super) fn check_text(attribute: &Attribute, text: &str) -> Result<()> {
    let stored = |c: char| c != '\0' && c != LANGUAGE_SEPARATOR && c != LANGUAGE_START;
    if !text.chars().all(stored) {
        let message = format!(
            "`{}` takes no control characters U+0000 to U+0002",
            attribute.name
        );
        return Err(Problem::new(Code::InvalidValue, message));
    }
    if attribute.line && !is_line(text) {
        let message = format!(
            "`{}` takes one line that is not blank, without control characters",
            attribute.name
        );
        return Err(Problem::new(Code::ValueOutOfRange, message));
    }
    let Some(limit) = attribute.max_length else {
        return Ok(());
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // A text has no more characters than bytes: most need no counting.
    if text.len() <= limit {
        return Ok(());
    }
    let length = text.chars().count();
    if length <= limit {
        return Ok(());
    }
    let message = format!(
        "`{}` takes {limit} characters, not {length}",
        attribute.name
    );
    Err(Problem::new(Code::ValueTooLong, message))
}

/// What is wrong with texts that no database keeps, wherever they stand: also those that are no
/// values, such as what an object is found by.
pub fn unstorable(payload: &Json) -> impl Iterator<Item = Problem> {
    payload.unstorable().into_iter().map(|path| {
        let problem = Problem::new(Code::InvalidValue, "a text takes no character U+0000");
        problem.about(path)
    })
}

/// Whether a text can stand in a line of a list or of a log and be seen there.
fn is_line(text: &str) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    !text.trim().is_empty() && !text.contains(breaks)
}

fn member(model: &Model, attribute: &Attribute, text: &str) -> Result<Value> {
    let wrong = || {
        Problem::new(
            Code::Internal,
            "an enumeration attribute has no enumeration",
        )
    };
    let enumeration = model.enumeration(attribute.enumeration.ok_or_else(wrong)?);
    if let Some(member) = enumeration.member(text) {
        return Ok(Value::Text(member.code.clone()));
    }
    let members = enumeration.members.iter();
    let members: Vec<_> = members.map(|m| format!("`{}`", m.name)).collect();
    let shown: String = text.chars().take(80).collect();
    let message = format!("`{}` has no member `{shown}`", enumeration.name);
    let problem = Problem::new(Code::UnknownEnumMember, message);
    Err(problem.help(format!("the members are {}", members.join(", "))))
}

/// `{"EN":"…","BG":null}`: keys in any case, kept in upper case.
fn languages(attribute: &Attribute, members: &[(String, Json)]) -> Result<Given> {
    texts(attribute, members).map(Given::Languages)
}

/// The languages of an object, and their texts.
pub(super) fn texts(
    attribute: &Attribute,
    members: &[(String, Json)],
) -> Result<Vec<(String, Option<String>)>> {
    let mut all: Vec<(String, Option<String>)> = Vec::with_capacity(members.len());
    for (name, json) in members {
        if name.contains('@') {
            continue;
        }
        let key = Language::parse(name).filter(|_| name.bytes().all(|b| b.is_ascii_alphabetic()));
        let key = key.ok_or_else(|| {
            let message = format!("`{name}` is not the code of a language");
            Problem::new(Code::InvalidValue, message).about(name)
        })?;
        let key = key.key().to_owned();
        if all.iter().any(|(known, _)| *known == key) {
            let message = format!("the language `{key}` is given twice");
            return Err(Problem::new(Code::DuplicateProperty, message).about(name));
        }
        let text = match json {
            Json::Null => None,
            Json::Text(text) => {
                check_text(attribute, text).map_err(|p| p.about(name))?;
                Some(text.clone())
            }
            Json::Boolean(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
                let message = format!("a language takes a text, not {}", json.noun());
                return Err(Problem::new(Code::TypeMismatch, message).about(name));
            }
        };
        all.push((key, text));
    }
    Ok(all)
}
