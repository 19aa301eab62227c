//! Statements of reads that are explained and not run.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::Dialect;
use super::aggregate::{Count, CountPerParent};
use super::few::Few;
use super::keyset::Segment;
use super::select::Select;
use super::statement::statements;
use super::trigrams::LookUp;
use crate::model::Model;
use crate::plan::{Query, Restriction};

/// A statement of a read, of whichever kind.
pub enum Planned<'q> {
    /// The rows of a query, or of one part of it.
    Rows(Box<Select<'q>>),
    /// Their number.
    Count(Count<'q>),
    /// Their number for each parent.
    CountPerParent(CountPerParent<'q>),
    /// Where a text is, by an index of trigrams.
    LookUp(LookUp<'q>),
}

statements!(Planned);

impl<'q> Planned<'q> {
    /// The statements that read the rows of a query; `few` says which texts are found by their index.
    pub fn rows(
        model: &'q Model,
        query: &'q Query,
        restriction: Option<Restriction<'q>>,
        few: &'q Few,
    ) -> Vec<Self> {
        let parts = Segment::of(query, restriction).iter();
        let select =
            |part: &Segment| Select::new(model, query, restriction, *part, 0).narrowed(few);
        parts
            .map(|part| Self::Rows(Box::new(select(part))))
            .collect()
    }

    /// The statement that counts them, for each parent where they are restricted.
    pub fn count(model: &'q Model, query: &'q Query, restriction: Option<Restriction<'q>>) -> Self {
        match restriction {
            Some(parents) => Self::CountPerParent(CountPerParent::new(model, query, parents)),
            None => Self::Count(Count::new(model, query)),
        }
    }
}

impl<DB: Dialect> QueryFragment<DB> for Planned<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Rows(select) => select.walk_ast(out),
            Self::Count(count) => count.walk_ast(out),
            Self::CountPerParent(count) => count.walk_ast(out),
            Self::LookUp(text) => text.walk_ast(out),
        }
    }
}
