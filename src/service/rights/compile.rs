//! From what a user holds to what the binder enforces.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::AllRights;
use super::closed::Closed;
use super::held::{Held, Permission};
use super::private;
use crate::access::Scopes;
use crate::bind::{EntityRights, Rights, RowFilter, Visible};
use crate::model::{Allowed, Entity, EntityId, Model, PropertyId};

/// The entity of users, whose own row everybody may read.
const USERS: &str = "Systems.Security.Users";
/// The entity of tokens, of which everybody may look through their own.
const TOKENS: &str = "Systems.Security.AccessTokens";

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
    let mut all = AllRights::all(&Rights::none());
    let mut unreadable = HashMap::new();
    // Whoever may not read a value reads no text that it is a part of.
    let unread = Closed::of(model, &held.columns, |c| !c.readable).with_composed(model);
    let unwritten = Closed::of(model, &held.columns, |c| !c.writable);
    for (id, entity) in model.entities() {
        let opened = Opened::of(model, (id, entity), &held.permissions);
        let closed = unread.in_entity(model, id);
        let with = |rights: &mut Rights, rows: Visible, closed: &HashSet<PropertyId>| {
            let closed = closed.clone();
            *rights =
                std::mem::replace(rights, Rights::none()).with(id, EntityRights { rows, closed });
        };
        if scopes.read && entity.readers == Allowed::Granted {
            with(&mut all.read, opened.rows(|p| p.read), &closed);
        }
        if scopes.update && entity.writers == Allowed::Granted {
            let unwritable = unwritten.in_entity(model, id);
            with(&mut all.create, opened.rows(|p| p.create), &unwritable);
            with(&mut all.update, opened.rows(|p| p.update), &unwritable);
            with(&mut all.delete, opened.rows(|p| p.delete), &HashSet::new());
        }
        unreadable.insert(id, closed);
    }
    let mut all = private::narrow(model, user, scopes, all);
    if scopes.read {
        let closed = |id| unreadable.get(&id).cloned().unwrap_or_default();
        let read = with_own_tokens(model, user, all.read, &closed);
        all.read = with_own(model, user, read, &closed);
    }
    all
}

/// What permissions say of one entity, each record filter read once.
struct Opened<'p>(Vec<(&'p Permission, Visible)>);

impl<'p> Opened<'p> {
    fn of(model: &Model, (id, entity): (EntityId, &Entity), permissions: &'p [Permission]) -> Self {
        let mine = permissions.iter().filter(|p| p.set == entity.set);
        let read = mine.map(|permission| {
            let rows = match &permission.filter {
                None => Visible::All,
                Some(text) => match RowFilter::parse(model, id, text) {
                    Ok(filter) => Visible::Some(vec![filter]),
                    // A filter that cannot be read opens nothing.
                    Err(problem) => {
                        let set = &entity.set;
                        tracing::warn!(set, "a record filter cannot be read: {problem}");
                        Visible::Nothing
                    }
                },
            };
            (permission, rows)
        });
        Self(read.collect())
    }

    /// The rows that those permissions open which grant something.
    fn rows(&self, granted: fn(&Permission) -> bool) -> Visible {
        let mut filters = Vec::new();
        for (_, rows) in self.0.iter().filter(|(permission, _)| granted(permission)) {
            match rows {
                Visible::Nothing => {}
                Visible::All => return Visible::All,
                Visible::Some(more) => filters.extend(more.iter().cloned()),
            }
        }
        if filters.is_empty() {
            return Visible::Nothing;
        }
        Visible::Some(filters)
    }
}

/// Adds the tokens that sign the user in, which everybody may look through.
fn with_own_tokens(
    model: &Model,
    user: Uuid,
    read: Rights,
    closed: &dyn Fn(EntityId) -> HashSet<PropertyId>,
) -> Rights {
    let Some(tokens) = model.repository(TOKENS) else {
        return read;
    };
    let Ok(filter) = RowFilter::parse(model, tokens, &format!("User/Id eq {user}")) else {
        return read;
    };
    let (rows, closed) = (Visible::Some(vec![filter]), closed(tokens));
    read.with(tokens, EntityRights { rows, closed })
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
