//! Conditions.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::{Drivers, Use};
use super::few;
use super::from::{Needed, walk_from};
use super::scope::{Scope, walk_column};
use super::term::walk_term;
use crate::model::{ColumnKind, Table};
use crate::plan::{Column, CompareOperator, MatchKind, Predicate, Slot, SubQuery, Term};
use crate::value::Value;

/// Parts of one `AND` or `OR` that are written in a row; more become a balanced tree, since SQLite
/// refuses expressions deeper than 1,000.
const FLAT: usize = 64;

/// What a condition is written for: the tables, and which conditions may use an index.
#[derive(Clone, Copy)]
pub(in crate::sql) struct Where<'w, 'q> {
    scope: &'w Scope<'q>,
    drivers: &'w Drivers<'q>,
    /// The condition that this one is nested in.
    outer: Option<&'w Where<'w, 'q>>,
    /// Where the condition stands, when it looks at rows further out.
    stands: Option<&'w Where<'w, 'q>>,
}

impl<'w, 'q> Where<'w, 'q> {
    /// The condition of a query.
    pub(in crate::sql) fn new(scope: &'w Scope<'q>, drivers: &'w Drivers<'q>) -> Self {
        Self {
            scope,
            drivers,
            outer: None,
            stands: None,
        }
    }

    /// The innermost query that this one is inside of, itself as a rule.
    fn innermost(&'w self) -> &'w Self {
        self.stands.unwrap_or(self)
    }

    /// The query so many levels further out.
    fn further_out(&'w self, up: u8) -> Self {
        let stands = self.innermost();
        let mut found = stands;
        for _ in 0..up {
            found = found.outer.unwrap_or(found);
        }
        Self {
            stands: Some(stands),
            ..*found
        }
    }
}

/// A condition, in parentheses where it needs them beside `AND`.
pub(in crate::sql) fn walk_predicate<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    at: &Where<'_, 'b>,
    predicate: &'b Predicate,
) -> QueryResult<()> {
    match predicate {
        Predicate::Always => {
            out.push_sql("TRUE");
            Ok(())
        }
        Predicate::Never => {
            out.push_sql("FALSE");
            Ok(())
        }
        Predicate::All(parts) => walk_parts(out, at, parts, " AND ", "TRUE"),
        Predicate::Any(parts) => walk_parts(out, at, parts, " OR ", "FALSE"),
        Predicate::Compare {
            term,
            operator,
            value,
            or_null,
        } => walk_or_null(out, at, term, *or_null, |out| {
            walk_compare(out, at, term, *operator, value)
        }),
        Predicate::OneOf {
            term,
            values,
            negated,
            or_null,
        } => walk_or_null(out, at, term, *or_null, |out| {
            if !*negated {
                guard_equality(out, at, term);
            }
            walk_term(out, at.scope, term)?;
            DB::walk_in(out, values, *negated)
        }),
        Predicate::Null { term, negated } => {
            walk_term(out, at.scope, term)?;
            out.push_sql(if *negated { " IS NOT NULL" } else { " IS NULL" });
            Ok(())
        }
        Predicate::Match {
            term,
            kind,
            needle,
            negated,
            or_null,
        } => walk_or_null(out, at, term, *or_null, |out| {
            walk_match(out, at, term, *kind, needle, *negated)
        }),
        Predicate::Within {
            column,
            negated,
            query,
        } => {
            let within = Within {
                column: *column,
                negated: *negated,
                query,
            };
            within.walk(
                out,
                at.scope,
                at.innermost().scope.depth,
                Some(at.innermost()),
            )
        }
        Predicate::Outer { up, predicate } => {
            walk_predicate(out, &at.further_out(up.get()), predicate)
        }
    }
}

/// Parts joined by a word, in parentheses.
fn walk_parts<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    at: &Where<'_, 'b>,
    parts: &'b [Predicate],
    word: &'static str,
    empty: &'static str,
) -> QueryResult<()> {
    match parts {
        [] => {
            out.push_sql(empty);
            return Ok(());
        }
        [only] => return walk_predicate(out, at, only),
        [..] => {}
    }
    out.push_sql("(");
    if parts.len() > FLAT {
        let (left, right) = parts.split_at(parts.len() / 2);
        walk_parts(out, at, left, word, empty)?;
        out.push_sql(word);
        walk_parts(out, at, right, word, empty)?;
    } else {
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.push_sql(word);
            }
            walk_predicate(out, at, part)?;
        }
    }
    out.push_sql(")");
    Ok(())
}

/// A leaf that may also be true for null.
fn walk_or_null<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    at: &Where<'_, 'b>,
    term: &'b Term,
    or_null: bool,
    leaf: impl FnOnce(&mut AstPass<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    if !or_null || !at.scope.nullable(term) {
        return leaf(out);
    }
    out.push_sql("(");
    leaf(out)?;
    out.push_sql(" OR ");
    walk_term(out, at.scope, term)?;
    out.push_sql(" IS NULL)");
    Ok(())
}

/// Keeps an equality from choosing an index that cannot narrow much.
fn guard_equality<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, at: &Where<'_, '_>, term: &Term) {
    if let Term::Column(column) = term
        && !at.drivers.equality(*column)
    {
        out.push_sql(DB::NO_INDEX);
    }
}

fn walk_compare<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    at: &Where<'_, 'b>,
    term: &'b Term,
    operator: CompareOperator,
    value: &'b Value,
) -> QueryResult<()> {
    match operator {
        CompareOperator::Eq => guard_equality(out, at, term),
        CompareOperator::Lt | CompareOperator::Le | CompareOperator::Gt | CompareOperator::Ge => {
            if let Term::Column(column) = term
                && !at.drivers.range(*column)
            {
                out.push_sql(DB::NO_INDEX);
            }
        }
        CompareOperator::Ne => {}
    }
    walk_term(out, at.scope, term)?;
    out.push_sql(match operator {
        CompareOperator::Eq => " = ",
        CompareOperator::Ne => " <> ",
        CompareOperator::Lt => " < ",
        CompareOperator::Le => " <= ",
        CompareOperator::Gt => " > ",
        CompareOperator::Ge => " >= ",
    });
    DB::walk_value(out, value)
}

/// A text function; every text contains, starts and ends with the empty one.
fn walk_match<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    at: &Where<'_, 'b>,
    term: &'b Term,
    kind: MatchKind,
    needle: &'b str,
    negated: bool,
) -> QueryResult<()> {
    let whole = |out: &mut AstPass<'_, 'b, DB>| {
        let term = |out: &mut AstPass<'_, 'b, DB>| walk_term(out, at.scope, term);
        DB::walk_match(out, term, kind, needle, negated)
    };
    // What is said of a row further out is said for each row here.
    let usable = !negated && at.stands.is_none();
    if let Some((column, found)) = at.scope.few.of(term, needle).filter(|_| usable) {
        if found.rows.is_empty() {
            out.push_sql("FALSE");
            return Ok(());
        }
        out.push_sql("(");
        let no = Table::ROW_ID;
        walk_column(out, at.scope, Column { no, ..column })?;
        DB::walk_in(out, &found.rows, false)?;
        out.push_sql(" AND ");
        whole(out)?;
        out.push_sql(")");
        return Ok(());
    }
    if !needle.is_empty() {
        return whole(out);
    }
    if negated {
        out.push_sql("FALSE");
        return Ok(());
    }
    walk_term(out, at.scope, term)?;
    out.push_sql(" IS NOT NULL");
    Ok(())
}

/// Whether a column is among the guids of a nested query.
pub(in crate::sql) struct Within<'b> {
    pub(in crate::sql) column: Column,
    pub(in crate::sql) negated: bool,
    pub(in crate::sql) query: &'b SubQuery,
}

impl<'b> Within<'b> {
    /// `column IN (SELECT …)` where the nested query is narrow by itself, so that it may drive;
    /// otherwise a correlated `EXISTS`, which ends at its first row.
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
        let mut scope = Scope {
            entity: query.entity,
            joins: &query.joins,
            depth: depth.saturating_add(1),
            ..*of
        };
        let drives = narrow(&scope, &query.predicate) && !query.predicate.is_correlated();
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
        let drivers = Drivers::new(scope.base(), &query.predicate, Use::All);
        let nested = Where {
            scope: &scope,
            drivers: &drivers,
            outer,
            stands: None,
        };
        walk_predicate(out, &nested, &query.predicate)?;
        out.push_sql(")");
        Ok(())
    }
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
        | Predicate::Outer { .. } => false,
    }
}
