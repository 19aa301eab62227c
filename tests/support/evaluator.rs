//! Conditions on any entity set and what they mean in memory.
//!
//! Comparisons and `in` are never null; a text function of null is null; `not`, `and` and `or` are
//! Kleene's (OData 4.01 Part 2, 5.1.1.1).

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Value as Json, json};
use userdex::diag::Code;
use userdex::model::Model;
use userdex::service::Caller;

pub use super::field::{Field, FieldKind, fields};
use super::field::{address, plain};
use super::searching::{self, Place, Search};
use super::{Database, Wishes};

/// All rows of all sets, as the service shows them.
pub struct World {
    rows: HashMap<String, Vec<Json>>,
    by_id: HashMap<(String, String), usize>,
    pub(super) places: HashMap<String, Vec<Place>>,
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Test(Box<Test>),
    Lambda(Box<Lambda>),
    /// Inside lambdas: about the row that the whole condition is about.
    It(Box<Condition>),
    Case(Box<Case>),
    /// A condition that is compared with a constant: whether by `eq`, and with what.
    Truth(Box<Condition>, bool, Option<bool>),
    /// Whether a row is one of a derived type: its set and its name.
    IsOf(String, String),
    /// A condition of constants.
    Constant(&'static str, Option<bool>),
}

/// `case(when:A,true:B) op value`.
#[derive(Debug, Clone)]
pub struct Case {
    pub(super) when: Condition,
    pub(super) first: Field,
    pub(super) second: Field,
    pub(super) operator: &'static str,
    pub(super) value: String,
}

/// A condition about children.
#[derive(Debug, Clone)]
pub struct Lambda {
    pub(super) collection: String,
    /// The set of the children, and their reference to the row whose children they are.
    pub(super) set: String,
    pub(super) back: String,
    pub(super) asked: Asked,
    /// Which children there are, by `/$filter(…)` before a lambda.
    pub(super) narrowed: Option<Condition>,
    /// The same by `$search` of a number.
    pub(super) search: Option<Search>,
    /// What a child is asked; nothing for all of them.
    pub(super) inner: Option<Condition>,
}

/// What is asked of the children for which a condition is true.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// Whether there are any, by a lambda with this variable.
    Any(&'static str),
    /// Whether there are no others, likewise.
    All(&'static str),
    /// How their number compares with another: in parentheses behind `$count`, or by `$filter`
    /// before it.
    Count {
        operator: &'static str,
        number: i64,
        before: bool,
    },
}

/// A test of one property, perhaps behind a reference (its name and target set).
#[derive(Debug, Clone)]
pub struct Test {
    pub(super) via: Option<(String, String)>,
    pub(super) field: Field,
    pub(super) form: Form,
}

/// What is asked of a property. Values are as in JSON, without quotes; none stands for null.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Compare(&'static str, Option<String>),
    In(Vec<Option<String>>),
    OrNull(&'static str, String),
    Match(&'static str, String),
    /// A boolean alone.
    Bare,
    /// `date` or `year` of a time, and a value of that.
    Part(&'static str, &'static str, String),
    /// `indexof` compared with -1 or 0.
    IndexOf(&'static str, i8, String),
    Trimmed(&'static str, String),
}

impl Condition {
    /// Conditions that ask for less.
    pub fn smaller(&self) -> Vec<Self> {
        let of = |inner: &Self, wrap: &dyn Fn(Box<Self>) -> Self| -> Vec<Self> {
            let smaller = inner.smaller().into_iter();
            smaller.map(|inner| wrap(Box::new(inner))).collect()
        };
        match self {
            Self::Not(inner) => {
                let mut all = vec![(**inner).clone()];
                all.extend(of(inner, &Self::Not));
                all
            }
            Self::And(a, b) => {
                let mut all = vec![(**a).clone(), (**b).clone()];
                all.extend(of(a, &|a| Self::And(a, b.clone())));
                all.extend(of(b, &|b| Self::And(a.clone(), b)));
                all
            }
            Self::Or(a, b) => {
                let mut all = vec![(**a).clone(), (**b).clone()];
                all.extend(of(a, &|a| Self::Or(a, b.clone())));
                all.extend(of(b, &|b| Self::Or(a.clone(), b)));
                all
            }
            Self::Truth(inner, equal, constant) => {
                let mut all = vec![(**inner).clone()];
                all.extend(of(inner, &|inner| Self::Truth(inner, *equal, *constant)));
                all
            }
            Self::Lambda(lambda) => {
                let inner = lambda.inner.iter().flat_map(Self::smaller);
                let with = |inner| {
                    let inner = Some(inner);
                    let lambda = (**lambda).clone();
                    Self::Lambda(Box::new(Lambda { inner, ..lambda }))
                };
                let mut all: Vec<Self> = inner.map(with).collect();
                if lambda.narrowed.is_some() || lambda.search.is_some() {
                    let (narrowed, search) = (None, None);
                    let lambda = (**lambda).clone();
                    all.push(Self::Lambda(Box::new(Lambda {
                        narrowed,
                        search,
                        ..lambda
                    })));
                }
                all
            }
            Self::Test(_) | Self::It(_) | Self::Case(_) | Self::IsOf(..) | Self::Constant(..) => {
                Vec::new()
            }
        }
    }
}

impl World {
    /// Reads everything.
    pub fn read(database: &Database) -> Self {
        Self::read_with(database, &database.model)
    }

    /// Reads everything that a model shows.
    pub fn read_with(database: &Database, model: &Model) -> Self {
        Self::read_as(database, model, Caller::system())
    }

    /// Reads everything that a caller is shown: nothing of sets that they may not read.
    pub fn read_as(database: &Database, model: &Model, caller: &Caller) -> Self {
        let wishes = Wishes {
            caller: Some(caller),
            ..Wishes::default()
        };
        let mut world = Self {
            rows: HashMap::new(),
            by_id: HashMap::new(),
            places: HashMap::new(),
        };
        for (id, entity) in model.entities() {
            let names: Vec<String> = fields(model, id).into_iter().map(|f| f.name).collect();
            let request = format!("{}?$select={}", entity.set, names.join(","));
            let answer = match database.ask(&request, &wishes) {
                Ok(answer) => serde_json::from_str(&answer.body).unwrap(),
                Err(problem) if problem.code() == Code::Forbidden => json!({"value": []}),
                Err(problem) => panic!("{problem:?}"),
            };
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
            let places = searching::places(model, id);
            world.places.insert(entity.set.clone(), places);
        }
        world
    }

    /// The rows of a set, in the order of their keys.
    pub fn rows(&self, set: &str) -> &[Json] {
        &self.rows[set]
    }

    /// The row of a set with a key.
    pub fn row(&self, set: &str, id: &str) -> Option<&Json> {
        let number = self.by_id.get(&(set.to_owned(), id.to_owned()))?;
        Some(&self.rows[set][*number])
    }

    /// The row behind a reference.
    pub fn behind(&self, row: &Json, name: &str, set: &str) -> Option<&Json> {
        self.row(set, &address(&row[name])?)
    }

    /// The rows of a set whose reference `back` is to a row.
    pub fn children<'w>(
        &'w self,
        set: &str,
        back: &'w str,
        row: &Json,
    ) -> impl Iterator<Item = &'w Json> {
        let id = row["Id"].as_str().map(str::to_owned);
        let all = self.rows(set).iter();
        all.filter(move |child| address(&child[back]) == id)
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
                let children = self.children(&lambda.set, &lambda.back, row);
                let children = children.filter(|child| {
                    let narrowed = lambda.narrowed.iter();
                    let mut narrowed = narrowed.map(|c| self.holds_in(c, child, it));
                    let mut search = lambda.search.iter();
                    narrowed.all(|holds| holds == Some(true))
                        && search.all(|search| self.finds(search, &lambda.set, child))
                });
                let is_so = |child: &&Json| match &lambda.inner {
                    Some(inner) => self.holds_in(inner, child, it) == Some(true),
                    None => true,
                };
                let (so, others): (Vec<_>, Vec<_>) = children.partition(is_so);
                Some(match lambda.asked {
                    Asked::Any(_) => !so.is_empty(),
                    Asked::All(_) => others.is_empty(),
                    Asked::Count {
                        operator, number, ..
                    } => {
                        let found = orderings(operator).contains(&(so.len() as i64).cmp(&number));
                        found != (operator == "ne")
                    }
                })
            }
            Condition::Case(case) => {
                let field = match holds(&case.when) {
                    Some(true) => &case.first,
                    Some(false) | None => &case.second,
                };
                let form = Form::Compare(case.operator, Some(case.value.clone()));
                tested(field, &form, &field.held(row))
            }
            Condition::Truth(inner, equal, constant) => Some((holds(inner) == *constant) == *equal),
            Condition::IsOf(set, _) => Some(self.row(set, row["Id"].as_str()?).is_some()),
            Condition::Constant(_, value) => *value,
        }
    }

    fn tested(&self, test: &Test, row: &Json) -> Option<bool> {
        let held = match &test.via {
            None => test.field.held(row),
            Some((name, set)) => match self.behind(row, name, set) {
                Some(target) => test.field.held(target),
                None => Vec::new(),
            },
        };
        tested(&test.field, &test.form, &held)
    }
}

/// What a form is for a field that holds something: one text per language, none for null.
fn tested(field: &Field, form: &Form, held: &[String]) -> Option<bool> {
    let null = held.is_empty();
    let is = |wanted: &[Ordering], value: &str| {
        let value = field.scalar(value);
        held.iter()
            .any(|h| wanted.contains(&field.scalar(h).cmp(&value)))
    };
    let contains = |needle: &str| {
        let needle = field.folded(needle);
        held.iter().any(|text| field.folded(text).contains(&needle))
    };
    Some(match form {
        Form::Compare("eq", None) => null,
        Form::Compare(_, None) => !null,
        Form::Compare("ne", Some(value)) => !is(&[Ordering::Equal], value),
        Form::Compare(operator, Some(value)) => is(orderings(operator), value),
        Form::In(values) => values.iter().any(|value| match value {
            Some(value) => is(&[Ordering::Equal], value),
            None => null,
        }),
        Form::OrNull(operator, value) => null || is(orderings(operator), value),
        Form::Match(..) | Form::Bare if null => return None,
        Form::Bare => held[0] == "true",
        Form::Match("contains", needle) => contains(needle),
        Form::Match(function, needle) => {
            let needle = field.folded(needle);
            held.iter()
                .map(|h| field.folded(h))
                .any(|text| match *function {
                    "startswith" => text.starts_with(&needle),
                    _ => text.ends_with(&needle),
                })
        }
        Form::Part(function, operator, value) => {
            // `0999-01-01T…`: years have four digits, so that texts compare as times do.
            let digits = if *function == "year" { 4 } else { 10 };
            match held.first() {
                Some(time) => compares(operator, time[..digits].cmp(value.as_str())),
                None => *operator == "ne",
            }
        }
        Form::IndexOf(operator, ..) if null => *operator == "ne",
        Form::IndexOf(operator, number, needle) => {
            // It stands somewhere, or its index is -1.
            let index = if contains(needle) { 0 } else { -1 };
            match (*operator, number) {
                // Any place is a place.
                ("ne" | "gt", -1) | ("ge", 0) => index == 0,
                _ => index == -1,
            }
        }
        Form::Trimmed(operator, value) => match held.first() {
            Some(text) => {
                let text = field.scalar(text.trim());
                compares(operator, text.cmp(&field.scalar(value)))
            }
            None => *operator == "ne",
        },
    })
}

fn compares(operator: &str, found: Ordering) -> bool {
    match operator {
        "ne" => found != Ordering::Equal,
        _ => orderings(operator).contains(&found),
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
