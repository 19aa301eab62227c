//! Rows that are not those of an entity: groups, some rows of many, rows of several queries.

use super::{Query, Term};

/// What a query stands on instead of the table of its entity. Its columns have numbers:
/// [`Term::Output`].
#[derive(Debug, Clone)]
pub enum Source {
    /// The groups of a query's rows.
    Groups(Groups),
    /// Some of a query's rows.
    Cut(Cut),
    /// The rows of several queries.
    Concat(Concat),
}

/// Groups of rows. Its columns are the keys, then the aggregates; without keys there is one row,
/// whatever there is to aggregate.
#[derive(Debug, Clone)]
pub struct Groups {
    /// The rows, of which [`Query::columns`] are what keys and aggregates look at. It has no page
    /// and no order.
    pub of: Query,
    /// The columns of `of` that make a group where all of them are equal.
    pub keys: Vec<usize>,
    /// What is told of each group.
    pub aggregates: Vec<Aggregate>,
}

/// What is told of a group; the number is that of a column of its rows. Null values do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The number of rows.
    Rows,
    /// The sum; null where there is nothing.
    Sum(usize),
    /// The mean in millionths, rounded half away from zero; null where there is nothing.
    Average(usize),
    /// The least value.
    Least(usize),
    /// The greatest value.
    Greatest(usize),
    /// The number of different values.
    Distinct(usize),
}

/// Some rows of a query, which has an order that is total and no page of its own. The columns are
/// those of the query.
#[derive(Debug, Clone)]
pub struct Cut {
    /// All rows.
    pub of: Query,
    /// Rows left out at the start.
    pub skip: i64,
    /// Rows at most.
    pub take: i64,
}

/// The rows of several queries, one after the other. Column 0 is the number of the query; the
/// others have these kinds.
#[derive(Debug, Clone)]
pub struct Concat {
    /// The queries, which have no pages.
    pub parts: Vec<Part>,
    /// The kinds of the columns after the first.
    pub kinds: Vec<OutputKind>,
}

/// One query of several.
#[derive(Debug, Clone)]
pub struct Part {
    /// The query.
    pub query: Query,
    /// For each column after the first, which column of the query it is; null where it has none.
    pub columns: Vec<Option<usize>>,
}

/// A column of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Output {
    /// Its number.
    pub no: usize,
    /// What it holds.
    pub kind: OutputKind,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a column of a [`Source`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputKind {
    /// Text, also a code of an enumeration and a date.
    Text,
    /// A whole number, also a decimal number in millionths.
    Integer,
    /// A truth value.
    Boolean,
    /// A guid.
    Guid,
    /// A point in time.
    Timestamp,
}

/// A part of a point in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// The year.
    Year,
    /// The month, from 1.
    Month,
    /// The day of the month.
    Day,
    /// The hour, from 0.
    Hour,
    /// The minute.
    Minute,
    /// The date as text: `2026-11-26`.
    Date,
    /// The year and the month as text: `2026-11`.
    YearMonth,
}

impl Query {
    /// The rows of a source.
    pub fn over(entity: crate::model::EntityId, source: Source) -> Self {
        Self {
            entity,
            joins: Vec::new(),
            predicate: super::Predicate::Always,
            columns: Vec::new(),
            order: Vec::new(),
            after: None,
            skip: 0,
            take: None,
            over: Some(Box::new(source)),
        }
    }
}

impl Term {
    /// A column of a source.
    pub const fn output(no: usize, kind: OutputKind, nullable: bool) -> Self {
        Self::Output(Output { no, kind, nullable })
    }
}
