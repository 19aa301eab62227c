//! Sealed changes → what is written: deletes, then updates, then inserts.

use std::collections::HashMap;

use uuid::Uuid;

use super::Sealed;
use super::columns::{CHANGED, Columns, VERSION, columns, writes};
use crate::change::{Kind, Object, Record, value_objects};
use crate::model::{ColumnNo, EntityId, Model, shadow};
use crate::plan::{NewRow, WritePlan, WriteStep};
use crate::value::{Timestamp, Value};

impl Sealed<'_> {
    /// Everything that the changes write.
    pub fn plan(&self, now: Timestamp) -> WritePlan {
        let model = self.model();
        let mut inserts = Inserts::new(model, now);
        let mut updates = Updates::new(model, now);
        let mut deletes = Deletes::new(model);
        for object in self.set().objects() {
            match (object.kind(), &object.after) {
                (Kind::Create, Some(record)) => {
                    inserts.add(object.entity, record, (object.request, &object.path))
                }
                (Kind::Update, Some(record)) => updates.change(object, record),
                (Kind::Delete, _) => deletes.add(object),
                (Kind::Create | Kind::Update, None) | (Kind::Nothing, _) => continue,
            }
            // With what goes, all its values go, also those of properties that are not in use.
            if object.after.is_some() {
                for value in value_objects(model, object) {
                    match (value.kind(), &value.after) {
                        (Kind::Create, Some(record)) => {
                            inserts.add(value.entity, record, (value.request, &value.path));
                        }
                        (Kind::Update, Some(record)) => {
                            updates.change(&value, record);
                            updates.raise(&value);
                        }
                        (Kind::Delete, _) => deletes.row(value.entity, value.id),
                        (Kind::Create | Kind::Update, None) | (Kind::Nothing, _) => {}
                    }
                }
            }
            for root in [object.before.as_ref().map(|b| b.root), Some(object.root)] {
                let root_entity = model.entity(object.entity).root;
                let root = root.and_then(|id| self.set().object(root_entity, id));
                if let Some(root) = root {
                    updates.raise(root);
                }
            }
        }
        let values = values_of(model, self.set().objects());
        let steps = values
            .into_iter()
            .chain(deletes.steps)
            .chain(updates.end())
            .chain(inserts.steps);
        WritePlan {
            steps: steps.collect(),
        }
    }
}

/// The values of custom properties of what goes.
fn values_of(model: &Model, objects: &[Object]) -> Option<WriteStep> {
    let columns = model.custom_columns()?;
    let gone = objects.iter().filter(|o| o.kind() == Kind::Delete);
    let keys: Vec<Uuid> = gone.map(|o| o.id).collect();
    (!keys.is_empty()).then_some(WriteStep::DeleteBy {
        table: columns.table,
        column: columns.item,
        keys,
    })
}

/// What the history of changes writes: `history` are the objects that tell of them.
pub fn history_plan(model: &Model, history: &[(EntityId, Record)], now: Timestamp) -> WritePlan {
    let mut inserts = Inserts::new(model, now);
    for (entity, record) in history {
        inserts.add(*entity, record, (0, ""));
    }
    WritePlan {
        steps: inserts.steps,
    }
}

/// New rows, those of one table together.
struct Inserts<'m> {
    model: &'m Model,
    now: Timestamp,
    columns: HashMap<EntityId, Columns>,
    places: HashMap<(EntityId, EntityId), usize>,
    steps: Vec<WriteStep>,
}

impl<'m> Inserts<'m> {
    fn new(model: &'m Model, now: Timestamp) -> Self {
        Self {
            model,
            now,
            columns: HashMap::new(),
            places: HashMap::new(),
            steps: Vec::new(),
        }
    }

    /// `from`: the request that the object is of, and its place in the payload.
    fn add(&mut self, entity: EntityId, record: &Record, from: (usize, &str)) {
        let (model, now) = (self.model, self.now);
        let key = record.value(model.entity(entity).key());
        let tables = self
            .columns
            .entry(entity)
            .or_insert_with(|| columns(model, entity));
        for (table, columns) in tables.iter() {
            let row = NewRow {
                values: columns
                    .iter()
                    .map(|(_, origin)| origin.value(key, record, now))
                    .collect(),
                path: from.1.to_owned(),
                request: from.0,
            };
            // Objects of two entities may share a table of their base, with other columns.
            let place = self.places.entry((entity, *table)).or_insert_with(|| {
                self.steps.push(WriteStep::Insert {
                    table: *table,
                    columns: columns.iter().map(|(no, _)| *no).collect(),
                    rows: Vec::new(),
                });
                self.steps.len() - 1
            });
            if let Some(WriteStep::Insert { rows, .. }) = self.steps.get_mut(*place) {
                rows.push(row);
            }
        }
    }
}

/// Changed rows.
struct Updates<'m> {
    model: &'m Model,
    now: Timestamp,
    places: HashMap<(EntityId, Uuid), usize>,
    rows: Vec<Changed>,
}

/// One changed row.
struct Changed {
    table: EntityId,
    key: Uuid,
    values: Vec<(ColumnNo, Value)>,
    path: String,
    request: usize,
}

impl<'m> Updates<'m> {
    fn new(model: &'m Model, now: Timestamp) -> Self {
        Self {
            model,
            now,
            places: HashMap::new(),
            rows: Vec::new(),
        }
    }

    fn row(&mut self, table: EntityId, key: Uuid) -> Option<&mut Changed> {
        let rows = &mut self.rows;
        let place = *self.places.entry((table, key)).or_insert_with(|| {
            rows.push(Changed {
                table,
                key,
                values: Vec::new(),
                path: String::new(),
                request: 0,
            });
            rows.len() - 1
        });
        self.rows.get_mut(place)
    }

    /// The columns in which an object differs.
    fn change(&mut self, object: &Object, after: &Record) {
        let Some(before) = &object.before else {
            return;
        };
        let of = self.model.entity(object.entity);
        for (id, attribute) in of.attribute_ids() {
            let value = after.value(id);
            let differs = before.record.value(id) != value && writes(of, object.entity, id);
            let Some(stored) = of.stored(id).filter(|_| differs) else {
                continue;
            };
            if let Some(row) = self.row(stored.table, object.id) {
                row.path.clone_from(&object.path);
                row.request = object.request;
                row.values.push((stored.column, value.clone()));
                if let Some(column) = stored.shadow {
                    row.values.push((column, shadow(attribute.kind, value)));
                }
            }
        }
        for (id, _) in of.reference_ids() {
            let target = after.reference(id);
            if before.record.reference(id) == target {
                continue;
            }
            let stored = of.stored_reference(id);
            if let Some(row) = self.row(stored.table, object.id) {
                row.path.clone_from(&object.path);
                row.request = object.request;
                let value = target.map_or(Value::Null, Value::Guid);
                row.values.push((stored.column, value));
            }
        }
    }

    /// Raises the version of an aggregate, once.
    fn raise(&mut self, root: &Object) {
        let (Some(before), Some(_)) = (&root.before, &root.after) else {
            return;
        };
        let family = self.model.family(root.entity);
        let table = self.model.table(family);
        let (Some(version), Some(changed)) = (table.find(VERSION), table.find(CHANGED)) else {
            return;
        };
        let (next, now) = (before.version.saturating_add(1), self.now);
        if let Some(row) = self.row(family, root.id)
            && !row.values.iter().any(|(column, _)| *column == version)
        {
            row.values.push((version, Value::Integer(next)));
            row.values.push((changed, Value::Timestamp(now)));
        }
    }

    fn end(self) -> impl Iterator<Item = WriteStep> {
        let rows = self.rows.into_iter().filter(|row| !row.values.is_empty());
        rows.map(|row| WriteStep::Update {
            table: row.table,
            key: row.key,
            values: row.values,
            path: row.path,
            request: row.request,
        })
    }
}

/// Rows that go, those of one table together.
struct Deletes<'m> {
    model: &'m Model,
    steps: Vec<WriteStep>,
}

impl<'m> Deletes<'m> {
    fn new(model: &'m Model) -> Self {
        Self {
            model,
            steps: Vec::new(),
        }
    }

    fn add(&mut self, object: &Object) {
        let mut at = Some(object.entity);
        while let Some(entity) = at {
            self.row(entity, object.id);
            at = self.model.entity(entity).base;
        }
    }

    fn row(&mut self, entity: EntityId, id: Uuid) {
        for step in &mut self.steps {
            if let WriteStep::Delete { table, keys } = step
                && *table == entity
            {
                keys.push(id);
                return;
            }
        }
        self.steps.push(WriteStep::Delete {
            table: entity,
            keys: vec![id],
        });
    }
}
