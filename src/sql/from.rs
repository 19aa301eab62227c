//! `FROM` with its joins.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::nested::Within;
use super::scope::{Scope, walk_alias, walk_column, walk_name};
use crate::model::{EntityId, Table};
use crate::plan::{Column, JoinBy, Predicate, Slot, Term};

/// Which joins a query needs; the rest is left out.
pub(in crate::sql) enum Needed<'q> {
    /// All of them.
    All,
    /// Those that the condition reads, and those that narrow the rows.
    For(&'q Predicate),
}

/// ` FROM table AS t0 [LEFT] JOIN …`
pub(in crate::sql) fn walk_from<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    needed: &Needed<'_>,
) -> QueryResult<()> {
    out.push_sql(" FROM ");
    walk_table(out, scope, scope.entity, Slot::BASE);
    let wanted = match needed {
        Needed::All => None,
        Needed::For(predicate) => Some(wanted_slots(scope, predicate)),
    };
    for (slot, join) in (1u8..).map(Slot).zip(scope.joins) {
        if wanted.as_ref().is_some_and(|w| !w.contains(&slot)) {
            continue;
        }
        out.push_sql(if join.optional {
            " LEFT JOIN "
        } else {
            " JOIN "
        });
        walk_table(out, scope, join.table, slot);
        out.push_sql(" ON ");
        walk_alias(out, scope, slot);
        out.push_sql(".");
        let table = scope.model.table(join.table);
        let custom = match &join.by {
            JoinBy::Key => None,
            JoinBy::Custom(property) => scope.model.custom_columns().map(|c| (c, property)),
        };
        let over = custom.map_or(Table::KEY, |(columns, _)| columns.item);
        walk_name(out, &table.column(over).name);
        out.push_sql(" = ");
        walk_column(out, scope, join.on)?;
        if let Some((columns, property)) = custom {
            out.push_sql(" AND ");
            walk_alias(out, scope, slot);
            out.push_sql(".");
            walk_name(out, &table.column(columns.property).name);
            out.push_sql(" = ");
            DB::walk_value(out, property)?;
        }
        if let Some(query) = &join.among {
            let (table, no) = (join.table, Table::KEY);
            out.push_sql(" AND ");
            let within = Within {
                column: Column { slot, table, no },
                negated: false,
                query,
                apart: None,
            };
            within.walk(out, scope, scope.depth, None)?;
        }
    }
    Ok(())
}

/// `table AS alias`
fn walk_table<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    scope: &Scope<'_>,
    entity: EntityId,
    slot: Slot,
) {
    walk_name(out, &scope.model.table(entity).name);
    out.push_sql(" AS ");
    walk_alias(out, scope, slot);
}

/// The slots that a count needs: optional joins are to-one and change no number by themselves.
fn wanted_slots(scope: &Scope<'_>, predicate: &Predicate) -> Vec<Slot> {
    let mut slots = Vec::new();
    collect_slots(predicate, 0, &mut slots);
    // From the last join to the first: each needs the slot that it is on.
    let joins: Vec<_> = (1u8..).map(Slot).zip(scope.joins).collect();
    for (slot, join) in joins.into_iter().rev() {
        if !join.optional && !slots.contains(&slot) {
            slots.push(slot);
        }
        if slots.contains(&slot) {
            slots.push(join.on.slot);
        }
    }
    slots
}

/// The slots of the outermost query in a condition that stands `inside` so many nested ones.
fn collect_slots(predicate: &Predicate, inside: u8, slots: &mut Vec<Slot>) {
    let mut found = |slot| {
        if inside == 0 {
            slots.push(slot);
        }
    };
    match predicate {
        Predicate::Always | Predicate::Never => {}
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().for_each(|p| collect_slots(p, inside, slots));
        }
        Predicate::Compare { term, .. }
        | Predicate::OneOf { term, .. }
        | Predicate::Null { term, .. }
        | Predicate::Match { term, .. } => found(term_slot(term)),
        Predicate::Within { column, query, .. } | Predicate::Counted { column, query, .. } => {
            found(column.slot);
            collect_slots(&query.predicate, inside.saturating_add(1), slots);
        }
        Predicate::Outer { up, predicate } => {
            collect_slots(predicate, inside.saturating_sub(up.get()), slots);
        }
    }
}

fn term_slot(term: &Term) -> Slot {
    match term {
        Term::Column(column) => column.slot,
        Term::Trimmed(inner) => term_slot(inner),
        Term::Language { shadow, .. } | Term::LanguageOrFirst { shadow, .. } => shadow.slot,
        Term::TimePart { of, .. } | Term::Piece { of, .. } => term_slot(of),
        Term::Output(_) => Slot::BASE,
    }
}
