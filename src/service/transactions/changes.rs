//! What a transaction has changed since its client was last told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Entry, State, Turn};
use crate::change::{self, Record};
use crate::diag::Result;
use crate::model::{AttributeRole, EntityId, Model, PropertyId};
use crate::service::write::{Seen, present};
use crate::service::{Caller, Service};
use crate::store::{Overlaid, Reads, Session};
use crate::value::{Timestamp, Value};

/// What became of an object since the client was last told.
struct Difference {
    entity: EntityId,
    id: Uuid,
    /// Whether the database has it.
    stored: bool,
    was: Option<Record>,
    is: Option<Record>,
}

/// What the client of a transaction is told, and who it is.
pub(in crate::service) struct Telling<'a> {
    pub(in crate::service) entry: &'a Entry,
    pub(in crate::service) state: &'a State,
    pub(in crate::service) caller: &'a Caller,
    /// The time of the request.
    pub(in crate::service) now: Timestamp,
}

impl Service {
    /// What a transaction has changed since the last call, as far as the caller may see it:
    /// `{"insert"|"update"|"delete":{"<set>":{"<id>":{"<attribute>":value}}}}`.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` where it tracks no changes; faults of the database.
    pub(in crate::service) fn tell_changes(
        &self,
        telling: &Telling<'_>,
        turn: &Turn<'_>,
        session: &mut Session,
    ) -> Result<Json> {
        let Telling {
            entry,
            state,
            caller,
            now,
        } = *telling;
        entry.check_tracks()?;
        let current = self.model_of(caller);
        entry.check_model(&current)?;
        let mut told = entry.told();
        let mut differences = Vec::new();
        for object in state.objects.iter() {
            let key = (object.entity, object.id);
            let before = object.before.as_ref().map(|stored| &stored.record);
            let was = match told.get(&key) {
                Some(told) => told.clone(),
                None => before.cloned(),
            };
            if was != object.after {
                told.insert(key, object.after.clone());
                differences.push(Difference {
                    entity: object.entity,
                    id: object.id,
                    stored: object.before.is_some(),
                    was,
                    is: object.after.clone(),
                });
            }
        }
        let model = &*current;
        let seen = Seen {
            model,
            rights: &caller.rights.read,
            now,
        };
        let stored = visible(&differences, seen, session)?;
        let mut over = Overlaid::new(session, model, &state.overlay);
        let here = visible(&differences, seen, &mut over)?;
        let targets = targets(model, &differences, seen, &mut over)?;
        let shown = differences.iter().filter(|difference| {
            let key = (difference.entity, difference.id);
            match difference.is {
                Some(_) => here.contains(&key),
                // Nobody but the caller has seen what was never stored.
                None => !difference.stored || stored.contains(&key),
            }
        });
        let words = Words {
            model,
            caller,
            targets,
        };
        let changes = words.all(shown);
        entry.tell(told, turn);
        Ok(changes)
    }
}

/// Kind of change, set, key, properties.
type Changes<'m> = BTreeMap<&'static str, BTreeMap<&'m str, BTreeMap<String, Map<String, Json>>>>;

/// Some objects by entity and key.
type Keys = BTreeSet<(EntityId, Uuid)>;

/// Which of the changed objects the caller may see.
fn visible(differences: &[Difference], seen: Seen<'_>, on: &mut impl Reads) -> Result<Keys> {
    let keys = differences.iter().map(|d| (d.entity, d.id));
    among(keys, seen, on)
}

/// Which of the objects that changed references lead to the caller may see.
fn targets(
    model: &Model,
    differences: &[Difference],
    seen: Seen<'_>,
    on: &mut impl Reads,
) -> Result<Keys> {
    let led_to = differences.iter().flat_map(|difference| {
        let of = model.entity(difference.entity);
        let targets = of.reference_ids().filter_map(|(id, reference)| {
            let target = difference.is.as_ref()?.reference(id)?;
            Some((reference.target, target))
        });
        targets.collect::<Vec<_>>()
    });
    among(led_to, seen, on)
}

/// Which of some objects the caller may see.
fn among(
    keys: impl Iterator<Item = (EntityId, Uuid)>,
    seen: Seen<'_>,
    on: &mut impl Reads,
) -> Result<Keys> {
    let mut by_entity: BTreeMap<EntityId, Vec<Uuid>> = BTreeMap::new();
    for (entity, id) in keys {
        by_entity.entry(entity).or_default().push(id);
    }
    let mut found = Keys::new();
    for (entity, mut ids) in by_entity {
        ids.sort_unstable();
        ids.dedup();
        let there = present(seen.model, on, (entity, &ids), Some(seen))?;
        found.extend(there.into_iter().map(|id| (entity, id)));
    }
    Ok(found)
}

/// Puts differences into words.
struct Words<'a> {
    model: &'a Model,
    caller: &'a Caller,
    /// What references may lead to, as far as the caller is concerned.
    targets: Keys,
}

impl Words<'_> {
    fn all<'d>(&self, differences: impl Iterator<Item = &'d Difference>) -> Json {
        let mut told = Changes::new();
        for difference in differences {
            let (kind, values) = match (&difference.was, &difference.is) {
                (None, Some(is)) => ("insert", self.values(difference.entity, None, is)),
                (Some(was), Some(is)) => ("update", self.values(difference.entity, Some(was), is)),
                (Some(_), None) => ("delete", Map::new()),
                (None, None) => continue,
            };
            // A change of what the caller may not see is none.
            if kind == "update" && values.is_empty() {
                continue;
            }
            let set = self.model.entity(difference.entity).set.as_str();
            let objects = told.entry(kind).or_default().entry(set).or_default();
            objects.insert(difference.id.to_string(), values);
        }
        json!(told)
    }

    /// The values that differ, or all that a new object has.
    fn values(&self, entity: EntityId, was: Option<&Record>, is: &Record) -> Map<String, Json> {
        let (model, of) = (self.model, self.model.entity(entity));
        let mut values = Map::new();
        for (id, attribute) in of.attribute_ids() {
            let value = is.value(id);
            let differs = match was {
                Some(was) => was.value(id) != value,
                None => *value != Value::Null,
            };
            let held = match attribute.role {
                AttributeRole::Stored | AttributeRole::Custom(_) => true,
                AttributeRole::Root => of.is_writable(entity, attribute),
                AttributeRole::Key | AttributeRole::DisplayText => false,
            };
            let open = !attribute.secret && self.shows(entity, PropertyId::Attribute(id));
            if differs && held && open {
                let json = change::value_json(model, Some(attribute), value);
                values.insert(attribute.name.clone(), json);
            }
        }
        for (id, reference) in of.reference_ids() {
            let target = is.reference(id);
            let differs = match was {
                Some(was) => was.reference(id) != target,
                None => target.is_some(),
            };
            if differs && self.shows(entity, PropertyId::Reference(id)) {
                let there = |target: &Uuid| self.targets.contains(&(reference.target, *target));
                let set = &model.entity(reference.target).set;
                let link = target
                    .filter(there)
                    .map(|target| json!({"@odata.id": format!("{set}({target})")}));
                values.insert(reference.name.clone(), link.unwrap_or_default());
            }
        }
        values
    }

    fn shows(&self, entity: EntityId, property: PropertyId) -> bool {
        !self.caller.rights.read.is_closed(entity, property)
    }
}
