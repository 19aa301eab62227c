//! Whole reads without a web server: from the text of a request to the bytes of its answer.
//!
//! On SQLite, and on PostgreSQL where `USERDEX_BENCH_POSTGRES` is the URL of an empty database (it
//! is filled, and used again the next time). `USERDEX_BENCH_USERS` says how many users are in a
//! database that is filled.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot start stops"
)]

mod mix;

use std::env;
use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::Criterion;
use diesel::sql_types::{BigInt, Text};
use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query,
};
use mix::{QUERIES, Values, head};
use userdex::demo;
use userdex::diag::Result;
use userdex::model::Model;
use userdex::service::{Flow, Head, Output, Prepared, Service, ServiceSettings};
use userdex::store::{DatabaseUrl, Store, StoreOptions};
use userdex::value::Language;

/// Users in the database, if nothing else is said.
const USERS: u64 = 20_000;
/// The seed of the users.
const SEED: u64 = 1;

/// What a query of the mix costs who writes its statement by hand.
const BY_HAND: &[(&str, &str)] = &[(
    "Q9",
    r#"SELECT "User_Type" AS user_type, count(*) AS users FROM "Sec_Users" GROUP BY "User_Type""#,
)];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.db");
    let sqlite = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
    reads(&mut criterion, "sqlite", &sqlite);
    if let Ok(url) = env::var("USERDEX_BENCH_POSTGRES") {
        reads(&mut criterion, "postgres", &url.parse().unwrap());
    }
    criterion.final_summary();
}

/// Every query of the mix on one database.
fn reads(criterion: &mut Criterion, name: &str, url: &DatabaseUrl) {
    let service = service(url);
    let values = values(&service);
    let mut group = criterion.benchmark_group(name);
    for (query, path, options) in QUERIES {
        let (path, options) = (values.put_into(path), values.put_into(options));
        let bytes = ask(&service, &path, &options).len();
        assert!(bytes > 0, "{query} has no answer");
        group.bench_function(*query, |bencher| {
            bencher.iter(|| ask(&service, black_box(&path), black_box(&options)));
        });
    }
    for (query, text) in BY_HAND {
        let mut connection = Connection::open(url);
        group.bench_function(format!("{query} by hand"), |bencher| {
            bencher.iter(|| connection.ask(text));
        });
    }
    group.finish();
}

/// A group of the answer of Q9.
#[derive(Debug, QueryableByName)]
struct Group {
    #[diesel(sql_type = Text)]
    user_type: String,
    #[diesel(sql_type = BigInt)]
    users: i64,
}

/// A connection that knows nothing of the model.
enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    fn open(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => Self::Sqlite(SqliteConnection::establish(path).unwrap()),
            DatabaseUrl::Postgres(url) => Self::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    /// The text of the groups of a statement.
    fn ask(&mut self, text: &str) -> String {
        let groups: Vec<Group> = match self {
            Self::Sqlite(connection) => sql_query(text).load(connection),
            Self::Postgres(connection) => sql_query(text).load(connection),
        }
        .unwrap();
        let lines = groups
            .iter()
            .map(|g| format!("{}: {}\n", g.user_type, g.users));
        lines.collect()
    }
}

/// The service over a database with demonstration data.
fn service(url: &DatabaseUrl) -> Service {
    let store = Store::open(url, &StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    let model = Arc::new(Model::shipped().unwrap());
    if demo::is_empty(&store, &model).unwrap() {
        let users = env::var("USERDEX_BENCH_USERS").map_or(USERS, |text| text.parse().unwrap());
        demo::fill(&store, &model, users, SEED).unwrap();
        store.writer().unwrap().analyze().unwrap();
    }
    Service::new(model, store, ServiceSettings::default()).unwrap()
}

/// A user in the middle of the table, and the token of the page after it.
fn values(service: &Service) -> Values {
    let address = "Systems_Security_Users";
    let options = "$top=1000&$select=Id,Login,Email";
    let page = ask(service, address, options);
    let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
    let user = page.pointer("/value/500").unwrap();
    let text = |name: &str| user.get(name).unwrap().as_str().unwrap().to_owned();
    let link = page.get("@odata.nextLink").unwrap().as_str().unwrap();
    let (_, token) = link.split_once("$skiptoken=").unwrap();
    Values {
        key: text("Id"),
        login: text("Login"),
        token: token.to_owned(),
    }
}

/// The body of an answer.
fn ask(service: &Service, path: &str, options: &str) -> Vec<u8> {
    let language = Language::default();
    let mut body = Body::default();
    match service.prepare(&head(path, options, &language)).unwrap() {
        Prepared::Read(read) => service.run(&read, &mut body).unwrap(),
        Prepared::Document(_) | Prepared::Call(_) => panic!("{path} reads no rows"),
    }
    body.0
}

/// Collects a body.
#[derive(Debug, Default)]
struct Body(Vec<u8>);

impl Output for Body {
    fn head(&mut self, _: Head) -> Result<()> {
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        if self.0.is_empty() {
            self.0 = chunk.into();
        } else {
            self.0.extend_from_slice(&chunk);
        }
        Ok(Flow::More)
    }
}
