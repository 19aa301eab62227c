//! The table of keys that all servers of one database share.

use std::fmt;

use super::read::Runs;
use super::sink::bytes;
use super::{Cell, Flow, Row, RowSink, Session, Writer};
use crate::diag::Result;
use crate::model::ColumnKind;
use crate::sql::OwnTable;
use crate::value::Timestamp;

/// A key as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id.
    pub id: String,
    /// What it is for, by name.
    pub purpose: String,
    /// The key itself.
    pub secret: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
    /// When another took its place.
    pub retired: Option<Timestamp>,
}

impl fmt::Debug for StoredKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("created", &self.created)
            .field("retired", &self.retired)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Every key, in no order.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn keys(&mut self) -> Result<Vec<StoredKey>> {
        read(self)
    }
}

impl Writer {
    /// Keeps a key, unless one is in use for its purpose: of servers that make one at once, one
    /// keeps it, and the others read it afterwards.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn keep_key(&mut self, key: &StoredKey) -> Result<()> {
        let StoredKey {
            id,
            purpose,
            secret,
            created,
            retired: _,
        } = key;
        self.run_own(&OwnTable::keep_key(id, purpose, secret, *created))
    }

    /// Takes the key of a purpose out of use, where there is one.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn retire_key(&mut self, purpose: &str, now: Timestamp) -> Result<()> {
        self.run_own(&OwnTable::retire_key(purpose, now))
    }

    /// Drops a key that is out of use.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn drop_key(&mut self, id: &str) -> Result<()> {
        self.run_own(&OwnTable::drop_key(id))
    }

    fn run_own(&mut self, statement: &OwnTable) -> Result<()> {
        self.execute(statement)
            .map(drop)
            .map_err(|e| self.failed(&e))
    }
}

fn read(runs: &mut impl Runs) -> Result<Vec<StoredKey>> {
    let mut found = Found::default();
    runs.each(&OwnTable::keys(), &mut found)?;
    Ok(found.0)
}

/// Takes keys.
#[derive(Debug, Default)]
struct Found(Vec<StoredKey>);

impl RowSink for Found {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(StoredKey {
            id: text(row, 0)?,
            purpose: text(row, 1)?,
            secret: bytes(row, 2)?,
            created: time(row, 3)?.unwrap_or(Timestamp::from_micros(0)),
            retired: time(row, 4)?,
        });
        Ok(Flow::More)
    }
}

fn text<R: Row>(row: &R, position: usize) -> Result<String> {
    row.cell(position, &ColumnKind::Text, |cell| match cell {
        Cell::Text(text) => text.to_owned(),
        Cell::Null
        | Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Guid(_)
        | Cell::Timestamp(_)
        | Cell::Binary(_) => String::new(),
    })
}

fn time<R: Row>(row: &R, position: usize) -> Result<Option<Timestamp>> {
    row.cell(position, &ColumnKind::Timestamp, |cell| match cell {
        Cell::Timestamp(time) => Some(time),
        Cell::Null
        | Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Text(_)
        | Cell::Guid(_)
        | Cell::Binary(_) => None,
    })
}
