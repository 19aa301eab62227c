//! The tables of one query and the names they have in its text.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::Few;
use crate::model::{EntityId, Model, Table};
use crate::plan::{Column, Join, Slot, Term};

/// The tables of one query: its own and those of its joins.
#[derive(Clone, Copy)]
pub(in crate::sql) struct Scope<'q> {
    pub(in crate::sql) model: &'q Model,
    pub(in crate::sql) entity: EntityId,
    pub(in crate::sql) joins: &'q [Join],
    /// How many queries this one is inside of; keeps the names apart.
    pub(in crate::sql) depth: u16,
    /// The texts that are found by an index of trigrams.
    pub(in crate::sql) few: &'q Few,
}

impl<'q> Scope<'q> {
    /// The table of the query's own entity.
    pub(in crate::sql) fn base(&self) -> &'q Table {
        self.model.table(self.entity)
    }

    /// The join of a slot; nothing for the base.
    pub(in crate::sql) fn join(&self, slot: Slot) -> Option<&'q Join> {
        usize::from(slot.0)
            .checked_sub(1)
            .and_then(|i| self.joins.get(i))
    }

    /// Whether the row of a slot may be missing.
    fn optional(&self, slot: Slot) -> bool {
        // INVARIANT: a join is on a column of an earlier slot, so this ends.
        self.join(slot)
            .is_some_and(|j| j.optional || (j.on.slot < slot && self.optional(j.on.slot)))
    }

    /// Whether a column may be null, by itself or because its row is missing.
    pub(in crate::sql) fn column_nullable(&self, column: Column) -> bool {
        self.model.table(column.table).column(column.no).nullable || self.optional(column.slot)
    }

    /// Whether a term may be null.
    pub(in crate::sql) fn nullable(&self, term: &Term) -> bool {
        match term {
            Term::Column(column) => self.column_nullable(*column),
            Term::Trimmed(inner) => self.nullable(inner),
            Term::Language { .. } | Term::LanguageOrFirst { .. } => true,
            Term::TimePart { of, .. } | Term::Piece { of, .. } => self.nullable(of),
            Term::Output(output) => output.nullable,
        }
    }
}

/// The name of a slot: `t0`, in nested queries `s1t0`.
pub(in crate::sql) fn walk_alias<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    scope: &Scope<'_>,
    slot: Slot,
) {
    if scope.depth == 0 && slot == Slot::BASE {
        out.push_sql("t0");
        return;
    }
    let mut digits = itoa::Buffer::new();
    if scope.depth > 0 {
        out.push_sql("s");
        out.push_sql(digits.format(scope.depth));
    }
    out.push_sql("t");
    out.push_sql(digits.format(slot.0));
}

/// A column with the name of its table.
pub(in crate::sql) fn walk_column<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    scope: &Scope<'_>,
    column: Column,
) -> QueryResult<()> {
    walk_alias(out, scope, column.slot);
    out.push_sql(".");
    walk_name(out, &scope.model.table(column.table).column(column.no).name);
    Ok(())
}

/// The name of a table or column of the model.
///
/// A model with other names than plain ASCII identifiers does not load, so nothing in a name needs
/// an escape. Diesel's own quoting looks for one, and copies every name for that.
pub(in crate::sql) fn walk_name<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, name: &str) {
    out.push_sql(DB::QUOTE);
    out.push_sql(name);
    out.push_sql(DB::QUOTE);
}
