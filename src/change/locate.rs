//! Which object a draft means.

use uuid::Uuid;

use super::apply::{Applier, Owner};
use super::draft::{Draft, Given, Link, SearchKeys};
use super::lookup::Criterion;
use super::record::Record;
use crate::diag::{Code, Problem, Result};
use crate::model::{
    AttributeId, DisplayPart, Entity, EntityId, MemberPath, Model, PropertyId, ReferenceId, View,
};
use crate::value::{MultilanguageString, Value};

/// Objects that are read to see whether more than one fits.
const ENOUGH: u64 = 2;

impl Applier<'_, '_> {
    /// The object that a draft means: the first by rising key, or with `single` the only one.
    pub(super) fn locate(
        &mut self,
        draft: &Draft,
        owner: Option<Owner>,
        single: bool,
    ) -> Result<Option<(EntityId, Uuid)>> {
        let Some(mut criteria) = self.criteria(draft, owner)? else {
            return Ok(None);
        };
        // A key says enough; what is found by its looks is a child of this parent only.
        if let Some(owner) = owner
            && !matches!(criteria.as_slice(), [Criterion::Keys(_)])
        {
            criteria.push(Criterion::PointsAt(owner.back, vec![owner.id]));
        }
        let mut found = self.matching(draft.entity, &criteria)?;
        found.sort_unstable();
        if single && found.len() > 1 {
            let set = &self.model().entity(draft.entity).set;
            let message = format!("more than one object of `{set}` fits");
            let problem = Problem::new(Code::AmbiguousReference, message);
            return Err(problem.inside(&draft.path));
        }
        Ok(found.first().map(|id| (draft.entity, *id)))
    }

    /// Whether a key that a client chose is that of another object, also of one that the caller does
    /// not see: the database would refuse it, and tell no more. Roots share their keys, whatever
    /// their entity: history and files name them by it.
    pub(super) fn is_taken(&mut self, entity: EntityId, id: Uuid) -> Result<bool> {
        let model = self.model();
        let mut all = model.entities();
        let all = all.find(|(all, _)| model.table(*all).view_of == Some(View::AggregateRoots));
        let Some((all, _)) = all.filter(|_| model.entity(entity).root == entity) else {
            return Ok(!self.lookup.taken(entity, &[id])?.is_empty());
        };
        let new = model.object_roots().any(|(root, _)| {
            let object = self.set.object(root, id);
            object.is_some_and(|o| o.after.is_some())
        });
        Ok(new || !self.lookup.taken(all, &[id])?.is_empty())
    }

    /// The keys of the objects that meet all criteria once the change set is done.
    fn matching(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Uuid>> {
        let model = self.model();
        // Objects of the set are as the set says, not as the database does.
        let mine = |e: EntityId| model.is_a(e, entity);
        let touched = self.set.objects.iter();
        let touched: Vec<_> = touched.filter(|o| mine(o.seen_as)).collect();
        // Those of them that the database has may be among what it finds.
        let stored = touched.iter().filter(|o| o.before.is_some()).count();
        let limit = ENOUGH.saturating_add(u64::try_from(stored).unwrap_or(u64::MAX));
        let mut found: Vec<Uuid> = touched
            .iter()
            .filter(|o| {
                let holds = |r: &Record| {
                    let mut all = criteria.iter();
                    all.all(|c| c.holds(model, entity, (o.entity, o.id), r))
                };
                o.after.as_ref().is_some_and(holds)
            })
            .map(|o| o.id)
            .collect();
        for stored in self.lookup.objects(entity, criteria, Some(limit))? {
            if self.set.place(stored.entity, stored.id).is_none() {
                found.push(stored.id);
            }
        }
        Ok(found)
    }

    /// What the object has to meet; nothing where the draft says nothing that could find it.
    fn criteria(&self, draft: &Draft, owner: Option<Owner>) -> Result<Option<Vec<Criterion>>> {
        let entity = self.model().entity(draft.entity);
        if let Some(keys) = &draft.find_by {
            return self
                .by_keys(entity, keys)
                .map_err(|p| p.inside(&draft.path));
        }
        if let Some(id) = draft.id.filter(|_| !draft.id_is_made) {
            return Ok(Some(vec![Criterion::Keys(vec![id])]));
        }
        // Children are told apart by what makes them unique in their parent.
        if owner.is_some()
            && let Some(criteria) = self.by_unique(entity, draft)
        {
            return Ok(Some(criteria));
        }
        // A part of a name is enough to find a child, but not to take it for the one that is meant.
        let named_only = owner.is_none() || self.only_searches(draft);
        let own = SearchKeys {
            external_id: self.text_of(draft, entity.attribute_named("ExternalId")),
            external_system: self.text_of(draft, entity.attribute_named("ExternalSystem")),
            id: None,
            code: self.text_of(draft, direct(entity.code.as_ref())),
            name: named_only
                .then(|| self.text_of(draft, direct(entity.name_member.as_ref())))
                .flatten(),
            display_text: draft.display_text.clone(),
        };
        if own == SearchKeys::default() || own.external_id.is_none() && own.has_system_only() {
            return Ok(None);
        }
        self.by_keys(entity, &own)
            .map_err(|p| p.inside(&draft.path))
    }

    /// The first of the keys that is there decides.
    fn by_keys(&self, entity: &Entity, keys: &SearchKeys) -> Result<Option<Vec<Criterion>>> {
        let text = |text: &String| Value::Text(text.clone());
        if let Some(id) = &keys.external_id {
            let attribute = must(entity, entity.attribute_named("ExternalId"), "ExternalId")?;
            let mut criteria = vec![Criterion::Equal(attribute, text(id))];
            if let Some(system) = &keys.external_system {
                let attribute = must(
                    entity,
                    entity.attribute_named("ExternalSystem"),
                    "ExternalSystem",
                )?;
                criteria.push(Criterion::Equal(attribute, text(system)));
            }
            return Ok(Some(criteria));
        }
        if let Some(id) = keys.id {
            return Ok(Some(vec![Criterion::Keys(vec![id])]));
        }
        if let Some(code) = &keys.code {
            let attribute = must(entity, direct(entity.code.as_ref()), "Code")?;
            return Ok(Some(vec![Criterion::Equal(attribute, text(code))]));
        }
        if let Some(name) = &keys.name {
            let attribute = must(entity, direct(entity.name_member.as_ref()), "Name")?;
            return Ok(Some(vec![Criterion::Contains(attribute, name.clone())]));
        }
        if let Some(display) = &keys.display_text {
            let attribute = match entity.display.as_slice() {
                [DisplayPart::Member(member)] => direct(Some(member)),
                _ => None,
            };
            let attribute = must(entity, attribute, "DisplayText")?;
            return Ok(Some(vec![Criterion::Equal(attribute, text(display))]));
        }
        let message = "`@erpnet.findBy` names nothing to find by";
        Err(Problem::new(Code::InvalidPayload, message).about("@erpnet.findBy"))
    }

    /// The members of a unique index, where the draft gives all of them but the parent.
    fn by_unique(&self, entity: &Entity, draft: &Draft) -> Option<Vec<Criterion>> {
        let table = self.model().table(draft.entity);
        let columns = |index: &crate::model::Index| -> Option<Vec<Criterion>> {
            let members = index.columns.iter().map(|no| {
                let attributes = entity.attribute_ids().filter_map(|(id, _)| {
                    let stored = entity.stored(id)?;
                    let this = stored.column == *no || stored.shadow == Some(*no);
                    this.then_some(PropertyId::Attribute(id))
                });
                let references = entity
                    .reference_ids()
                    .filter(|(id, _)| entity.stored_reference(*id).column == *no)
                    .map(|(id, _)| PropertyId::Reference(id));
                attributes.chain(references).next()
            });
            let owner = entity.parent;
            let mut criteria = Vec::new();
            for member in members {
                match member? {
                    PropertyId::Reference(id) if Some(id) == owner => {}
                    PropertyId::Reference(id) => criteria.push(linked(draft, id)?),
                    PropertyId::Attribute(id) => criteria.push(valued(draft, id)?),
                    PropertyId::Collection(_) => return None,
                }
            }
            (!criteria.is_empty()).then_some(criteria)
        };
        table.indexes.iter().filter(|i| i.unique).find_map(columns)
    }

    /// Whether a draft gives nothing but what finds it.
    pub(super) fn only_searches(&self, draft: &Draft) -> bool {
        let model: &Model = self.model();
        let entity = model.entity(draft.entity);
        let finders = [
            direct(entity.code.as_ref()),
            direct(entity.name_member.as_ref()),
            entity.attribute_named("ExternalId"),
            entity.attribute_named("ExternalSystem"),
        ];
        let searching = |id: &AttributeId| finders.contains(&Some(*id));
        let given = draft.id.is_some()
            || draft.find_by.is_some()
            || draft.display_text.is_some()
            || !draft.found_by.is_empty()
            || !draft.values.is_empty();
        given
            && draft.references.is_empty()
            && draft.collections.is_empty()
            && draft.secret.is_none()
            && draft.values.iter().all(|(id, _)| searching(id))
    }

    /// The text of an attribute in a draft; of a multi-language text, that of its first language.
    fn text_of(&self, draft: &Draft, id: Option<AttributeId>) -> Option<String> {
        let id = id?;
        let mut given = draft.values.iter().chain(&draft.found_by);
        let (_, given) = given.find(|(known, _)| *known == id)?;
        match given {
            Given::Languages(texts) => texts.iter().find_map(|(_, text)| text.clone()),
            Given::Value(Value::Text(text)) => Some(
                MultilanguageString::from_json(text)
                    .and_then(|all| all.iter().next().map(|(_, text)| text.to_owned()))
                    .unwrap_or_else(|| text.clone()),
            ),
            Given::Value(
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Guid(_)
                | Value::Timestamp(_)
                | Value::Binary(_),
            )
            | Given::Custom(_) => None,
        }
    }
}

impl SearchKeys {
    /// Whether there is nothing but a system, which finds nothing by itself.
    fn has_system_only(&self) -> bool {
        let Self {
            external_id,
            external_system: _,
            id,
            code,
            name,
            display_text,
        } = self;
        external_id.is_none()
            && id.is_none()
            && code.is_none()
            && name.is_none()
            && display_text.is_none()
    }
}

/// The attribute of a member that is the entity's own.
fn direct(member: Option<&MemberPath>) -> Option<AttributeId> {
    let member = member?;
    member.references.is_empty().then_some(member.attribute)
}

fn must(entity: &Entity, found: Option<AttributeId>, what: &str) -> Result<AttributeId> {
    found.ok_or_else(|| {
        let message = format!("objects of `{}` cannot be found by `{what}`", entity.set);
        Problem::new(Code::InvalidPayload, message).about("@erpnet.findBy")
    })
}

/// What a draft says of a reference, as a criterion.
fn linked(draft: &Draft, id: ReferenceId) -> Option<Criterion> {
    match draft.references.iter().find(|(known, _)| *known == id) {
        Some((_, Link::To(_, target))) => Some(Criterion::PointsAt(id, vec![*target])),
        Some((_, Link::Null)) => Some(Criterion::PointsNowhere(id)),
        // Where it points is known only when that object is placed.
        Some((_, Link::Object(inner))) => match (inner.id, inner.id_is_made) {
            (Some(target), false) => Some(Criterion::PointsAt(id, vec![target])),
            _ => None,
        },
        None => Some(Criterion::PointsNowhere(id)),
    }
}

/// What a draft says of an attribute, as a criterion.
fn valued(draft: &Draft, id: AttributeId) -> Option<Criterion> {
    match draft.values.iter().find(|(known, _)| *known == id) {
        Some((_, Given::Value(value))) if *value != Value::Null => {
            Some(Criterion::Equal(id, value.clone()))
        }
        Some((_, Given::Value(_) | Given::Languages(_) | Given::Custom(_))) | None => None,
    }
}
