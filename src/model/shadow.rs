//! What goes into the shadow column beside a value.

use crate::value::{Kind, MultilanguageString, Value, fold, fold_multilanguage};

/// The folded text that a writer stores beside a value of a kind: texts folded, every language of
/// a multi-language text, the ISO 8601 text of a point in time. Null for null and for kinds that
/// have no shadow.
pub fn shadow(kind: Kind, value: &Value) -> Value {
    match value {
        Value::Text(text) if kind == Kind::Multilanguage => MultilanguageString::from_json(text)
            .map_or(Value::Null, |texts| Value::Text(fold_multilanguage(&texts))),
        Value::Text(text) => Value::Text(fold(text)),
        Value::Timestamp(time) => Value::Text(fold(&time.to_string())),
        Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Guid(_) | Value::Binary(_) => {
            Value::Null
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Timestamp;

    #[test]
    fn follows_the_kind() {
        let text = |words: &str| Value::Text(words.to_owned());
        assert_eq!(shadow(Kind::String, &text("ИВАН Ann")), text("иван ann"));
        let names = text(r#"{"EN":"Ann","BG":"Ан"}"#);
        assert_eq!(
            shadow(Kind::Multilanguage, &names),
            text("\u{1}EN\u{2}ann\u{1}BG\u{2}ан\u{1}")
        );
        let time = Timestamp::parse("2026-08-01T10:00:00Z").map_or(Value::Null, Value::Timestamp);
        assert_eq!(
            shadow(Kind::DateTimeOffset, &time),
            text("2026-08-01t10:00:00z")
        );
        assert_eq!(shadow(Kind::String, &Value::Null), Value::Null);
    }
}
