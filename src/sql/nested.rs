//! Conditions on rows of other queries: whether there are any, and how many.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::{Drivers, Use};
use super::few;
use super::from::{Needed, walk_from};
use super::predicate::{Where, sign, walk_predicate};
use super::scope::{Scope, walk_column};
use crate::model::ColumnKind;
use crate::plan::{Column, CompareOperator, Predicate, Slot, SubQuery, Tally, Term};

/// Whether a column is among the guids of a nested query.
pub(in crate::sql) struct Within<'b> {
    pub(in crate::sql) column: Column,
    pub(in crate::sql) negated: bool,
    pub(in crate::sql) query: &'b SubQuery,
    /// What ends it, where it must not become a join.
    pub(in crate::sql) apart: Option<&'static str>,
}

impl<'b> Within<'b> {
    /// `column IN (SELECT …)` where the nested query is narrow by itself, so that it may drive, and may
    /// become a join; otherwise a correlated `EXISTS`, which ends at its first row.
    ///
    /// `depth` is that of the query that it stands in; `outer` its condition, where that is what
    /// it stands in.
    pub(in crate::sql) fn walk<DB: Dialect>(
        &self,
        out: &mut AstPass<'_, 'b, DB>,
        of: &Scope<'b>,
        depth: u16,
        outer: Option<&Where<'_, 'b>>,
    ) -> QueryResult<()> {
        let query = self.query;
        let mut scope = inner(of, query, depth);
        let drives = self.apart.is_none()
            && narrow(&scope, &query.predicate)
            && !query.predicate.is_correlated();
        if self.negated || !drives {
            // It runs for each row outside: what an index has found would be walked each time.
            scope.few = few::NONE;
        }
        if !self.negated && drives {
            walk_column(out, of, self.column)?;
            out.push_sql(" IN (SELECT ");
            walk_column(out, &scope, query.select)?;
            walk_from(out, &scope, &Needed::All)?;
            out.push_sql(" WHERE ");
        } else {
            out.push_sql(if self.negated {
                "NOT EXISTS (SELECT 1"
            } else {
                "EXISTS (SELECT 1"
            });
            walk_from(out, &scope, &Needed::All)?;
            out.push_sql(" WHERE ");
            walk_column(out, &scope, query.select)?;
            out.push_sql(" = ");
            walk_column(out, of, self.column)?;
            out.push_sql(" AND ");
        }
        walk_condition(out, &scope, query, outer)?;
        out.push_sql(self.apart.unwrap_or_default());
        out.push_sql(")");
        Ok(())
    }
}

/// How many rows of a nested query have the guid of a column.
pub(in crate::sql) struct Counted<'b> {
    pub(in crate::sql) column: Column,
    pub(in crate::sql) tally: &'b Tally,
    pub(in crate::sql) query: &'b SubQuery,
}

impl<'b> Counted<'b> {
    /// `(SELECT count(*) FROM (SELECT 1 … LIMIT enough) AS n) > number`: no more rows are read than
    /// decide the comparison.
    pub(in crate::sql) fn walk<DB: Dialect>(
        &self,
        out: &mut AstPass<'_, 'b, DB>,
        of: &Scope<'b>,
        depth: u16,
        outer: Option<&Where<'_, 'b>>,
    ) -> QueryResult<()> {
        let (query, tally) = (self.query, self.tally);
        // It runs for each row outside, too.
        let scope = Scope {
            few: few::NONE,
            ..inner(of, query, depth)
        };
        out.push_sql("(SELECT count(*) FROM (SELECT 1");
        walk_from(out, &scope, &Needed::All)?;
        out.push_sql(" WHERE ");
        walk_column(out, &scope, query.select)?;
        out.push_sql(" = ");
        walk_column(out, of, self.column)?;
        out.push_sql(" AND ");
        walk_condition(out, &scope, query, outer)?;
        out.push_sql(" LIMIT ");
        DB::walk_number(out, &tally.enough)?;
        out.push_sql(") AS n)");
        out.push_sql(sign(tally.operator));
        DB::walk_number(out, &tally.number)
    }
}

/// The tables of a query inside another.
fn inner<'b>(of: &Scope<'b>, query: &'b SubQuery, depth: u16) -> Scope<'b> {
    Scope {
        model: of.model,
        entity: query.entity,
        joins: &query.joins,
        depth: depth.saturating_add(1),
        few: of.few,
    }
}

/// The condition of a query inside another.
fn walk_condition<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    query: &'b SubQuery,
    outer: Option<&Where<'_, 'b>>,
) -> QueryResult<()> {
    let drivers = Drivers::new(scope.base(), &query.predicate, Use::All);
    let nested = Where::inside(scope, &drivers, outer);
    walk_predicate(out, &nested, &query.predicate)
}

/// Whether a condition narrows its table to the rows of some guids.
fn narrow(scope: &Scope<'_>, predicate: &Predicate) -> bool {
    let table = scope.base();
    let guid = |term: &Term| match term {
        Term::Column(column) if column.slot == Slot::BASE => matches!(
            table.column(column.no).kind,
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid
        ),
        Term::Column(_)
        | Term::Trimmed(_)
        | Term::Language { .. }
        | Term::LanguageOrFirst { .. }
        | Term::TimePart { .. }
        | Term::Piece { .. }
        | Term::Output(_) => false,
    };
    match predicate {
        Predicate::Never => true,
        Predicate::All(parts) => parts.iter().any(|p| narrow(scope, p)),
        Predicate::Compare {
            term,
            operator: CompareOperator::Eq,
            or_null: false,
            ..
        }
        | Predicate::OneOf {
            term,
            negated: false,
            or_null: false,
            ..
        } => guid(term),
        Predicate::Within {
            column,
            negated: false,
            query,
        } => column.slot == Slot::BASE && !matches!(query.predicate, Predicate::Always),
        Predicate::Match {
            term,
            needle,
            negated: false,
            or_null: false,
            ..
        } => {
            let found = scope.few.of(term, needle);
            let joined = |slot| scope.join(slot).is_none_or(|join| !join.optional);
            found.is_some_and(|(column, _)| joined(column.slot))
        }
        Predicate::Always
        | Predicate::Any(_)
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => false,
    }
}
