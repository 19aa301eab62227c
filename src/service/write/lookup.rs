//! Stored objects for the change room, read inside the transaction.

use uuid::Uuid;

use crate::bind::{self, Rights};
use crate::change::{Criterion, Lookup, Record, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{
    AttributeId, AttributeRole, ColumnKind, EntityId, Model, PropertyId, ReferenceId,
    Stored as StoredAt, Table,
};
use crate::plan::{
    Column, CompareOperator, Join, MatchKind, OrderKey, Predicate, Query, Slot, Term,
};
use crate::store::{Cell, Flow, Reads, Row, RowSink, Writer};
use crate::value::{Kind, LANGUAGE_SEPARATOR, LANGUAGE_START, Timestamp, Value, fold};

/// The column that counts the changes of an aggregate.
const VERSION: &str = "Latest_Version";

/// The transaction as the change room sees it.
pub(super) struct Transaction<'m, 'w> {
    pub(super) model: &'m Model,
    pub(super) writer: &'w mut Writer,
    /// Which rows the caller may see.
    pub(super) seen: Seen<'m>,
}

/// Which rows of each entity a caller may see.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Seen<'m> {
    pub(in crate::service) model: &'m Model,
    pub(in crate::service) rights: &'m Rights,
    /// The time of the request.
    pub(in crate::service) now: Timestamp,
}

impl Seen<'_> {
    /// Refuses to look for objects by what the caller may not read: whether something is found
    /// would tell it.
    fn check(self, entity: EntityId, criteria: &[Criterion]) -> Result<()> {
        let of = self.model.entity(entity);
        let closed = |criterion: &Criterion| -> Option<&str> {
            let (property, name, secret) = match criterion {
                Criterion::Keys(_) => return None,
                Criterion::Equal(id, _) | Criterion::Contains(id, _) => {
                    let attribute = of.attribute(*id);
                    let property = PropertyId::Attribute(*id);
                    (property, &attribute.name, attribute.secret)
                }
                Criterion::PointsAt(id, _) | Criterion::PointsNowhere(id) => {
                    let property = PropertyId::Reference(*id);
                    (property, &of.reference(*id).name, false)
                }
            };
            (secret || self.rights.is_closed(entity, property)).then_some(name)
        };
        match criteria.iter().find_map(closed) {
            None => Ok(()),
            Some(name) => {
                let message = format!("`{name}` is closed: you may not look for objects by it");
                Err(Problem::new(Code::AttributeNotReadable, message).about(name))
            }
        }
    }

    /// The condition that rows of an entity are visible.
    fn predicate(self, entity: EntityId) -> Result<Predicate> {
        let within = |rights| -> Result<Option<Predicate>> {
            let guard = bind::visible(self.model, rights, entity, self.now)?;
            Ok(guard.map(|query| Predicate::Within {
                column: key_of(entity),
                negated: false,
                query: Box::new(query),
            }))
        };
        let Some(granted) = within(self.rights)? else {
            return Ok(Predicate::Always);
        };
        // What somebody sees through `Ext.Me` they may name too.
        let own = self.rights.own().map(|(_, own)| within(own)).transpose()?;
        Ok(match own {
            None => granted,
            Some(None) => Predicate::Always,
            Some(Some(own)) => Predicate::Any(vec![granted, own]),
        })
    }
}

impl Transaction<'_, '_> {
    fn locked(&mut self, load: Load<'_>, query: &Query) -> Result<Vec<Stored>> {
        let mut sink = load.sink();
        let model = self.model;
        self.writer.select_locked(model, query, None, &mut sink)?;
        Ok(sink.found)
    }
}

impl Lookup for Transaction<'_, '_> {
    fn objects(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        self.seen.check(entity, criteria)?;
        let load = Load::new(self.model, entity)?;
        let mut query = load.query(self.model, criteria, limit);
        query.predicate = query.predicate.and(self.seen.predicate(entity)?);
        self.locked(load, &query)
    }

    fn all(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        let load = Load::new(self.model, entity)?;
        let query = load.query(self.model, criteria, limit);
        self.locked(load, &query)
    }

    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>> {
        look(self.model, self.writer, entity, criteria)
    }

    fn present(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        present(self.model, self.writer, (entity, ids), self.seen)
    }

    fn next_number(&mut self, counter: &str, by: i64) -> Result<i64> {
        self.writer.next_number(counter, by)
    }

    fn count(&mut self, entity: EntityId) -> Result<u64> {
        count(self.model, self.writer, entity)
    }
}

/// The objects of an entity that meet all criteria and, where that is said, that the caller may
/// see, by rising key: at most so many, and none of them locked.
pub(super) fn objects(
    model: &Model,
    on: &mut impl Reads,
    (entity, criteria, limit): (EntityId, &[Criterion], Option<u64>),
    seen: Option<Seen<'_>>,
) -> Result<Vec<Stored>> {
    let load = Load::new(model, entity)?;
    let mut query = load.query(model, criteria, limit);
    if let Some(seen) = seen {
        query.predicate = query.predicate.and(seen.predicate(entity)?);
    }
    let mut sink = load.sink();
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.found)
}

/// Which of some keys an entity has, as far as the caller may see.
pub(in crate::service) fn present(
    model: &Model,
    on: &mut impl Reads,
    (entity, ids): (EntityId, &[Uuid]),
    seen: Seen<'_>,
) -> Result<Vec<Uuid>> {
    let key = key_of(entity);
    let mut query = all(entity, vec![Term::Column(key)]);
    query.predicate = among(key, ids).and(seen.predicate(entity)?);
    let mut sink = Keys(Vec::new());
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.0)
}

/// The number of objects of an entity.
pub(super) fn count(model: &Model, on: &mut impl Reads, entity: EntityId) -> Result<u64> {
    on.count(model, &all(entity, Vec::new()))
}

/// The objects of an entity that meet all criteria, by rising key.
pub(in crate::service) fn look(
    model: &Model,
    on: &mut impl Reads,
    entity: EntityId,
    criteria: &[Criterion],
) -> Result<Vec<Stored>> {
    objects(model, on, (entity, criteria, None), None)
}

/// The column of the key of an entity.
pub(super) fn key_of(entity: EntityId) -> Column {
    column((Slot::BASE, entity), Table::KEY)
}

/// Every row of an entity, in no order.
pub(super) fn all(entity: EntityId, columns: Vec<Term>) -> Query {
    Query {
        entity,
        joins: Vec::new(),
        predicate: Predicate::Always,
        columns,
        order: Vec::new(),
        after: None,
        skip: 0,
        take: None,
    }
}

/// The key is one of these.
pub(super) fn among(key: Column, ids: &[Uuid]) -> Predicate {
    let term = Term::Column(key);
    match ids {
        [id] => Predicate::Compare {
            term,
            operator: CompareOperator::Eq,
            value: Value::Guid(*id),
            or_null: false,
        },
        ids => Predicate::OneOf {
            term,
            values: ids.iter().copied().map(Value::Guid).collect(),
            negated: false,
            or_null: false,
        },
    }
}

/// How the objects of an entity are read: the tables, and what each column of a row is.
struct Load<'m> {
    entity: EntityId,
    model: &'m Model,
    joins: Vec<Join>,
    columns: Vec<Term>,
    parts: Vec<(Part, &'m ColumnKind)>,
}

/// What a column of a row is.
#[derive(Debug, Clone, Copy)]
enum Part {
    Key,
    Attribute(AttributeId),
    Reference(ReferenceId),
    Root,
    Version,
}

impl<'m> Load<'m> {
    fn new(model: &'m Model, entity: EntityId) -> Result<Self> {
        let of = model.entity(entity);
        let mut load = Self {
            entity,
            model,
            joins: Vec::new(),
            columns: Vec::new(),
            parts: Vec::new(),
        };
        let own = load.tables_of(entity, Slot::BASE)?;
        load.put(Part::Key, own.first(), Table::KEY)?;
        for (id, attribute) in of.attribute_ids() {
            let mine = match attribute.role {
                AttributeRole::Stored => true,
                AttributeRole::Root => of.is_writable(entity, attribute),
                AttributeRole::Key | AttributeRole::DisplayText => false,
            };
            if let Some(stored) = of.stored(id).filter(|_| mine) {
                load.put(Part::Attribute(id), at(&own, stored), stored.column)?;
            }
        }
        for (id, _) in of.reference_ids() {
            let stored = of.stored_reference(id);
            load.put(Part::Reference(id), at(&own, stored), stored.column)?;
        }
        let root = load.root(entity, own)?;
        load.put(Part::Root, root.first(), Table::KEY)?;
        let version = root
            .iter()
            .find_map(|place| Some((place, model.table(place.1).find(VERSION)?)));
        if let Some((place, column)) = version {
            load.put(Part::Version, Some(place), column)?;
        }
        Ok(load)
    }

    /// The slots of the tables of an entity whose own table is at `slot`: own, base, base of that.
    fn tables_of(&mut self, entity: EntityId, slot: Slot) -> Result<Vec<(Slot, EntityId)>> {
        let mut tables = vec![(slot, entity)];
        let mut at = (slot, entity);
        while let Some(base) = self.model.entity(at.1).base {
            let key = column(at, Table::KEY);
            at = (self.join(base, key)?, base);
            tables.push(at);
        }
        Ok(tables)
    }

    /// The tables of the aggregate root, over the aggregate parents.
    fn root(
        &mut self,
        entity: EntityId,
        own: Vec<(Slot, EntityId)>,
    ) -> Result<Vec<(Slot, EntityId)>> {
        let (mut entity, mut tables) = (entity, own);
        while let Some(parent) = self.model.entity(entity).parent {
            let of = self.model.entity(entity);
            let stored = of.stored_reference(parent);
            let place = at(&tables, stored).copied().ok_or_else(misfit)?;
            let target = of.reference(parent).target;
            let slot = self.join(target, column(place, stored.column))?;
            tables = self.tables_of(target, slot)?;
            entity = target;
        }
        Ok(tables)
    }

    fn join(&mut self, table: EntityId, on: Column) -> Result<Slot> {
        self.joins.push(Join::plain(table, on, false));
        let number = u8::try_from(self.joins.len()).map_err(|_| misfit())?;
        Ok(Slot(number))
    }

    fn put(
        &mut self,
        part: Part,
        place: Option<&(Slot, EntityId)>,
        no: crate::model::ColumnNo,
    ) -> Result<()> {
        let place = *place.ok_or_else(misfit)?;
        self.columns.push(Term::Column(column(place, no)));
        let kind = &self.model.table(place.1).column(no).kind;
        self.parts.push((part, kind));
        Ok(())
    }

    fn query(&self, model: &Model, criteria: &[Criterion], limit: Option<u64>) -> Query {
        let key = Term::Column(key_of(self.entity));
        let conditions = criteria.iter().map(|c| self.condition(model, c));
        Query {
            entity: self.entity,
            joins: self.joins.clone(),
            predicate: conditions.fold(Predicate::Always, Predicate::and),
            columns: self.columns.clone(),
            order: vec![OrderKey {
                term: key,
                descending: false,
                nullable: false,
                position: 0,
            }],
            after: None,
            skip: 0,
            take: limit,
        }
    }

    fn sink(self) -> Found<'m> {
        Found {
            load: self,
            found: Vec::new(),
        }
    }

    /// The column of a part.
    fn column_of(&self, wanted: impl Fn(Part) -> bool) -> Option<Column> {
        let position = self.parts.iter().position(|(part, _)| wanted(*part))?;
        match self.columns.get(position) {
            Some(Term::Column(column)) => Some(*column),
            Some(Term::Trimmed(_) | Term::Language { .. } | Term::LanguageOrFirst { .. })
            | None => None,
        }
    }

    fn attribute(&self, id: AttributeId) -> Option<Column> {
        self.column_of(|part| matches!(part, Part::Attribute(known) if known == id))
    }

    fn reference(&self, id: ReferenceId) -> Option<Column> {
        self.column_of(|part| matches!(part, Part::Reference(known) if known == id))
    }

    fn condition(&self, model: &Model, criterion: &Criterion) -> Predicate {
        let of = model.entity(self.entity);
        let shadow = |column: Column, id: AttributeId| {
            let shadow = of.stored(id).and_then(|stored| stored.shadow);
            shadow.map(|no| Column { no, ..column })
        };
        match criterion {
            Criterion::Keys(ids) => among(key_of(self.entity), ids),
            Criterion::PointsAt(id, ids) => match self.reference(*id) {
                Some(column) => among(column, ids),
                None => Predicate::Never,
            },
            Criterion::PointsNowhere(id) => match self.reference(*id) {
                Some(column) => null(column),
                None => Predicate::Never,
            },
            Criterion::Contains(id, needle) => match self.attribute(*id) {
                Some(column) => contains(shadow(column, *id).unwrap_or(column), fold(needle)),
                None => Predicate::Never,
            },
            Criterion::Equal(id, value) => {
                let attribute = of.attribute(*id);
                let Some(column) = self.attribute(*id) else {
                    return Predicate::Never;
                };
                match (value, shadow(column, *id)) {
                    (Value::Null, _) => null(column),
                    (Value::Text(text), Some(shadow)) if attribute.kind == Kind::Multilanguage => {
                        let text = fold(text);
                        let needle = format!("{LANGUAGE_START}{text}{LANGUAGE_SEPARATOR}");
                        contains(shadow, needle)
                    }
                    (Value::Text(text), Some(shadow)) if attribute.folded => {
                        equal(shadow, Value::Text(fold(text)))
                    }
                    (value, _) => equal(column, value.clone()),
                }
            }
        }
    }
}

fn misfit() -> Problem {
    Problem::new(
        Code::Internal,
        "an object cannot be read: a table is missing",
    )
}

fn column((slot, table): (Slot, EntityId), no: crate::model::ColumnNo) -> Column {
    Column { slot, table, no }
}

/// Which of the tables has a column.
fn at(tables: &[(Slot, EntityId)], stored: StoredAt) -> Option<&(Slot, EntityId)> {
    tables.iter().find(|(_, table)| *table == stored.table)
}

fn null(column: Column) -> Predicate {
    Predicate::Null {
        term: Term::Column(column),
        negated: false,
    }
}

fn equal(column: Column, value: Value) -> Predicate {
    Predicate::Compare {
        term: Term::Column(column),
        operator: CompareOperator::Eq,
        value,
        or_null: false,
    }
}

fn contains(column: Column, needle: String) -> Predicate {
    // Everything contains nothing: that finds no particular object.
    if needle.is_empty() {
        return Predicate::Never;
    }
    Predicate::Match {
        term: Term::Column(column),
        kind: MatchKind::Contains,
        needle,
        negated: false,
        or_null: false,
    }
}

/// Takes rows as stored objects.
struct Found<'m> {
    load: Load<'m>,
    found: Vec<Stored>,
}

impl RowSink for Found<'_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let entity = self.load.entity;
        let mut stored = Stored {
            entity,
            id: Uuid::nil(),
            record: Record::new(self.load.model.entity(entity), Uuid::nil()),
            root: Uuid::nil(),
            version: 0,
        };
        for (position, (part, kind)) in self.load.parts.iter().enumerate() {
            let value = row.cell(position, kind, owned)?;
            match (part, value) {
                (Part::Key, Value::Guid(id)) => {
                    stored.id = id;
                    let key = self.load.model.entity(entity).key();
                    stored.record.set(key, Value::Guid(id));
                }
                (Part::Attribute(id), value) => stored.record.set(*id, value),
                (Part::Reference(id), Value::Guid(target)) => {
                    stored.record.point(*id, Some(target));
                }
                (Part::Root, Value::Guid(root)) => stored.root = root,
                (Part::Version, Value::Integer(version)) => stored.version = version,
                (Part::Reference(_) | Part::Key | Part::Root | Part::Version, _) => {}
            }
        }
        self.found.push(stored);
        Ok(Flow::More)
    }
}

/// Takes the first column as keys.
struct Keys(Vec<Uuid>);

impl RowSink for Keys {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        if let Value::Guid(id) = row.cell(0, &ColumnKind::Key, owned)? {
            self.0.push(id);
        }
        Ok(Flow::More)
    }
}

/// A cell as a value of its own.
fn owned(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(truth) => Value::Boolean(truth),
        Cell::Integer(whole) => Value::Integer(whole),
        Cell::Text(text) => Value::Text(text.to_owned()),
        Cell::Guid(guid) => Value::Guid(guid),
        Cell::Timestamp(time) => Value::Timestamp(time),
        Cell::Binary(bytes) => Value::Binary(bytes.to_vec()),
    }
}
