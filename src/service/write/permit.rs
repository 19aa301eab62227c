//! Whether the caller may make a change: held against every object of the set, however it came
//! into it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::WriteRequest;
use super::load::{all, among, key_of};
use super::work::Work;
use crate::bind::{self, Rights, Visible};
use crate::change::{ChangeSet, Faults, Kind, Object, Secret};
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeRole, Default, Entity, EntityId, Model, PropertyId};
use crate::plan::{Predicate, Query, SubQuery};
use crate::service::Caller;
use crate::service::rights::AllRights;
use crate::store::Reads;
use crate::value::{Timestamp, Value};

/// The entity of users, whose own row everybody may change a little.
const USERS: &str = "Systems.Security.Users";
/// The attribute of the hash of their passwords.
const PASSWORD: &str = "Password";
/// The entity of tokens, of which everybody may end their own.
const TOKENS: &str = "Systems.Security.AccessTokens";

/// Refuses changes of a sign-in that does not allow any.
pub(super) fn check_scope(requests: &[WriteRequest]) -> Result<()> {
    let allowed = |request: &WriteRequest| request.caller.scopes().update;
    if requests.iter().all(allowed) {
        return Ok(());
    }
    let message = "this sign-in allows no changes: it lacks the scope `update`";
    Err(Problem::new(Code::Forbidden, message))
}

/// Sees that whoever brings the hash of a password may: an administrator with the scope `sec`.
pub(super) fn check_hashes(caller: &Caller, work: &mut Work) -> Result<()> {
    if caller.is_administrator() && caller.scopes().sec {
        return Ok(());
    }
    let mut secrets = work.secrets().into_iter();
    let Some(hash) = secrets.find(|brought| matches!(brought.secret, Secret::Hash { .. })) else {
        return Ok(());
    };
    let message = "ready hashes of passwords take an administrator with the scope `sec`";
    Err(Problem::new(Code::Forbidden, message).about(hash.path))
}

/// Whether a password for an object of an entity, perhaps the caller's own row, is worth hashing:
/// nobody makes the service work for what is refused later in any case.
pub(super) fn may_bring(caller: &Caller, model: &Model, entity: EntityId, is_own: bool) -> bool {
    let of = model.entity(entity);
    let password = of.attribute_named(PASSWORD).map(PropertyId::Attribute);
    caller.identity().is_none()
        || may(&caller.rights.create, entity)
        || may(&caller.rights.update, entity)
        || (is_own && password.is_some_and(|password| is_self_service(of, password)))
}

/// Sees that the caller may do to each object what the set does to it. `vouched` are objects for
/// which that was seen to elsewhere.
pub(super) fn check<S>(
    caller: &Caller,
    set: &ChangeSet<'_, S>,
    vouched: &[Uuid],
) -> Result<(), Faults> {
    if caller.identity().is_none() {
        return Ok(());
    }
    let mut faults = Faults::new();
    let objects = set.objects().iter();
    for object in objects.filter(|object| !vouched.contains(&object.id)) {
        let refused = match object.kind() {
            Kind::Nothing if !is_asked(object) => Vec::new(),
            Kind::Create => create(caller, set.model(), object),
            Kind::Update | Kind::Nothing => update(caller, set.model(), object),
            Kind::Delete => delete(caller, set, object),
        };
        let inside = |problem: Problem| (object.request, problem.inside(&object.path));
        faults.extend(refused.into_iter().map(inside));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Whether a change of an object is asked for that turns out to be one of nothing. It is judged as
/// any other: who may not change an object could find out by trying what it holds.
fn is_asked(object: &Object) -> bool {
    object.named.is_asked() && object.before.is_some() && object.after.is_some()
}

/// Sees that the caller may do something to objects of an entity at all, or to this one: what is
/// asked before anything is looked up for a change.
pub(super) fn guard(
    caller: &Caller,
    model: &Model,
    kind: Kind,
    entity: EntityId,
    object: Option<&Object>,
) -> Result<()> {
    if caller.identity().is_none() {
        return Ok(());
    }
    let (rights, what) = match kind {
        Kind::Create => (&caller.rights.create, "create"),
        Kind::Delete => (&caller.rights.delete, "delete"),
        Kind::Update | Kind::Nothing => (&caller.rights.update, "change"),
    };
    if let Some(problem) = object.and_then(|object| object.half_seen(model, what)) {
        return Err(problem);
    }
    let own = |object: &Object| {
        what == "change"
            && (is_own_row(caller, model, object) || is_own_token(caller, model, object))
    };
    if may(rights, entity) || object.is_some_and(own) {
        return Ok(());
    }
    Err(refuse(model.entity(entity), what))
}

fn may(rights: &Rights, entity: EntityId) -> bool {
    match rights.rows(entity) {
        Visible::All | Visible::Some(_) => true,
        Visible::Nothing => false,
    }
}

fn refuse(entity: &Entity, what: &str) -> Problem {
    let message = format!("you may not {what} objects of `{}`", entity.set);
    Problem::new(Code::Forbidden, message)
}

fn create(caller: &Caller, model: &Model, object: &Object) -> Vec<Problem> {
    let (rights, entity) = (&caller.rights.create, model.entity(object.entity));
    if !may(rights, object.entity) {
        return vec![refuse(entity, "create")];
    }
    // What is left at its default was not set by anybody, unless it was named.
    let set = |property| object.named.has(property) || !is_default(model, object, property);
    closed((rights, caller), model, object, set)
}

fn update(caller: &Caller, model: &Model, object: &Object) -> Vec<Problem> {
    let (rights, entity) = (&caller.rights.update, model.entity(object.entity));
    if let Some(problem) = object.half_seen(model, "change") {
        return vec![problem];
    }
    if may(rights, object.entity) {
        let set = |property| is_set(object, property);
        return closed((rights, caller), model, object, set);
    }
    if ends_own_token(caller, model, object) {
        return Vec::new();
    }
    if !is_own_row(caller, model, object) {
        return vec![refuse(entity, "change")];
    }
    let foreign = changed(entity, object).filter(|property| !is_self_service(entity, *property));
    let foreign = foreign.map(|property| {
        let name = name(entity, property);
        let message = format!("you may not change `{name}`, not even your own");
        Problem::new(Code::Forbidden, message).about(name)
    });
    foreign.collect()
}

/// Whether an object is the caller's own row, which they may change a little.
fn is_own_row(caller: &Caller, model: &Model, object: &Object) -> bool {
    model.entity(object.entity).name == USERS && caller.user() == Some(object.id)
}

/// Whether an object is a token of the caller's own.
fn is_own_token(caller: &Caller, model: &Model, object: &Object) -> bool {
    let entity = model.entity(object.entity);
    let before = object.before.as_ref().map(|stored| &stored.record);
    let of = before.zip(entity.reference_named("User"));
    let of = of.and_then(|(before, user)| before.reference(user));
    entity.name == TOKENS && of.is_some() && of == caller.user()
}

/// Whether a change ends a token of the caller's own, or leaves it ended, and does nothing else:
/// not even gives life back to one that was ended.
fn ends_own_token(caller: &Caller, model: &Model, object: &Object) -> bool {
    let entity = model.entity(object.entity);
    let (Some(before), Some(after)) = (&object.before, &object.after) else {
        return false;
    };
    let ended = entity.attribute_named("ConsumedTimestamp");
    let ends = ended.is_some_and(|id| {
        let is_it = |property| property == PropertyId::Attribute(id);
        let (was, is) = (before.record.value(id), after.value(id));
        (*was == Value::Null || was == is) && changed(entity, object).all(is_it)
    });
    is_own_token(caller, model, object) && ends
}

fn delete<S>(caller: &Caller, set: &ChangeSet<'_, S>, object: &Object) -> Vec<Problem> {
    if goes_along(set, object) {
        return Vec::new();
    }
    if let Some(problem) = object.half_seen(set.model(), "delete") {
        return vec![problem];
    }
    if may(&caller.rights.delete, object.entity) {
        return Vec::new();
    }
    vec![refuse(set.model().entity(object.entity), "delete")]
}

/// Whether an object is deleted because the one that it belongs to is.
fn goes_along<S>(set: &ChangeSet<'_, S>, object: &Object) -> bool {
    let root = set.object(set.model().entity(object.entity).root, object.root);
    root.is_some_and(|r| r.id != object.id && r.kind() == Kind::Delete)
}

/// Whether a property is closed to a caller in some way: not to be read, or not to be written.
pub(super) fn is_closed(caller: &Caller, entity: EntityId, property: PropertyId) -> bool {
    let AllRights {
        read,
        create,
        update,
        delete: _,
    } = &caller.rights;
    let mut rights = [read, create, update].into_iter();
    rights.any(|rights| rights.is_closed(entity, property))
}

/// The properties that a change sets and that are closed: not to be written, or not to be read.
fn closed(
    (rights, caller): (&Rights, &Caller),
    model: &Model,
    object: &Object,
    sets: impl Fn(PropertyId) -> bool,
) -> Vec<Problem> {
    let entity = model.entity(object.entity);
    let read = &caller.rights.read;
    let is_closed = |property: &PropertyId| {
        let (of, property) = (object.entity, *property);
        rights.is_closed(of, property) || read.is_closed(of, property)
    };
    let closed = properties(entity).filter(|property| is_closed(property) && sets(*property));
    let refused = closed.map(|property| {
        let name = name(entity, property);
        let message = format!("`{name}` is closed: you may not change it");
        Problem::new(Code::Forbidden, message).about(name)
    });
    refused.collect()
}

/// The stored properties that somebody sets: also those that are read only and change through a
/// method, such as the password. What the service notes by itself is nobody's change.
fn properties(entity: &Entity) -> impl Iterator<Item = PropertyId> {
    let attributes = entity.attribute_ids().filter(|(_, attribute)| {
        let is_set = match attribute.role {
            AttributeRole::Stored | AttributeRole::Custom(_) => true,
            AttributeRole::Key | AttributeRole::Root | AttributeRole::DisplayText => false,
        };
        is_set && attribute.stamp.is_none() && attribute.compose.is_empty()
    });
    let attributes = attributes.map(|(id, _)| PropertyId::Attribute(id));
    let references = entity.reference_ids();
    attributes.chain(references.map(|(id, _)| PropertyId::Reference(id)))
}

fn changed<'a>(entity: &'a Entity, object: &'a Object) -> impl Iterator<Item = PropertyId> + 'a {
    properties(entity).filter(|property| is_set(object, *property))
}

/// Whether a change sets a property, be it to what it is.
fn is_set(object: &Object, property: PropertyId) -> bool {
    object.named.has(property) || differs(object, property)
}

fn differs(object: &Object, property: PropertyId) -> bool {
    let before = object.before.as_ref().map(|stored| &stored.record);
    match (before, &object.after, property) {
        (Some(before), Some(after), PropertyId::Attribute(id)) => {
            before.value(id) != after.value(id)
        }
        (Some(before), Some(after), PropertyId::Reference(id)) => {
            before.reference(id) != after.reference(id)
        }
        (_, _, PropertyId::Collection(_)) | (None, _, _) | (_, None, _) => false,
    }
}

/// Whether a property of a new object has the value that silence means.
fn is_default(model: &Model, object: &Object, property: PropertyId) -> bool {
    let Some(after) = &object.after else {
        return true;
    };
    match property {
        PropertyId::Attribute(id) => {
            let attribute = model.entity(object.entity).attribute(id);
            match &attribute.default {
                None => *after.value(id) == Value::Null,
                Some(Default::Constant(text)) => {
                    *after.value(id) == model.constant(attribute, text)
                }
                Some(Default::NewGuid | Default::Now | Default::NextCode) => true,
            }
        }
        PropertyId::Reference(id) => after.reference(id).is_none(),
        PropertyId::Collection(_) => true,
    }
}

fn is_self_service(entity: &Entity, property: PropertyId) -> bool {
    match property {
        PropertyId::Attribute(id) => entity.attribute(id).self_service,
        PropertyId::Reference(_) | PropertyId::Collection(_) => false,
    }
}

fn name(entity: &Entity, property: PropertyId) -> &str {
    match property {
        PropertyId::Attribute(id) => &entity.attribute(id).name,
        PropertyId::Reference(id) => &entity.reference(id).name,
        PropertyId::Collection(id) => &entity.collection(id).name,
    }
}

/// Where a record filter looks at an object: before it changes, and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// As the database has it: what is changed or deleted.
    Before,
    /// As it was written: what is new or changed.
    After,
}

/// Sees that objects are among the rows that the caller may write: record filters look at what is
/// stored. Nobody can move an object out of their reach, or into it.
pub(super) fn check_rows<S>(
    (caller, vouched): (&Caller, &[Uuid]),
    set: &ChangeSet<'_, S>,
    when: When,
    now: Timestamp,
    on: &mut impl Reads,
) -> Result<()> {
    let Some(user) = caller.user() else {
        return Ok(());
    };
    let (model, rights) = (set.model(), &caller.rights);
    let mut asked: BTreeMap<(EntityId, Kind), Vec<Uuid>> = BTreeMap::new();
    for object in set.objects() {
        let kind = match object.kind() {
            Kind::Nothing if is_asked(object) => Kind::Update,
            kind @ (Kind::Create | Kind::Update | Kind::Delete | Kind::Nothing) => kind,
        };
        let looked_at = match (kind, when) {
            (Kind::Create, When::After) | (Kind::Update, _) => true,
            (Kind::Delete, When::Before) => !goes_along(set, object),
            (Kind::Create, When::Before) | (Kind::Delete, When::After) | (Kind::Nothing, _) => {
                false
            }
        };
        // Their own row everybody may change a little, and end their tokens, which is seen to
        // elsewhere.
        let own = object.id == user && model.entity(object.entity).name == USERS;
        let own = own || ends_own_token(caller, model, object);
        if looked_at && !own && !vouched.contains(&object.id) {
            asked
                .entry((object.entity, kind))
                .or_default()
                .push(object.id);
        }
    }
    for ((entity, kind), ids) in asked {
        let rights = match kind {
            Kind::Create => &rights.create,
            Kind::Delete => &rights.delete,
            Kind::Update | Kind::Nothing => &rights.update,
        };
        let Some(visible) = bind::visible(model, rights, entity, now)? else {
            continue;
        };
        let expected = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        if on.count(model, &visible_of(entity, &ids, visible))? != expected {
            let set = &model.entity(entity).set;
            let message = format!("your rights do not reach all of these objects of `{set}`");
            return Err(Problem::new(Code::Forbidden, message));
        }
    }
    Ok(())
}

/// The visible rows among some.
fn visible_of(entity: EntityId, ids: &[Uuid], visible: SubQuery) -> Query {
    let key = key_of(entity);
    let visible = Predicate::Within {
        column: key,
        negated: false,
        query: Box::new(visible),
    };
    Query {
        predicate: among(key, ids).and(visible),
        ..all(entity, Vec::new())
    }
}
