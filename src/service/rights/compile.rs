//! From what a user holds to what the binder enforces.

use std::collections::HashSet;

use uuid::Uuid;

use super::AllRights;
use super::held::{ClosedColumn, Held, Permission};
use super::private;
use crate::access::Scopes;
use crate::bind::{EntityRights, Rights, RowFilter, Visible};
use crate::model::{Allowed, Entity, EntityId, Model, PropertyId};

/// The entity of users, whose own row everybody may read.
const USERS: &str = "Systems.Security.Users";

/// What an administrator may do: everything that the sign-in allows.
pub(super) fn of_administrator(model: &Model, user: Uuid, scopes: Scopes) -> AllRights {
    let open = |is_open: bool, who: fn(&Entity) -> Allowed| {
        if !is_open {
            return Rights::none();
        }
        let reserved = model
            .entities()
            .filter(|(_, entity)| who(entity) == Allowed::Sec && !scopes.sec);
        reserved.fold(Rights::unrestricted(), |rights, (id, _)| {
            rights.with(id, EntityRights::default())
        })
    };
    let (read, write) = (
        open(scopes.read, |entity| entity.readers),
        open(scopes.update, |entity| entity.writers),
    );
    let closed = |_: EntityId| HashSet::new();
    AllRights {
        read: with_own(model, user, read, &closed),
        create: write.clone(),
        update: write.clone(),
        delete: write,
    }
}

/// What anybody else may do: what their roles and groups allow.
pub(super) fn of_user(model: &Model, user: Uuid, scopes: Scopes, held: &Held) -> AllRights {
    let readers = |entity: &Entity| scopes.read && entity.readers == Allowed::Granted;
    let writers = |entity: &Entity| scopes.update && entity.writers == Allowed::Granted;
    let rights = |may: &dyn Fn(&Entity) -> bool,
                  granted: fn(&Permission) -> bool,
                  closed: fn(&ClosedColumn) -> bool| {
        let each = model.entities().filter(|(_, entity)| may(entity));
        each.fold(Rights::none(), |rights, (id, entity)| {
            let rows = rows(model, (id, entity), &held.permissions, granted);
            let closed = closed_of(model, id, &held.columns, closed);
            rights.with(id, EntityRights { rows, closed })
        })
    };
    let all = AllRights {
        read: rights(&readers, |p| p.read, |c| !c.readable),
        create: rights(&writers, |p| p.create, |c| !c.writable),
        update: rights(&writers, |p| p.update, |c| !c.writable),
        delete: rights(&writers, |p| p.delete, |_| false),
    };
    let all = private::narrow(model, user, scopes, all);
    if !scopes.read {
        return all;
    }
    let closed = |id| closed_of(model, id, &held.columns, |c| !c.readable);
    AllRights {
        read: with_own(model, user, all.read, &closed),
        ..all
    }
}

/// The rows of an entity that permissions open.
fn rows(
    model: &Model,
    (id, entity): (EntityId, &Entity),
    permissions: &[Permission],
    granted: fn(&Permission) -> bool,
) -> Visible {
    let mut filters = Vec::new();
    for permission in permissions {
        if permission.set != entity.set || !granted(permission) {
            continue;
        }
        let Some(text) = &permission.filter else {
            return Visible::All;
        };
        match RowFilter::parse(model, id, text) {
            Ok(filter) => filters.push(filter),
            // A filter that cannot be read opens nothing.
            Err(problem) => {
                let set = &entity.set;
                tracing::warn!(set, "a record filter cannot be read: {problem}");
            }
        }
    }
    if filters.is_empty() {
        return Visible::Nothing;
    }
    Visible::Some(filters)
}

/// The properties of an entity that closed columns hold, wherever they are stored.
fn closed_of(
    model: &Model,
    id: EntityId,
    columns: &[ClosedColumn],
    closed: fn(&ClosedColumn) -> bool,
) -> HashSet<PropertyId> {
    let entity = model.entity(id);
    let is_closed = |table: EntityId, name: &str| {
        let table = &model.entity(table).table;
        let mut columns = columns.iter().filter(|column| closed(column));
        columns.any(|c| c.table.eq_ignore_ascii_case(table) && c.column.eq_ignore_ascii_case(name))
    };
    let column = |stored: crate::model::Stored| {
        let table = model.table(stored.table);
        is_closed(stored.table, &table.column(stored.column).name)
    };
    let attributes = entity
        .attribute_ids()
        .filter(|(id, _)| entity.stored(*id).is_some_and(column))
        .map(|(id, _)| PropertyId::Attribute(id));
    let references = entity
        .reference_ids()
        .filter(|(id, _)| column(entity.stored_reference(*id)))
        .map(|(id, _)| PropertyId::Reference(id));
    attributes.chain(references).collect()
}

/// Adds what everybody may read of themselves: the own row and what belongs to it, but closed
/// columns that they could not change either.
fn with_own(
    model: &Model,
    user: Uuid,
    read: Rights,
    closed: &dyn Fn(EntityId) -> HashSet<PropertyId>,
) -> Rights {
    let Some(users) = model.repository(USERS) else {
        return read;
    };
    let Ok(filter) = RowFilter::parse(model, users, &format!("Id eq {user}")) else {
        return read;
    };
    let belongs =
        |id: EntityId, entity: &Entity| id != users && entity.root == users && may_hold(entity);
    let parts = model.entities().filter(|(id, e)| belongs(*id, e));
    let own = parts.fold(read.clone(), |own, (id, _)| {
        let (rows, closed) = (Visible::All, closed(id));
        own.with(id, EntityRights { rows, closed })
    });
    let entity = model.entity(users);
    let mut closed = closed(users);
    closed.retain(|property| match property {
        PropertyId::Attribute(id) => !entity.attribute(*id).self_service,
        PropertyId::Reference(_) | PropertyId::Collection(_) => true,
    });
    let rows = Visible::Some(vec![filter]);
    read.with_own(users, own.with(users, EntityRights { rows, closed }))
}

/// Whether users may read what belongs to them of an entity.
fn may_hold(entity: &Entity) -> bool {
    match entity.readers {
        Allowed::Granted => true,
        Allowed::Administrators | Allowed::Sec => false,
    }
}
