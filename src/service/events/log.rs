//! The log of changes: what happened, in the order of commits.

use std::collections::HashMap;

use uuid::Uuid;

use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, ColumnKind, EntityId, Model, ReferenceId, Table};
use crate::plan::{
    Column, CompareOperator, Join, LogPlace, OrderKey, Predicate, Query, Slot, Term,
};
use crate::store::{Flow, Reads, Row, RowSink};
use crate::value::Value;

/// The entities of the log.
const SETS: &str = "Systems.Core.ObjectChangesets";
const CHANGES: &str = "Systems.Core.ObjectChanges";
const ATTRIBUTES: &str = "Systems.Core.AttributeChanges";

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    Created,
    Changed,
    Deleted,
}

/// One change of one object.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The place behind it.
    pub(super) place: LogPlace,
    pub(super) happened: Happened,
    pub(super) entity: EntityId,
    pub(super) id: Uuid,
    /// The names of what was changed, where the log has them.
    pub(super) names: Vec<String>,
}

/// Where the log is in the model.
pub(in crate::service) struct Log {
    changes: EntityId,
    attributes: EntityId,
    sets: EntityId,
    number: Column,
    key: Column,
    kind: Column,
    item: Column,
    repository: Column,
    set: Column,
    change: Column,
    name: Column,
}

impl Log {
    /// The log of a model.
    ///
    /// # Errors
    ///
    /// `NotSupported` for a model without one.
    pub(in crate::service) fn of(model: &Model) -> Result<Self> {
        Self::find(model).ok_or_else(|| {
            let message = "there are no events: the model has no log of changes";
            Problem::new(Code::NotSupported, message)
        })
    }

    fn find(model: &Model) -> Option<Self> {
        let (sets, changes) = (model.repository(SETS)?, model.repository(CHANGES)?);
        let attributes = model.repository(ATTRIBUTES)?;
        let attribute = |slot, entity: EntityId, name| {
            let of = model.entity(entity);
            let id: AttributeId = of.attribute_named(name)?;
            let no = of.stored(id)?.column;
            let table = entity;
            Some(Column { slot, table, no })
        };
        let reference = |entity: EntityId, name| {
            let of = model.entity(entity);
            let id: ReferenceId = of.reference_named(name)?;
            let no = of.stored_reference(id).column;
            let (slot, table) = (Slot::BASE, entity);
            Some(Column { slot, table, no })
        };
        Some(Self {
            number: attribute(Slot(1), sets, "ChangeNumber")?,
            key: Column {
                slot: Slot::BASE,
                table: changes,
                no: Table::KEY,
            },
            kind: attribute(Slot::BASE, changes, "ChangeType")?,
            item: attribute(Slot::BASE, changes, "EntityItemId")?,
            repository: attribute(Slot::BASE, changes, "RepositoryName")?,
            set: reference(changes, "ObjectChangeset")?,
            change: reference(attributes, "ObjectChange")?,
            name: attribute(Slot::BASE, attributes, "AttributeName")?,
            changes,
            attributes,
            sets,
        })
    }

    /// The place behind everything.
    pub(in crate::service) fn end(&self, model: &Model, on: &mut impl Reads) -> Result<LogPlace> {
        let last = self.outermost(model, on, true)?;
        Ok(LogPlace::behind(last.unwrap_or_default()))
    }

    /// Sees that the log still has everything behind a place.
    ///
    /// # Errors
    ///
    /// `Gone`.
    pub(super) fn check(&self, model: &Model, on: &mut impl Reads, place: LogPlace) -> Result<()> {
        if self.has(model, on, place)? {
            return Ok(());
        }
        let message = "the log of changes does not reach back to that event any more";
        Err(Problem::new(Code::Gone, message)
            .about("Last-Event-ID")
            .help("read the sets anew, and start without `Last-Event-ID`"))
    }

    /// Whether the log still has everything behind a place.
    pub(in crate::service) fn has(
        &self,
        model: &Model,
        on: &mut impl Reads,
        place: LogPlace,
    ) -> Result<bool> {
        let last = self.outermost(model, on, true)?.unwrap_or_default();
        let first = self.outermost(model, on, false)?.unwrap_or(1);
        let is_whole = place == LogPlace::behind(place.number);
        let needed = place.number.saturating_add(i64::from(is_whole));
        Ok(first <= needed && place.number <= last)
    }

    /// The greatest or the least number.
    fn outermost(&self, model: &Model, on: &mut impl Reads, last: bool) -> Result<Option<i64>> {
        let number = Column {
            slot: Slot::BASE,
            ..self.number
        };
        let key = Column {
            slot: Slot::BASE,
            table: self.sets,
            no: Table::KEY,
        };
        let query = Query {
            entity: self.sets,
            joins: Vec::new(),
            predicate: Predicate::Always,
            columns: vec![Term::Column(number), Term::Column(key)],
            order: vec![by(number, last, 0), by(key, false, 1)],
            after: None,
            skip: 0,
            take: Some(1),
            over: None,
        };
        let mut rows = Rows::new(vec![ColumnKind::Integer]);
        on.select(model, &query, None, &mut rows)?;
        Ok(match rows.found.first().map(Vec::as_slice) {
            Some([Value::Integer(number)]) => Some(*number),
            Some(_) | None => None,
        })
    }

    /// What follows a place, so many changes at most, and the place behind the last of them.
    pub(super) fn after(
        &self,
        model: &Model,
        on: &mut impl Reads,
        place: LogPlace,
        most: usize,
    ) -> Result<(Vec<Entry>, LogPlace)> {
        let columns = [self.number, self.key, self.kind, self.item, self.repository];
        let query = Query {
            entity: self.changes,
            joins: vec![Join::plain(self.sets, self.set, false)],
            predicate: Predicate::Compare {
                term: Term::Column(self.number),
                operator: CompareOperator::Ge,
                value: Value::Integer(place.number),
                or_null: false,
            },
            columns: columns.map(Term::Column).to_vec(),
            order: vec![by(self.number, false, 0), by(self.key, false, 1)],
            after: Some(vec![
                Value::Integer(place.number),
                Value::Guid(place.change),
            ]),
            skip: 0,
            take: u64::try_from(most).ok(),
            over: None,
        };
        let kinds = columns.map(|column| model.table(column.table).column(column.no).kind.clone());
        let mut rows = Rows::new(kinds.to_vec());
        on.select(model, &query, None, &mut rows)?;
        let mut end = place;
        let mut entries = Vec::with_capacity(rows.found.len());
        for row in rows.found {
            let Ok([number, key, kind, item, repository]) = <[Value; 5]>::try_from(row) else {
                continue;
            };
            if let (Value::Integer(number), Value::Guid(change)) = (&number, &key) {
                end = LogPlace {
                    number: *number,
                    change: *change,
                };
            }
            entries.extend(entry(model, end, [&kind, &item, &repository]));
        }
        self.name(model, on, &mut entries)?;
        Ok((entries, end))
    }

    /// Looks up the names of what was changed.
    fn name(&self, model: &Model, on: &mut impl Reads, entries: &mut [Entry]) -> Result<()> {
        let changed = entries.iter().filter(|e| e.happened == Happened::Changed);
        let changes: Vec<Value> = changed.map(|e| Value::Guid(e.place.change)).collect();
        if changes.is_empty() {
            return Ok(());
        }
        let columns = [self.change, self.name];
        let query = Query {
            entity: self.attributes,
            joins: Vec::new(),
            predicate: Predicate::OneOf {
                term: Term::Column(self.change),
                values: changes,
                negated: false,
                or_null: false,
            },
            columns: columns.map(Term::Column).to_vec(),
            order: Vec::new(),
            after: None,
            skip: 0,
            take: None,
            over: None,
        };
        let kinds = columns.map(|column| model.table(column.table).column(column.no).kind.clone());
        let mut rows = Rows::new(kinds.to_vec());
        on.select(model, &query, None, &mut rows)?;
        let mut names: HashMap<Uuid, Vec<String>> = HashMap::new();
        for row in rows.found {
            if let Ok([Value::Guid(change), Value::Text(name)]) = <[Value; 2]>::try_from(row) {
                names.entry(change).or_default().push(name);
            }
        }
        for entry in entries {
            entry.names = names.remove(&entry.place.change).unwrap_or_default();
            entry.names.sort_unstable();
        }
        Ok(())
    }
}

/// One change; nothing for one of an entity that the model does not have any more.
fn entry(model: &Model, place: LogPlace, values: [&Value; 3]) -> Option<Entry> {
    let [Value::Text(kind), Value::Guid(id), Value::Text(repository)] = values else {
        return None;
    };
    let happened = match kind.as_str() {
        "C" => Happened::Created,
        "U" => Happened::Changed,
        "D" => Happened::Deleted,
        _ => return None,
    };
    Some(Entry {
        place,
        happened,
        entity: model.repository(repository)?,
        id: *id,
        names: Vec::new(),
    })
}

fn by(column: Column, descending: bool, position: usize) -> OrderKey {
    OrderKey {
        term: Term::Column(column),
        descending,
        nullable: false,
        position,
    }
}

/// Takes rows as values.
pub(in crate::service) struct Rows {
    kinds: Vec<ColumnKind>,
    pub(in crate::service) found: Vec<Vec<Value>>,
}

impl Rows {
    pub(in crate::service) fn new(kinds: Vec<ColumnKind>) -> Self {
        Self {
            kinds,
            found: Vec::new(),
        }
    }
}

impl RowSink for Rows {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let cells = self.kinds.iter().enumerate();
        let values = cells.map(|(position, kind)| row.cell(position, kind, |cell| cell.value()));
        self.found.push(values.collect::<Result<_>>()?);
        Ok(Flow::More)
    }
}
