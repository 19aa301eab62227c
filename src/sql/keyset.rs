//! Where a page continues: the rows after a position in the order.
//!
//! An order whose first key can be null has its nulls at one end. No single condition lets an index
//! jump into such an order, so a page may be read in two parts ([`Segment`]), each with an index
//! range of its own.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::scope::Scope;
use super::term::walk_term;
use crate::plan::{OrderKey, Query, Restriction};
use crate::value::Value;

/// A part of the rows after a position, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// All of them, whatever is null.
    Whole,
    /// Those after the position whose first key is not null.
    Values,
    /// Those after the position whose first key is null as well.
    Nulls,
    /// All whose first key is not null.
    AllValues,
    /// All whose first key is null.
    AllNulls,
}

impl Segment {
    /// The parts of a query in the order in which they are read.
    pub fn of(query: &Query, restriction: Option<Restriction<'_>>) -> &'static [Self] {
        let first = query.order.first();
        let value = query.after.as_ref().and_then(|a| a.first());
        match (first, value) {
            (Some(key), Some(value))
                // Only an index could jump into an order.
                if key.nullable
                    && query.skip == 0
                    && restriction.is_none()
                    && query.over.is_none() =>
            {
                match (key.descending, value) {
                    (false, Value::Null) => &[Self::Nulls, Self::AllValues],
                    (true, Value::Null) => &[Self::Nulls],
                    (false, _) => &[Self::Values],
                    (true, _) => &[Self::Values, Self::AllNulls],
                }
            }
            _ => &[Self::Whole],
        }
    }
}

/// One key of the order with its value at the position.
type Position<'b> = (&'b OrderKey, &'b Value);

/// The condition of a segment; answers whether it wrote one.
pub(in crate::sql) fn walk_after<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    query: &'b Query,
    segment: Segment,
) -> QueryResult<bool> {
    let (Some(after), Some(first)) = (&query.after, query.order.first()) else {
        return Ok(false);
    };
    let positions: Vec<Position<'b>> = query.order.iter().zip(after).collect();
    let rest = positions.get(1..).unwrap_or_default();
    match segment {
        Segment::Whole => walk_whole(out, scope, &positions, false)?,
        Segment::Values => walk_whole(out, scope, &positions, true)?,
        Segment::Nulls => {
            walk_term(out, scope, &first.term)?;
            out.push_sql(" IS NULL");
            if !rest.is_empty() {
                out.push_sql(" AND ");
                walk_whole(out, scope, rest, false)?;
            }
        }
        Segment::AllValues => {
            walk_term(out, scope, &first.term)?;
            out.push_sql(" IS NOT NULL");
        }
        Segment::AllNulls => {
            walk_term(out, scope, &first.term)?;
            out.push_sql(" IS NULL");
        }
    }
    Ok(true)
}

/// The rows after a position: one comparison where all keys go one way and none can be null, else
/// key by key behind the range of the first. `not_null`: the first key is not null.
fn walk_whole<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    positions: &[Position<'b>],
    not_null: bool,
) -> QueryResult<()> {
    let Some(((key, value), rest)) = positions.split_first() else {
        out.push_sql("FALSE");
        return Ok(());
    };
    let plain = |(k, v): &Position<'_>| !k.nullable && **v != Value::Null;
    let one_way = positions
        .iter()
        .all(|(k, _)| k.descending == key.descending);
    if one_way && (not_null || plain(&(key, value))) && rest.iter().all(plain) {
        return walk_row(out, scope, positions, key.descending);
    }
    if **value != Value::Null && (not_null || !key.nullable) {
        walk_term(out, scope, &key.term)?;
        out.push_sql(if key.descending { " <= " } else { " >= " });
        DB::walk_value(out, value)?;
        out.push_sql(" AND ");
    }
    walk_by_key(out, scope, positions, not_null)
}

/// `(a, b) > (?, ?)`
fn walk_row<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    positions: &[Position<'b>],
    descending: bool,
) -> QueryResult<()> {
    let many = positions.len() > 1;
    let (open, close) = if many { ("(", ")") } else { ("", "") };
    out.push_sql(open);
    for (i, (key, _)) in positions.iter().enumerate() {
        if i > 0 {
            out.push_sql(", ");
        }
        walk_term(out, scope, &key.term)?;
    }
    out.push_sql(close);
    out.push_sql(if descending { " < " } else { " > " });
    out.push_sql(open);
    for (i, (_, value)) in positions.iter().enumerate() {
        if i > 0 {
            out.push_sql(", ");
        }
        DB::walk_value(out, value)?;
    }
    out.push_sql(close);
    Ok(())
}

/// `(a > ? OR (a = ? AND (b < ? OR …)))`, with nulls least.
fn walk_by_key<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    positions: &[Position<'b>],
    not_null: bool,
) -> QueryResult<()> {
    let Some(((key, value), rest)) = positions.split_first() else {
        out.push_sql("FALSE");
        return Ok(());
    };
    out.push_sql("(");
    let mut alternatives = walk_beyond(out, scope, key, value, not_null)?;
    if !rest.is_empty() {
        if alternatives {
            out.push_sql(" OR ");
        }
        alternatives = true;
        out.push_sql("(");
        walk_term(out, scope, &key.term)?;
        if **value == Value::Null {
            out.push_sql(" IS NULL");
        } else {
            out.push_sql(" = ");
            DB::walk_value(out, value)?;
        }
        out.push_sql(" AND ");
        walk_by_key(out, scope, rest, false)?;
        out.push_sql(")");
    }
    if !alternatives {
        out.push_sql("FALSE");
    }
    out.push_sql(")");
    Ok(())
}

/// What lies beyond a value in the order of one key; answers whether anything can.
fn walk_beyond<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    key: &'b OrderKey,
    value: &'b Value,
    not_null: bool,
) -> QueryResult<bool> {
    match (key.descending, value) {
        (true, Value::Null) => return Ok(false),
        (false, Value::Null) => {
            walk_term(out, scope, &key.term)?;
            out.push_sql(" IS NOT NULL");
        }
        (descending, value) => {
            walk_term(out, scope, &key.term)?;
            out.push_sql(if descending { " < " } else { " > " });
            DB::walk_value(out, value)?;
            if descending && key.nullable && !not_null {
                out.push_sql(" OR ");
                walk_term(out, scope, &key.term)?;
                out.push_sql(" IS NULL");
            }
        }
    }
    Ok(true)
}
