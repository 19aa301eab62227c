//! What differs between the databases.

mod postgres;
mod sqlite;
mod trigrams;

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment};
use diesel::result::QueryResult;
use diesel::sqlite::Sqlite;
use uuid::Uuid;

use super::insert::Rows;
use super::overlay::BoundRows;
use super::statistics::Statistics;
use super::work::Explained;
use crate::diag::{Code, Problem, Result};
use crate::model::{Column, ColumnKind, IndexMethod};
use crate::plan::{MatchKind, TimePart};
use crate::value::Value;

pub use postgres::POSTGRES_ORIGIN;
pub use trigrams::Trigrams;

/// The databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialectName {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Runs an expression with the type of a database.
macro_rules! for_dialect {
    ($name:expr, $db:ident => $body:expr) => {
        match $name {
            $crate::sql::DialectName::Sqlite => {
                type $db = diesel::sqlite::Sqlite;
                $body
            }
            $crate::sql::DialectName::Postgres => {
                type $db = diesel::pg::Pg;
                $body
            }
        }
    };
}

pub(in crate::sql) use for_dialect;

impl DialectName {
    /// A statement with its binds, as this database gets it.
    pub fn text<T>(self, statement: &T) -> String
    where
        T: QueryFragment<Sqlite> + QueryFragment<Pg>,
    {
        for_dialect!(self, DB => diesel::debug_query::<DB, _>(statement).to_string())
    }

    /// A statement as this database gets it, with a placeholder for every value.
    ///
    /// # Errors
    ///
    /// `Internal` for a statement that cannot be written.
    pub fn placeholders<T>(self, statement: &T) -> Result<String>
    where
        T: QueryFragment<Sqlite> + QueryFragment<Pg>,
    {
        let written = for_dialect!(self, DB => {
            let mut out = <DB as Backend>::QueryBuilder::default();
            let done = QueryFragment::<DB>::to_sql(statement, &mut out, &DB::default());
            done.map(|()| QueryBuilder::<DB>::finish(out))
        });
        written.map_err(|e| {
            Problem::new(Code::Internal, "a statement cannot be written").log(e.to_string())
        })
    }

    /// The positions of number, parent and text in a row of an explanation.
    pub fn explained_at(self) -> [Option<usize>; 3] {
        for_dialect!(self, DB => <DB as Explains>::EXPLAINED)
    }

    /// What the lines of an explanation say of a statement.
    pub fn explained(self, lines: &[Line], sql: &str) -> Explained {
        for_dialect!(self, DB => <DB as Explains>::explained(lines, sql))
    }

    /// Takes a row of what the database knows of its tables.
    pub fn note(self, known: &mut Statistics, row: (&str, &str, &str)) {
        for_dialect!(self, DB => <DB as Explains>::note(known, row));
    }
}

/// Why a bind could not be written.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a database spells in its own way.
///
/// Functions named `walk_…` write SQL; `term` writes the left side each time it is called.
pub trait Dialect: Backend + Explains + Trigrams {
    /// Stands on both sides of the name of a table or column.
    const QUOTE: &'static str;

    /// Written before a column whose index (if any) must not be used.
    const NO_INDEX: &'static str;

    /// How many nested queries of one query the database may make joins of, and what ends them where
    /// there are more, so that they stay queries; nothing where their number makes no difference.
    const JOINED: Option<(usize, &'static str)>;

    /// Ends a query whose rows stay locked until the transaction ends; empty where a transaction
    /// that writes locks everything.
    const LOCK: &'static str;

    /// Ends the columns that a statement returns, so that the servers of the database are told of the
    /// change once it is committed; empty where none can be told.
    const ANNOUNCE: &'static str;

    /// A value; null only where it is written to a row.
    fn walk_value<'b>(out: &mut AstPass<'_, 'b, Self>, value: &'b Value) -> QueryResult<()>;

    /// A whole number that is not of the model: a page size.
    fn walk_number<'b>(out: &mut AstPass<'_, 'b, Self>, number: &'b i64) -> QueryResult<()>;

    /// ` IN (list)` after a term, or its negation; the list is one bind.
    fn walk_in<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        values: &'b [Value],
        negated: bool,
    ) -> QueryResult<()>;

    /// ` IN (guids)` after a column; the list is one bind.
    fn walk_in_guids<'b>(out: &mut AstPass<'_, 'b, Self>, guids: &'b [Uuid]) -> QueryResult<()>;

    /// A text function on a term, or its negation. The needle is not empty.
    fn walk_match<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        term: F,
        kind: MatchKind,
        needle: &'b str,
        negated: bool,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// A term without white space at its ends.
    fn walk_trimmed<'b, F>(out: &mut AstPass<'_, 'b, Self>, term: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// The text of one language out of a shadow column (`value::fold_multilanguage`); null where
    /// it is missing.
    fn walk_language<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        shadow: F,
        key: &'b str,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// The text of the first language in a shadow column; null where there is none.
    fn walk_first_language<'b, F>(out: &mut AstPass<'_, 'b, Self>, shadow: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// A part of a point in time, in UTC: a whole number, or the date as text.
    fn walk_time_part<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        part: TimePart,
        time: F,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// What an order key that can be null needs so that nulls are least.
    fn walk_null_order(out: &mut AstPass<'_, '_, Self>, descending: bool);

    /// The rows of an insert, after the column list.
    fn walk_rows<'b>(out: &mut AstPass<'_, 'b, Self>, rows: &'b Rows<'_>) -> QueryResult<()>;

    /// Stands before the name of a stored table where a row source of the same name would hide it.
    const STORED: &'static str;

    /// Whether changed rows are put together once, as sources of their own that the database makes an
    /// index of where a statement looks for some of them again and again.
    const CHANGED_APART: bool;

    /// Rows that stand in a statement, as the row source `o`: every value is bound.
    fn walk_bound_rows<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        rows: &'b BoundRows<'_>,
    ) -> QueryResult<()>;

    /// The value at a position of a row of [`Dialect::walk_bound_rows`].
    fn walk_bound_value(out: &mut AstPass<'_, '_, Self>, position: usize, kind: &ColumnKind);

    /// A value with the type of a column, where the database would not take the two for the same.
    fn walk_typed<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        kind: &ColumnKind,
        value: F,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// Foreign keys stand in `CREATE TABLE`, else they are added when all tables are there.
    const INLINE_REFERENCES: bool;

    /// What follows the closing parenthesis of `CREATE TABLE`.
    const TABLE_OPTIONS: &'static str;

    /// The type of a column, with what belongs to the type alone.
    fn column_type(kind: &ColumnKind) -> &'static str;

    /// A condition that every value of a column must meet, beside its type; `{}` is the column.
    fn column_check(kind: &ColumnKind) -> Option<&'static str>;

    /// What follows a column in an ordered index.
    fn index_null_order(column: &Column) -> &'static str;

    /// How an index is made; nothing for one that is not made with the tables.
    fn index_form(method: IndexMethod) -> Option<IndexForm>;

    /// A value of a column's type that no row has: stands for null in unique indexes.
    fn null_stand_in(kind: &ColumnKind) -> &'static str;

    /// Null of a column's type in the select list of a view.
    fn view_null(kind: &ColumnKind) -> String;
    /// A constant text in the select list of a view.
    fn view_text(literal: &str) -> String;
    /// False in the select list of a view.
    const VIEW_FALSE: &'static str;
}

/// A line of an explanation, as a database answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub id: i64,
    /// The number of the line that it stands below.
    pub parent: i64,
    /// What it says.
    pub text: String,
}

/// How a database says what it would do, and what it knows of its tables.
pub trait Explains {
    /// Starts the explanation of a statement.
    const EXPLAIN: &'static str;

    /// The positions of number, parent and text of a [`Line`] in a row of an explanation.
    const EXPLAINED: [Option<usize>; 3];

    /// What the lines of an explanation say of a statement.
    fn explained(lines: &[Line], sql: &str) -> Explained;

    /// A statement that gives a row where there is something for [`Explains::STATISTICS`] to read.
    const HAS_STATISTICS: &'static str;

    /// The statement that reads what the database knows: a table, an index or column, and a text.
    const STATISTICS: &'static str;

    /// Takes a row of it.
    fn note(known: &mut Statistics, row: (&str, &str, &str));
}

/// How an index is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexForm {
    /// As an ordered index.
    Ordered,
    /// As an ordered index that starts with the key: a page in the order of keys finds its rows in
    /// the index and reads only those in the wider table.
    Covering,
}
