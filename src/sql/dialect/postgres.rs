//! PostgreSQL.

mod bind;
mod explained;

use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Binary, Bool, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::{Dialect, IndexForm};
use crate::model::{Column, ColumnKind, IndexMethod};
use crate::plan::{MatchKind, TimePart};
use crate::sql::insert::Rows;
use crate::sql::overlay::BoundRows;
use crate::value::{Timestamp, Value};
use bind::{Bools, Byteas, Containing, Ending, Guids, Integers, Starting, Texts, Time, Times};

/// Microseconds from 1970-01-01 to PostgreSQL's own origin, 2000-01-01.
pub const POSTGRES_ORIGIN: i64 = 946_684_800_000_000;

impl Dialect for Pg {
    const QUOTE: &'static str = "\"";
    const NO_INDEX: &'static str = "";
    // It tries the orders of its joins: planning four takes some 10 ms, eight 300 ms, twenty half a
    // minute. A query with a page stays one. See `docs/decisions/025-lambdas-functions-compute.md`.
    const JOINED: Option<(usize, &'static str)> = Some((4, " OFFSET 0"));
    const LOCK: &'static str = " FOR UPDATE";
    const ANNOUNCE: &'static str = ", pg_notify('userdex_changes', '')";

    fn walk_value<'b>(out: &mut AstPass<'_, 'b, Self>, value: &'b Value) -> QueryResult<()> {
        match value {
            Value::Null => {
                out.push_sql("NULL");
                Ok(())
            }
            Value::Boolean(b) => out.push_bind_param::<Bool, bool>(b),
            Value::Integer(i) => out.push_bind_param::<BigInt, i64>(i),
            Value::Text(t) => out.push_bind_param::<Text, str>(t),
            Value::Guid(g) => out.push_bind_param::<SqlUuid, Uuid>(g),
            Value::Timestamp(t) => out.push_bind_param::<Time, Timestamp>(t),
            Value::Binary(b) => out.push_bind_param::<Binary, [u8]>(b),
        }
    }

    fn walk_number<'b>(out: &mut AstPass<'_, 'b, Self>, number: &'b i64) -> QueryResult<()> {
        out.push_bind_param::<BigInt, i64>(number)
    }

    fn walk_in<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        values: &'b [Value],
        negated: bool,
    ) -> QueryResult<()> {
        out.push_sql(if negated { " <> ALL (" } else { " = ANY (" });
        match values.first() {
            Some(Value::Boolean(_)) => out.push_bind_param::<Bools, [Value]>(values)?,
            Some(Value::Integer(_)) => out.push_bind_param::<Integers, [Value]>(values)?,
            Some(Value::Guid(_)) => out.push_bind_param::<Guids, [Value]>(values)?,
            Some(Value::Timestamp(_)) => out.push_bind_param::<Times, [Value]>(values)?,
            Some(Value::Binary(_)) => out.push_bind_param::<Byteas, [Value]>(values)?,
            Some(Value::Text(_) | Value::Null) | None => {
                out.push_bind_param::<Texts, [Value]>(values)?;
            }
        }
        out.push_sql(")");
        Ok(())
    }

    fn walk_in_guids<'b>(out: &mut AstPass<'_, 'b, Self>, guids: &'b [Uuid]) -> QueryResult<()> {
        out.push_sql(" = ANY (");
        out.push_bind_param::<Guids, [Uuid]>(guids)?;
        out.push_sql(")");
        Ok(())
    }

    fn walk_match<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        term: F,
        kind: MatchKind,
        needle: &'b str,
        negated: bool,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        term(out)?;
        out.push_sql(if negated { " NOT LIKE " } else { " LIKE " });
        match kind {
            MatchKind::Contains => out.push_bind_param::<Containing, str>(needle),
            MatchKind::StartsWith => out.push_bind_param::<Starting, str>(needle),
            MatchKind::EndsWith => out.push_bind_param::<Ending, str>(needle),
        }
    }

    fn walk_trimmed<'b, F>(out: &mut AstPass<'_, 'b, Self>, term: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        out.push_sql("btrim(");
        term(out)?;
        out.push_sql(
            r", E'\t\n\x0b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007",
        );
        out.push_sql(r"\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')");
        Ok(())
    }

    fn walk_language<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        shadow: F,
        key: &'b str,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        let marker = |out: &mut AstPass<'_, 'b, Self>| {
            out.push_sql("E'\\x01' || ");
            out.push_bind_param::<Text, str>(key)?;
            out.push_sql(" || E'\\x02'");
            Ok(())
        };
        walk_between(out, shadow, marker)
    }

    fn walk_first_language<'b, F>(out: &mut AstPass<'_, 'b, Self>, shadow: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        walk_between(out, shadow, |out| {
            out.push_sql("E'\\x02'");
            Ok(())
        })
    }

    fn walk_time_part<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        part: TimePart,
        time: F,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        let (before, after) = match part {
            TimePart::Year => ("CAST(extract(year FROM ", ") AS bigint)"),
            TimePart::Month => ("CAST(extract(month FROM ", ") AS bigint)"),
            TimePart::Day => ("CAST(extract(day FROM ", ") AS bigint)"),
            TimePart::Hour => ("CAST(extract(hour FROM ", ") AS bigint)"),
            TimePart::Minute => ("CAST(extract(minute FROM ", ") AS bigint)"),
            // Code point order, as of every text.
            TimePart::Date => ("to_char(", ", 'YYYY-MM-DD') COLLATE \"C\""),
            TimePart::YearMonth => ("to_char(", ", 'YYYY-MM') COLLATE \"C\""),
        };
        out.push_sql(before);
        time(out)?;
        out.push_sql(" AT TIME ZONE 'UTC'");
        out.push_sql(after);
        Ok(())
    }

    fn walk_null_order(out: &mut AstPass<'_, '_, Self>, descending: bool) {
        // OData 4.01 Part 1, 11.2.6.2: nulls sort first ascending and last descending.
        out.push_sql(if descending {
            " NULLS LAST"
        } else {
            " NULLS FIRST"
        });
    }

    fn walk_rows<'b>(out: &mut AstPass<'_, 'b, Self>, rows: &'b Rows<'_>) -> QueryResult<()> {
        out.push_sql(" SELECT * FROM unnest(");
        for (position, column) in rows.columns().iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            match column.kind {
                ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
                    out.push_bind_param::<Guids, _>(column)?;
                }
                ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                    out.push_bind_param::<Texts, _>(column)?
                }
                ColumnKind::Boolean => out.push_bind_param::<Bools, _>(column)?,
                ColumnKind::RowId | ColumnKind::Integer => {
                    out.push_bind_param::<Integers, _>(column)?;
                }
                ColumnKind::Timestamp => out.push_bind_param::<Times, _>(column)?,
                ColumnKind::Binary => out.push_bind_param::<Byteas, _>(column)?,
            }
        }
        out.push_sql(")");
        Ok(())
    }

    const STORED: &'static str = "";

    // It joins arrays by hashing them.
    const CHANGED_APART: bool = false;

    fn walk_bound_rows<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        rows: &'b BoundRows<'_>,
    ) -> QueryResult<()> {
        out.push_sql("unnest(");
        for (position, column) in rows.0.columns.iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            let values = column.values.as_slice();
            match rows.kind(column.no) {
                ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
                    out.push_bind_param::<Guids, [Value]>(values)?;
                }
                ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                    out.push_bind_param::<Texts, [Value]>(values)?;
                }
                ColumnKind::Boolean => out.push_bind_param::<Bools, [Value]>(values)?,
                ColumnKind::RowId | ColumnKind::Integer => {
                    out.push_bind_param::<Integers, [Value]>(values)?;
                }
                ColumnKind::Timestamp => out.push_bind_param::<Times, [Value]>(values)?,
                ColumnKind::Binary => out.push_bind_param::<Byteas, [Value]>(values)?,
            }
        }
        out.push_sql(") AS o(");
        for position in 0..rows.0.columns.len() {
            out.push_sql(if position == 0 { "c" } else { ", c" });
            out.push_sql(itoa::Buffer::new().format(position));
        }
        out.push_sql(")");
        Ok(())
    }

    fn walk_bound_value(out: &mut AstPass<'_, '_, Self>, position: usize, kind: &ColumnKind) {
        out.push_sql("o.c");
        out.push_sql(itoa::Buffer::new().format(position));
        match kind {
            // As the column itself, or the two would not compare.
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                out.push_sql(" COLLATE \"C\"");
            }
            ColumnKind::RowId
            | ColumnKind::Key
            | ColumnKind::Reference(_)
            | ColumnKind::Guid
            | ColumnKind::Boolean
            | ColumnKind::Integer
            | ColumnKind::Timestamp
            | ColumnKind::Binary => {}
        }
    }

    fn walk_typed<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        _: &ColumnKind,
        value: F,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        value(out)
    }

    fn column_type(kind: &ColumnKind) -> &'static str {
        match kind {
            ColumnKind::RowId => "bigint GENERATED BY DEFAULT AS IDENTITY",
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => "uuid",
            // Code point order, as on SQLite.
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                "text COLLATE \"C\""
            }
            ColumnKind::Boolean => "boolean",
            ColumnKind::Integer => "bigint",
            ColumnKind::Timestamp => "timestamptz",
            ColumnKind::Binary => "bytea",
        }
    }

    // Tables refer to each other in circles.
    const INLINE_REFERENCES: bool = false;
    const TABLE_OPTIONS: &'static str = "";

    fn column_check(_: &ColumnKind) -> Option<&'static str> {
        None
    }

    fn index_null_order(column: &Column) -> &'static str {
        // The order that queries ask for; without it the index could not serve them.
        if column.nullable { " NULLS FIRST" } else { "" }
    }

    fn index_form(method: IndexMethod) -> Option<IndexForm> {
        match method {
            IndexMethod::Ordered => Some(IndexForm::Ordered),
            // Only trigrams serve it: they are a switch.
            IndexMethod::Substring => None,
        }
    }

    fn null_stand_in(kind: &ColumnKind) -> &'static str {
        match kind {
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
                "'00000000-0000-0000-0000-000000000000'::uuid"
            }
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => "''",
            ColumnKind::Binary => "''::bytea",
            ColumnKind::Boolean => "NULL::boolean",
            ColumnKind::RowId | ColumnKind::Integer => "'-9223372036854775808'::bigint",
            ColumnKind::Timestamp => "'-infinity'::timestamptz",
        }
    }

    fn view_null(kind: &ColumnKind) -> String {
        // The type of a row id says how it is made, too.
        let kind = if *kind == ColumnKind::RowId {
            &ColumnKind::Integer
        } else {
            kind
        };
        format!("NULL::{}", Self::column_type(kind))
    }

    fn view_text(literal: &str) -> String {
        format!("{literal}::text COLLATE \"C\"")
    }

    const VIEW_FALSE: &'static str = "FALSE";
}

/// The part of a shadow between a marker and the next separator; null without the marker.
fn walk_between<'b, F, M>(out: &mut AstPass<'_, 'b, Pg>, shadow: F, marker: M) -> QueryResult<()>
where
    F: Fn(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>,
    M: Fn(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>,
{
    out.push_sql("CASE WHEN strpos(");
    shadow(out)?;
    out.push_sql(", ");
    marker(out)?;
    out.push_sql(") > 0 THEN split_part(split_part(");
    shadow(out)?;
    out.push_sql(", ");
    marker(out)?;
    out.push_sql(", 2), E'\\x01', 1) END");
    Ok(())
}
