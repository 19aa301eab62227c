//! The audit log: entries added at the end of the chain, the chain read, its start removed.

use std::collections::BTreeMap;

use super::read::Runs;
use super::sign_in::{guid, guid_or_none, text, time};
use super::sink::{Number, bytes};
use super::{Flow, Row, RowSink, Writer};
use crate::audit::{Entry, Hash, Head};
use crate::diag::{Code, Problem, Result};
use crate::model::{ColumnKind, shadow};
use crate::sql::{OwnRows, OwnTable};
use crate::value::{Kind, Timestamp, Value};

/// Rows of one insert.
const AT_ONCE: usize = 100;

/// One of the first links of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditStart {
    /// Its place.
    pub at: Head,
    /// The time of its entry.
    pub time: Timestamp,
}

/// Takes the links of the chain: number, hash, and the entry where it is there and its shadows are
/// those of its texts.
pub type Links<'a> = dyn FnMut(i64, Option<Hash>, Option<&Entry>) + Send + 'a;

/// Reads of the audit log: what a [`super::Session`] and a [`Writer`] can both do.
pub trait AuditReads {
    /// The end of the chain, and the last place that was removed; nothing where the row is missing.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn audit_head(&mut self) -> Result<Option<(Head, Head)>>;

    /// Hands out every link of the chain, in order.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn audit_chain(&mut self, links: &mut Links<'_>) -> Result<()>;

    /// How many entries are in no chain.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn audit_strangers(&mut self) -> Result<u64>;

    /// The first links after a number, at most so many.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn audit_start(&mut self, after: i64, most: i64) -> Result<Vec<AuditStart>>;

    /// The fingerprints of the settings of the last start, by name.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn audit_settings(&mut self) -> Result<BTreeMap<String, String>>;
}

impl<T: Runs> AuditReads for T {
    fn audit_head(&mut self) -> Result<Option<(Head, Head)>> {
        let mut found = Heads::default();
        self.each(&OwnTable::audit_head(), &mut found)?;
        Ok(found.0)
    }

    fn audit_chain(&mut self, links: &mut Links<'_>) -> Result<()> {
        let mut sink = Chain { links };
        self.each(&OwnTable::audit_chain(), &mut sink).map(drop)
    }

    fn audit_strangers(&mut self) -> Result<u64> {
        let mut number = Number::default();
        self.each(&OwnTable::audit_strangers(), &mut number)?;
        Ok(number.0)
    }

    fn audit_start(&mut self, after: i64, most: i64) -> Result<Vec<AuditStart>> {
        let mut found = Starts::default();
        self.each(&OwnTable::audit_start(after, most), &mut found)?;
        Ok(found.0)
    }

    fn audit_settings(&mut self) -> Result<BTreeMap<String, String>> {
        let mut found = Pairs::default();
        self.each(&OwnTable::audit_settings(), &mut found)?;
        Ok(found.0)
    }
}

impl Writer {
    /// Adds entries at the end of the chain.
    ///
    /// INVARIANT: this is the last thing that a transaction does. From here on it holds the end of
    /// the chain, for which all others wait; it must wait for nobody any more.
    ///
    /// # Errors
    ///
    /// [`Code::Internal`] where the head is missing, faults of the database; those of the checks that
    /// were put off.
    pub fn append_audit(&mut self, entries: &[Entry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries.iter().map(entry_row).collect();
        self.insert_own(OwnRows::audit_entries, rows)?;
        self.check_now()?;
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        let mut taken = Taken::default();
        self.each(&OwnTable::take_audit_numbers(count), &mut taken)?;
        let missing = || Problem::new(Code::Internal, "the audit log has lost its head");
        let last = taken.0.ok_or_else(missing)?;
        let mut at = Head {
            number: last.number.saturating_sub(count),
            hash: last.hash,
        };
        let links = entries.iter().map(|entry| {
            at = at.after(entry);
            vec![
                Value::Integer(at.number),
                Value::Guid(entry.id),
                Value::Binary(at.hash.bytes().to_vec()),
            ]
        });
        let links = links.collect();
        self.insert_own(OwnRows::audit_links, links)?;
        self.meets(&OwnTable::end_audit(at.hash.bytes())).map(drop)
    }

    /// Removes the entries up to a place; answers false where that was done before. Whoever adds
    /// entries waits meanwhile.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn shorten_audit(&mut self, through: Head) -> Result<bool> {
        let hash = through.hash.bytes();
        if !self.meets(&OwnTable::move_audit_start(through.number, hash))? {
            return Ok(false);
        }
        self.meets(&OwnTable::drop_audit_entries(through.number))?;
        self.meets(&OwnTable::drop_audit_links(through.number))?;
        Ok(true)
    }

    /// Keeps the fingerprints of settings in the place of those that were kept before.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn keep_audit_settings(&mut self, settings: &BTreeMap<String, String>) -> Result<()> {
        self.meets(&OwnTable::forget_audit_settings())?;
        let text = |text: &String| Value::Text(text.clone());
        let rows = settings.iter();
        let rows = rows.map(|(name, print)| vec![text(name), text(print)]);
        self.insert_own(OwnRows::audit_settings, rows.collect())
    }

    /// Inserts rows of a table of the service.
    fn insert_own(
        &mut self,
        statement: fn(Vec<Vec<Value>>) -> OwnRows,
        rows: Vec<Vec<Value>>,
    ) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = statement(rows.by_ref().take(AT_ONCE).collect());
            self.execute(&some).map_err(|e| self.failed(&e))?;
        }
        Ok(())
    }
}

/// The values of an entry, in the order of [`OwnRows::audit_entries`].
fn entry_row(entry: &Entry) -> Vec<Value> {
    let value = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    let folded = |text: &Option<String>| shadow(Kind::String, &value(text));
    let guid = |guid: Option<uuid::Uuid>| guid.map_or(Value::Null, Value::Guid);
    let time = Value::Timestamp(entry.time);
    vec![
        Value::Guid(entry.id),
        time.clone(),
        time.clone(),
        time,
        Value::Text(entry.class.clone()),
        Value::Text(entry.code.clone()),
        value(&entry.name),
        folded(&entry.name),
        value(&entry.application),
        folded(&entry.application),
        guid(entry.user),
        value(&entry.table),
        folded(&entry.table),
        guid(entry.object),
        value(&entry.details),
    ]
}

fn whole<R: Row>(row: &R, at: usize) -> Result<i64> {
    let number = row.cell(at, &ColumnKind::Integer, |cell| cell.integer())?;
    Ok(number.unwrap_or_default())
}

fn head<R: Row>(row: &R, at: usize) -> Result<Head> {
    Ok(Head {
        number: whole(row, at)?,
        hash: Hash::read(&bytes(row, at.saturating_add(1))?).unwrap_or(Hash::NOTHING),
    })
}

/// Takes the end of the chain.
#[derive(Default)]
struct Taken(Option<Head>);

impl RowSink for Taken {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = Some(head(row, 0)?);
        Ok(Flow::More)
    }
}

/// Takes both ends of the chain.
#[derive(Default)]
struct Heads(Option<(Head, Head)>);

impl RowSink for Heads {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = Some((head(row, 0)?, head(row, 2)?));
        Ok(Flow::More)
    }
}

/// Takes the first links.
#[derive(Default)]
struct Starts(Vec<AuditStart>);

impl RowSink for Starts {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(AuditStart {
            at: head(row, 0)?,
            time: time(row, 2)?.unwrap_or(Timestamp::from_micros(0)),
        });
        Ok(Flow::More)
    }
}

/// Takes names and texts.
#[derive(Default)]
struct Pairs(BTreeMap<String, String>);

impl RowSink for Pairs {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let (name, value) = (text(row, 0)?, text(row, 1)?);
        self.0
            .insert(name.unwrap_or_default(), value.unwrap_or_default());
        Ok(Flow::More)
    }
}

/// Takes links with their entries.
struct Chain<'a, 'l> {
    links: &'a mut Links<'l>,
}

impl RowSink for Chain<'_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let number = whole(row, 0)?;
        let hash = Hash::read(&bytes(row, 1)?);
        let entry = entry(row)?;
        (self.links)(number, hash, entry.as_ref());
        Ok(Flow::More)
    }
}

/// The entry of a link. What is not as the service writes it makes its details those of no entry,
/// so that its hash does not hold.
fn entry<R: Row>(row: &R) -> Result<Option<Entry>> {
    if guid_or_none(row, 2)?.is_none() {
        return Ok(None);
    }
    let mut entry = Entry {
        id: guid(row, 2)?,
        time: time(row, 3)?.unwrap_or(Timestamp::from_micros(0)),
        class: text(row, 4)?.unwrap_or_default(),
        code: text(row, 5)?.unwrap_or_default(),
        name: text(row, 6)?,
        application: text(row, 7)?,
        user: guid_or_none(row, 8)?,
        table: text(row, 9)?,
        object: guid_or_none(row, 10)?,
        details: text(row, 11)?,
        foreign: [text(row, 12)?, text(row, 13)?, text(row, 14)?],
    };
    // By its shadow an entry is found, or is not.
    let texts = [
        (&entry.name, 15),
        (&entry.application, 16),
        (&entry.table, 17),
    ];
    for (value, at) in texts {
        let value = value.clone().map_or(Value::Null, Value::Text);
        let expected = shadow(Kind::String, &value);
        let stored = text(row, at)?.map_or(Value::Null, Value::Text);
        if stored != expected {
            entry.details = None;
            break;
        }
    }
    Ok(Some(entry))
}
