//! Databases for tests: the same test runs on SQLite and on PostgreSQL.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "each test program uses its own part of this"
)]

pub mod beside;
pub mod conditions;
pub mod curl;
pub mod drawing;
pub mod evaluator;
pub mod field;
pub mod forms;
pub mod history;
pub mod http;
pub mod payloads;
pub mod person;
pub mod postgres;
pub mod rows;
pub mod searching;
pub mod server;
pub mod service;
pub mod spelling;
pub mod tester;
pub mod world;

pub use service::{Database, Databases, Wishes, encode, encode_query};
pub mod users;

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use userdex::store::{Store, StoreOptions};

/// A store that waits for connections and locks as long as a busy machine takes.
pub fn patient() -> StoreOptions {
    StoreOptions {
        wait: Duration::from_secs(60),
        lock_wait: Duration::from_secs(60),
        ..StoreOptions::default()
    }
}

/// Runs a test on a new database of each kind.
pub fn on_each_database(test: impl Fn(&Store)) {
    let (_folder, store) = sqlite();
    test(&store);
    if let Some(url) = postgres::database() {
        test(&Store::open(&url.parse().unwrap(), &patient()).unwrap());
    }
}

/// A new SQLite database with the program's tables.
pub fn sqlite() -> (TempDir, Store) {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("template.db");
        let store = open(&file);
        store.migrate().unwrap();
        // The last connection to close moves the write-ahead log into the file.
        drop(store);
        std::fs::read(file).unwrap()
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    std::fs::write(&file, template).unwrap();
    let store = open(&file);
    (folder, store)
}

fn open(file: &Path) -> Store {
    let url = format!("sqlite:{}", file.display());
    Store::open(&url.parse().unwrap(), &patient()).unwrap()
}
