//! Indexes of trigrams, which each database has in its own way.
//!
//! PostgreSQL has an index method, keeps it true and chooses it by itself. SQLite has a full-text
//! table: triggers keep it true, and a statement has to name it.

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::result::QueryResult;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType};
use diesel::sqlite::{Sqlite, SqliteType};

use crate::model::{ColumnNo, Table};
use crate::sql::ddl::{quoted, trigram_name};
use crate::sql::few::Rare;
use crate::sql::scope::walk_name;
use crate::sql::trigrams::TrigramIndex;

/// How a database has indexes of trigrams.
pub trait Trigrams: Backend {
    /// Has to run before one is made; an extension that may be missing.
    const NEEDS: Option<&'static str>;

    /// Answers with a row where all letters make trigrams. Where only those of ASCII do, searches for
    /// others gain nothing.
    const LETTERS: &'static str;

    /// Answers a number that is another one whenever such an index came or went; nothing where the
    /// database chooses its indexes by itself.
    const VERSION: Option<&'static str>;

    /// The names of everything that such indexes consist of and that can be used, one a row.
    const PARTS: &'static str;

    /// The same with what is there and cannot be used.
    const REMAINS: &'static str;

    /// Whether making one puts in what is stored; otherwise it has to be filled.
    const FILLS: bool;

    /// The names of what one consists of, of [`Trigrams::PARTS`], by the name that the model has for
    /// an index for `contains`. First what is looked into, then what keeps it true.
    fn parts(index: &str) -> Vec<String>;

    /// The statements that make one.
    fn make(of: &TrigramIndex<'_>) -> Vec<String>;

    /// The statements that remove one, or what is left of it.
    fn remove(of: &TrigramIndex<'_>) -> Vec<String>;

    /// What ends the filling of one.
    fn finish(of: &TrigramIndex<'_>) -> Option<String>;

    /// The statement that fails as damage does where one says other things than its table; nothing
    /// where that cannot be asked.
    fn compare(of: &TrigramIndex<'_>) -> Option<String>;

    /// Puts in the rows behind a number and up to another.
    fn walk_fill<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        of: &TrigramIndex<'b>,
        after: &'b i64,
        until: &'b i64,
    ) -> QueryResult<()>;

    /// The numbers of the rows that have all runs of a text, as a query.
    fn walk_rare<'b>(out: &mut AstPass<'_, 'b, Self>, rare: &'b Rare) -> QueryResult<()>;
}

fn shadow<'m>(of: &TrigramIndex<'m>) -> &'m str {
    let no = of.index.columns.first().copied().unwrap_or(Table::KEY);
    name(of.table, no)
}

fn name(table: &Table, no: ColumnNo) -> &str {
    &table.column(no).name
}

impl Trigrams for Pg {
    const NEEDS: Option<&'static str> = Some("CREATE EXTENSION IF NOT EXISTS pg_trgm");

    const LETTERS: &'static str = "SELECT 1 FROM pg_database WHERE datname = current_database() \
         AND datctype NOT IN ('C', 'POSIX')";

    const VERSION: Option<&'static str> = None;

    const PARTS: &'static str = "SELECT c.relname::text FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam \
         WHERE a.amname = 'gin' AND i.indisvalid AND pg_table_is_visible(c.oid)";

    const REMAINS: &'static str = "SELECT c.relname::text FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam \
         WHERE a.amname = 'gin' AND pg_table_is_visible(c.oid)";

    const FILLS: bool = true;

    fn parts(index: &str) -> Vec<String> {
        vec![index.to_owned()]
    }

    fn make(of: &TrigramIndex<'_>) -> Vec<String> {
        vec![format!(
            "CREATE INDEX {} ON {} USING gin ({} gin_trgm_ops)",
            quoted(&of.index.name),
            quoted(&of.table.name),
            quoted(shadow(of)),
        )]
    }

    fn remove(of: &TrigramIndex<'_>) -> Vec<String> {
        vec![format!("DROP INDEX IF EXISTS {}", quoted(&of.index.name))]
    }

    fn finish(_: &TrigramIndex<'_>) -> Option<String> {
        None
    }

    fn compare(_: &TrigramIndex<'_>) -> Option<String> {
        None
    }

    fn walk_fill<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        _: &TrigramIndex<'b>,
        _: &'b i64,
        _: &'b i64,
    ) -> QueryResult<()> {
        // It is full already.
        out.push_sql("SELECT 1");
        Ok(())
    }

    fn walk_rare<'b>(out: &mut AstPass<'_, 'b, Self>, _: &'b Rare) -> QueryResult<()> {
        // Never asked: the database chooses the index by itself.
        out.push_sql("SELECT 1");
        Ok(())
    }
}

/// The changes that a trigger of SQLite follows, as the ends of their names.
const TRIGGERS: [&str; 3] = ["added", "removed", "changed"];

impl Trigrams for Sqlite {
    const NEEDS: Option<&'static str> = None;

    const LETTERS: &'static str = "SELECT 1";

    const VERSION: Option<&'static str> = Some("PRAGMA schema_version");

    const PARTS: &'static str = "SELECT \"name\" FROM \"sqlite_master\" \
         WHERE \"type\" IN ('table', 'trigger') AND substr(\"name\", 1, 3) = 'FT_'";

    const REMAINS: &'static str = Self::PARTS;

    const FILLS: bool = false;

    fn parts(index: &str) -> Vec<String> {
        let name = trigram_name(index);
        let triggers = TRIGGERS.map(|end| format!("{name}_{end}"));
        std::iter::once(name).chain(triggers).collect()
    }

    fn make(of: &TrigramIndex<'_>) -> Vec<String> {
        let (raw, table) = (trigram_name(&of.index.name), &of.table.name);
        let index = quoted(&raw);
        let text = quoted(shadow(of));
        let row = quoted(name(of.table, Table::ROW_ID));
        let trigger = |end: &str, when: &str, then: &str| {
            let name = quoted(&format!("{raw}_{end}"));
            let table = quoted(table);
            format!("CREATE TRIGGER {name} AFTER {when} BEGIN {then} END")
                .replace("{table}", &table)
        };
        let put = format!(
            "INSERT INTO {index} (rowid, {text}) SELECT new.{row}, new.{text} WHERE new.{text} IS NOT NULL;"
        );
        let take = format!(
            "INSERT INTO {index} ({index}, rowid, {text}) SELECT 'delete', old.{row}, old.{text} WHERE old.{text} IS NOT NULL;"
        );
        vec![
            // Of the text as it is: it is folded already. Which rows have a run, and not where in
            // them, is enough: the condition itself is beside it.
            format!(
                "CREATE VIRTUAL TABLE {index} USING fts5 ({text}, content = '{table}', \
                 content_rowid = '{}', tokenize = 'trigram case_sensitive 1', detail = 'none', \
                 columnsize = 0)",
                name(of.table, Table::ROW_ID),
            ),
            trigger("added", "INSERT ON {table}", &put),
            trigger("removed", "DELETE ON {table}", &take),
            trigger(
                "changed",
                &format!("UPDATE OF {text} ON {{table}} WHEN old.{text} IS NOT new.{text}"),
                &format!("{take} {put}"),
            ),
        ]
    }

    fn remove(of: &TrigramIndex<'_>) -> Vec<String> {
        let name = trigram_name(&of.index.name);
        let triggers = TRIGGERS.iter().map(|end| {
            format!(
                "DROP TRIGGER IF EXISTS {}",
                quoted(&format!("{name}_{end}"))
            )
        });
        let table = format!("DROP TABLE IF EXISTS {}", quoted(&name));
        triggers.chain([table]).collect()
    }

    fn finish(of: &TrigramIndex<'_>) -> Option<String> {
        let index = quoted(&trigram_name(&of.index.name));
        // One sorted piece is read faster than many.
        Some(format!("INSERT INTO {index} ({index}) VALUES ('optimize')"))
    }

    fn compare(of: &TrigramIndex<'_>) -> Option<String> {
        let index = quoted(&trigram_name(&of.index.name));
        // Rank 1: with the text of the table, which is not in it.
        Some(format!(
            "INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"
        ))
    }

    fn walk_fill<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        of: &TrigramIndex<'b>,
        after: &'b i64,
        until: &'b i64,
    ) -> QueryResult<()> {
        let text = quoted(shadow(of));
        let row = quoted(name(of.table, Table::ROW_ID));
        let (index, table) = (
            quoted(&trigram_name(&of.index.name)),
            quoted(&of.table.name),
        );
        out.push_sql(&format!(
            "INSERT INTO {index} (rowid, {text}) SELECT {row}, {text} FROM {table} \
             WHERE {text} IS NOT NULL AND {row} > "
        ));
        out.push_bind_param::<BigInt, i64>(after)?;
        out.push_sql(&format!(" AND {row} <= "));
        out.push_bind_param::<BigInt, i64>(until)
    }

    fn walk_rare<'b>(out: &mut AstPass<'_, 'b, Self>, rare: &'b Rare) -> QueryResult<()> {
        let index = trigram_name(&rare.index);
        out.push_sql("SELECT rowid FROM ");
        walk_name(out, &index);
        out.push_sql(" WHERE ");
        walk_name(out, &index);
        out.push_sql(" MATCH ");
        out.push_bind_param::<Runs, Rare>(rare)
    }
}

/// What the full-text table is asked for: all runs of a text. Each is a text in quotes, so that no
/// character in it means anything.
struct Runs;

impl HasSqlType<Runs> for Sqlite {
    fn metadata(_: &mut Self::MetadataLookup) -> SqliteType {
        SqliteType::Text
    }
}

impl ToSql<Runs, Sqlite> for Rare {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let runs = self.runs.iter();
        let quoted: Vec<String> = runs
            .map(|run| format!("\"{}\"", run.replace('"', "\"\"")))
            .collect();
        out.set_value(quoted.join(" AND "));
        Ok(IsNull::No)
    }
}
