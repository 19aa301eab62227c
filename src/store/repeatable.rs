//! Counters, and the answers of requests that a client may send again.

use diesel::result::{DatabaseErrorKind, Error};

use super::failure::Trouble;
use super::read::Runs as _;
use super::sink::bytes;
use super::{Flow, Row, RowSink, Session, Writer};
use crate::diag::{Code, Problem, Result};
use crate::model::ColumnKind;
use crate::sql::{CountChange, OwnTable};
use crate::value::Timestamp;

/// What is kept of a repeatable request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Tells whether a request with the same id is the same request.
    pub fingerprint: Vec<u8>,
    /// The answer that it got.
    pub answer: Vec<u8>,
}

impl Session {
    /// What a counter is at; nought where it has not begun.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn counter(&mut self, counter: &str) -> Result<i64> {
        let mut number = Whole::default();
        self.each(&OwnTable::counter(counter), &mut number)?;
        Ok(number.0.unwrap_or_default())
    }
}

impl Writer {
    /// Adds to a counter, which starts at nought, and answers its new value.
    ///
    /// Other transactions that count wait until this one ends: numbers come in the order of the
    /// commits, and one that is undone leaves no gap.
    ///
    /// # Errors
    ///
    /// [`Code::ServiceUnavailable`] when another transaction does not end in time; faults of the
    /// database.
    pub fn next_number(&mut self, counter: &str, by: i64) -> Result<i64> {
        let mut number = Whole::default();
        self.each(&OwnTable::count_up(counter, by), &mut number)?;
        number.0.ok_or_else(uncounted)
    }

    /// The number of a set of changes, counted likewise. All servers of the database are told of the
    /// set once the transaction is committed ([`super::Watch`]).
    ///
    /// # Errors
    ///
    /// As [`Writer::next_number`].
    pub fn next_change(&mut self, counter: &str) -> Result<i64> {
        let mut number = Whole::default();
        self.each(&CountChange::new(counter), &mut number)?;
        number.0.ok_or_else(uncounted)
    }

    /// What is kept of the repeatable request of an id.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn repeatable(&mut self, id: &str) -> Result<Option<Remembered>> {
        let mut found = Found::default();
        self.each(&OwnTable::repeatable(id), &mut found)?;
        Ok(found.0)
    }

    /// Keeps the answer of a repeatable request.
    ///
    /// # Errors
    ///
    /// [`Code::ServiceUnavailable`] when another transaction has kept one for the same id
    /// meanwhile: [`super::Store::write`] then runs the work again, which finds it; faults of the
    /// database.
    pub fn remember(
        &mut self,
        id: &str,
        first_sent: Timestamp,
        fingerprint: &[u8],
        answer: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        let kept = OwnTable::remember(id, first_sent, fingerprint, answer, now);
        let Err(error) = self.execute(&kept) else {
            return Ok(());
        };
        if matches!(
            error,
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
        ) {
            self.note(Trouble::Conflict);
            return Err(super::failure::busy().log(error.to_string()));
        }
        Err(self.failed(&error))
    }

    /// Puts another answer in the place of the one that this transaction keeps: whoever keeps one
    /// before its work makes the same request of others wait for the end.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn settle(&mut self, id: &str, answer: &[u8]) -> Result<()> {
        self.execute(&OwnTable::settle(id, answer))
            .map(drop)
            .map_err(|e| self.failed(&e))
    }

    /// Drops the answers that were kept before a time.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn forget_before(&mut self, time: Timestamp) -> Result<()> {
        self.execute(&OwnTable::forget_before(time))
            .map(drop)
            .map_err(|e| self.failed(&e))
    }
}

fn uncounted() -> Problem {
    Problem::new(Code::Internal, "a counter gave no number")
}

/// Takes one whole number.
#[derive(Debug, Default)]
struct Whole(Option<i64>);

impl RowSink for Whole {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = row.cell(0, &ColumnKind::Integer, |cell| cell.integer())?;
        Ok(Flow::Stop)
    }
}

/// Takes what is kept of one request.
#[derive(Debug, Default)]
struct Found(Option<Remembered>);

impl RowSink for Found {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = Some(Remembered {
            fingerprint: bytes(row, 0)?,
            answer: bytes(row, 1)?,
        });
        Ok(Flow::Stop)
    }
}
