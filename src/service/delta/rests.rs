//! What a condition rests on: tables and columns; and which rows it may judge otherwise than before,
//! when some rows of those tables have changed.

use std::collections::HashMap;

use uuid::Uuid;

use crate::model::{EntityId, Table};
use crate::plan::{Column, Join, JoinBy, Predicate, Query, Slot, SubQuery, Term};
use crate::value::Value;

/// Keys of changed rows by table.
pub(super) type Changed = HashMap<EntityId, Vec<Uuid>>;

/// Which rows a query or a query inside it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition<'q> {
    entity: EntityId,
    joins: &'q [Join],
    predicate: &'q Predicate,
}

impl<'q> From<&'q Query> for Condition<'q> {
    fn from(query: &'q Query) -> Self {
        Self {
            entity: query.entity,
            joins: &query.joins,
            predicate: &query.predicate,
        }
    }
}

impl<'q> From<&'q SubQuery> for Condition<'q> {
    fn from(query: &'q SubQuery) -> Self {
        Self {
            entity: query.entity,
            joins: &query.joins,
            predicate: &query.predicate,
        }
    }
}

/// What a condition rests on.
#[derive(Debug, Default)]
pub(super) struct Rests {
    pub(super) tables: Vec<EntityId>,
    pub(super) columns: Vec<Column>,
    /// Whether it looks at something in a way that is not told apart here: rows of a query around its
    /// own, values of custom properties, values that are made.
    pub(super) beyond: bool,
}

impl Rests {
    /// All of it, whatever is nested in it.
    pub(super) fn of(condition: Condition<'_>) -> Self {
        let mut rests = Self::default();
        rests.condition(condition);
        rests
    }

    fn condition(&mut self, of: Condition<'_>) {
        self.table(of.entity);
        for join in of.joins {
            self.table(join.table);
            self.columns.push(join.on);
            self.beyond |= join.by != JoinBy::Key;
            if let Some(among) = &join.among {
                self.condition(Condition::from(&**among));
            }
        }
        self.predicate(of.predicate);
    }

    fn table(&mut self, table: EntityId) {
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Always | Predicate::Never => {}
            Predicate::All(parts) | Predicate::Any(parts) => {
                for part in parts {
                    self.predicate(part);
                }
            }
            Predicate::Compare { term, .. }
            | Predicate::OneOf { term, .. }
            | Predicate::Null { term, .. }
            | Predicate::Match { term, .. } => match column(term) {
                Some(column) => self.columns.push(column),
                None => self.beyond = true,
            },
            Predicate::Within { column, query, .. } | Predicate::Counted { column, query, .. } => {
                self.columns.extend([*column, query.select]);
                self.condition(Condition::from(&**query));
            }
            Predicate::Outer { .. } => self.beyond = true,
        }
    }
}

/// The column of a term; nothing for what is made of values.
pub(super) fn column(term: &Term) -> Option<Column> {
    match term {
        Term::Column(column) => Some(*column),
        Term::Trimmed(inner) => column(inner),
        Term::Language { shadow, .. } | Term::LanguageOrFirst { shadow, .. } => Some(*shadow),
        Term::Output(_) | Term::TimePart { .. } | Term::Piece { .. } => None,
    }
}

/// The rows of a condition that changed rows may concern, in parts: those that meet any of them. A
/// row concerns another one where that leads to it, by a join or by a query inside the condition;
/// what is asked on the way does not matter. Each part is narrow, so that an index may drive it.
pub(super) fn touched(of: Condition<'_>, changed: &Changed) -> Vec<Predicate> {
    let mut parts = Vec::new();
    let key = Column {
        slot: Slot::BASE,
        table: of.entity,
        no: Table::KEY,
    };
    parts.extend(among(key, of.entity, changed));
    for join in of.joins {
        parts.extend(among(join.on, join.table, changed));
        if let Some(query) = &join.among {
            within(join.on, query, changed, &mut parts);
        }
    }
    nested(of.predicate, changed, &mut parts);
    parts
}

fn nested(predicate: &Predicate, changed: &Changed, parts: &mut Vec<Predicate>) {
    match predicate {
        Predicate::All(all) | Predicate::Any(all) => {
            for part in all {
                nested(part, changed, parts);
            }
        }
        Predicate::Within { column, query, .. } | Predicate::Counted { column, query, .. } => {
            within(*column, query, changed, parts);
        }
        Predicate::Always
        | Predicate::Never
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Outer { .. } => {}
    }
}

/// The rows whose column leads to a row that changed rows may concern.
fn within(column: Column, query: &SubQuery, changed: &Changed, parts: &mut Vec<Predicate>) {
    for predicate in touched(Condition::from(query), changed) {
        let inner = SubQuery {
            entity: query.entity,
            joins: query.joins.clone(),
            select: query.select,
            predicate,
        };
        let part = Predicate::Within {
            column,
            negated: false,
            query: Box::new(inner),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
}

/// The rows whose column is a key of a changed row of a table.
fn among(column: Column, table: EntityId, changed: &Changed) -> Option<Predicate> {
    let ids = changed.get(&table).filter(|ids| !ids.is_empty())?;
    Some(one_of(column, ids))
}

/// The rows whose column is one of some guids.
pub(super) fn one_of(column: Column, ids: &[Uuid]) -> Predicate {
    Predicate::OneOf {
        term: Term::Column(column),
        values: ids.iter().copied().map(Value::Guid).collect(),
        negated: false,
        or_null: false,
    }
}
