//! PostgreSQL.

use std::io::Write as _;

use diesel::pg::{Pg, PgTypeMetadata};
use diesel::query_builder::AstPass;
use diesel::result::QueryResult;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::{Dialect, Failure, IndexForm};
use crate::model::{Column, ColumnKind, IndexMethod};
use crate::plan::MatchKind;
use crate::sql::insert::Rows;
use crate::value::{Timestamp, Value};

/// Microseconds from 1970-01-01 to PostgreSQL's own origin, 2000-01-01.
pub const POSTGRES_ORIGIN: i64 = 946_684_800_000_000;

/// `bool`.
const BOOL: Oid = Oid(16, 1000);
/// `bytea`.
const BYTEA: Oid = Oid(17, 1001);
/// `int8`.
const INT8: Oid = Oid(20, 1016);
/// `text`.
const TEXT: Oid = Oid(25, 1009);
/// `timestamptz`.
const TIMESTAMPTZ: Oid = Oid(1184, 1185);
/// `uuid`.
const UUID: Oid = Oid(2950, 2951);

/// The numbers of a built-in type and of arrays of it.
#[derive(Clone, Copy)]
struct Oid(u32, u32);

/// Declares types of binds over built-in types.
macro_rules! types {
    ($($(#[$doc:meta])* $name:ident($oid:expr, $array:expr);)*) => {
        $($(#[$doc])* struct $name;

        impl HasSqlType<$name> for Pg {
            fn metadata(_: &mut Self::MetadataLookup) -> PgTypeMetadata {
                PgTypeMetadata::new($oid, $array)
            }
        })*
    };
}

types! {
    /// `timestamptz`.
    Time(TIMESTAMPTZ.0, TIMESTAMPTZ.1);
    /// The pattern of LIKE for a text that contains the needle.
    Containing(TEXT.0, TEXT.1);
    /// The pattern of LIKE for a text that starts with the needle.
    Starting(TEXT.0, TEXT.1);
    /// The pattern of LIKE for a text that ends with the needle.
    Ending(TEXT.0, TEXT.1);
    /// `bool[]`.
    Bools(BOOL.1, 0);
    /// `bytea[]`.
    Byteas(BYTEA.1, 0);
    /// `int8[]`.
    Integers(INT8.1, 0);
    /// `text[]`.
    Texts(TEXT.1, 0);
    /// `timestamptz[]`.
    Times(TIMESTAMPTZ.1, 0);
    /// `uuid[]`.
    Guids(UUID.1, 0);
}

impl ToSql<Time, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.micros().saturating_sub(POSTGRES_ORIGIN).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

/// Writes a needle with the wildcards of LIKE escaped.
fn write_escaped(out: &mut Output<'_, '_, Pg>, needle: &str) -> Result<(), Failure> {
    for piece in needle.split_inclusive(['%', '_', '\\']) {
        let mut chars = piece.chars();
        match chars.next_back() {
            Some(last @ ('%' | '_' | '\\')) => {
                write!(out, "{}\\{last}", chars.as_str())?;
            }
            Some(_) | None => out.write_all(piece.as_bytes())?,
        }
    }
    Ok(())
}

impl ToSql<Containing, Pg> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(b"%")?;
        write_escaped(out, self)?;
        out.write_all(b"%")?;
        Ok(IsNull::No)
    }
}

impl ToSql<Starting, Pg> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        write_escaped(out, self)?;
        out.write_all(b"%")?;
        Ok(IsNull::No)
    }
}

impl ToSql<Ending, Pg> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(b"%")?;
        write_escaped(out, self)?;
        Ok(IsNull::No)
    }
}

/// Writes the binary form of an array of `len` values.
fn write_array<'v>(
    out: &mut Output<'_, '_, Pg>,
    element: Oid,
    len: usize,
    values: impl Iterator<Item = &'v Value>,
) -> serialize::Result {
    for header in [1, 1, element.0, u32::try_from(len)?, 1] {
        out.write_all(&header.to_be_bytes())?;
    }
    for value in values {
        match value {
            Value::Null => out.write_all(&(-1_i32).to_be_bytes())?,
            Value::Boolean(b) => write_element(out, &[u8::from(*b)])?,
            Value::Integer(i) => write_element(out, &i.to_be_bytes())?,
            Value::Text(t) => write_element(out, t.as_bytes())?,
            Value::Guid(g) => write_element(out, g.as_bytes())?,
            Value::Timestamp(t) => {
                write_element(
                    out,
                    &t.micros().saturating_sub(POSTGRES_ORIGIN).to_be_bytes(),
                )?;
            }
            Value::Binary(b) => write_element(out, b)?,
        }
    }
    Ok(IsNull::No)
}

/// Writes one element of an array: its length and its bytes.
fn write_element(out: &mut Output<'_, '_, Pg>, bytes: &[u8]) -> Result<(), Failure> {
    out.write_all(&u32::try_from(bytes.len())?.to_be_bytes())?;
    out.write_all(bytes)?;
    Ok(())
}

impl ToSql<Guids, Pg> for [Uuid] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        for header in [1, 0, UUID.0, u32::try_from(self.len())?, 1] {
            out.write_all(&header.to_be_bytes())?;
        }
        for guid in self {
            write_element(out, guid.as_bytes())?;
        }
        Ok(IsNull::No)
    }
}

/// Lists of values and columns of rows as arrays of each type.
macro_rules! arrays {
    ($($name:ident $element:expr;)*) => {
        $(impl ToSql<$name, Pg> for [Value] {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                write_array(out, $element, self.len(), self.iter())
            }
        }

        impl ToSql<$name, Pg> for crate::sql::insert::ColumnOfRows<'_> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                write_array(out, $element, self.len(), self.values())
            }
        })*
    };
}

arrays! {
    Bools BOOL;
    Byteas BYTEA;
    Integers INT8;
    Texts TEXT;
    Times TIMESTAMPTZ;
    Guids UUID;
}

impl Dialect for Pg {
    const NO_INDEX: &'static str = "";

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

    fn walk_null_order(out: &mut AstPass<'_, '_, Self>, descending: bool) {
        // OData 4.01 Part 1, 11.2.6.2: nulls sort first ascending and last descending.
        out.push_sql(if descending {
            " NULLS LAST"
        } else {
            " NULLS FIRST"
        });
    }

    fn walk_rows<'b>(out: &mut AstPass<'_, 'b, Self>, rows: &'b Rows<'b>) -> QueryResult<()> {
        out.push_sql(" SELECT * FROM unnest(");
        for (position, column) in rows.columns.iter().enumerate() {
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

    fn index_form(method: IndexMethod) -> IndexForm {
        match method {
            IndexMethod::Ordered => IndexForm::Ordered,
            IndexMethod::Substring => IndexForm::Trigrams,
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

    const EXPLAIN: &'static str = "EXPLAIN ";
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
