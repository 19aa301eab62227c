//! Conditions.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::Drivers;
use super::nested::{Counted, Within};
use super::scope::{Scope, walk_column};
use super::term::walk_term;
use crate::model::Table;
use crate::plan::{Column, CompareOperator, MatchKind, Predicate, Term};
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
    /// Whether every row must meet it.
    required: bool,
}

impl<'w, 'q> Where<'w, 'q> {
    /// The condition of a query.
    pub(in crate::sql) fn new(scope: &'w Scope<'q>, drivers: &'w Drivers<'q>) -> Self {
        Self::inside(scope, drivers, None)
    }

    /// The condition of a query that stands in another condition.
    pub(in crate::sql) fn inside(
        scope: &'w Scope<'q>,
        drivers: &'w Drivers<'q>,
        outer: Option<&'w Where<'w, 'q>>,
    ) -> Self {
        Self {
            scope,
            drivers,
            outer,
            stands: None,
            required: true,
        }
    }

    /// What ends a nested query here that must not become a join.
    pub(in crate::sql) fn apart<DB: Dialect>(&self) -> Option<&'static str> {
        if !self.required {
            return None;
        }
        self.innermost().drivers.apart::<DB>()
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
            required: self.required,
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
        Predicate::Any(parts) => {
            let required = at.required && parts.len() == 1;
            walk_parts(out, &Where { required, ..*at }, parts, " OR ", "FALSE")
        }
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
                apart: at.apart::<DB>(),
            };
            within.walk(
                out,
                at.scope,
                at.innermost().scope.depth,
                Some(at.innermost()),
            )
        }
        Predicate::Counted {
            column,
            tally,
            query,
        } => {
            let counted = Counted {
                column: *column,
                tally,
                query,
            };
            let depth = at.innermost().scope.depth;
            counted.walk(out, at.scope, depth, Some(at.innermost()))
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
    out.push_sql(sign(operator));
    DB::walk_value(out, value)
}

/// A comparison in SQL.
pub(in crate::sql) const fn sign(operator: CompareOperator) -> &'static str {
    match operator {
        CompareOperator::Eq => " = ",
        CompareOperator::Ne => " <> ",
        CompareOperator::Lt => " < ",
        CompareOperator::Le => " <= ",
        CompareOperator::Gt => " > ",
        CompareOperator::Ge => " >= ",
    }
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
