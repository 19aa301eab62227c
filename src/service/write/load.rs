//! How stored objects are read: the statement, and its rows as objects.

use uuid::Uuid;

use crate::change::{Criterion, Record, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{
    AttributeId, AttributeRole, ColumnKind, EntityId, Model, ReferenceId, Stored as StoredAt, Table,
};
use crate::plan::{
    Column, CompareOperator, Join, MatchKind, OrderKey, Predicate, Query, Slot, Term,
};
use crate::store::{Flow, Row, RowSink};
use crate::value::{Kind, LANGUAGE_SEPARATOR, LANGUAGE_START, Value, fold};

/// The column that counts the changes of an aggregate.
const VERSION: &str = "Latest_Version";

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
        over: None,
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
pub(super) struct Load<'m> {
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
    pub(super) fn new(model: &'m Model, entity: EntityId) -> Result<Self> {
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
                AttributeRole::Key | AttributeRole::DisplayText | AttributeRole::Custom(_) => false,
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

    /// The rows that meet all criteria, by rising key.
    pub(super) fn query(&self, model: &Model, criteria: &[Criterion], limit: Option<u64>) -> Query {
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
            over: None,
        }
    }

    /// What takes them.
    pub(super) fn sink(self) -> Found<'m> {
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
            Some(
                Term::Trimmed(_)
                | Term::Language { .. }
                | Term::LanguageOrFirst { .. }
                | Term::TimePart { .. }
                | Term::Piece { .. }
                | Term::Output(_),
            )
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
pub(super) struct Found<'m> {
    load: Load<'m>,
    pub(super) found: Vec<Stored>,
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
            let value = row.cell(position, kind, |cell| cell.value())?;
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
pub(super) struct Keys(pub(super) Vec<Uuid>);

impl RowSink for Keys {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        if let Some(id) = row.cell(0, &ColumnKind::Key, |cell| cell.guid())? {
            self.0.push(id);
        }
        Ok(Flow::More)
    }
}
