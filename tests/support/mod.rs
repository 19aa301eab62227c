//! Databases for tests: the same test runs on SQLite and on PostgreSQL.

pub mod postgres;

use std::path::PathBuf;
use std::sync::OnceLock;

use tempfile::TempDir;
use userdex::store::{Store, StoreOptions};

/// Runs a test on a new database of each kind.
pub fn on_each_database(test: impl Fn(&Store)) {
    let (_folder, store) = sqlite();
    test(&store);
    if let Some(url) = postgres::database() {
        test(&Store::open(&url.parse().unwrap(), &StoreOptions::default()).unwrap());
    }
}

/// A new SQLite database with the program's tables.
pub fn sqlite() -> (TempDir, Store) {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("template.db");
        drop(open(&file, |store| drop(store.migrate().unwrap())));
        std::fs::read(file).unwrap()
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    std::fs::write(&file, template).unwrap();
    let store = open(&file, |_| ());
    (folder, store)
}

fn open(file: &PathBuf, then: impl FnOnce(&Store)) -> Store {
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(&url.parse().unwrap(), &StoreOptions::default()).unwrap();
    then(&store);
    store
}
