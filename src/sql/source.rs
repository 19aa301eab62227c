//! What a query stands on that is no table: groups, some rows of many, rows of several queries.
//!
//! Each is a query in parentheses with the name `r`, whose columns are `c0`, `c1`, … Both databases
//! read such queries through, so that the conditions and indexes of the tables count.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::{Drivers, Use};
use super::from::{Needed, walk_from};
use super::predicate::{Where, walk_predicate};
use super::scope::Scope;
use super::term::walk_term;
use crate::model::ColumnKind;
use crate::plan::{Aggregate, Concat, Cut, Groups, OutputKind, Part, Predicate, Query, Source};

/// ` FROM …` of a query, whatever it stands on.
pub(in crate::sql) fn walk_rows_of<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    over: Option<&'b Source>,
    needed: &Needed<'_>,
) -> QueryResult<()> {
    let Some(source) = over else {
        return walk_from(out, scope, needed);
    };
    out.push_sql(" FROM (");
    walk_source(out, scope, source)?;
    out.push_sql(") AS r");
    Ok(())
}

fn walk_source<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    outer: &Scope<'b>,
    source: &'b Source,
) -> QueryResult<()> {
    match source {
        Source::Groups(groups) => walk_groups(out, outer, groups),
        Source::Cut(cut) => walk_cut(out, outer, cut),
        Source::Concat(concat) => walk_concat(out, outer, concat),
    }
}

fn scope_of<'b>(outer: &Scope<'b>, query: &'b Query) -> Scope<'b> {
    Scope {
        entity: query.entity,
        joins: &query.joins,
        depth: 0,
        ..*outer
    }
}

/// ` FROM … WHERE …` of a query inside another.
fn walk_rows<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    query: &'b Query,
    usage: Use<'b>,
) -> QueryResult<()> {
    walk_rows_of(out, scope, query.over.as_deref(), &Needed::All)?;
    if query.predicate == Predicate::Always {
        return Ok(());
    }
    out.push_sql(" WHERE ");
    let drivers = Drivers::new(scope.base(), &query.predicate, usage);
    let at = Where::new(scope, &drivers);
    walk_predicate(out, &at, &query.predicate)
}

/// `SELECT key AS c0, count(*) AS c1 FROM … GROUP BY 1`
fn walk_groups<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    outer: &Scope<'b>,
    groups: &'b Groups,
) -> QueryResult<()> {
    let (of, scope) = (&groups.of, scope_of(outer, &groups.of));
    let column = |out: &mut AstPass<'_, 'b, DB>, position: &usize| -> QueryResult<()> {
        match of.columns.get(*position) {
            Some(term) => walk_term(out, &scope, term),
            None => Ok(()),
        }
    };
    let mut number = Names::new();
    out.push_sql("SELECT ");
    for key in &groups.keys {
        number.separate(out);
        column(out, key)?;
        number.name(out);
    }
    for aggregate in &groups.aggregates {
        number.separate(out);
        walk_aggregate(out, aggregate, &column)?;
        number.name(out);
    }
    walk_rows(out, &scope, of, Use::All)?;
    let mut digits = itoa::Buffer::new();
    for number in 1..=groups.keys.len() {
        // By number: an expression with a bind would not be known as the same one.
        out.push_sql(if number == 1 { " GROUP BY " } else { ", " });
        out.push_sql(digits.format(number));
    }
    Ok(())
}

fn walk_aggregate<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    aggregate: &'b Aggregate,
    column: &impl Fn(&mut AstPass<'_, 'b, DB>, &usize) -> QueryResult<()>,
) -> QueryResult<()> {
    let mut around = |before: &str, of: &usize, after: &str| -> QueryResult<()> {
        out.push_sql(before);
        column(out, of)?;
        out.push_sql(after);
        Ok(())
    };
    match aggregate {
        Aggregate::Rows => out.push_sql("count(*)"),
        Aggregate::Sum(of) => around("CAST(sum(", of, ") AS bigint)")?,
        Aggregate::Least(of) => around("min(", of, ")")?,
        Aggregate::Greatest(of) => around("max(", of, ")")?,
        Aggregate::Distinct(of) => around("count(DISTINCT ", of, ")")?,
        // In whole numbers, which are the same on every database: the whole part, and the rest of
        // the division in millionths with half a divisor of the same sign added.
        Aggregate::Average(of) => {
            around("(CAST(sum(", of, ") AS bigint) / ")?;
            around("count(", of, ")) * 1000000")?;
            around(" + (2000000 * (CAST(sum(", of, ") AS bigint) % ")?;
            around("count(", of, "))")?;
            around(" + CASE WHEN CAST(sum(", of, ") AS bigint) < 0")?;
            around(" THEN -count(", of, ")")?;
            around(" ELSE count(", of, ") END)")?;
            around(" / (2 * count(", of, "))")?;
        }
    }
    Ok(())
}

/// `SELECT … ORDER BY … LIMIT … OFFSET …`
fn walk_cut<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    outer: &Scope<'b>,
    cut: &'b Cut,
) -> QueryResult<()> {
    let (of, scope) = (&cut.of, scope_of(outer, &cut.of));
    let mut number = Names::new();
    out.push_sql("SELECT ");
    for term in &of.columns {
        number.separate(out);
        walk_term(out, &scope, term)?;
        number.name(out);
    }
    walk_rows(out, &scope, of, Use::FirstOf(&of.order))?;
    for (i, key) in of.order.iter().enumerate() {
        out.push_sql(if i == 0 { " ORDER BY " } else { ", " });
        walk_term(out, &scope, &key.term)?;
        if key.descending {
            out.push_sql(" DESC");
        }
        if key.nullable {
            DB::walk_null_order(out, key.descending);
        }
    }
    out.push_sql(" LIMIT ");
    DB::walk_number(out, &cut.take)?;
    out.push_sql(" OFFSET ");
    DB::walk_number(out, &cut.skip)
}

/// `SELECT CAST(0 AS bigint) AS c0, … UNION ALL SELECT …`
fn walk_concat<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    outer: &Scope<'b>,
    concat: &'b Concat,
) -> QueryResult<()> {
    let mut digits = itoa::Buffer::new();
    for (n, Part { query, columns }) in concat.parts.iter().enumerate() {
        let scope = scope_of(outer, query);
        let mut number = Names::new();
        out.push_sql(if n == 0 {
            "SELECT CAST("
        } else {
            " UNION ALL SELECT CAST("
        });
        out.push_sql(digits.format(n));
        out.push_sql(" AS bigint)");
        number.name(out);
        for (position, kind) in columns.iter().zip(&concat.kinds) {
            number.separate(out);
            match position.and_then(|position| query.columns.get(position)) {
                Some(term) => walk_term(out, &scope, term)?,
                None => out.push_sql(&DB::view_null(column_kind(*kind))),
            }
            number.name(out);
        }
        walk_rows(out, &scope, query, Use::All)?;
    }
    Ok(())
}

/// The kind of column that holds such values.
const fn column_kind(kind: OutputKind) -> &'static ColumnKind {
    match kind {
        OutputKind::Text => &ColumnKind::Text,
        OutputKind::Integer => &ColumnKind::Integer,
        OutputKind::Boolean => &ColumnKind::Boolean,
        OutputKind::Guid => &ColumnKind::Guid,
        OutputKind::Timestamp => &ColumnKind::Timestamp,
    }
}

/// Commas between columns, and their names.
struct Names {
    next: usize,
    digits: itoa::Buffer,
}

impl Names {
    fn new() -> Self {
        Self {
            next: 0,
            digits: itoa::Buffer::new(),
        }
    }

    /// A comma before all columns but the first.
    fn separate<DB: Dialect>(&self, out: &mut AstPass<'_, '_, DB>) {
        if self.next > 0 {
            out.push_sql(", ");
        }
    }

    /// ` AS c0`, and so on.
    fn name<DB: Dialect>(&mut self, out: &mut AstPass<'_, '_, DB>) {
        out.push_sql(" AS c");
        out.push_sql(self.digits.format(self.next));
        self.next += 1;
    }
}
