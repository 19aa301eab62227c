//! A page of rows.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::Dialect;
use super::drivers::{Drivers, Use};
use super::few::{self, Few};
use super::from::Needed;
use super::keyset::{Segment, walk_after};
use super::predicate::{Where, walk_predicate};
use super::scope::{Scope, walk_column};
use super::source::walk_rows_of;
use super::statement::statements;
use super::term::walk_term;
use crate::model::Model;
use crate::plan::{Predicate, Query, Restriction};

/// The rows of a query, or of one part of it.
pub struct Select<'q> {
    scope: Scope<'q>,
    query: &'q Query,
    restriction: Option<Restriction<'q>>,
    segment: Segment,
    /// Rows left out; per parent, those up to this number.
    skip: i64,
    /// Rows at most; per parent, the number of the last one.
    take: i64,
    locked: bool,
}

statements!(Select);

impl<'q> Select<'q> {
    /// One part of the rows of a query; `taken` rows of it are read already.
    pub fn new(
        model: &'q Model,
        query: &'q Query,
        restriction: Option<Restriction<'q>>,
        segment: Segment,
        taken: u64,
    ) -> Self {
        let rows = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let skip = rows(query.skip);
        let left = query
            .take
            .map_or(i64::MAX, |t| rows(t.saturating_sub(taken)));
        let scope = Scope {
            model,
            entity: query.entity,
            joins: &query.joins,
            depth: 0,
            few: few::NONE,
        };
        let mut select = Self {
            scope,
            query,
            restriction,
            segment,
            skip,
            take: left,
            locked: false,
        };
        if select.per_parent().is_some() {
            select.take = skip.saturating_add(left);
        }
        select
    }

    /// Locks the rows, of every table of the query, until the transaction ends.
    ///
    /// INVARIANT: no join is optional, and no page counts inside each parent: such rows cannot be
    /// locked.
    #[must_use]
    pub fn locked(self) -> Self {
        Self {
            locked: true,
            ..self
        }
    }

    /// Finds texts that are in few rows by their index.
    #[must_use]
    pub fn narrowed(mut self, few: &'q Few) -> Self {
        self.scope.few = few;
        self
    }

    fn limited(&self) -> bool {
        self.query.take.is_some() || self.query.skip > 0
    }

    /// The restriction, where rows are numbered inside each parent.
    fn per_parent(&self) -> Option<Restriction<'q>> {
        self.restriction.filter(|r| r.per_parent && self.limited())
    }

    /// ` WHERE …`
    fn walk_where<'b, DB: Dialect>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Also without a page: rows that come in the order of an index need no memory for sorting.
        let usage = match self.restriction {
            None => Use::FirstOf(&self.query.order),
            Some(_) => Use::All,
        };
        let drivers = Drivers::new(self.scope.base(), &self.query.predicate, usage);
        let mut word = " WHERE ";
        if let Some(restriction) = &self.restriction {
            out.push_sql(word);
            walk_column(out, &self.scope, restriction.column)?;
            DB::walk_in_guids(out, restriction.among)?;
            word = " AND ";
        }
        if self.query.predicate != Predicate::Always {
            out.push_sql(word);
            let at = Where::new(&self.scope, &drivers);
            walk_predicate(out, &at, &self.query.predicate)?;
            word = " AND ";
        }
        if self.query.after.is_some() {
            out.push_sql(word);
            walk_after(out, &self.scope, self.query, self.segment)?;
        }
        Ok(())
    }

    /// ` ORDER BY …`
    fn walk_order<'b, DB: Dialect>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (i, key) in self.query.order.iter().enumerate() {
            out.push_sql(if i == 0 { " ORDER BY " } else { ", " });
            walk_term(out, &self.scope, &key.term)?;
            if key.descending {
                out.push_sql(" DESC");
            }
            if key.nullable {
                DB::walk_null_order(out, key.descending);
            }
        }
        Ok(())
    }

    /// `SELECT …` over the tables, with a name for each column where an outer query needs it.
    fn walk_columns<'b, DB: Dialect>(
        &'b self,
        out: &mut AstPass<'_, 'b, DB>,
        named: bool,
    ) -> QueryResult<()> {
        let mut digits = itoa::Buffer::new();
        out.push_sql("SELECT ");
        for (i, term) in self.query.columns.iter().enumerate() {
            if i > 0 {
                out.push_sql(", ");
            }
            walk_term(out, &self.scope, term)?;
            if named {
                out.push_sql(" AS c");
                out.push_sql(digits.format(i));
            }
        }
        Ok(())
    }

    /// Rows numbered inside each parent, and of them those between skip and take.
    fn walk_numbered<'b, DB: Dialect>(
        &'b self,
        out: &mut AstPass<'_, 'b, DB>,
        restriction: Restriction<'q>,
    ) -> QueryResult<()> {
        let mut digits = itoa::Buffer::new();
        out.push_sql("SELECT ");
        for i in 0..self.query.columns.len() {
            out.push_sql(if i == 0 { "c" } else { ", c" });
            out.push_sql(digits.format(i));
        }
        out.push_sql(" FROM (");
        self.walk_columns(out, true)?;
        out.push_sql(", row_number() OVER (PARTITION BY ");
        walk_column(out, &self.scope, restriction.column)?;
        self.walk_order(out)?;
        out.push_sql(") AS n");
        walk_rows_of(out, &self.scope, self.query.over.as_deref(), &Needed::All)?;
        self.walk_where(out)?;
        out.push_sql(") AS numbered WHERE n > ");
        DB::walk_number(out, &self.skip)?;
        out.push_sql(" AND n <= ");
        DB::walk_number(out, &self.take)?;
        out.push_sql(" ORDER BY n");
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for Select<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if let Some(restriction) = self.per_parent() {
            return self.walk_numbered(&mut out, restriction);
        }
        self.walk_columns(&mut out, false)?;
        let over = self.query.over.as_deref();
        walk_rows_of(&mut out, &self.scope, over, &Needed::All)?;
        self.walk_where(&mut out)?;
        self.walk_order(&mut out)?;
        if self.limited() {
            out.push_sql(" LIMIT ");
            DB::walk_number(&mut out, &self.take)?;
        }
        if self.query.skip > 0 {
            out.push_sql(" OFFSET ");
            DB::walk_number(&mut out, &self.skip)?;
        }
        if self.locked {
            out.push_sql(DB::LOCK);
        }
        Ok(())
    }
}

/// Asks the database how it would run a statement.
pub struct Explain<T>(pub T);

impl<T> std::fmt::Debug for Explain<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explain").finish_non_exhaustive()
    }
}

impl<T> diesel::query_builder::QueryId for Explain<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> diesel::query_builder::Query for Explain<T> {
    type SqlType = diesel::sql_types::Untyped;
}

impl<T: QueryFragment<DB>, DB: Dialect> QueryFragment<DB> for Explain<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(DB::EXPLAIN);
        self.0.walk_ast(out)
    }
}
