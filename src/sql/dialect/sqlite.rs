//! SQLite.

mod explained;

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use uuid::Uuid;

use super::{Dialect, Failure, IndexForm};
use crate::model::{Column, ColumnKind, IndexMethod};
use crate::plan::{MatchKind, TimePart};
use crate::sql::insert::Rows;
use crate::sql::overlay::BoundRows;
use crate::value::{Timestamp, Value};

/// Declares types of binds over the storage classes.
macro_rules! types {
    ($($(#[$doc:meta])* $name:ident $class:ident;)*) => {
        $($(#[$doc])* struct $name;

        impl HasSqlType<$name> for Sqlite {
            fn metadata(_: &mut Self::MetadataLookup) -> SqliteType {
                SqliteType::$class
            }
        })*
    };
}

types! {
    /// A guid: its 16 bytes.
    Guid Binary;
    /// A point in time: microseconds since 1970.
    Time Long;
    /// A list of values as a JSON array; guids and bytes in hexadecimal digits.
    List Text;
    /// Rows as a JSON array of arrays, values as in [`List`].
    Lines Text;
    /// The first text that sorts after all that start with the prefix.
    AfterPrefix Text;
}

/// Null of any type.
const NULL: Option<i64> = None;

impl ToSql<Guid, Sqlite> for Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl ToSql<Time, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}

impl ToSql<List, Sqlite> for [Value] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let mut json = String::from("[");
        for value in self {
            if json.len() > 1 {
                json.push(',');
            }
            push_json(&mut json, value)?;
        }
        json.push(']');
        out.set_value(json);
        Ok(IsNull::No)
    }
}

impl ToSql<List, Sqlite> for [Uuid] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let mut json = String::with_capacity(self.len().saturating_mul(35).saturating_add(2));
        json.push('[');
        for guid in self {
            if json.len() > 1 {
                json.push(',');
            }
            push_hex(&mut json, guid.as_bytes());
        }
        json.push(']');
        out.set_value(json);
        Ok(IsNull::No)
    }
}

impl ToSql<Lines, Sqlite> for BoundRows<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let mut json = String::from("[");
        for number in 0..self.0.len() {
            json.push_str(if number == 0 { "[" } else { ",[" });
            for (position, column) in self.0.columns.iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                push_json(&mut json, column.values.get(number).unwrap_or(&Value::Null))?;
            }
            json.push(']');
        }
        json.push(']');
        out.set_value(json);
        Ok(IsNull::No)
    }
}

/// The JSON form of one value of a list.
fn push_json(json: &mut String, value: &Value) -> Result<(), Failure> {
    match value {
        Value::Null => json.push_str("null"),
        Value::Boolean(b) => json.push(if *b { '1' } else { '0' }),
        Value::Integer(i) => json.push_str(itoa::Buffer::new().format(*i)),
        Value::Timestamp(t) => json.push_str(itoa::Buffer::new().format(t.micros())),
        Value::Text(t) => json.push_str(&serde_json::to_string(t)?),
        Value::Guid(g) => push_hex(json, g.as_bytes()),
        Value::Binary(b) => push_hex(json, b),
    }
    Ok(())
}

/// Bytes as a JSON text of hexadecimal digits.
fn push_hex(json: &mut String, bytes: &[u8]) {
    json.push('"');
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            json.extend(char::from_digit(nibble.into(), 16));
        }
    }
    json.push('"');
}

impl ToSql<AfterPrefix, Sqlite> for str {
    /// The prefix with its last character raised that can be.
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let mut chars: Vec<char> = self.chars().collect();
        while let Some(last) = chars.pop() {
            let next = match last {
                // Surrogates are no characters.
                '\u{d7ff}' => Some('\u{e000}'),
                other => u32::from(other).checked_add(1).and_then(char::from_u32),
            };
            if let Some(next) = next {
                chars.push(next);
                break;
            }
        }
        out.set_value(chars.into_iter().collect::<String>());
        Ok(IsNull::No)
    }
}

impl Dialect for Sqlite {
    const QUOTE: &'static str = "`";
    const NO_INDEX: &'static str = "+";
    const JOINED: Option<(usize, &'static str)> = None;
    const LOCK: &'static str = "";
    const ANNOUNCE: &'static str = "";

    fn walk_value<'b>(out: &mut AstPass<'_, 'b, Self>, value: &'b Value) -> QueryResult<()> {
        match value {
            Value::Null => out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&NULL),
            Value::Boolean(b) => out.push_bind_param::<Bool, bool>(b),
            Value::Integer(i) => out.push_bind_param::<BigInt, i64>(i),
            Value::Text(t) => out.push_bind_param::<Text, str>(t),
            Value::Guid(g) => out.push_bind_param::<Guid, Uuid>(g),
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
        let bytes = matches!(values.first(), Some(Value::Guid(_) | Value::Binary(_)));
        out.push_sql(if negated { " NOT IN (" } else { " IN (" });
        out.push_sql(if bytes {
            "SELECT unhex(value) FROM json_each("
        } else {
            "SELECT value FROM json_each("
        });
        out.push_bind_param::<List, [Value]>(values)?;
        out.push_sql("))");
        Ok(())
    }

    fn walk_in_guids<'b>(out: &mut AstPass<'_, 'b, Self>, guids: &'b [Uuid]) -> QueryResult<()> {
        out.push_sql(" IN (SELECT unhex(value) FROM json_each(");
        out.push_bind_param::<List, [Uuid]>(guids)?;
        out.push_sql("))");
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
        match kind {
            MatchKind::Contains => {
                out.push_sql("instr(");
                term(out)?;
                out.push_sql(", ");
                out.push_bind_param::<Text, str>(needle)?;
                out.push_sql(if negated { ") = 0" } else { ") > 0" });
            }
            // Nothing sorts after every text that starts with the last character there is.
            MatchKind::StartsWith if needle.chars().all(|c| c == char::MAX) => {
                out.push_sql("substr(");
                term(out)?;
                out.push_sql(", 1, length(");
                out.push_bind_param::<Text, str>(needle)?;
                out.push_sql(if negated { ")) <> " } else { ")) = " });
                out.push_bind_param::<Text, str>(needle)?;
            }
            MatchKind::StartsWith => {
                // Two bounds and no function: an ordered index serves it.
                out.push_sql(if negated { "NOT (" } else { "(" });
                term(out)?;
                out.push_sql(" >= ");
                out.push_bind_param::<Text, str>(needle)?;
                out.push_sql(" AND ");
                term(out)?;
                out.push_sql(" < ");
                out.push_bind_param::<AfterPrefix, str>(needle)?;
                out.push_sql(")");
            }
            MatchKind::EndsWith => {
                out.push_sql("substr(");
                term(out)?;
                out.push_sql(", -length(");
                out.push_bind_param::<Text, str>(needle)?;
                out.push_sql(if negated { ")) <> " } else { ")) = " });
                out.push_bind_param::<Text, str>(needle)?;
            }
        }
        Ok(())
    }

    fn walk_trimmed<'b, F>(out: &mut AstPass<'_, 'b, Self>, term: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        out.push_sql("trim(");
        term(out)?;
        out.push_sql(
            ", char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, \
             8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288))",
        );
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
            out.push_sql("char(1) || ");
            out.push_bind_param::<Text, str>(key)?;
            out.push_sql(" || char(2)");
            Ok(())
        };
        walk_between(out, shadow, marker)
    }

    fn walk_first_language<'b, F>(out: &mut AstPass<'_, 'b, Self>, shadow: F) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        walk_between(out, shadow, |out| {
            out.push_sql("char(2)");
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
            TimePart::Year => ("CAST(strftime('%Y', ", " AS INTEGER)"),
            TimePart::Month => ("CAST(strftime('%m', ", " AS INTEGER)"),
            TimePart::Day => ("CAST(strftime('%d', ", " AS INTEGER)"),
            TimePart::Hour => ("CAST(strftime('%H', ", " AS INTEGER)"),
            TimePart::Minute => ("CAST(strftime('%M', ", " AS INTEGER)"),
            TimePart::Date => ("date(", ""),
            TimePart::YearMonth => ("strftime('%Y-%m', ", ""),
        };
        out.push_sql(before);
        // Whole seconds; before 1970 too, division must not round towards 1970.
        out.push_sql("(");
        time(out)?;
        out.push_sql(" - (");
        time(out)?;
        out.push_sql(" % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')");
        out.push_sql(after);
        Ok(())
    }

    fn walk_null_order(_: &mut AstPass<'_, '_, Self>, _: bool) {
        // Nulls are least already.
    }

    fn walk_rows<'b>(out: &mut AstPass<'_, 'b, Self>, rows: &'b Rows<'_>) -> QueryResult<()> {
        out.push_sql(" VALUES ");
        for (number, row) in rows.values.iter().enumerate() {
            out.push_sql(if number == 0 { "(" } else { ", (" });
            for (position, value) in row.iter().enumerate() {
                if position > 0 {
                    out.push_sql(", ");
                }
                Self::walk_value(out, value)?;
            }
            out.push_sql(")");
        }
        Ok(())
    }

    const STORED: &'static str = "main.";

    // It reads `json_each` from its start for every row of a join: a product of two lists.
    const CHANGED_APART: bool = true;

    fn walk_bound_rows<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        rows: &'b BoundRows<'_>,
    ) -> QueryResult<()> {
        out.push_sql("json_each(");
        out.push_bind_param::<Lines, BoundRows<'_>>(rows)?;
        out.push_sql(") AS o");
        Ok(())
    }

    fn walk_bound_value(out: &mut AstPass<'_, '_, Self>, position: usize, kind: &ColumnKind) {
        let bytes = match kind {
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid | ColumnKind::Binary => {
                true
            }
            ColumnKind::RowId
            | ColumnKind::Text
            | ColumnKind::Folded
            | ColumnKind::Json
            | ColumnKind::Code(_)
            | ColumnKind::Boolean
            | ColumnKind::Integer
            | ColumnKind::Timestamp => false,
        };
        out.push_sql(if bytes {
            "unhex(o.value->>"
        } else {
            "(o.value->>"
        });
        out.push_sql(itoa::Buffer::new().format(position));
        out.push_sql(")");
    }

    fn walk_typed<'b, F>(
        out: &mut AstPass<'_, 'b, Self>,
        kind: &ColumnKind,
        value: F,
    ) -> QueryResult<()>
    where
        F: Fn(&mut AstPass<'_, 'b, Self>) -> QueryResult<()>,
    {
        // SQLite flattens a compound only where the columns of all its parts have the same
        // affinity, which expressions lack; else it reads whole tables into memory.
        out.push_sql("CAST(");
        value(out)?;
        out.push_sql(" AS ");
        out.push_sql(Self::column_type(kind));
        out.push_sql(")");
        Ok(())
    }

    fn column_type(kind: &ColumnKind) -> &'static str {
        match kind {
            ColumnKind::RowId => "INTEGER",
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid | ColumnKind::Binary => {
                "BLOB"
            }
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                "TEXT"
            }
            ColumnKind::Boolean | ColumnKind::Integer | ColumnKind::Timestamp => "INTEGER",
        }
    }

    const INLINE_REFERENCES: bool = true;
    const TABLE_OPTIONS: &'static str = " STRICT";

    fn column_check(kind: &ColumnKind) -> Option<&'static str> {
        match kind {
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
                Some("length({}) = 16")
            }
            ColumnKind::Boolean => Some("{} IN (0, 1)"),
            ColumnKind::RowId
            | ColumnKind::Text
            | ColumnKind::Folded
            | ColumnKind::Json
            | ColumnKind::Code(_)
            | ColumnKind::Integer
            | ColumnKind::Timestamp
            | ColumnKind::Binary => None,
        }
    }

    fn index_null_order(_: &Column) -> &'static str {
        ""
    }

    fn index_form(method: IndexMethod) -> Option<IndexForm> {
        match method {
            IndexMethod::Ordered => Some(IndexForm::Ordered),
            IndexMethod::Substring => Some(IndexForm::Covering),
        }
    }

    fn null_stand_in(kind: &ColumnKind) -> &'static str {
        match kind {
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid | ColumnKind::Binary => {
                "x''"
            }
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => "''",
            ColumnKind::RowId
            | ColumnKind::Boolean
            | ColumnKind::Integer
            | ColumnKind::Timestamp => "-9223372036854775808",
        }
    }

    fn view_null(_: &ColumnKind) -> String {
        "NULL".to_owned()
    }

    fn view_text(literal: &str) -> String {
        literal.to_owned()
    }

    const VIEW_FALSE: &'static str = "0";
}

/// The part of a shadow between a marker and the next separator; null without the marker.
fn walk_between<'b, F, M>(
    out: &mut AstPass<'_, 'b, Sqlite>,
    shadow: F,
    marker: M,
) -> QueryResult<()>
where
    F: Fn(&mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>,
    M: Fn(&mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>,
{
    let rest = |out: &mut AstPass<'_, 'b, Sqlite>| -> QueryResult<()> {
        out.push_sql("substr(");
        shadow(out)?;
        out.push_sql(", instr(");
        shadow(out)?;
        out.push_sql(", ");
        marker(out)?;
        out.push_sql(") + length(");
        marker(out)?;
        out.push_sql("))");
        Ok(())
    };
    out.push_sql("CASE WHEN instr(");
    shadow(out)?;
    out.push_sql(", ");
    marker(out)?;
    out.push_sql(") > 0 THEN substr(");
    rest(out)?;
    out.push_sql(", 1, instr(");
    rest(out)?;
    out.push_sql(", char(1)) - 1) END");
    Ok(())
}
