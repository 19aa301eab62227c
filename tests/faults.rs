//! Databases that cannot be used: clear problems, and nothing is harmed.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod support;

use std::path::Path;
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::{PgConnection, SqliteConnection};
use support::postgres;
use support::users::{entity, query, term};
use userdex::diag::{Code, Problem};
use userdex::model::Model;
use userdex::plan::{CompareOperator, Predicate, Query};
use userdex::store::{Flow, Reads as _, Row, RowSink, Store, StoreOptions};
use userdex::value::Value;

fn open(file: &Path) -> Result<Store, Problem> {
    let options = StoreOptions {
        wait: Duration::from_millis(50),
        lock_wait: Duration::from_millis(50),
        ..StoreOptions::default()
    };
    Store::open(&format!("sqlite:{}", file.display()).parse()?, &options)
}

fn raw(file: &Path) -> SqliteConnection {
    SqliteConnection::establish(&file.display().to_string()).unwrap()
}

/// A migrated file that nobody has open.
fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, store) = support::sqlite();
    drop(store);
    let file = folder.path().join("test.db");
    (folder, file)
}

/// Opening fails with this code and message, and leaves the bytes of the file as they are.
fn assert_refused(file: &Path, code: Code, message: &str) {
    let before = std::fs::read(file).ok();
    let problem = open(file).and_then(|s| s.migrate()).unwrap_err();
    assert_eq!((problem.code(), problem.message()), (code, message));
    assert!(!problem.helps().is_empty());
    assert_eq!(std::fs::read(file).ok(), before);
}

#[test]
fn files_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let damaged = "the file is not a database, or it is damaged";
    std::fs::write(
        &file,
        b"no database at all, but long enough to have a header".repeat(40),
    )
    .unwrap();
    assert_refused(&file, Code::DatabaseFault, damaged);

    let nowhere = folder.path().join("no/such/folder/a.db");
    let message = "the database file cannot be opened";
    assert_refused(&nowhere, Code::DatabaseFault, message);

    let foreign = folder.path().join("foreign.db");
    raw(&foreign).batch_execute("CREATE TABLE t (a)").unwrap();
    let message = "the file is a database of another program";
    assert_refused(&foreign, Code::DatabaseFault, message);
}

#[test]
fn a_file_of_a_newer_version() {
    let (_folder, file) = file();
    raw(&file)
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
        .unwrap();
    let message = "the database was made by a newer version of the program";
    assert_refused(&file, Code::DatabaseFault, message);
}

#[test]
fn a_locked_file() {
    let (_folder, file) = file();
    let mut other = raw(&file);
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let message = "the database is locked by another process";
    assert_refused(&file, Code::ServiceUnavailable, message);
    other.batch_execute("ROLLBACK").unwrap();
    open(&file).unwrap();
}

#[test]
fn a_file_that_may_only_be_read() {
    let (folder, file) = file();
    let set = |mode: u32, path: &Path| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o444, &file);
    set(0o555, folder.path());
    // Root may write everything.
    if std::fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .is_err()
    {
        assert_refused(&file, Code::DatabaseFault, "the database cannot be written");
    }
    set(0o755, folder.path());
}

/// A query that takes a while on few rows.
fn long(model: &Model) -> Query {
    let part = |n| Predicate::Compare {
        term: term(model, "Access_Failed_Count"),
        operator: CompareOperator::Ne,
        value: Value::Integer(n),
        or_null: false,
    };
    query(model, Predicate::All((10..9000).map(part).collect()))
}

#[test]
fn reads_end_at_their_deadline_and_the_session_goes_on() {
    let model = Model::shipped().unwrap();
    let (_folder, file) = file();
    let mut urls = vec![format!("sqlite:{}", file.display())];
    urls.extend(postgres::database());
    for url in urls {
        let store = Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
        support::users::fill(&store, &model);
        let options = StoreOptions {
            deadline: Some(Duration::from_nanos(1)),
            ..StoreOptions::default()
        };
        let hasty = Store::open(&url.parse().unwrap(), &options).unwrap();
        let mut session = hasty.session().unwrap();
        let late = session.count(&model, &long(&model)).unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded, "{:?}", late.log_text());
        drop(session);
        let mut patient = hasty.patient_session().unwrap();
        assert!(patient.count(&model, &long(&model)).unwrap() > 0);
        drop(patient);
        let late = hasty.session().unwrap().count(&model, &long(&model));
        assert_eq!(late.unwrap_err().code(), Code::DeadlineExceeded);
        let table = model.table(entity(&model));
        assert!(store.session().unwrap().row_count(table).unwrap() > 0);
    }
}

/// Takes its time with each row.
struct Slow {
    rows: u64,
    each: Duration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "it plays a row that costs much: the time has to pass"
)]
impl RowSink for Slow {
    fn row<R: Row>(&mut self, _: &R) -> Result<Flow, Problem> {
        self.rows += 1;
        std::thread::sleep(self.each);
        Ok(Flow::More)
    }
}

/// What takes long is not the database, but what is made of its rows.
#[test]
fn rows_end_at_the_deadline_however_fast_the_database_is() {
    let model = Model::shipped().unwrap();
    let (_folder, file) = file();
    let mut urls = vec![format!("sqlite:{}", file.display())];
    urls.extend(postgres::database());
    for url in urls {
        let options = StoreOptions {
            deadline: Some(Duration::from_millis(400)),
            ..StoreOptions::default()
        };
        let store = Store::open(&url.parse().unwrap(), &options).unwrap();
        support::users::fill(&store, &model);
        let all = query(&model, Predicate::Always);
        let mut session = store.session().unwrap();
        let mut slow = Slow {
            rows: 0,
            each: Duration::from_millis(500),
        };
        let late = session.select(&model, &all, None, &mut slow).unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
        // None, where the machine is busy with others.
        assert!(slow.rows <= 1, "{}", slow.rows);
        let seen = slow.rows;
        // The next statement of the same read has no time of its own.
        let late = session.select(&model, &all, None, &mut slow).unwrap_err();
        assert_eq!((late.code(), slow.rows), (Code::DeadlineExceeded, seen));
        drop(session);
        let mut patient = store.patient_session().unwrap();
        let mut slow = Slow {
            rows: 0,
            each: Duration::from_millis(10),
        };
        patient.select(&model, &all, None, &mut slow).unwrap();
        assert!(slow.rows > 50, "exports have no deadline: {}", slow.rows);
    }
}

#[test]
fn a_postgres_database_of_a_newer_version() {
    let Some(url) = postgres::database() else {
        return;
    };
    let mut raw = PgConnection::establish(&url).unwrap();
    raw.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
        .unwrap();
    let store = Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
    assert_eq!(store.migrate().unwrap_err().code(), Code::DatabaseFault);
}
