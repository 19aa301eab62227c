//! Changed objects → the rows that stand before those of the database.

use uuid::Uuid;

use super::columns::{CHANGED, CREATED, Columns, Origin, VERSION, columns};
use crate::change::{ChangeSet, Kind, Object, Record, value_objects};
use crate::model::{ColumnNo, EntityId, Model, View, ViewCell};
use crate::plan::{Overlay, OverlayColumn, OverlayRows, OverlayTable};
use crate::value::{Timestamp, Value};

/// What the database would have, were a set of changes made: without versions and times, which a
/// change gets when it is made.
pub fn overlay<S>(set: &ChangeSet<'_, S>, now: Timestamp) -> Overlay {
    let mut building = Building {
        model: set.model(),
        now,
        overlay: Overlay::default(),
        parts: Vec::new(),
    };
    for object in set.objects() {
        match object.kind() {
            Kind::Create | Kind::Update | Kind::Delete => building.add(object),
            Kind::Nothing => {}
        }
    }
    building.end()
}

struct Building<'m> {
    model: &'m Model,
    now: Timestamp,
    overlay: Overlay,
    /// For each entity with rows, its tables: where their columns come from, and their rows.
    parts: Vec<(EntityId, Columns, Vec<Part>)>,
}

/// The rows that the objects of one entity have in one table.
struct Part {
    table: EntityId,
    /// Of each column of the table: where it comes from; nothing for those that stay as they are.
    origins: Vec<(ColumnNo, Option<Origin>)>,
    rows: OverlayRows,
}

impl Building<'_> {
    fn add(&mut self, object: &Object) {
        let mut at = Some(object.entity);
        while let Some(entity) = at {
            self.hide(entity, object.id);
            at = self.model.entity(entity).base;
        }
        if let Some(record) = &object.after {
            self.show(object, record);
        }
        for value in value_objects(self.model, object) {
            self.add(&value);
        }
    }

    fn hide(&mut self, table: EntityId, id: Uuid) {
        let tables = &mut self.overlay.tables;
        match tables.iter_mut().find(|known| known.table == table) {
            Some(known) => known.keys.push(id),
            None => tables.push(OverlayTable {
                table,
                keys: vec![id],
                rows: Vec::new(),
            }),
        }
    }

    fn show(&mut self, object: &Object, record: &Record) {
        let (model, now, entity) = (self.model, self.now, object.entity);
        let known = self.parts.iter().position(|(known, _, _)| *known == entity);
        let place = known.unwrap_or_else(|| {
            let columns = columns(model, entity);
            let parts = columns
                .iter()
                .map(|(table, given)| part(model, entity, (*table, given)));
            let parts = parts.collect();
            self.parts.push((entity, columns, parts));
            self.parts.len() - 1
        });
        let Some((_, _, parts)) = self.parts.get_mut(place) else {
            return;
        };
        let key = Value::Guid(object.id);
        let version = object.before.as_ref().map_or(1, |stored| stored.version);
        for part in parts {
            let table = model.table(part.table);
            let columns = part.rows.columns.iter_mut().zip(&part.origins);
            for (column, (no, origin)) in columns {
                column.values.push(match origin {
                    Some(origin) => origin.value(&key, record, now),
                    None if table.column(*no).name == VERSION => Value::Integer(version),
                    None => Value::Null,
                });
            }
        }
    }

    /// Puts the rows to their tables, and into the views that show them.
    fn end(mut self) -> Overlay {
        let (model, parts) = (self.model, std::mem::take(&mut self.parts));
        let views: Vec<EntityId> = model
            .entities()
            .map(|(id, _)| id)
            .filter(|id| model.table(*id).view_of == Some(View::AggregateRoots))
            .collect();
        let roots: Vec<EntityId> = model.object_roots().map(|(id, _)| id).collect();
        for view in &views {
            for root in &roots {
                for id in self.keys(*root) {
                    self.hide(*view, id);
                }
            }
        }
        for part in parts.into_iter().flat_map(|(_, _, parts)| parts) {
            if roots.contains(&part.table) {
                for view in &views {
                    let rows = shown(model, *view, &part);
                    self.put(*view, rows);
                }
            }
            self.put(part.table, part.rows);
        }
        self.overlay
    }

    /// The keys of the hidden rows of a table.
    fn keys(&self, table: EntityId) -> Vec<Uuid> {
        let mut tables = self.overlay.tables.iter();
        let known = tables.find(|known| known.table == table);
        known.map_or(Vec::new(), |known| known.keys.clone())
    }

    fn put(&mut self, table: EntityId, rows: OverlayRows) {
        let mut tables = self.overlay.tables.iter_mut();
        if let Some(known) = tables.find(|known| known.table == table) {
            known.rows.push(rows);
        }
    }
}

/// All columns of a table, of which a new object of an entity fills some. What is secret stays out of
/// it: no query reads it, and what is bound to statements may be logged by the database.
fn part(
    model: &Model,
    entity: EntityId,
    (table, given): (EntityId, &[(ColumnNo, Origin)]),
) -> Part {
    let of = model.table(table);
    let is_open = |origin: &Origin| match origin {
        Origin::Attribute(id) | Origin::Shadow(id, _) => {
            !model.entity(entity).attribute(*id).secret
        }
        Origin::Reference(_) | Origin::Key | Origin::Now => true,
    };
    let origin = |no: ColumnNo| {
        let mut given = given.iter().filter(|(_, origin)| is_open(origin));
        given
            .find(|(known, _)| *known == no)
            .map(|(_, origin)| *origin)
    };
    let origins: Vec<_> = of.column_ids().map(|no| (no, origin(no))).collect();
    let columns = origins.iter().map(|(no, origin)| {
        let name = of.column(*no).name.as_str();
        let kept = match origin {
            None => name != VERSION,
            // The times of the aggregate, which no attribute writes.
            Some(Origin::Now) => [CREATED, CHANGED].contains(&name),
            Some(
                Origin::Attribute(_) | Origin::Shadow(..) | Origin::Reference(_) | Origin::Key,
            ) => false,
        };
        OverlayColumn {
            no: *no,
            kept,
            values: Vec::new(),
        }
    });
    let columns = columns.collect();
    Part {
        table,
        origins,
        rows: OverlayRows { columns },
    }
}

/// The rows of a root's table as a view shows them.
fn shown(model: &Model, view: EntityId, part: &Part) -> OverlayRows {
    let count = part.rows.len();
    let cells = model.view_cells(view, part.table);
    let same = |no: ColumnNo| {
        let mut columns = part.rows.columns.iter();
        columns.find(|column| column.no == no)
    };
    let columns = model.table(view).column_ids().zip(cells).map(|(no, cell)| {
        let (kept, values) = match cell {
            ViewCell::Column(from) => match same(from) {
                Some(column) => (column.kept, column.values.clone()),
                None => (false, vec![Value::Null; count]),
            },
            ViewCell::Text(text) => (false, vec![Value::Text(text); count]),
            ViewCell::False => (false, vec![Value::Boolean(false); count]),
            ViewCell::Null => (false, vec![Value::Null; count]),
        };
        OverlayColumn { no, kept, values }
    });
    OverlayRows {
        columns: columns.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Table;

    #[test]
    fn rows_have_every_column_of_their_tables() {
        let model = Model::shipped().unwrap();
        for (entity, _) in model.entities().filter(|(_, of)| of.is_open()) {
            for (table, given) in columns(&model, entity) {
                let part = part(&model, entity, (table, &given));
                assert_eq!(part.rows.columns.len(), model.table(table).columns.len());
                let key = part.origins.iter().find(|(no, _)| *no == Table::KEY);
                assert!(matches!(key, Some((_, Some(Origin::Key)))));
            }
        }
    }

    #[test]
    fn secrets_stay_out() {
        let model = Model::shipped().unwrap();
        let users = model.repository("Systems.Security.Users").unwrap();
        let password = model.table(users).find("Password").unwrap();
        let given = columns(&model, users);
        assert!(
            given
                .iter()
                .any(|(_, columns)| columns.iter().any(|(no, _)| *no == password))
        );
        for (table, given) in given.iter().filter(|(table, _)| *table == users) {
            let part = part(&model, users, (*table, given));
            let column = part
                .rows
                .columns
                .iter()
                .find(|column| column.no == password);
            assert!(column.unwrap().kept);
            assert!(part.origins.contains(&(password, None)));
        }
    }
}
