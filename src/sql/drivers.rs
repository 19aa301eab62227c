//! Which conditions may choose the index.
//!
//! SQLite has no statistics until `ANALYZE` ran, and takes any index for an equality: with one on a
//! truth value a page took 9.2 ms instead of 10 µs. So a condition on a column that cannot narrow
//! much is written so that no index serves it, and the order of the page chooses.
//!
//! PostgreSQL makes joins of nested queries, and any of their tables may come first. That is as it
//! should be for a few of them.

use super::Dialect;
use crate::model::{ColumnKind, ColumnNo, IndexMethod, Table};
use crate::plan::{Column, CompareOperator, OrderKey, Predicate, Slot, Term};

/// What a query does with its rows, as far as the choice of an index goes.
#[derive(Clone, Copy)]
pub(in crate::sql) enum Use<'q> {
    /// All rows of the condition are read: a count, a nested query.
    All,
    /// The first rows in some order.
    FirstOf(&'q [OrderKey]),
}

/// Decides for the conditions of one query.
pub(in crate::sql) struct Drivers<'q> {
    table: &'q Table,
    usage: Use<'q>,
    /// Columns of the base table that equal one value.
    pinned: Vec<ColumnNo>,
    nested: Nested,
}

/// The nested queries in a condition.
#[derive(Default)]
struct Nested {
    /// All of them, with those that would become joins together with them.
    all: usize,
    /// Whether every row must have a row of one of them.
    joins: bool,
}

impl<'q> Drivers<'q> {
    /// For a query over `table` with a condition.
    pub(in crate::sql) fn new(table: &'q Table, predicate: &Predicate, usage: Use<'q>) -> Self {
        let mut pinned = Vec::new();
        collect_pinned(predicate, &mut pinned);
        let mut nested = Nested::default();
        nested.count(predicate, true);
        Self {
            table,
            usage,
            pinned,
            nested,
        }
    }

    /// What ends the nested queries that every row must meet, where the database is not to make joins
    /// of them: it would look for the best order of too many, and how many rows are left after several
    /// of them it only guesses. Without one that must have a row there is nothing to try.
    pub(in crate::sql) fn apart<DB: Dialect>(&self) -> Option<&'static str> {
        let (most, end) = DB::JOINED?;
        (self.nested.joins && self.nested.all > most).then_some(end)
    }

    /// Whether an equality (also with a list) on a column may use an index.
    pub(in crate::sql) fn equality(&self, column: Column) -> bool {
        if column.slot != Slot::BASE || self.table.view || column.no == Table::KEY {
            return true;
        }
        let ordered = self
            .table
            .indexes
            .iter()
            .filter(|i| i.method == IndexMethod::Ordered);
        if coarse(self.table, column.no) {
            ordered
                .filter(|i| i.columns.contains(&column.no))
                .any(|i| self.fits(&i.columns))
        } else {
            ordered
                .into_iter()
                .any(|i| i.columns.first() == Some(&column.no))
        }
    }

    /// Whether a range on a column may use an index: not when the page is in the order of another
    /// index, which then gives the first rows without reading the rest.
    pub(in crate::sql) fn range(&self, column: Column) -> bool {
        let Use::FirstOf(order) = self.usage else {
            return true;
        };
        match order.first().map(|k| &k.term) {
            Some(Term::Column(first)) if first.slot == Slot::BASE => {
                column.slot != Slot::BASE
                    || self.table.view
                    || first.no == Table::KEY
                    || first.no == column.no
                    || !self.leads(first.no)
            }
            Some(
                Term::Column(_)
                | Term::Trimmed(_)
                | Term::Language { .. }
                | Term::LanguageOrFirst { .. }
                | Term::TimePart { .. }
                | Term::Piece { .. }
                | Term::Output(_),
            )
            | None => true,
        }
    }

    fn leads(&self, column: ColumnNo) -> bool {
        self.table
            .indexes
            .iter()
            .any(|i| i.method == IndexMethod::Ordered && i.columns.first() == Some(&column))
    }

    /// Whether a composite index over coarse columns gives the rows in the wanted order: all its
    /// columns are pinned but the key at its end, and the order is by the key.
    fn fits(&self, columns: &[ColumnNo]) -> bool {
        let Some((last, leading)) = columns.split_last() else {
            return false;
        };
        let pinned = |c: &ColumnNo| self.pinned.contains(c);
        match self.usage {
            Use::All => leading.iter().all(pinned) && (pinned(last) || *last == Table::KEY),
            Use::FirstOf(order) => {
                let by_key = order.first().is_some_and(
                    |k| matches!(&k.term, Term::Column(c) if c.slot == Slot::BASE && c.no == Table::KEY),
                );
                by_key && *last == Table::KEY && leading.iter().all(pinned)
            }
        }
    }
}

impl Nested {
    /// Adds those of a part, which may be `required` for every row.
    fn count(&mut self, predicate: &Predicate, required: bool) {
        match predicate {
            Predicate::All(parts) => parts.iter().for_each(|p| self.count(p, required)),
            Predicate::Any(parts) => {
                let required = required && parts.len() == 1;
                parts.iter().for_each(|p| self.count(p, required));
            }
            Predicate::Within { negated, query, .. } => {
                self.all = self.all.saturating_add(1);
                if required && !*negated {
                    self.joins = true;
                    let among = query.joins.iter().filter(|join| join.among.is_some());
                    self.all = self.all.saturating_add(among.count());
                    self.count(&query.predicate, true);
                }
            }
            Predicate::Counted { .. } => self.all = self.all.saturating_add(1),
            Predicate::Outer { predicate, .. } => self.count(predicate, required),
            Predicate::Always
            | Predicate::Never
            | Predicate::Compare { .. }
            | Predicate::OneOf { .. }
            | Predicate::Null { .. }
            | Predicate::Match { .. } => {}
        }
    }
}

/// Whether a column holds few different values.
fn coarse(table: &Table, column: ColumnNo) -> bool {
    match table.column(column).kind {
        ColumnKind::Boolean | ColumnKind::Code(_) => true,
        ColumnKind::RowId
        | ColumnKind::Key
        | ColumnKind::Reference(_)
        | ColumnKind::Guid
        | ColumnKind::Text
        | ColumnKind::Folded
        | ColumnKind::Json
        | ColumnKind::Integer
        | ColumnKind::Timestamp
        | ColumnKind::Binary => false,
    }
}

fn collect_pinned(predicate: &Predicate, pinned: &mut Vec<ColumnNo>) {
    match predicate {
        Predicate::All(parts) => parts.iter().for_each(|p| collect_pinned(p, pinned)),
        Predicate::Compare {
            term: Term::Column(column),
            operator: CompareOperator::Eq,
            or_null: false,
            ..
        } if column.slot == Slot::BASE => pinned.push(column.no),
        Predicate::Always
        | Predicate::Never
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
