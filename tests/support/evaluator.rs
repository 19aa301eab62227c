//! Conditions on any entity set and what they mean in memory.
//!
//! Comparisons and `in` are never null; a text function of null is null; `not`, `and` and `or` are
//! Kleene's (OData 4.01 Part 2, 5.1.1.1).

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::Value as Json;
use userdex::model::{AttributeRole, EntityId, Filters, Model};
use userdex::value::{Kind, Timestamp};

use super::Database;

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
    Lambda(Box<Lambda>),
    /// Inside lambdas: about the row that the whole condition is about.
    It(Box<Condition>),
}

/// A condition about children.
#[derive(Debug)]
pub struct Lambda {
    pub(super) collection: String,
    /// The set of the children, and their reference to the row whose children they are.
    pub(super) set: String,
    pub(super) back: String,
    pub(super) variable: &'static str,
    pub(super) all: bool,
    /// Nothing for `any()`.
    pub(super) inner: Option<Condition>,
}

/// A test of one property, perhaps behind a reference (its name and target set).
#[derive(Debug)]
pub struct Test {
    pub(super) via: Option<(String, String)>,
    pub(super) field: Field,
    pub(super) form: Form,
}

/// What is asked of a property. Values are as in JSON, without quotes; none stands for null.
#[derive(Debug)]
pub(super) enum Form {
    Compare(&'static str, Option<String>),
    In(Vec<Option<String>>),
    OrNull(&'static str, String),
    Match(&'static str, String),
}

/// A value that can be compared with others of its field.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
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
        self.holds_in(condition, row, row)
    }

    /// The same for a row inside lambdas over the children of another.
    fn holds_in(&self, condition: &Condition, row: &Json, it: &Json) -> Option<bool> {
        let holds = |condition| self.holds_in(condition, row, it);
        match condition {
            Condition::Not(inner) => holds(inner).map(|b| !b),
            Condition::And(a, b) => match (holds(a), holds(b)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Condition::Or(a, b) => match (holds(a), holds(b)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Condition::Test(test) => self.tested(test, row),
            Condition::It(inner) => self.holds_in(inner, it, it),
            Condition::Lambda(lambda) => {
                let mut children = self
                    .rows(&lambda.set)
                    .iter()
                    .filter(|child| address(&child[&lambda.back]) == Some(plain(&row["Id"])));
                let is_so = |child: &Json| match &lambda.inner {
                    Some(inner) => self.holds_in(inner, child, it) == Some(true),
                    None => true,
                };
                Some(match lambda.all {
                    true => children.all(is_so),
                    false => children.any(is_so),
                })
            }
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
}

impl Field {
    /// What it holds in a row: one text per language, none for null.
    pub(super) fn held(&self, row: &Json) -> Vec<String> {
        match (&self.kind, &row[&self.name]) {
            (_, Json::Null) => Vec::new(),
            (FieldKind::Reference(_), link) => address(link).into_iter().collect(),
            (FieldKind::Languages, Json::Object(texts)) => texts.values().map(plain).collect(),
            (_, value) => vec![plain(value)],
        }
    }

    /// What an order compares: null first; texts folded, then as they are.
    pub fn order_key(&self, row: &Json) -> Option<(Scalar, String)> {
        let raw = self.held(row).into_iter().next()?;
        let first = match self.kind {
            FieldKind::Text { .. } => Scalar::Text(folded(&raw)),
            _ => self.scalar(&raw),
        };
        Some((first, raw))
    }

    fn scalar(&self, value: &str) -> Scalar {
        match &self.kind {
            // Halves, so that numbers between the whole ones have their places.
            FieldKind::Number => Scalar::Number((2.0 * value.parse::<f64>().unwrap()) as i64),
            FieldKind::Time => Scalar::Number(Timestamp::parse(value).unwrap().micros()),
            FieldKind::Enumeration(members) => {
                Scalar::Number(members.iter().position(|m| m == value).unwrap() as i64)
            }
            _ => Scalar::Text(self.folded(value)),
        }
    }

    fn folded(&self, text: &str) -> String {
        match self.kind {
            FieldKind::Text { folded: false } => text.to_owned(),
            _ => folded(text),
        }
    }

    /// The literal of a value, or an expression that is computed to it.
    fn expression(&self, value: &str) -> String {
        let literal = self.literal(value);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        match (&self.kind, value.chars().count() % 4) {
            (FieldKind::Text { .. } | FieldKind::Languages, 2) => {
                let (first, rest) = value.split_at(value.chars().next().unwrap().len_utf8());
                format!("concat({},{})", quoted(first), quoted(rest))
            }
            (FieldKind::Text { .. } | FieldKind::Languages, 3) => {
                format!("substring({},2)", quoted(&format!("ж'{value}")))
            }
            (FieldKind::Number, 1) => format!("{literal} add 2 sub 2"),
            (FieldKind::Number, 2) if !value.contains('.') => format!("cast('{value}',Edm.Int64)"),
            (FieldKind::Boolean, 0) => format!("case(1 eq 2:null,true:{literal})"),
            (FieldKind::Time, _) if value.ends_with("00Z") => {
                format!("{literal} add duration'PT1H' sub duration'PT1H'")
            }
            (_, _) => literal,
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
        f.write_str(&self.spell(""))
    }
}

impl Condition {
    /// Its text, where names of the row at hand begin with `path`.
    fn spell(&self, path: &str) -> String {
        match self {
            Self::Not(inner) => format!("not ({})", inner.spell(path)),
            Self::And(a, b) => format!("({}) and ({})", a.spell(path), b.spell(path)),
            Self::Or(a, b) => format!("({}) or ({})", a.spell(path), b.spell(path)),
            Self::Test(test) => test.spell(path),
            Self::It(inner) => inner.spell(""),
            Self::Lambda(lambda) => {
                let (name, variable) = (&lambda.collection, lambda.variable);
                let word = if lambda.all { "all" } else { "any" };
                match &lambda.inner {
                    None => format!("{path}{name}/any()"),
                    Some(inner) => {
                        let inner = inner.spell(&format!("{variable}/"));
                        format!("{path}{name}/{word}({variable}:{inner})")
                    }
                }
            }
        }
    }
}

impl Test {
    fn spell(&self, path: &str) -> String {
        let name = match &self.via {
            Some((via, _)) => format!("{path}{via}/{}", self.field.name),
            None => format!("{path}{}", self.field.name),
        };
        let literal = |value: &Option<String>| match value {
            Some(value) => self.field.literal(value),
            None => "null".to_owned(),
        };
        match &self.form {
            Form::Compare(operator, Some(value)) => {
                format!("{name} {operator} {}", self.field.expression(value))
            }
            Form::Compare(operator, None) => format!("{name} {operator} null"),
            Form::In(values) => {
                let values: Vec<String> = values.iter().map(literal).collect();
                format!("{name} in ({})", values.join(","))
            }
            Form::OrNull(operator, value) => {
                let function = match *operator {
                    "eq" => "equalnull",
                    "ge" => "greaterequalnull",
                    _ => "lessequalnull",
                };
                format!("{function}({name},{})", self.field.literal(value))
            }
            Form::Match(function, needle) => {
                format!("{function}({name},'{}')", needle.replace('\'', "''"))
            }
        }
    }
}

/// Case folding for the texts of these tests, independent of the program's.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss")
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
