//! The table of the keys that all servers of one database share.

use std::fmt;

use super::read::Runs;
use super::sign_in::{text, time};
use super::sink::bytes;
use super::{Flow, Row, RowSink, Writer};
use crate::diag::Result;
use crate::sql::OwnTable;
use crate::value::Timestamp;

/// A key as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id.
    pub id: String,
    /// The name of what it is for.
    pub purpose: String,
    /// The key itself.
    pub secret: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
    /// When another took its place.
    pub retired: Option<Timestamp>,
}

impl fmt::Debug for StoredKey {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// Reads the table of keys: what a [`super::Session`] and a [`Writer`] can both do.
pub trait KeyReads {
    /// All keys.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn keys(&mut self) -> Result<Vec<StoredKey>>;
}

impl<T: Runs> KeyReads for T {
    fn keys(&mut self) -> Result<Vec<StoredKey>> {
        let mut found = Keys::default();
        self.each(&OwnTable::keys(), &mut found)?;
        Ok(found.0)
    }
}

impl Writer {
    /// Adds a key.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn add_key(&mut self, key: &StoredKey) -> Result<()> {
        let names = (key.id.as_str(), key.purpose.as_str());
        self.meets(&OwnTable::add_key(names, &key.secret, key.created))
            .map(drop)
    }

    /// Retires the keys of a purpose that are in use.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn retire_keys(&mut self, purpose: &str, now: Timestamp) -> Result<()> {
        self.meets(&OwnTable::retire_keys(purpose, now)).map(drop)
    }
}

#[derive(Default)]
struct Keys(Vec<StoredKey>);

impl RowSink for Keys {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(StoredKey {
            id: text(row, 0)?.unwrap_or_default(),
            purpose: text(row, 1)?.unwrap_or_default(),
            secret: bytes(row, 2)?,
            created: time(row, 3)?.unwrap_or(Timestamp::from_micros(0)),
            retired: time(row, 4)?,
        });
        Ok(Flow::More)
    }
}
