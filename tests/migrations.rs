//! A migrated database has exactly what the model asks for, on both databases.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod support;

use std::collections::BTreeSet;

use diesel::connection::{Connection, SimpleConnection as _};
use diesel::sql_types::Text;
use diesel::{PgConnection, RunQueryDsl as _, SqliteConnection};
use support::postgres;
use userdex::model::{IndexMethod, Model};
use userdex::sql::{DialectName, ddl};
use userdex::store::Store;

/// One fact about a database, as text.
#[derive(diesel::QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    fact: String,
}

/// Tables that belong to the server and not to the model.
const OWN: [&str; 10] = [
    // Its tables, and the triggers that keep its entries from changes.
    "Ext_Audit_",
    "Ext_Counters",
    "Ext_Key_Ring",
    "Ext_Marks",
    "Ext_Old_Passwords",
    "Ext_Repeatable_Requests",
    "Ext_Server_Keys",
    "Ext_Sessions",
    "Ext_Used_Codes",
    "__diesel_schema_migrations",
];

/// Everything that SQLite says of its tables, views and indexes.
const SQLITE_FACTS: &[&str] = &[
    "SELECT 'column ' || t.name || '.' || c.cid || ' ' || c.name || ' ' || c.type || ' null ' ||
        (c.\"notnull\" = 0) || ' default ' || ifnull(c.dflt_value, '-') || ' key ' || c.pk AS fact
     FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type IN ('table', 'view')",
    "SELECT 'reference ' || t.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\" ||
        f.on_update || f.on_delete AS fact
     FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    "SELECT 'index ' || t.name || '.' || i.name || ' unique ' || i.\"unique\" || ' ' || c.seqno ||
        ' ' || ifnull(c.name, '(expression)') || ' ' || c.desc || ' ' || c.coll AS fact
     FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
     WHERE t.type = 'table'",
    // Checks, names of constraints and expressions stand only in the text.
    "SELECT 'text ' || sql AS fact FROM sqlite_master WHERE sql IS NOT NULL",
];

/// Everything that PostgreSQL says of its tables, views and indexes.
const POSTGRES_FACTS: &[&str] = &[
    "SELECT concat_ws(' ', 'column', c.relname, c.relkind, a.attnum, a.attname,
        format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull, 'identity', a.attidentity,
        'collation', l.collname, 'default', pg_get_expr(d.adbin, d.adrelid)) AS fact
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     LEFT JOIN pg_collation l ON l.oid = a.attcollation
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')
     AND c.relnamespace = 'public'::regnamespace",
    "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS fact
     FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT 'index ' || indexdef AS fact FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT 'view ' || viewname || definition AS fact FROM pg_views WHERE schemaname = 'public'",
];

/// The facts of a database, those of the server's own tables left out.
macro_rules! facts {
    ($connection:expr, $queries:expr) => {{
        let mut facts = BTreeSet::new();
        for query in $queries {
            let found: Vec<Fact> = diesel::sql_query(*query).load($connection).unwrap();
            facts.extend(found.into_iter().map(|f| f.fact));
        }
        facts.retain(|f| !OWN.iter().any(|own| f.contains(own)));
        facts
    }};
}

/// Compares what migrations made with what the model's own statements make.
fn assert_equal(migrated: &BTreeSet<String>, asked: &BTreeSet<String>) {
    let missing: Vec<_> = asked.difference(migrated).collect();
    let surplus: Vec<_> = migrated.difference(asked).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "the model asks for {missing:#?}\nthe migrations make {surplus:#?}"
    );
}

/// Sees that each table, column and index of the model is among the facts: the comparison above
/// would not notice if `ddl` left something out.
fn assert_complete(model: &Model, facts: &BTreeSet<String>, substrings: bool) {
    let has = |words: &[&str]| {
        let found = facts.iter().any(|f| words.iter().all(|w| f.contains(w)));
        assert!(found, "nothing with {words:?}");
    };
    for (id, _) in model.entities() {
        let table = model.table(id);
        for column in &table.columns {
            has(&["column", &table.name, &format!(" {} ", column.name)]);
        }
        for index in &table.indexes {
            if substrings || index.method == IndexMethod::Ordered {
                has(&["index", &table.name, &index.name]);
            }
        }
    }
}

#[test]
fn sqlite_has_what_the_model_asks_for() {
    let model = Model::shipped().unwrap();
    let (folder, store) = support::sqlite();
    let file = folder.path().join("test.db");
    let mut migrated = SqliteConnection::establish(&file.display().to_string()).unwrap();
    let mut asked = SqliteConnection::establish(":memory:").unwrap();
    for statement in ddl::create(&model, DialectName::Sqlite) {
        asked.batch_execute(&statement).unwrap();
    }
    let facts = facts!(&mut migrated, SQLITE_FACTS);
    assert_equal(&facts, &facts!(&mut asked, SQLITE_FACTS));
    assert_complete(&model, &facts, true);
    turn(&store, &model, true);
    for statement in ddl::trigrams(&model, DialectName::Sqlite) {
        asked.batch_execute(&statement).unwrap();
    }
    let on = facts!(&mut migrated, SQLITE_FACTS);
    assert_equal(&on, &facts!(&mut asked, SQLITE_FACTS));
    turn(&store, &model, false);
    assert_equal(&facts!(&mut migrated, SQLITE_FACTS), &facts);
}

#[test]
fn postgres_has_what_the_model_asks_for() {
    let Some(url) = postgres::database() else {
        return;
    };
    let asked = postgres::empty_database("asked").unwrap();
    let model = Model::shipped().unwrap();
    let mut migrated = PgConnection::establish(&url).unwrap();
    let mut asked = PgConnection::establish(&asked).unwrap();
    for statement in ddl::create(&model, DialectName::Postgres) {
        asked.batch_execute(&statement).unwrap();
    }
    let found = facts!(&mut migrated, POSTGRES_FACTS);
    assert_equal(&found, &facts!(&mut asked, POSTGRES_FACTS));
    assert_complete(&model, &found, false);
    let store = Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
    turn(&store, &model, true);
    asked.batch_execute("CREATE EXTENSION pg_trgm").unwrap();
    for statement in ddl::trigrams(&model, DialectName::Postgres) {
        asked.batch_execute(&statement).unwrap();
    }
    let on = facts!(&mut migrated, POSTGRES_FACTS);
    assert_equal(&on, &facts!(&mut asked, POSTGRES_FACTS));
    assert_complete(&model, &on, true);
    turn(&store, &model, false);
    assert_equal(&facts!(&mut migrated, POSTGRES_FACTS), &found);
}

/// Turns every index of trigrams on or off.
fn turn(store: &Store, model: &Model, on: bool) {
    for searched in model.searched() {
        match on {
            true => store
                .turn_trigrams_on(model, &searched, &mut |_| {})
                .unwrap(),
            false => store.turn_trigrams_off(model, &searched).unwrap(),
        }
    }
}

#[test]
fn a_database_without_the_right_to_make_extensions_migrates_too() {
    let Some(url) = postgres::empty_database("poor") else {
        return;
    };
    let mut admin = PgConnection::establish(&url).unwrap();
    admin
        .batch_execute("CREATE ROLE poor LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO poor; REVOKE CREATE ON DATABASE poor FROM PUBLIC")
        .unwrap();
    let url = url.replace("user=postgres", "user=poor");
    let store = userdex::store::Store::open(&url.parse().unwrap(), &Default::default()).unwrap();
    store.migrate().unwrap();
    assert!(store.migration_status().unwrap().iter().all(|m| m.applied));
    let found = facts!(&mut admin, POSTGRES_FACTS);
    assert!(!found.iter().any(|f| f.contains("gin_trgm_ops")));
}

#[test]
fn telling_what_is_missing_makes_nothing() {
    let Some(url) = postgres::empty_database("told") else {
        return;
    };
    let store = userdex::store::Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
    let told = store.migration_status().unwrap();
    assert!(!told.is_empty() && told.iter().all(|m| !m.applied));
    let tables = "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(support::beside::Beside::open(&url).lines(tables), [""; 0]);
    store.migrate().unwrap();
    assert!(store.migration_status().unwrap().iter().all(|m| m.applied));
}

/// The files that undo a migration undo all of it.
#[test]
fn migrations_can_be_undone() {
    let (folder, store) = support::sqlite();
    drop(store);
    let file = folder.path().join("test.db");
    let mut sqlite = SqliteConnection::establish(&file.display().to_string()).unwrap();
    for undo in [
        include_str!("../migrations/sqlite/2026-11-27-000010_audit/down.sql"),
        include_str!("../migrations/sqlite/2026-11-27-200000_old_passwords/down.sql"),
        include_str!("../migrations/sqlite/2026-11-26-100000_entity_permissions/down.sql"),
        include_str!("../migrations/sqlite/2026-11-26-000009_lean_logs/down.sql"),
        include_str!("../migrations/sqlite/2026-11-26-000001_change_numbers/down.sql"),
        include_str!("../migrations/sqlite/2026-11-26-000000_writing/down.sql"),
        include_str!("../migrations/sqlite/2026-11-22-000000_initial/down.sql"),
    ] {
        sqlite.batch_execute(undo).unwrap();
    }
    assert_eq!(facts!(&mut sqlite, SQLITE_FACTS), BTreeSet::new());
    let Some(url) = postgres::database() else {
        return;
    };
    let mut postgres = PgConnection::establish(&url).unwrap();
    for undo in [
        include_str!("../migrations/postgres/2026-11-27-300000_trigram_switch/down.sql"),
        include_str!("../migrations/postgres/2026-11-27-000010_audit/down.sql"),
        include_str!("../migrations/postgres/2026-11-27-200000_old_passwords/down.sql"),
        include_str!("../migrations/postgres/2026-11-26-100000_entity_permissions/down.sql"),
        include_str!("../migrations/postgres/2026-11-26-000009_lean_logs/down.sql"),
        include_str!("../migrations/postgres/2026-11-26-000001_change_numbers/down.sql"),
        include_str!("../migrations/postgres/2026-11-26-000000_writing/down.sql"),
        include_str!("../migrations/postgres/2026-11-22-000001_substring_search/down.sql"),
        include_str!("../migrations/postgres/2026-11-22-000000_initial/down.sql"),
    ] {
        postgres.batch_execute(undo).unwrap();
    }
    assert_eq!(facts!(&mut postgres, POSTGRES_FACTS), BTreeSet::new());
}

/// The history of a change set that was there before it had a number.
const OLD_CHANGES: &[&str] = &[
    "INSERT INTO \"Sys_Object_Changesets\" (\"rid\", \"Object_Changeset_Id\", \"Server_Version\", \"Time_Utc\") VALUES (7, {late}, '1', {later}), (9, {early}, '1', {earlier})",
    "INSERT INTO \"Sys_Object_Changes\" (\"rid\", \"Object_Change_Id\", \"Change_Type\", \"Entity_Item_Id\", \"Repository_Name\", \"Repository_Name_folded\", \"Object_Changeset_Id\", \"Root_Object_Id\") VALUES (1, {late}, 'C', {late}, 'A', 'a', {late}, {late})",
];
const NUMBERS: &str = "SELECT \"rid\" || ' ' || \"Change_Number\" AS fact FROM \"Sys_Object_Changesets\" s WHERE \"rid\" > 0";
const LEFT: &str = "SELECT 'changes ' || count(*) AS fact FROM \"Sys_Object_Changes\"";

/// Runs statements with the guids and times of one database.
fn filled(statement: &str, values: [&str; 4]) -> String {
    let names = ["{late}", "{early}", "{later}", "{earlier}"];
    let pairs = names.iter().zip(values);
    pairs.fold(statement.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

/// Numbering the change sets loses none of them and nothing that belongs to them.
#[test]
fn change_numbers_keep_the_rows() {
    const SQLITE: [&str; 2] = [
        include_str!("../migrations/sqlite/2026-11-26-000001_change_numbers/down.sql"),
        include_str!("../migrations/sqlite/2026-11-26-000001_change_numbers/up.sql"),
    ];
    const POSTGRES: [&str; 2] = [
        include_str!("../migrations/postgres/2026-11-26-000001_change_numbers/down.sql"),
        include_str!("../migrations/postgres/2026-11-26-000001_change_numbers/up.sql"),
    ];
    let expected: BTreeSet<String> = ["7 2", "9 1", "changes 1"].map(str::to_owned).into();
    let (folder, store) = support::sqlite();
    drop(store);
    let file = folder.path().join("test.db");
    let mut sqlite = SqliteConnection::establish(&file.display().to_string()).unwrap();
    sqlite
        .batch_execute("PRAGMA foreign_keys = ON; BEGIN")
        .unwrap();
    sqlite.batch_execute(SQLITE[0]).unwrap();
    for statement in OLD_CHANGES {
        let values = ["zeroblob(16)", "randomblob(16)", "2", "1"];
        sqlite.batch_execute(&filled(statement, values)).unwrap();
    }
    sqlite.batch_execute("COMMIT; BEGIN").unwrap();
    sqlite.batch_execute(SQLITE[1]).unwrap();
    sqlite.batch_execute("COMMIT").unwrap();
    assert_eq!(facts!(&mut sqlite, [NUMBERS, LEFT].iter()), expected);
    let Some(url) = postgres::database() else {
        return;
    };
    let mut postgres = PgConnection::establish(&url).unwrap();
    postgres.batch_execute("BEGIN").unwrap();
    postgres.batch_execute(POSTGRES[0]).unwrap();
    for statement in OLD_CHANGES {
        let late = "'00000000-0000-0000-0000-000000000000'";
        let values = [
            late,
            "gen_random_uuid()",
            "now()",
            "now() - interval '1 day'",
        ];
        postgres.batch_execute(&filled(statement, values)).unwrap();
    }
    postgres.batch_execute("COMMIT; BEGIN").unwrap();
    postgres.batch_execute(POSTGRES[1]).unwrap();
    postgres.batch_execute("COMMIT").unwrap();
    assert_eq!(facts!(&mut postgres, [NUMBERS, LEFT].iter()), expected);
}
