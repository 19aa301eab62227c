//! How PostgreSQL takes values: its binary formats.

use std::io::Write as _;

use diesel::pg::{Pg, PgTypeMetadata};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::HasSqlType;
use uuid::Uuid;

use super::POSTGRES_ORIGIN;
use crate::sql::dialect::Failure;
use crate::sql::insert::ColumnOfRows;
use crate::value::{Timestamp, Value};

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
        $($(#[$doc])* pub(super) struct $name;

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

        impl ToSql<$name, Pg> for ColumnOfRows<'_> {
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
