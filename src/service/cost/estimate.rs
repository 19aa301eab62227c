//! How many rows a statement looks at.
//!
//! The database says which tables it would look into, by which index; how many rows that makes is
//! reckoned here, the same way for every database and from averages only. So the numbers have one
//! unit, and no value of a row is told from another by them (`docs/decisions/029-explain.md`).

use std::collections::HashMap;

use super::parts::Part;
use crate::model::{self, ColumnKind, Model, Table};
use crate::plan::{Column, CompareOperator, Predicate, Query, Slot, Term};
use crate::sql::{Entered, Look, Statistics, Step, Work};

/// The share of rows in a range of values: one in so many, for each side of it.
const RANGE: u64 = 4;
/// Rows of one value where nothing is known.
const OF_VALUE: u64 = 10;
/// Most rows meet a condition that says what a value is not: of so many, one may fail.
const MOST: u64 = 2;

/// What is known of the tables.
pub(super) struct Known<'a> {
    pub(super) model: &'a Model,
    pub(super) statistics: &'a Statistics,
    /// The rows of the tables that statements look into.
    pub(super) rows: &'a HashMap<String, u64>,
}

/// What a statement takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Estimate {
    /// The rows that it looks at.
    pub(in crate::service) cost: u64,
    /// The rows that it gives, at most.
    pub(in crate::service) rows: u64,
    /// The looks into tables.
    pub(in crate::service) looks: Vec<Looked>,
}

/// A look into a table, as often as it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Looked {
    pub(in crate::service) table: String,
    pub(in crate::service) index: Option<String>,
    /// Whether neither an index nor a page narrows it.
    pub(in crate::service) is_whole: bool,
    pub(in crate::service) rows: u64,
}

/// A statement under way.
struct Reckoning<'k, 'q> {
    known: &'k Known<'k>,
    query: &'q Query,
    parents: Option<(Column, u64)>,
    looks: Vec<Looked>,
}

impl Known<'_> {
    /// What a statement takes whose work is known.
    pub(super) fn estimate(&self, work: &Work, part: &Part<'_>) -> Estimate {
        let mut reckoning = Reckoning {
            known: self,
            query: part.query,
            parents: part.parents,
            looks: Vec::new(),
        };
        let limit = match part.counts || part.parents.is_some() || work.gathers {
            true => None,
            false => reckoning.limit(work),
        };
        let (cost, rows) = reckoning.work(work, 1, true, limit);
        let page = part.query.take.filter(|_| part.parents.is_none());
        Estimate {
            cost,
            rows: match part.counts {
                true => 1,
                false => page.map_or(rows, |take| rows.min(take)),
            },
            looks: reckoning.looks,
        }
    }

    /// The table of a look: the one that its index is of, else the greatest that it may be.
    fn table<'l>(&self, look: &'l Look) -> &'l str {
        let mut tables = look.tables.iter();
        let of_index = tables.find(|name| match (self.table_named(name), &look.index) {
            (Some(table), Some(index)) => {
                table.indexes.iter().any(|i| i.name == *index) || index.contains(name.as_str())
            }
            (_, _) => false,
        });
        let greatest = || look.tables.iter().max_by_key(|name| self.rows.get(*name));
        of_index.or_else(greatest).map_or("", String::as_str)
    }

    fn table_named(&self, name: &str) -> Option<&Table> {
        let mut all = self.model.entities().map(|(id, _)| self.model.table(id));
        all.find(|table| table.name == name)
    }

    /// The rows of one look, for one row around it.
    fn rows_of(&self, look: &Look) -> u64 {
        let name = self.table(look);
        let all = self.rows.get(name).copied().unwrap_or(1);
        let of = |wanted| {
            let columns = look.columns.iter().filter(move |(_, how)| *how == wanted);
            columns.map(|(name, _)| name.as_str())
        };
        let values: Vec<&str> = of(Entered::Value).collect();
        let table = self.table_named(name);
        let rows = match (values.is_empty(), table) {
            (true, _) => all,
            (false, Some(table)) if is_unique(table, &values) => 1,
            (false, table) => {
                let index = look.index.as_deref().unwrap_or_default();
                let known = self.statistics.of_values(name, index, &values, all);
                known.unwrap_or_else(|| match table {
                    Some(table) => guess(table, &values, all),
                    None => OF_VALUE,
                })
            }
        };
        let rows = of(Entered::Range).fold(rows, |rows, _| rows.div_ceil(RANGE));
        rows.clamp(1, all.max(1))
    }
}

impl Reckoning<'_, '_> {
    /// Cost and rows of some work that is done `times` times.
    fn work(&mut self, work: &Work, times: u64, is_top: bool, limit: Option<u64>) -> (u64, u64) {
        let (mut cost, mut rows, mut listed) = (0_u64, 1_u64, 0_u64);
        for beside in &work.beside {
            let (once, of) = self.work(beside, 1, false, None);
            cost = cost.saturating_add(once);
            listed = listed.max(of);
        }
        for (number, step) in work.steps.iter().enumerate() {
            let often = times.saturating_mul(rows);
            let (each, of) = match step {
                Step::Look(look) => {
                    let limit = limit.filter(|_| number == 0);
                    let of = self.look(look, often, is_top, listed, limit);
                    (of, of)
                }
                Step::Inside(inside) => {
                    let (once, of) = self.work(inside, 1, false, None);
                    cost = cost.saturating_add(once);
                    (0, of)
                }
                Step::Test(test) => (self.work(test, often, false, None).0, 1),
                Step::Either(all) => all.iter().fold((0, 0), |(cost, rows): (u64, u64), one| {
                    let (more, of) = self.work(one, often, false, None);
                    (cost.saturating_add(more), rows.saturating_add(of))
                }),
            };
            cost = cost.saturating_add(rows.saturating_mul(each));
            rows = rows.saturating_mul(of);
        }
        (cost, rows)
    }

    /// The rows of a look that is taken `often`.
    fn look(
        &mut self,
        look: &Look,
        often: u64,
        is_top: bool,
        listed: u64,
        limit: Option<u64>,
    ) -> u64 {
        let known = self.known;
        let table = known.table(look);
        let all = known.rows.get(table).copied().unwrap_or(1);
        let base = known.model.table(self.query.entity);
        let mut rows = known.rows_of(look);
        if is_top && base.name == table {
            let times = self.values_of(look, base, listed);
            rows = rows.saturating_mul(times).min(all.max(1));
        }
        let rows = limit.map_or(rows, |limit| rows.min(limit));
        self.looks.push(Looked {
            table: table.to_owned(),
            index: look.index.clone(),
            is_whole: look.is_whole() && rows >= all,
            rows: rows.saturating_mul(often),
        });
        rows
    }

    /// At how many values an index of the query's own table is entered.
    fn values_of(&self, look: &Look, base: &Table, listed: u64) -> u64 {
        let is_entered = |column: Column| {
            // Columns of other tables have numbers of their own.
            column.slot == Slot::BASE
                && look.enters(&base.column(column.no).name) == Some(Entered::Value)
        };
        let mut times = match self.parents {
            Some((column, parents)) if is_entered(column) => parents,
            Some(_) | None => 1,
        };
        for condition in all_of(&self.query.predicate) {
            match condition {
                Predicate::OneOf {
                    term: Term::Column(column),
                    values,
                    negated: false,
                    ..
                } if is_entered(*column) => {
                    let values = u64::try_from(values.len()).unwrap_or(u64::MAX);
                    times = times.saturating_mul(values);
                }
                // Looked up beside, and then one after the other.
                Predicate::Within {
                    column,
                    negated: false,
                    ..
                } if listed > 0 && is_entered(*column) => times = times.saturating_mul(listed),
                Predicate::Always
                | Predicate::Never
                | Predicate::All(_)
                | Predicate::Any(_)
                | Predicate::Compare { .. }
                | Predicate::OneOf { .. }
                | Predicate::Null { .. }
                | Predicate::Match { .. }
                | Predicate::Within { .. }
                | Predicate::Counted { .. }
                | Predicate::Outer { .. } => {}
            }
        }
        times
    }

    /// After how many rows a page is full, where every row, or one in a few, is a row of the page.
    fn limit(&self, work: &Work) -> Option<u64> {
        let query = self.query;
        let wanted = query.take?.saturating_add(query.skip);
        let Some(Step::Look(first)) = work.steps.first() else {
            return None;
        };
        let base = self.known.model.table(query.entity);
        if query.over.is_some() || self.known.table(first) != base.name {
            return None;
        }
        let one_in = all_of(&query.predicate)
            .iter()
            .try_fold(1_u64, |all, condition| {
                let of = one_in(condition, base, first)?;
                Some(all.saturating_mul(of))
            })?;
        Some(wanted.saturating_mul(one_in))
    }
}

/// The conditions that all have to hold.
fn all_of(predicate: &Predicate) -> Vec<&Predicate> {
    match predicate {
        Predicate::Always => Vec::new(),
        Predicate::All(parts) => parts.iter().flat_map(all_of).collect(),
        Predicate::Never
        | Predicate::Any(_)
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => vec![predicate],
    }
}

/// Of how many rows that a look gives one meets a condition; nothing where that may be none.
fn one_in(condition: &Predicate, base: &Table, look: &Look) -> Option<u64> {
    let named = |term: &Term| match term {
        Term::Column(column) if column.slot == Slot::BASE => Some(base.column(column.no)),
        Term::Column(_)
        | Term::Trimmed(_)
        | Term::Language { .. }
        | Term::LanguageOrFirst { .. }
        | Term::TimePart { .. }
        | Term::Piece { .. }
        | Term::Output(_) => None,
    };
    let is_entered = |column: &model::Column| look.enters(&column.name).is_some();
    match condition {
        Predicate::Always | Predicate::Never => Some(1),
        Predicate::Compare { term, operator, .. } => {
            let column = named(term)?;
            match (is_entered(column), operator) {
                (true, _) => Some(1),
                (false, CompareOperator::Ne) => Some(MOST),
                (false, CompareOperator::Eq) => values_of(column),
                (
                    false,
                    CompareOperator::Lt
                    | CompareOperator::Le
                    | CompareOperator::Gt
                    | CompareOperator::Ge,
                ) => None,
            }
        }
        Predicate::OneOf { term, negated, .. } | Predicate::Match { term, negated, .. } => {
            let column = named(term)?;
            match (is_entered(column), negated) {
                (true, _) => Some(1),
                (false, true) => Some(MOST),
                (false, false) => None,
            }
        }
        Predicate::Null { term, negated } => {
            let column = named(term)?;
            match (is_entered(column), negated) {
                (true, _) => Some(1),
                (false, true) => Some(MOST),
                (false, false) => None,
            }
        }
        Predicate::Within { column, .. } if column.slot == Slot::BASE => {
            is_entered(base.column(column.no)).then_some(1)
        }
        Predicate::All(_)
        | Predicate::Any(_)
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => None,
    }
}

/// How many different values a column has, where it has few.
fn values_of(column: &model::Column) -> Option<u64> {
    match &column.kind {
        ColumnKind::Boolean => Some(2),
        ColumnKind::Code(codes) => u64::try_from(codes.len()).ok(),
        ColumnKind::RowId
        | ColumnKind::Key
        | ColumnKind::Reference(_)
        | ColumnKind::Guid
        | ColumnKind::Text
        | ColumnKind::Folded
        | ColumnKind::Json
        | ColumnKind::Integer
        | ColumnKind::Timestamp
        | ColumnKind::Binary => None,
    }
}

/// Whether values of some columns tell one row from all others.
fn is_unique(table: &Table, values: &[&str]) -> bool {
    let has = |no: &model::ColumnNo| values.contains(&table.column(*no).name.as_str());
    let mut unique = table.indexes.iter().filter(|index| index.unique);
    (has(&Table::KEY) && !table.view) || unique.any(|index| index.columns.iter().all(has))
}

/// The rows of one value in each of some columns, where the database has not counted them.
fn guess(table: &Table, values: &[&str], all: u64) -> u64 {
    let few = |name: &&str| {
        let column = table.find(name).map(|no| table.column(no))?;
        values_of(column)
    };
    values.iter().fold(all, |rows, name| match few(name) {
        Some(values) => rows.div_ceil(values.max(1)),
        None => rows.min(OF_VALUE),
    })
}
