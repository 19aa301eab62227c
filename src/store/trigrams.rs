//! Indexes of trigrams: turned on, turned off, and looked into before a read.
//!
//! See `docs/decisions/030-trigrams.md`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::result::{Error, QueryResult};

use super::driver::{Driver, Halt};
use super::read::Runs as _;
use super::session::{Connection, on_connection};
use super::sink::{Any, Lines, Number, Numbers};
use super::{Session, Store, Writer, failure};
use crate::diag::{Code, Problem, Result};
use crate::model::{Model, Searched};
use crate::sql::{
    AllLetters, Few, Fill, LastRow, LookUp, Rare, TrigramIndex, TrigramParts, TrigramVersion,
    Trigrams,
};

/// Rows with all runs of a text that are looked for: of so many, reading in the order of the page
/// soon meets enough of those that are asked for.
const MOST: i64 = 4096;

/// Rows that are read at once, at most.
const SOME: i64 = 64;

/// What reading a row at its place costs, against reading it in a row of others, times a page.
const WORTH: u64 = 16;

/// Rows that are put into an index at once, at least.
const STEP: u64 = 20_000;

/// Steps of filling an index, at most.
const STEPS: u64 = 1_000;

/// What there is of an index of trigrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrigramState {
    /// All of it: reads use it.
    On,
    /// Nothing.
    Off,
    /// Some of it, or what cannot be used: reads do not use it. Somebody else has left it so.
    Broken(TrigramFault),
}

/// What is wrong with an index of trigrams that reads do not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrigramFault {
    /// The table that is looked into is gone, and triggers still write to it: changes fail.
    NoTable,
    /// The table is there without all of its triggers: it says less than is stored.
    NoTriggers,
    /// The database does not hold it for valid.
    NotValid,
}

/// How far an index is filled, in numbers of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillStep {
    /// Up to this one.
    pub done: u64,
    /// Of so many.
    pub all: u64,
}

/// The names of what indexes of trigrams consist of, and the version of the tables that they were
/// read with.
#[derive(Debug, Default)]
pub(in crate::store) struct Known(Mutex<Option<(u64, Arc<HashSet<String>>)>>);

impl Store {
    /// What there is of the index of each of [`Model::searched`], in its order.
    ///
    /// # Errors
    ///
    /// As [`Store::session`]; faults of the database.
    pub fn trigrams(&self, model: &Model) -> Result<Vec<TrigramState>> {
        let mut session = self.session()?;
        let usable = names(&mut session, &TrigramParts::usable())?;
        let there = names(&mut session, &TrigramParts::remains())?;
        let (connection, _) = session.parts();
        let all = model.searched().map(|searched| {
            let of = index(model, &searched);
            let parts = on_connection!(connection, c => parts(c, &of.index.name));
            state(&parts, &usable, &there)
        });
        Ok(all.collect())
    }

    /// Whether the index of an attribute, which is on, says other things than its table, where the
    /// database can be asked for it. Whoever changes something waits meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Store::turn_trigrams_on`].
    pub fn do_trigrams_differ(&self, model: &Model, searched: &Searched<'_>) -> Result<bool> {
        let of = index(model, searched);
        let mut writer = self.writer()?.aside();
        let compared = on_connection!(writer.connection(), c => compare(c, &of));
        match compared {
            Ok(()) => Ok(false),
            Err(error) if failure::is_damage(&error) => Ok(true),
            Err(error) => Err(failure::problem(&error, false)),
        }
    }

    /// Whether letters of every script make trigrams in this database, or those of ASCII alone.
    ///
    /// # Errors
    ///
    /// As [`Store::trigrams`].
    pub fn has_trigrams_of_letters(&self) -> Result<bool> {
        let mut any = Any::default();
        self.session()?.each(&AllLetters::asked(), &mut any)?;
        Ok(any.0)
    }

    /// Makes the index of an attribute out of what is stored, or makes it anew; all of it, or
    /// nothing. Whoever changes rows of its table waits meanwhile.
    ///
    /// # Errors
    ///
    /// [`Code::DatabaseFault`] where the database lacks what it needs and this user may not add it;
    /// [`Code::ServiceUnavailable`] where others hold the table for too long; faults of the
    /// database.
    pub fn turn_trigrams_on(
        &self,
        model: &Model,
        searched: &Searched<'_>,
        told: &mut dyn FnMut(FillStep),
    ) -> Result<()> {
        let of = index(model, searched);
        let mut writer = self.writer()?.aside();
        writer.transaction(|writer| {
            let ready = on_connection!(writer.connection(), c => ready(c));
            ready.map_err(|error| needed(writer, &error))?;
            let made = on_connection!(writer.connection(), c => make(c, &of));
            made.map_err(|error| match error.to_string().contains("gin_trgm_ops") {
                true => needed(writer, &error),
                false => writer.failed(&error),
            })?;
            fill(writer, of, told)
        })
    }

    /// Removes the index of an attribute, or what is left of it.
    ///
    /// # Errors
    ///
    /// [`Code::ServiceUnavailable`] where others hold the table for too long; faults of the database.
    pub fn turn_trigrams_off(&self, model: &Model, searched: &Searched<'_>) -> Result<()> {
        let of = index(model, searched);
        let mut writer = self.writer()?.aside();
        writer.transaction(|writer| {
            on_connection!(writer.connection(), c => remove(c, &of)).map_err(|e| writer.failed(&e))
        })
    }
}

fn index<'m>(model: &'m Model, searched: &Searched<'m>) -> TrigramIndex<'m> {
    TrigramIndex {
        table: model.table(searched.entity),
        index: searched.index,
    }
}

fn parts<C: Driver>(_: &C, index: &str) -> Vec<String> {
    <C::Backend as Trigrams>::parts(index)
}

fn ready<C: Driver>(connection: &mut C) -> QueryResult<()> {
    match <C::Backend as Trigrams>::NEEDS {
        Some(sql) => connection.batch_execute(sql),
        None => Ok(()),
    }
}

fn make<C: Driver>(connection: &mut C, of: &TrigramIndex<'_>) -> QueryResult<()> {
    remove(connection, of)?;
    let statements = <C::Backend as Trigrams>::make(of);
    let mut statements = statements.iter();
    statements.try_for_each(|sql| connection.batch_execute(sql))
}

fn remove<C: Driver>(connection: &mut C, of: &TrigramIndex<'_>) -> QueryResult<()> {
    let statements = <C::Backend as Trigrams>::remove(of);
    let mut statements = statements.iter();
    statements.try_for_each(|sql| connection.batch_execute(sql))
}

fn finish<C: Driver>(connection: &mut C, of: &TrigramIndex<'_>) -> QueryResult<()> {
    match <C::Backend as Trigrams>::finish(of) {
        Some(sql) => connection.batch_execute(&sql),
        None => Ok(()),
    }
}

fn compare<C: Driver>(connection: &mut C, of: &TrigramIndex<'_>) -> QueryResult<()> {
    match <C::Backend as Trigrams>::compare(of) {
        Some(sql) => connection.batch_execute(&sql),
        None => Ok(()),
    }
}

const fn fills<C: Driver>(_: &C) -> bool {
    <C::Backend as Trigrams>::FILLS
}

/// The problem of a database that cannot have such indexes.
fn needed(writer: &mut Writer, error: &Error) -> Problem {
    let failed = writer.failed(error);
    if failed.code() == Code::ServiceUnavailable {
        return failed;
    }
    let message = "the database does not have the extension `pg_trgm`, and this user cannot add it";
    let help = "let an administrator of the database add `pg_trgm` to it; nothing was changed";
    Problem::new(Code::DatabaseFault, message)
        .help(help)
        .log(error.to_string())
}

/// What there is of an index that consists of some parts.
fn state(parts: &[String], usable: &HashSet<String>, there: &HashSet<String>) -> TrigramState {
    let is_whole = |of: &HashSet<String>| parts.iter().all(|part| of.contains(part));
    let has_table = parts.first().is_some_and(|table| there.contains(table));
    if is_whole(usable) {
        TrigramState::On
    } else if is_whole(there) {
        TrigramState::Broken(TrigramFault::NotValid)
    } else if has_table {
        TrigramState::Broken(TrigramFault::NoTriggers)
    } else if parts.iter().any(|part| there.contains(part)) {
        TrigramState::Broken(TrigramFault::NoTable)
    } else {
        TrigramState::Off
    }
}

/// The names of what indexes of trigrams consist of.
fn names(session: &mut Session, parts: &TrigramParts<'_>) -> Result<HashSet<String>> {
    let mut lines = Lines::default();
    session.each(parts, &mut lines)?;
    Ok(lines.lines.into_iter().collect())
}

fn halted(halt: Halt) -> Problem {
    match halt {
        Halt::Sink(problem) => problem,
        Halt::Database(error) => failure::problem(&error, false),
    }
}

/// Puts what is stored into an index, some rows at a time.
fn fill(writer: &mut Writer, of: TrigramIndex<'_>, told: &mut dyn FnMut(FillStep)) -> Result<()> {
    let mut last = Number::default();
    writer.each(&LastRow(of.table), &mut last)?;
    let all = last.0;
    if !on_connection!(writer.connection(), c => fills(c)) {
        let step = STEP.max(all / STEPS);
        let (mut after, mut done) = (i64::MIN, 0_u64);
        while after < row(all) {
            done = done.saturating_add(step).min(all.max(1));
            let until = row(done);
            writer
                .execute(&Fill::new(of, after, until))
                .map_err(|e| writer.failed(&e))?;
            after = until;
            told(FillStep { done, all });
        }
        on_connection!(writer.connection(), c => finish(c, &of)).map_err(|e| writer.failed(&e))?;
    }
    told(FillStep { done: all, all });
    Ok(())
}

/// Whether reading so many rows at their places is better than reading on until a page is full, which
/// meets all of its rows the sooner, the more there are.
fn is_few(number: i64, last: u64) -> bool {
    let square = u64::try_from(number.saturating_mul(number)).unwrap_or(u64::MAX);
    number < MOST && square <= last.saturating_mul(WORTH)
}

fn count(rows: &[i64]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

fn row(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Session {
    /// Those of the texts that are in few rows of a table that has the index. Inside a snapshot.
    pub(in crate::store) fn rare(
        &mut self,
        model: &Model,
        texts: &dyn Fn() -> Vec<Rare>,
    ) -> Result<Few> {
        let (Connection::Sqlite(_), _) = self.parts() else {
            return Ok(Few::default());
        };
        let texts = texts();
        if texts.is_empty() {
            return Ok(Few::default());
        }
        let known = self.known_trigrams()?;
        let mut few = Few::default();
        for rare in texts {
            let (connection, _) = self.parts();
            let parts = on_connection!(connection, c => parts(c, &rare.index));
            if !parts.iter().all(|part| known.contains(part)) {
                continue;
            }
            if let Some(rows) = self.rows_of(model, &rare)? {
                few.add(rare, &rows);
            }
        }
        Ok(few)
    }

    /// The numbers of the rows that have all runs of a text, where they are few.
    ///
    /// Most texts that people look for are in some rows or in very many: some are read at once, and
    /// many are only counted.
    fn rows_of(&mut self, model: &Model, rare: &Rare) -> Result<Option<Vec<i64>>> {
        let mut some = Numbers::default();
        self.each(&LookUp::new(model, rare, SOME), &mut some)?;
        let number = count(&some.each);
        if number < SOME {
            return Ok(is_few(number, some.same).then_some(some.each));
        }
        let mut counted = Numbers::default();
        self.each(&LookUp::new(model, rare, MOST).counted(), &mut counted)?;
        let number = counted.each.first().copied().unwrap_or(MOST);
        if !is_few(number, counted.same) {
            return Ok(None);
        }
        let mut all = Numbers::default();
        self.each(&LookUp::new(model, rare, MOST), &mut all)?;
        Ok(Some(all.each))
    }

    /// The names of what indexes of trigrams consist of, as this snapshot sees them.
    fn known_trigrams(&mut self) -> Result<Arc<HashSet<String>>> {
        let mut version = Number::default();
        // Not counted: it is no statement of a request, and reads nothing.
        let (connection, _) = self.parts();
        let asked = on_connection!(connection, c => c.each(TrigramVersion::now(), &mut version));
        asked.map_err(halted)?;
        let (_, inner) = self.parts();
        let kept = inner.trigrams.0.lock();
        if let Some((of, names)) = &*kept.unwrap_or_else(PoisonError::into_inner)
            && *of == version.0
        {
            return Ok(Arc::clone(names));
        }
        let names = Arc::new(names(self, &TrigramParts::usable())?);
        let (_, inner) = self.parts();
        let mut kept = inner
            .trigrams
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = Some((version.0, Arc::clone(&names)));
        Ok(names)
    }
}
