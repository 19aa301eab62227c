//! A stretch of the history with the values that it kept.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::Concerning;
use super::rests::Changed;
use crate::change::{Criterion, Kept, Past, back};
use crate::diag::Result;
use crate::model::{AttributeId, EntityId, Model, ReferenceId, Table};
use crate::plan::{Column, CompareOperator, Join, OrderKey, Overlay, Predicate, Query, Slot, Term};
use crate::rules;
use crate::service::events::log::Rows;
use crate::service::write::look;
use crate::store::Reads;
use crate::value::{Timestamp, Value};

/// Changes of objects that a stretch has at most: more are not worth telling one by one.
pub(super) const MOST: usize = 10_000;

const SETS: &str = "Systems.Core.ObjectChangesets";
const CHANGES: &str = "Systems.Core.ObjectChanges";

/// One change of one object.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) number: i64,
    pub(super) entity: EntityId,
    pub(super) id: Uuid,
    /// The key of the root of its aggregate.
    pub(super) root: Option<Uuid>,
    /// The key of what it belonged to before, where it has moved.
    pub(super) left: Option<Uuid>,
    /// What the log kept of it; nothing where it has no values and none are needed.
    pub(super) kept: Option<Kept>,
}

/// What happened to objects of some entities behind a number, in the order of the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Window(pub(super) Vec<Change>);

/// The columns of the log.
struct Columns {
    changes: EntityId,
    sets: EntityId,
    set: Column,
    number: Column,
    key: Column,
    kind: Column,
    item: Column,
    repository: Column,
    old: Column,
    root: Column,
}

impl Columns {
    fn find(model: &Model) -> Option<Self> {
        let (sets, changes) = (model.repository(SETS)?, model.repository(CHANGES)?);
        let attribute = |slot, table: EntityId, name| {
            let of = model.entity(table);
            let id: AttributeId = of.attribute_named(name)?;
            let no = of.stored(id)?.column;
            Some(Column { slot, table, no })
        };
        let reference = |name| {
            let of = model.entity(changes);
            let id: ReferenceId = of.reference_named(name)?;
            let no = of.stored_reference(id).column;
            Some(Column {
                slot: Slot::BASE,
                table: changes,
                no,
            })
        };
        Some(Self {
            set: reference("ObjectChangeset")?,
            number: attribute(Slot(1), sets, "ChangeNumber")?,
            key: Column {
                slot: Slot::BASE,
                table: changes,
                no: Table::KEY,
            },
            kind: attribute(Slot::BASE, changes, "ChangeType")?,
            item: attribute(Slot::BASE, changes, "EntityItemId")?,
            repository: attribute(Slot::BASE, changes, "RepositoryName")?,
            old: attribute(Slot::BASE, changes, "OldValuesJson")?,
            root: reference("RootObject")?,
            changes,
            sets,
        })
    }

    /// What happened behind a number, one change more than [`MOST`] at most.
    fn query(&self, model: &Model, since: i64, of: &Concerning) -> Query {
        let columns = [
            self.number,
            self.item,
            self.kind,
            self.repository,
            self.old,
            self.root,
            self.key,
        ];
        let names = of.rested.iter().chain(&of.members);
        let names = names.map(|id| model.entity(*id).name.clone());
        let later = Predicate::Compare {
            term: Term::Column(self.number),
            operator: CompareOperator::Gt,
            value: Value::Integer(since),
            or_null: false,
        };
        let named = Predicate::OneOf {
            term: Term::Column(self.repository),
            values: names.map(Value::Text).collect(),
            negated: false,
            or_null: false,
        };
        let by = |column, position| OrderKey {
            term: Term::Column(column),
            descending: false,
            nullable: false,
            position,
        };
        Query {
            entity: self.changes,
            over: None,
            joins: vec![Join::plain(self.sets, self.set, false)],
            predicate: later.and(named),
            columns: columns.map(Term::Column).to_vec(),
            order: vec![by(self.number, 0), by(self.key, 6)],
            after: None,
            skip: 0,
            take: u64::try_from(MOST).ok().map(|most| most.saturating_add(1)),
        }
    }
}

impl Window {
    /// Reads what happened to objects of some entities behind a number. Nothing where it is too much,
    /// or where the log lacks values that are needed.
    pub(super) fn read(
        model: &Model,
        on: &mut impl Reads,
        since: i64,
        concerning: &Concerning,
    ) -> Result<Option<Self>> {
        let Some(columns) = Columns::find(model) else {
            return Ok(None);
        };
        let query = columns.query(model, since, concerning);
        let columns = query.columns.iter().filter_map(super::rests::column);
        let kinds = columns.map(|column| model.table(column.table).column(column.no).kind.clone());
        let mut rows = Rows::new(kinds.collect());
        on.select(model, &query, None, &mut rows)?;
        if rows.found.len() > MOST {
            return Ok(None);
        }
        let changes = rows
            .found
            .into_iter()
            .map(|row| change(model, &concerning.rested, row));
        Ok(changes.collect::<Option<Vec<_>>>().map(Self))
    }

    /// The keys of the changed rows by table: an object of a derived entity has rows in the tables of
    /// its bases too.
    pub(super) fn changed(&self, model: &Model) -> Changed {
        let mut changed = Changed::new();
        for change in &self.0 {
            let mut at = Some(change.entity);
            while let Some(table) = at {
                changed.entry(table).or_default().push(change.id);
                at = model.entity(table).base;
            }
        }
        for ids in changed.values_mut() {
            ids.sort_unstable();
            ids.dedup();
        }
        changed
    }

    /// Every object as it was before those of the changes that `undone` wants. Nothing where the
    /// history has a gap.
    pub(super) fn past(
        &self,
        model: &Model,
        on: &mut impl Reads,
        undone: impl Fn(&Change) -> bool,
    ) -> Result<Option<Vec<Past>>> {
        let mut objects: HashMap<(EntityId, Uuid), Vec<&Kept>> = HashMap::new();
        for change in self.0.iter().rev().filter(|change| undone(change)) {
            if let Some(kept) = &change.kept {
                let key = (change.entity, change.id);
                objects.entry(key).or_default().push(kept);
            }
        }
        let mut by_entity: HashMap<EntityId, Vec<Uuid>> = HashMap::new();
        for (entity, id) in objects.keys() {
            by_entity.entry(*entity).or_default().push(*id);
        }
        let mut now = HashMap::new();
        for (entity, mut ids) in by_entity {
            ids.sort_unstable();
            for stored in look(model, on, entity, &[Criterion::Keys(ids)])? {
                now.insert((entity, stored.id), stored);
            }
        }
        let mut keys: Vec<_> = objects.keys().copied().collect();
        keys.sort_unstable();
        let past = keys.into_iter().map(|key| {
            let kept = objects.get(&key).into_iter().flatten().copied();
            Past::undo(model, key, now.remove(&key), kept)
        });
        Ok(past.collect())
    }
}

/// The database as it was: what stands before its rows.
pub(super) fn overlay(model: &Model, past: Vec<Past>, now: Timestamp) -> Overlay {
    rules::overlay(&back(model, past), now)
}

/// One change; nothing where the log lacks values that are needed.
fn change(model: &Model, rested: &[EntityId], row: Vec<Value>) -> Option<Change> {
    let [number, item, kind, repository, old, root, _] = <[Value; 7]>::try_from(row).ok()?;
    let (Value::Integer(number), Value::Guid(id)) = (number, item) else {
        return None;
    };
    let (Value::Text(kind), Value::Text(repository)) = (kind, repository) else {
        return None;
    };
    let entity = model.repository(&repository)?;
    let of = model.entity(entity);
    let is_needed = rested.contains(&entity);
    let kept = match kind.as_str() {
        "C" => Some(Kept::Created),
        "U" => values(&old).map(Kept::Changed),
        "D" => values(&old).map(Kept::Deleted),
        _ => None,
    };
    if is_needed && kept.is_none() {
        return None;
    }
    let owner = of.parent.map(|parent| &of.reference(parent).name);
    let left = match (&kept, owner) {
        (Some(Kept::Changed(old)), Some(owner)) => guid(old.get(owner)),
        (Some(Kept::Changed(_) | Kept::Created | Kept::Deleted(_)) | None, _) => None,
    };
    Some(Change {
        number,
        entity,
        id,
        root: match root {
            Value::Guid(root) => Some(root),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Text(_)
            | Value::Timestamp(_)
            | Value::Binary(_) => None,
        },
        left,
        kept: kept.filter(|_| is_needed),
    })
}

fn guid(value: Option<&Json>) -> Option<Uuid> {
    Uuid::try_parse(value?.as_str()?).ok()
}

fn values(old: &Value) -> Option<Map<String, Json>> {
    let Value::Text(text) = old else {
        return None;
    };
    serde_json::from_str(text).ok()
}
