//! Indexes of trigrams of SQLite while tables are migrated.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel::{RunQueryDsl as _, SqliteConnection};

/// Everything that such indexes consist of, tables first; the database keeps the text of each.
const PARTS: &str = "SELECT \"name\", \"type\", \"sql\" FROM \"sqlite_master\" \
     WHERE substr(\"name\", 1, 3) = 'FT_' \
     AND (\"type\" = 'trigger' OR \"sql\" LIKE 'CREATE VIRTUAL TABLE %') \
     ORDER BY \"type\", \"name\"";

/// The indexes that there were.
#[derive(Debug)]
pub(in crate::store) struct Kept(Vec<Part>);

/// A table or a trigger.
#[derive(Debug, diesel::QueryableByName)]
struct Part {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    r#type: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

impl Part {
    fn is_table(&self) -> bool {
        self.r#type == "table"
    }

    fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }
}

impl Kept {
    /// Removes them, so that tables can be made anew.
    pub(in crate::store) fn put_away(connection: &mut SqliteConnection) -> QueryResult<Self> {
        connection.transaction(|connection| {
            let parts: Vec<Part> = diesel::sql_query(PARTS).load(connection)?;
            // Triggers first: they name the tables.
            for part in parts.iter().rev() {
                let kind = if part.is_table() { "TABLE" } else { "TRIGGER" };
                connection.batch_execute(&format!("DROP {kind} {}", part.quoted()))?;
            }
            Ok(Self(parts))
        })
    }

    /// Makes them again out of what is stored. One that cannot be made again stays off: searches
    /// read more then, and find the same.
    pub(in crate::store) fn put_back(self, connection: &mut SqliteConnection) {
        let made = connection.transaction(|connection| {
            for part in &self.0 {
                connection.batch_execute(&part.sql)?;
            }
            for table in self.0.iter().filter(|part| part.is_table()) {
                let name = table.quoted();
                let rebuild = format!("INSERT INTO {name} ({name}) VALUES ('rebuild')");
                connection.batch_execute(&rebuild)?;
            }
            QueryResult::Ok(())
        });
        if let Err(error) = made {
            tracing::warn!(%error, "the indexes of trigrams are off since the migration");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::sql::{DialectName, ddl};

    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    #[test]
    fn they_come_back_with_what_is_stored() {
        let model = Model::shipped().unwrap();
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        for statement in ddl::create(&model, DialectName::Sqlite)
            .iter()
            .chain(&ddl::trigrams(&model, DialectName::Sqlite))
        {
            connection.batch_execute(statement).unwrap();
        }
        let add = "INSERT INTO \"Sec_Groups\" (\"Group_Id\", \"Group_Name\", \"Group_Name_folded\", \
                   \"Group_Type\", \"Latest_Version\") VALUES (randomblob(16), '{}', 'търговци', 'G', 1)";
        let add = add.replace("'G'", "(SELECT 'N')");
        connection
            .batch_execute("PRAGMA ignore_check_constraints = ON")
            .unwrap();
        connection.batch_execute(&add).unwrap();
        let mut number = |sql: &str| {
            let found: Found = diesel::sql_query(sql).get_result(&mut connection).unwrap();
            found.n
        };
        let look = "SELECT count(*) AS n FROM \"FT_Sec_Groups_Name_Substring\" \
                    WHERE \"FT_Sec_Groups_Name_Substring\" MATCH '\"рго\" AND \"гов\"'";
        let parts =
            "SELECT count(*) AS n FROM \"sqlite_master\" WHERE \"name\" LIKE 'FT\\_%' ESCAPE '\\'";
        let (found, before) = (number(look), number(parts));
        assert!(found == 1 && before > 0);
        let kept = Kept::put_away(&mut connection).unwrap();
        let mut number = |sql: &str| {
            let found: Found = diesel::sql_query(sql).get_result(&mut connection).unwrap();
            found.n
        };
        assert_eq!(number(parts), 0);
        kept.put_back(&mut connection);
        let mut number = |sql: &str| {
            let found: Found = diesel::sql_query(sql).get_result(&mut connection).unwrap();
            found.n
        };
        assert_eq!((number(look), number(parts)), (1, before));
    }
}
