//! Conditions on any entity set, drawn at random, and what they mean in memory.
//!
//! Comparisons and `in` are never null; a text function of null is null; `not`, `and` and `or` are
//! Kleene's (OData 4.01 Part 2, 5.1.1.1).

use std::cmp::Ordering;
use std::collections::HashMap;

use fastrand::Rng;
use serde_json::Value as Json;
use userdex::model::{AttributeRole, EntityId, Filters, Model};
use userdex::value::{Kind, Timestamp};

use super::Database;
use super::rows::TEXTS;

/// All rows of all sets, as the service shows them.
pub struct World {
    rows: HashMap<String, Vec<Json>>,
    by_id: HashMap<(String, String), usize>,
}

/// A property that conditions may look at.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: FieldKind,
    pub filters: Filters,
    pub orderable: bool,
}

/// The type of a property, as far as conditions care.
#[derive(Debug, Clone)]
pub enum FieldKind {
    Number,
    Boolean,
    Text {
        folded: bool,
    },
    Languages,
    Time,
    Guid,
    /// The members in the order of their values.
    Enumeration(Vec<String>),
    /// The set of the target.
    Reference(String),
    Binary,
}

/// A condition.
#[derive(Debug)]
pub enum Condition {
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Test(Box<Test>),
}

/// A test of one property, perhaps behind a reference (its name and target set).
#[derive(Debug)]
pub struct Test {
    via: Option<(String, String)>,
    field: Field,
    form: Form,
}

/// What is asked of a property. Values are as in JSON, without quotes; none stands for null.
#[derive(Debug)]
enum Form {
    Compare(&'static str, Option<String>),
    In(Vec<Option<String>>),
    OrNull(&'static str, String),
    Match(&'static str, String),
}

/// A value that can be compared with others of its field.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scalar {
    Number(i64),
    Text(String),
}

/// The properties of an entity that are open to filters, orders or selection.
pub fn fields(model: &Model, entity: EntityId) -> Vec<Field> {
    let entity = model.entity(entity);
    let attributes = entity.attributes.iter().filter(|a| !a.secret);
    let stored = attributes.filter(|a| a.role != AttributeRole::DisplayText);
    let mut fields: Vec<Field> = stored
        .map(|a| Field {
            name: a.name.clone(),
            kind: match a.kind {
                Kind::Guid => FieldKind::Guid,
                Kind::String => FieldKind::Text { folded: a.folded },
                Kind::Boolean => FieldKind::Boolean,
                Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => FieldKind::Number,
                Kind::DateTimeOffset => FieldKind::Time,
                Kind::Binary => FieldKind::Binary,
                Kind::Multilanguage => FieldKind::Languages,
                Kind::Enumeration => {
                    let members = &model.enumeration(a.enumeration.unwrap()).members;
                    FieldKind::Enumeration(members.iter().map(|m| m.name.clone()).collect())
                }
            },
            filters: a.filters,
            orderable: a.orderable,
        })
        .collect();
    fields.extend(entity.references.iter().map(|r| Field {
        name: r.name.clone(),
        kind: FieldKind::Reference(model.entity(r.target).set.clone()),
        filters: r.filters,
        orderable: false,
    }));
    fields
}

impl World {
    /// Reads everything.
    pub fn read(database: &Database) -> Self {
        let mut world = Self {
            rows: HashMap::new(),
            by_id: HashMap::new(),
        };
        for (id, entity) in database.model.entities() {
            let names: Vec<String> = fields(&database.model, id)
                .into_iter()
                .map(|f| f.name)
                .collect();
            let request = format!("{}?$select={}", entity.set, names.join(","));
            let answer: Json = serde_json::from_str(&database.get(&request).unwrap()).unwrap();
            assert!(
                answer.get("@odata.nextLink").is_none(),
                "{} has pages",
                entity.set
            );
            let rows = answer["value"].as_array().unwrap().clone();
            for (n, row) in rows.iter().enumerate() {
                world
                    .by_id
                    .insert((entity.set.clone(), plain(&row["Id"])), n);
            }
            world.rows.insert(entity.set.clone(), rows);
        }
        world
    }

    /// The rows of a set, in the order of their keys.
    pub fn rows(&self, set: &str) -> &[Json] {
        &self.rows[set]
    }

    /// What a condition is for a row; none for null.
    pub fn holds(&self, condition: &Condition, row: &Json) -> Option<bool> {
        match condition {
            Condition::Not(inner) => self.holds(inner, row).map(|b| !b),
            Condition::And(a, b) => match (self.holds(a, row), self.holds(b, row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Condition::Or(a, b) => match (self.holds(a, row), self.holds(b, row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Condition::Test(test) => self.tested(test, row),
        }
    }

    fn tested(&self, test: &Test, row: &Json) -> Option<bool> {
        let field = &test.field;
        let held = match &test.via {
            None => field.held(row),
            Some((name, set)) => match address(&row[name]) {
                Some(id) => field.held(&self.rows[set][self.by_id[&(set.clone(), id)]]),
                None => Vec::new(),
            },
        };
        let null = held.is_empty();
        let is = |wanted: &[Ordering], value: &str| {
            let value = field.scalar(value);
            held.iter()
                .any(|h| wanted.contains(&field.scalar(h).cmp(&value)))
        };
        Some(match &test.form {
            Form::Compare("eq", None) => null,
            Form::Compare(_, None) => !null,
            Form::Compare("ne", Some(value)) => !is(&[Ordering::Equal], value),
            Form::Compare(operator, Some(value)) => is(orderings(operator), value),
            Form::In(values) => values.iter().any(|value| match value {
                Some(value) => is(&[Ordering::Equal], value),
                None => null,
            }),
            Form::OrNull(operator, value) => null || is(orderings(operator), value),
            Form::Match(..) if null => return None,
            Form::Match(function, needle) => {
                let needle = field.folded(needle);
                held.iter()
                    .map(|h| field.folded(h))
                    .any(|text| match *function {
                        "contains" => text.contains(&needle),
                        "startswith" => text.starts_with(&needle),
                        _ => text.ends_with(&needle),
                    })
            }
        })
    }

    /// A condition on a set that its declarations allow; none where the set declares nothing.
    pub fn draw(&self, model: &Model, set: &str, rng: &mut Rng, depth: u8) -> Option<Condition> {
        let inner = |rng: &mut Rng| self.draw(model, set, rng, depth - 1).map(Box::new);
        Some(match if depth == 0 { 9 } else { rng.u8(..8) } {
            0 => Condition::Not(inner(rng)?),
            1 | 2 => Condition::And(inner(rng)?, inner(rng)?),
            3 | 4 => Condition::Or(inner(rng)?, inner(rng)?),
            _ => Condition::Test(Box::new(self.draw_test(model, set, rng)?)),
        })
    }

    fn draw_test(&self, model: &Model, set: &str, rng: &mut Rng) -> Option<Test> {
        let entity = model.entity(model.set(set)?);
        let open = entity.references.iter().filter(|r| r.owner || r.filterable);
        let open: Vec<_> = open.collect();
        let (via, target) = match rng.choice(&open) {
            Some(reference) if rng.u8(..3) == 0 => {
                let target = model.entity(reference.target).set.clone();
                (Some((reference.name.clone(), target.clone())), target)
            }
            Some(_) | None => (None, set.to_owned()),
        };
        let mut all = fields(model, model.set(&target)?);
        // `Ref/Id` is the reference itself, with its declarations.
        all.retain(|field| field.filters.any() && (via.is_none() || field.name != "Id"));
        let field = rng.choice(all)?;
        let form = self.draw_form(&field, &target, rng)?;
        Some(Test { via, field, form })
    }

    fn draw_form(&self, field: &Field, set: &str, rng: &mut Rng) -> Option<Form> {
        let f = field.filters;
        let value = |rng: &mut Rng| self.draw_value(field, set, rng);
        let mut forms: Vec<Form> = Vec::new();
        if f.eq {
            forms.push(Form::Compare("eq", Some(value(rng))));
            forms.push(Form::Compare("ne", Some(value(rng))));
            forms.push(Form::Compare(rng.choice(["eq", "ne"])?, None));
            forms.push(Form::OrNull("eq", value(rng)));
        }
        if f.multi {
            let one =
                |rng: &mut Rng| Some(self.draw_value(field, set, rng)).filter(|_| rng.u8(..6) > 0);
            forms.push(Form::In((0..rng.usize(1..5)).map(|_| one(rng)).collect()));
        }
        if f.ge && f.le {
            let operator = rng.choice(["ge", "gt", "le", "lt"])?;
            forms.push(Form::Compare(operator, Some(value(rng))));
            forms.push(Form::OrNull(rng.choice(["ge", "le"])?, value(rng)));
        }
        if f.like {
            let text = value(rng);
            let count = text.chars().count();
            let from = rng.usize(..=count);
            let part: String = text.chars().skip(from).take(rng.usize(..4)).collect();
            let function = rng.choice(["contains", "startswith", "endswith"])?;
            forms.push(Form::Match(function, rng.choice([part, text])?));
        }
        let chosen = rng.usize(..forms.len().max(1));
        (!forms.is_empty()).then(|| forms.swap_remove(chosen))
    }

    /// A value that some row holds, or another one.
    fn draw_value(&self, field: &Field, set: &str, rng: &mut Rng) -> String {
        let held = rng
            .choice(self.rows(set))
            .map(|row| field.held(row))
            .unwrap_or_default();
        match rng.choice(held) {
            Some(held) if rng.u8(..5) > 0 => held,
            Some(_) | None => match &field.kind {
                FieldKind::Number => rng.choice(["0", "1", "2", "-1", "255"]).unwrap().to_owned(),
                FieldKind::Boolean => rng.bool().to_string(),
                FieldKind::Text { .. } | FieldKind::Languages => {
                    (*rng.choice(TEXTS).unwrap()).to_owned()
                }
                FieldKind::Time => "2024-02-29T00:00:00Z".to_owned(),
                FieldKind::Guid | FieldKind::Reference(_) => {
                    format!("00000000-0000-0000-0000-{:012x}", rng.u8(..4))
                }
                FieldKind::Enumeration(members) => rng.choice(members).unwrap().clone(),
                FieldKind::Binary => String::new(),
            },
        }
    }
}

impl Field {
    /// What it holds in a row: one text per language, none for null.
    fn held(&self, row: &Json) -> Vec<String> {
        match (&self.kind, &row[&self.name]) {
            (_, Json::Null) => Vec::new(),
            (FieldKind::Reference(_), link) => address(link).into_iter().collect(),
            (FieldKind::Languages, Json::Object(texts)) => texts.values().map(plain).collect(),
            (_, value) => vec![plain(value)],
        }
    }

    fn scalar(&self, value: &str) -> Scalar {
        match &self.kind {
            FieldKind::Number => Scalar::Number(value.parse().unwrap()),
            FieldKind::Time => Scalar::Number(Timestamp::parse(value).unwrap().micros()),
            FieldKind::Enumeration(members) => {
                Scalar::Number(members.iter().position(|m| m == value).unwrap() as i64)
            }
            _ => Scalar::Text(self.folded(value)),
        }
    }

    /// Case folding for the texts of these tests, independent of the program's.
    fn folded(&self, text: &str) -> String {
        match self.kind {
            FieldKind::Text { folded: false } => text.to_owned(),
            _ => text.to_lowercase().replace('ß', "ss"),
        }
    }

    /// The literal of a value.
    fn literal(&self, value: &str) -> String {
        match &self.kind {
            FieldKind::Number | FieldKind::Boolean | FieldKind::Time | FieldKind::Guid => {
                value.to_owned()
            }
            FieldKind::Reference(set) => format!("'{set}({value})'"),
            _ => format!("'{}'", value.replace('\'', "''")),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(a, b) => write!(f, "({a}) and ({b})"),
            Self::Or(a, b) => write!(f, "({a}) or ({b})"),
            Self::Test(test) => test.fmt(f),
        }
    }
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match &self.via {
            Some((via, _)) => format!("{via}/{}", self.field.name),
            None => self.field.name.clone(),
        };
        let literal = |value: &Option<String>| match value {
            Some(value) => self.field.literal(value),
            None => "null".to_owned(),
        };
        match &self.form {
            Form::Compare(operator, value) => write!(f, "{name} {operator} {}", literal(value)),
            Form::In(values) => {
                let values: Vec<String> = values.iter().map(literal).collect();
                write!(f, "{name} in ({})", values.join(","))
            }
            Form::OrNull(operator, value) => {
                let function = match *operator {
                    "eq" => "equalnull",
                    "ge" => "greaterequalnull",
                    _ => "lessequalnull",
                };
                write!(f, "{function}({name},{})", self.field.literal(value))
            }
            Form::Match(function, needle) => {
                write!(f, "{function}({name},'{}')", needle.replace('\'', "''"))
            }
        }
    }
}

const fn orderings(operator: &str) -> &'static [Ordering] {
    match operator.as_bytes() {
        b"ge" => &[Ordering::Greater, Ordering::Equal],
        b"gt" => &[Ordering::Greater],
        b"le" => &[Ordering::Less, Ordering::Equal],
        b"lt" => &[Ordering::Less],
        _ => &[Ordering::Equal],
    }
}

/// The key in a link `{"@odata.id":"Set(key)"}`.
fn address(link: &Json) -> Option<String> {
    let id = link["@odata.id"].as_str()?;
    Some(id.split(['(', ')']).nth(1)?.to_owned())
}

fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
