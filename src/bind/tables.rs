//! The tables of a query: which rows it has beside its own, and where a property is among them.

use std::sync::Arc;

use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeRole, Custom, CustomColumns, Reference, Table};
use crate::model::{AttributeId, ColumnNo, EntityId, Place, ReferenceId, Stored};
use crate::plan::{Column, Join, JoinBy, Slot};

use super::scope::Setting;
use super::visible;

/// Custom properties in one query: each is a join, and SQLite joins 64 tables at most.
const MOST_CUSTOM: usize = 40;

/// One row of an entity inside a query: which table of the query it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    pub(super) entity: EntityId,
    pub(super) slot: Slot,
    /// Whether the row may be missing: it was reached through a reference that may be null.
    pub(super) optional: bool,
}

impl Instance {
    /// The row of the query's own entity.
    pub(super) fn base(entity: EntityId) -> Self {
        Self {
            entity,
            slot: Slot::BASE,
            optional: false,
        }
    }

    /// The key of the row.
    pub(super) fn key(self) -> Column {
        Column {
            slot: self.slot,
            table: self.entity,
            no: Table::KEY,
        }
    }
}

/// A property's column inside a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located {
    pub(super) column: Column,
    pub(super) shadow: Option<Column>,
    pub(super) nullable: bool,
}

/// The value of a custom property inside a query: the row that it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Valued {
    slot: Slot,
    columns: CustomColumns,
}

impl Valued {
    /// The short value, which conditions compare.
    fn short(self) -> Located {
        let CustomColumns { value, folded, .. } = self.columns;
        Located {
            column: self.column(value),
            shadow: folded.map(|no| self.column(no)),
            nullable: true,
        }
    }

    /// All of it: the short value, what it stands for, what it means.
    pub(super) fn parts(self) -> [Column; 3] {
        let CustomColumns {
            value,
            value_id,
            description,
            ..
        } = self.columns;
        [value, value_id, description].map(|no| self.column(no))
    }

    fn column(self, no: ColumnNo) -> Column {
        Column {
            slot: self.slot,
            table: self.columns.table,
            no,
        }
    }
}

/// The tables of one query: joins are made when a property needs them, and shared.
#[derive(Debug, Default, Clone)]
pub(super) struct Tables {
    pub(super) joins: Vec<Join>,
}

impl Tables {
    /// The column of an attribute; nothing for calculated ones.
    pub(super) fn attribute(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: AttributeId,
    ) -> Result<Option<Located>> {
        let entity = setting.entity(at.entity);
        if let Some(custom) = entity.attribute(id).role.custom() {
            let found = self.custom(setting, at, custom)?;
            return Ok(found.map(|found| found.short()));
        }
        match entity.stored(id) {
            Some(stored) => self.locate(setting, at, stored).map(Some),
            None => Ok(None),
        }
    }

    /// The columns of the value of a custom property; nothing where the model has none.
    pub(super) fn custom(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        custom: Custom,
    ) -> Result<Option<Valued>> {
        let Some(columns) = setting.model.custom_columns() else {
            return Ok(None);
        };
        let row = self.join(Join::custom(columns.table, at.key(), custom.property))?;
        let customs = self.joins.iter().filter(|join| join.by != JoinBy::Key);
        if customs.count() > MOST_CUSTOM {
            let text = format!("the query names more than {MOST_CUSTOM} custom properties");
            return Err(Problem::new(Code::LimitExceeded, text));
        }
        Ok(Some(Valued {
            slot: row.slot,
            columns,
        }))
    }

    /// The column of a reference as it is stored, whatever is visible of its target.
    pub(super) fn stored(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Located> {
        let stored = setting.entity(at.entity).stored_reference(id);
        self.locate(setting, at, stored)
    }

    /// The column that holds the target of a reference, where that is visible: else null.
    pub(super) fn reference(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Located> {
        let entity = setting.entity(at.entity);
        // A visible row belongs to a visible one.
        let visible = entity.parent == Some(id)
            || setting
                .rights
                .sees_all(setting.model, entity.reference(id).target);
        if visible {
            return self.stored(setting, at, id);
        }
        let target = self.follow(setting, at, id)?;
        Ok(Located {
            column: target.key(),
            shadow: None,
            nullable: true,
        })
    }

    /// The row that a reference points at; missing where it is not visible.
    pub(super) fn follow(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Instance> {
        let located = self.stored(setting, at, id)?;
        let entity = setting.entity(at.entity);
        let target = entity.reference(id).target;
        let among = if entity.parent == Some(id) {
            None
        } else {
            visible::guard(setting, target)?
        };
        let optional = located.nullable || among.is_some();
        self.join(Join {
            table: target,
            on: located.column,
            by: JoinBy::Key,
            optional,
            among: among.map(Arc::new),
        })
    }

    /// The same row seen as an entity that it extends or that extends it; missing where it is none,
    /// or is not visible as one.
    pub(super) fn cast(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        to: EntityId,
    ) -> Result<Instance> {
        if setting.model.is_a(at.entity, to) {
            // Everything of the base is a property of the derived entity too.
            return Ok(at);
        }
        let among = visible::guard(setting, to)?;
        self.join(Join {
            table: to,
            on: at.key(),
            by: JoinBy::Key,
            optional: true,
            among: among.map(Arc::new),
        })
    }

    fn locate(&mut self, setting: Setting<'_>, at: Instance, stored: Stored) -> Result<Located> {
        let row = match stored.place {
            Place::Own => at,
            Place::Base => self.up_to(setting, at, stored.table)?,
            Place::Root => {
                let root = self.root(setting, at)?;
                self.up_to(setting, root, stored.table)?
            }
        };
        let column = |no| Column {
            slot: row.slot,
            table: stored.table,
            no,
        };
        let table = setting.model.table(stored.table);
        Ok(Located {
            column: column(stored.column),
            shadow: stored.shadow.map(column),
            nullable: row.optional || table.column(stored.column).nullable,
        })
    }

    /// The row of the base entity whose table is wanted: base and derived rows share the key.
    fn up_to(
        &mut self,
        setting: Setting<'_>,
        mut at: Instance,
        table: EntityId,
    ) -> Result<Instance> {
        while at.entity != table {
            let Some(base) = setting.entity(at.entity).base else {
                break;
            };
            at = self.join(Join::plain(base, at.key(), at.optional))?;
        }
        Ok(at)
    }

    /// The row of the aggregate root.
    fn root(&mut self, setting: Setting<'_>, mut at: Instance) -> Result<Instance> {
        let root = setting.entity(at.entity).root;
        while at.entity != root {
            let Some(parent) = setting.entity(at.entity).parent else {
                break;
            };
            at = self.follow(setting, at, parent)?;
        }
        Ok(at)
    }

    fn join(&mut self, join: Join) -> Result<Instance> {
        let (table, optional) = (join.table, join.optional);
        let same = |known: &Join| {
            let to = known.table == table && known.on == join.on && known.by == join.by;
            to && known.among == join.among
        };
        let index = self.joins.iter().position(same);
        let index = index.unwrap_or_else(|| {
            self.joins.push(join);
            self.joins.len() - 1
        });
        let slot = u8::try_from(index + 1).map_err(|_| {
            Problem::new(
                Code::LimitExceeded,
                "the query goes through too many references",
            )
        })?;
        Ok(Instance {
            entity: table,
            slot: Slot(slot),
            optional,
        })
    }
}

/// Whether conditions and orders may go through a reference to the attributes of its target.
pub(super) fn passable(reference: &Reference) -> bool {
    reference.owner || reference.filterable
}

/// Whether an attribute is the key.
pub(super) fn is_key(attribute: &Attribute) -> bool {
    match attribute.role {
        AttributeRole::Key => true,
        AttributeRole::Stored
        | AttributeRole::Root
        | AttributeRole::DisplayText
        | AttributeRole::Custom(_) => false,
    }
}
