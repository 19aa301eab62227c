//! Statements about indexes of trigrams: what there is, making, filling, dropping, looking.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::dialect::{Dialect, Trigrams};
use super::few::Rare;
use super::statement::statements;
use crate::model::{Index, Model, Table};

/// An index of trigrams of one column, as statements speak of it.
#[derive(Debug, Clone, Copy)]
pub struct TrigramIndex<'m> {
    /// The table.
    pub table: &'m Table,
    /// The index for `contains` that the model asks for.
    pub index: &'m Index,
}

/// Names of things of the database, one a row: those that indexes of trigrams consist of.
pub struct TrigramParts<'q> {
    /// Only those that can be used.
    is_usable: bool,
    of: std::marker::PhantomData<&'q ()>,
}

/// A row where all letters make trigrams.
pub struct AllLetters<'q>(std::marker::PhantomData<&'q ()>);

/// A number that is another one whenever such an index came or went.
pub struct TrigramVersion<'q>(std::marker::PhantomData<&'q ()>);

/// Puts what is stored in some rows of a table into an index.
pub struct Fill<'q> {
    of: TrigramIndex<'q>,
    /// Rows behind this number.
    after: i64,
    /// And up to this one.
    until: i64,
}

/// The numbers of rows that have all runs of a text, so many at most, each beside the number of the
/// last row of the table.
pub struct LookUp<'q> {
    table: &'q Table,
    rare: &'q Rare,
    limit: i64,
    is_counted: bool,
}

/// The number of the last row of a table.
pub struct LastRow<'q>(pub &'q Table);

statements!(
    AllLetters,
    Fill,
    LastRow,
    LookUp,
    TrigramParts,
    TrigramVersion
);

impl TrigramParts<'_> {
    /// Those that can be used.
    pub const fn usable() -> Self {
        Self {
            is_usable: true,
            of: std::marker::PhantomData,
        }
    }

    /// All that are there.
    pub const fn remains() -> Self {
        Self {
            is_usable: false,
            of: std::marker::PhantomData,
        }
    }
}

impl AllLetters<'_> {
    /// Asks.
    pub const fn asked() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl TrigramVersion<'_> {
    /// That of now.
    pub const fn now() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<'q> Fill<'q> {
    /// The rows behind one number and up to another.
    pub fn new(of: TrigramIndex<'q>, after: i64, until: i64) -> Self {
        Self { of, after, until }
    }
}

impl<'q> LookUp<'q> {
    /// Looks for `limit` rows at most.
    pub fn new(model: &'q Model, rare: &'q Rare, limit: i64) -> Self {
        Self {
            table: model.table(rare.entity),
            rare,
            limit,
            is_counted: false,
        }
    }

    /// Only tells how many they are.
    #[must_use]
    pub fn counted(self) -> Self {
        Self {
            is_counted: true,
            ..self
        }
    }
}

impl<DB: Dialect> QueryFragment<DB> for TrigramParts<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(if self.is_usable {
            <DB as Trigrams>::PARTS
        } else {
            <DB as Trigrams>::REMAINS
        });
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for AllLetters<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(<DB as Trigrams>::LETTERS);
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for TrigramVersion<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(<DB as Trigrams>::VERSION.unwrap_or("SELECT 0"));
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for Fill<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        DB::walk_fill(&mut out, &self.of, &self.after, &self.until)
    }
}

impl<DB: Dialect> QueryFragment<DB> for LookUp<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(if self.is_counted {
            "SELECT count(*), ("
        } else {
            "SELECT found.*, ("
        });
        walk_last_row::<DB>(&mut out, self.table);
        out.push_sql(") FROM (");
        DB::walk_rare(&mut out, self.rare)?;
        out.push_sql(" LIMIT ");
        DB::walk_number(&mut out, &self.limit)?;
        out.push_sql(") AS found");
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for LastRow<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk_last_row::<DB>(&mut out, self.0);
        Ok(())
    }
}

fn walk_last_row<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, table: &Table) {
    out.push_sql("SELECT max(");
    super::scope::walk_name(out, &table.column(Table::ROW_ID).name);
    out.push_sql(") FROM ");
    super::scope::walk_name(out, &table.name);
}
