//! The text of a payload as a tree: JSON whose members keep their order, and of which none is lost.

use std::cell::Cell;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, error::Category};

use crate::diag::{Code, Problem, Result};

/// Objects and lists inside one another, at most.
const DEPTH: u8 = 32;
/// Values in one payload, at most: each may be a fault to tell, and is a small part of the answer.
const VALUES: u32 = 100_000;

/// A JSON value. An object may hold a name twice: see [`Json::repeated`].
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number, whole or not.
    Number(Number),
    /// A text.
    Text(String),
    /// `[…]`
    List(Vec<Json>),
    /// `{…}`, in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a payload.
    ///
    /// Problems name line and column, but never quote the text: it may hold a password.
    ///
    /// # Errors
    ///
    /// `SyntaxError` for a text that is not JSON or not UTF-8, `LimitExceeded` for one that is
    /// nested too deeply or holds too many values.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let message = format!("the body is not UTF-8: see byte {}", e.valid_up_to());
            Problem::new(Code::SyntaxError, message)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let bounds = Bounds {
            left: Cell::new(VALUES.saturating_add(1)),
            too_deep: Cell::new(false),
        };
        let mut source = serde_json::Deserializer::from_str(text);
        let node = Node {
            depth: DEPTH,
            bounds: &bounds,
        };
        let tree = node
            .deserialize(&mut source)
            .and_then(|tree| source.end().map(|()| tree));
        tree.map_err(|error| {
            if bounds.too_deep.get() {
                let message = format!("the body is nested deeper than {DEPTH} levels");
                return Problem::new(Code::LimitExceeded, message);
            }
            if bounds.left.get() == 0 {
                let message = format!("the body holds more than {VALUES} values");
                return Problem::new(Code::LimitExceeded, message).help("send less at once");
            }
            let place = format!("line {}, column {}", error.line(), error.column());
            let message = match error.classify() {
                Category::Eof => format!("the body ends in the middle of its JSON: see {place}"),
                Category::Io | Category::Syntax | Category::Data => {
                    format!("the body is not JSON: see {place}")
                }
            };
            Problem::new(Code::SyntaxError, message)
        })
    }

    /// What it is, for messages.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The members of an object.
    pub fn members(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(members) => Some(members),
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The first member of a name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let mut members = self.members()?.iter();
        members.find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The text of a text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => {
                None
            }
        }
    }

    /// The paths of members that an object gives again, at any depth: `Groups/0/Group`.
    pub fn repeated(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_repeated("", &mut found);
        found
    }

    fn collect_repeated(&self, path: &str, found: &mut Vec<String>) {
        match self {
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                let again = names.iter().zip(names.iter().skip(1));
                let again = again.filter_map(|(a, b)| (a == b).then_some(*a));
                found.extend(again.map(|name| join(path, name)));
                for (name, value) in members {
                    value.collect_inside(|| join(path, name), found);
                }
            }
            Self::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    item.collect_inside(|| join(path, &number.to_string()), found);
                }
            }
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    /// The paths of the texts that hold U+0000, which no database keeps, at any depth.
    pub fn unstorable(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_unstorable(&|| String::new(), &mut found);
        found
    }

    fn collect_unstorable(&self, path: &dyn Fn() -> String, found: &mut Vec<String>) {
        match self {
            Self::Text(text) if text.contains('\0') => found.push(path()),
            Self::Object(members) => {
                for (name, value) in members {
                    value.collect_unstorable(&|| join(&path(), name), found);
                }
            }
            Self::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    item.collect_unstorable(&|| join(&path(), &number.to_string()), found);
                }
            }
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    /// Goes deeper only where there is something to go into: most members are values.
    fn collect_inside(&self, path: impl Fn() -> String, found: &mut Vec<String>) {
        match self {
            Self::Object(_) | Self::List(_) => self.collect_repeated(&path(), found),
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }
}

/// A path one step longer.
pub(in crate::change) fn join(path: &str, step: &str) -> String {
    if path.is_empty() {
        step.to_owned()
    } else {
        format!("{path}/{step}")
    }
}

/// What one text may hold.
struct Bounds {
    /// How many more values are taken, and one: where nothing is left, one was not.
    left: Cell<u32>,
    too_deep: Cell<bool>,
}

/// Reads one value, so many levels deep at most.
#[derive(Clone, Copy)]
struct Node<'c> {
    depth: u8,
    bounds: &'c Bounds,
}

impl Node<'_> {
    fn down<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => {
                self.bounds.too_deep.set(true);
                Err(E::custom("too deep"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<Json, D::Error> {
        let left = self.bounds.left.get().saturating_sub(1);
        self.bounds.left.set(left);
        if left == 0 {
            return Err(serde::de::Error::custom("too many"));
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("no number"))?;
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.down()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let inner = self.down::<A::Error>()?;
        let mut object = Vec::new();
        while let Some(name) = members.next_key()? {
            object.push((name, members.next_value_seed(inner)?));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_texts_are_refused_without_quoting_them() {
        let deep = "[".repeat(200);
        let wide = format!("[{}1]", "1,".repeat(200_000));
        for (text, expected) in [
            (
                &b""[..],
                "the body ends in the middle of its JSON: see line 1, column 0",
            ),
            (
                b"{\"Login\":",
                "the body ends in the middle of its JSON: see line 1, column 9",
            ),
            (b"{\"a\":1,}", "the body is not JSON: see line 1, column 8"),
            (b"{} {}", "the body is not JSON: see line 1, column 4"),
            (
                b"{\"a\":\"\\ud800\"}",
                "the body is not JSON: see line 1, column 13",
            ),
            (b"{\"a\":\xff}", "the body is not UTF-8: see byte 5"),
            (deep.as_bytes(), "the body is nested deeper than 32 levels"),
            (
                wide.as_bytes(),
                "the body holds more than 100000 values; send less at once",
            ),
            (b"NaN", "the body is not JSON: see line 1, column 1"),
        ] {
            let problem = Json::parse(text).unwrap_err();
            assert_eq!(problem.to_string(), expected);
        }
    }

    #[test]
    fn repeated_members_are_found_at_any_depth() {
        let tree = Json::parse(br#"{"a":1,"b":[{"c":1,"d":{"e":1,"e":2},"c":2}],"a":2}"#);
        assert_eq!(tree.unwrap().repeated(), ["a", "b/0/c", "b/0/d/e"]);
    }

    #[test]
    fn texts_that_no_database_keeps_are_found_at_any_depth() {
        let tree = Json::parse(br#"{"a":"\u0000","b":[{"c":"x\u0000"},"\\u0000","\u0001"],"d":0}"#);
        assert_eq!(tree.unwrap().unstorable(), ["a", "b/0/c"]);
        let bare = Json::Text("\0".to_owned());
        assert_eq!(bare.unstorable(), [""]);
    }
}
