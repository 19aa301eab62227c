//! What groups are, worked out in memory from the rows as the service shows them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use userdex::model::{Attribute, AttributeRole, Entity, Model};
use userdex::value::{Kind, Timestamp};

/// Something that groups: its name in the groups, what it is of, and how its values are told apart.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: String,
    source: String,
    part: Part,
    folded: bool,
}

/// What of a value groups.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "not every test groups by parts")]
pub(crate) enum Part {
    Whole,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Date,
    /// From a character on, and so many of them.
    Piece(usize, Option<usize>),
}

/// Something that is told of groups.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Count,
    Sum(String),
    Average(String),
    Min(Measure),
    Max(Measure),
    Distinct(Key),
}

/// Something that has a least value.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    pub(crate) name: String,
    time: bool,
}

/// What of an entity groups.
pub(crate) fn keys(entity: &Entity) -> Vec<Key> {
    let attributes = entity.attributes.iter().filter(|a| a.is_dimension());
    let stored = attributes.filter(|a| a.role != AttributeRole::DisplayText);
    let mut keys: Vec<Key> = stored
        .map(|a| Key::whole(&a.name, a.kind == Kind::String && a.folded))
        .collect();
    let references = entity.references.iter().filter(|r| r.is_dimension());
    keys.extend(references.map(|r| Key::whole(&r.name, false)));
    keys
}

/// What of an entity is aggregated: numbers first.
pub(crate) fn measures(entity: &Entity) -> Vec<Measure> {
    let measures = entity.attributes.iter().filter(|a| a.is_measure());
    measures
        .map(|a| Measure {
            name: a.name.clone(),
            time: a.kind == Kind::DateTimeOffset,
        })
        .collect()
}

/// The whole numbers among them that have sums.
pub(crate) fn numbers(entity: &Entity) -> Vec<String> {
    let fits = |a: &&Attribute| matches!(a.kind, Kind::Byte | Kind::Int16 | Kind::Int32);
    let measures = entity.attributes.iter().filter(|a| a.is_measure());
    measures.filter(fits).map(|a| a.name.clone()).collect()
}

/// Every name that a row has to show.
#[allow(dead_code, reason = "not every test asks for these alone")]
pub(crate) fn names(model: &Model, set: &str) -> Vec<String> {
    let entity = model.entity(model.set(set).unwrap());
    let mut names: Vec<String> = keys(entity).into_iter().map(|k| k.name).collect();
    names.extend(measures(entity).into_iter().map(|m| m.name));
    names.sort_unstable();
    names.dedup();
    names
}

#[allow(dead_code, reason = "not every test groups by parts")]
impl Key {
    fn whole(name: &str, folded: bool) -> Self {
        Self {
            name: name.to_owned(),
            source: name.to_owned(),
            part: Part::Whole,
            folded,
        }
    }

    /// A part of an attribute, with a name of its own.
    pub(crate) fn made(source: &str, part: Part, folded: bool) -> Self {
        Self {
            name: format!("{source}_"),
            part,
            ..Self::whole(source, folded)
        }
    }

    /// The item of `compute` that makes it.
    pub(crate) fn computed(&self) -> Option<String> {
        let source = &self.source;
        let text = match self.part {
            Part::Whole => return None,
            Part::Year => format!("year({source})"),
            Part::Month => format!("month({source})"),
            Part::Day => format!("day({source})"),
            Part::Hour => format!("hour({source})"),
            Part::Minute => format!("minute({source})"),
            Part::Date => format!("date({source})"),
            Part::Piece(from, None) => format!("substring({source},{from})"),
            Part::Piece(from, Some(length)) => format!("substring({source},{from},{length})"),
        };
        Some(format!("{text} as {}", self.name))
    }

    /// Its value in a row, before those that are told apart by nothing are one.
    fn value(&self, row: &Json) -> Json {
        let value = match &row[&self.source] {
            // A custom property groups by its short value.
            Json::Object(custom) if custom.contains_key("Value") => &custom["Value"],
            value => value,
        };
        let (Some(text), false) = (value.as_str(), matches!(self.part, Part::Whole)) else {
            return value.clone();
        };
        let number = |from: usize, until: usize| json!(text[from..until].parse::<u32>().unwrap());
        match self.part {
            Part::Whole => value.clone(),
            Part::Year => number(0, 4),
            Part::Month => number(5, 7),
            Part::Day => number(8, 10),
            Part::Hour => number(11, 13),
            Part::Minute => number(14, 16),
            Part::Date => json!(text[..10]),
            Part::Piece(from, length) => {
                let text = if self.folded {
                    folded(text)
                } else {
                    text.to_owned()
                };
                let piece = text.chars().skip(from).take(length.unwrap_or(usize::MAX));
                json!(piece.collect::<String>())
            }
        }
    }

    /// What tells a value apart.
    fn of(&self, row: &Json) -> String {
        let value = self.value(row);
        match value.as_str() {
            Some(text) if self.folded => format!("'{}", folded(text)),
            Some(text) => format!("'{text}"),
            None => value.to_string(),
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss")
}

impl Measure {
    fn of(&self, row: &Json) -> Option<i64> {
        match &row[&self.name] {
            Json::Null => None,
            Json::String(text) if self.time => Some(Timestamp::parse(text).unwrap().micros()),
            value => Some(value.as_i64().unwrap()),
        }
    }

    fn pick<'r>(&self, rows: &[&'r Json], greatest: bool) -> &'r Json {
        let valued = rows.iter().filter_map(|row| Some((self.of(row)?, *row)));
        let found = if greatest {
            valued.max_by_key(|(value, _)| *value)
        } else {
            valued.min_by_key(|(value, _)| *value)
        };
        found.map_or(&Json::Null, |(_, row)| &row[&self.name])
    }
}

impl Told {
    /// The item of `aggregate` without its name.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Count => "$count".to_owned(),
            Self::Sum(name) => format!("{name} with sum"),
            Self::Average(name) => format!("{name} with average"),
            Self::Min(measure) => format!("{} with min", measure.name),
            Self::Max(measure) => format!("{} with max", measure.name),
            Self::Distinct(key) => format!("{} with countdistinct", key.name),
        }
    }

    fn of(&self, rows: &[&Json]) -> Json {
        let values = |name: &String| -> Vec<i64> {
            rows.iter().filter_map(|row| row[name].as_i64()).collect()
        };
        match self {
            Self::Count => json!(rows.len()),
            Self::Sum(name) => match values(name).as_slice() {
                [] => Json::Null,
                some => json!(some.iter().sum::<i64>()),
            },
            Self::Average(name) => mean(&values(name)),
            Self::Min(measure) => measure.pick(rows, false).clone(),
            Self::Max(measure) => measure.pick(rows, true).clone(),
            Self::Distinct(key) => {
                let some = rows.iter().filter(|row| !key.value(row).is_null());
                let mut all: Vec<String> = some.map(|row| key.of(row)).collect();
                all.sort_unstable();
                all.dedup();
                json!(all.len())
            }
        }
    }
}

/// A mean in six places, rounded half away from zero.
fn mean(values: &[i64]) -> Json {
    if values.is_empty() {
        return Json::Null;
    }
    let sum: i128 = values.iter().map(|v| i128::from(*v)).sum();
    let number = i128::try_from(values.len()).unwrap();
    let doubled = 2_000_000 * sum + if sum < 0 { -number } else { number };
    let millionths = doubled / (2 * number);
    let text = format!(
        "{}{}.{:06}",
        if millionths < 0 { "-" } else { "" },
        millionths.abs() / 1_000_000,
        millionths.abs() % 1_000_000
    );
    serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).unwrap()
}

/// The groups of some rows, in no order.
pub(crate) fn groups(rows: &[&Json], keys: &[Key], told: &[Told]) -> Vec<Json> {
    let mut all: BTreeMap<Vec<String>, Vec<&Json>> = BTreeMap::new();
    if keys.is_empty() {
        all.insert(Vec::new(), Vec::new());
    }
    for row in rows {
        let key = keys.iter().map(|key| key.of(row)).collect();
        all.entry(key).or_default().push(row);
    }
    all.values()
        .map(|rows| {
            let mut group = Map::new();
            for key in keys {
                let least = rows.iter().map(|row| key.value(row));
                let least = least.min_by_key(|value| value.as_str().map(str::to_owned));
                group.insert(key.name.clone(), least.unwrap());
            }
            for (number, one) in told.iter().enumerate() {
                group.insert(format!("T{number}"), one.of(rows));
            }
            Json::Object(group)
        })
        .collect()
}
