//! Numbers of rows, and whether there are any.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::{Drivers, Use};
use super::few::{self, Few};
use super::from::{Needed, walk_from};
use super::predicate::{Where, walk_predicate};
use super::scope::{Scope, walk_column, walk_name};
use super::source::walk_rows_of;
use super::statement::statements;
use crate::model::{Model, Table};
use crate::plan::{Predicate, Query, Restriction, Source, SubQuery};

/// The number of rows of a query, whatever its page.
pub struct Count<'q> {
    scope: Scope<'q>,
    predicate: &'q Predicate,
    over: Option<&'q Source>,
}

/// The number of rows of a query for each parent; parents without rows are missing.
pub struct CountPerParent<'q> {
    scope: Scope<'q>,
    predicate: &'q Predicate,
    restriction: Restriction<'q>,
}

/// One row if a query gives any, else none.
pub struct Exists<'q> {
    scope: Scope<'q>,
    predicate: &'q Predicate,
}

/// The number of rows of a table.
pub struct RowCount<'q>(pub &'q Table);

/// A statement that reads nothing.
#[derive(Debug)]
pub struct Ping;

statements!(Count, CountPerParent, Exists, RowCount);

impl diesel::query_builder::QueryId for Ping {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl diesel::query_builder::Query for Ping {
    type SqlType = diesel::sql_types::Untyped;
}

impl<DB: Dialect> QueryFragment<DB> for Ping {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT 1");
        Ok(())
    }
}

impl<'q> Count<'q> {
    /// Counts the rows of a query.
    pub fn new(model: &'q Model, query: &'q Query) -> Self {
        Self {
            scope: scope_of(model, query),
            predicate: &query.predicate,
            over: query.over.as_deref(),
        }
    }
}

impl<'q> CountPerParent<'q> {
    /// Counts the rows of a query per guid of the restriction.
    pub fn new(model: &'q Model, query: &'q Query, restriction: Restriction<'q>) -> Self {
        Self {
            scope: scope_of(model, query),
            predicate: &query.predicate,
            restriction,
        }
    }
}

impl<'q> Exists<'q> {
    /// Asks whether a query gives rows.
    pub fn new(model: &'q Model, query: &'q SubQuery) -> Self {
        Self {
            scope: Scope {
                model,
                entity: query.entity,
                joins: &query.joins,
                depth: 0,
                few: few::NONE,
            },
            predicate: &query.predicate,
        }
    }
}

/// Lets statements find texts that are in few rows by their index.
macro_rules! narrowed {
    ($($node:ident),*) => {
        $(
            impl<'q> $node<'q> {
                /// Finds texts that are in few rows by their index.
                #[must_use]
                pub fn narrowed(mut self, few: &'q Few) -> Self {
                    self.scope.few = few;
                    self
                }
            }
        )*
    };
}

narrowed!(Count, CountPerParent, Exists);

fn scope_of<'q>(model: &'q Model, query: &'q Query) -> Scope<'q> {
    Scope {
        model,
        entity: query.entity,
        joins: &query.joins,
        depth: 0,
        few: few::NONE,
    }
}

/// A condition over all rows, behind `word` unless it is always true.
fn walk_condition<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    predicate: &'b Predicate,
    word: &str,
) -> QueryResult<()> {
    if *predicate == Predicate::Always {
        return Ok(());
    }
    out.push_sql(word);
    let drivers = Drivers::new(scope.base(), predicate, Use::All);
    let at = Where::new(scope, &drivers);
    walk_predicate(out, &at, predicate)
}

impl<DB: Dialect> QueryFragment<DB> for Count<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT count(*)");
        let needed = Needed::For(self.predicate);
        walk_rows_of(&mut out, &self.scope, self.over, &needed)?;
        walk_condition(&mut out, &self.scope, self.predicate, " WHERE ")
    }
}

impl<DB: Dialect> QueryFragment<DB> for CountPerParent<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        walk_column(&mut out, &self.scope, self.restriction.column)?;
        out.push_sql(", count(*)");
        walk_from(&mut out, &self.scope, &Needed::For(self.predicate))?;
        out.push_sql(" WHERE ");
        walk_column(&mut out, &self.scope, self.restriction.column)?;
        DB::walk_in_guids(&mut out, self.restriction.among)?;
        walk_condition(&mut out, &self.scope, self.predicate, " AND ")?;
        out.push_sql(" GROUP BY ");
        walk_column(&mut out, &self.scope, self.restriction.column)
    }
}

impl<DB: Dialect> QueryFragment<DB> for Exists<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT 1");
        walk_from(&mut out, &self.scope, &Needed::For(self.predicate))?;
        walk_condition(&mut out, &self.scope, self.predicate, " WHERE ")?;
        out.push_sql(" LIMIT 1");
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for RowCount<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM ");
        walk_name(&mut out, &self.0.name);
        Ok(())
    }
}
