//! The objects that one transaction changes, from the draft to the checked set.

use std::collections::HashMap;

use uuid::Uuid;

use super::named::Named;
use super::record::{Record, Stored};
use crate::model::{EntityId, Model};

/// Objects of one transaction beyond which payloads may not make or find more: others wait meanwhile.
pub(super) const MOST_OBJECTS: usize = 10_000;

/// Still open: values may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Draft;

/// Every object is whole and meets what the model says.
///
/// INVARIANT: only [`super::Applier::check`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Checked(pub(super) ());

/// The objects that a transaction changes. `S` says how far it is: what is not checked cannot be
/// written.
#[derive(Debug)]
pub struct ChangeSet<'m, S = Draft> {
    pub(super) model: &'m Model,
    pub(super) objects: Vec<Object>,
    pub(super) places: HashMap<(EntityId, Uuid), usize>,
    /// The places of the objects of a family, rising.
    pub(super) families: HashMap<EntityId, Vec<usize>>,
    pub(super) stage: std::marker::PhantomData<S>,
}

/// One object: how the database has it, and how it will be.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its entity, the most derived one.
    pub entity: EntityId,
    /// The entity by which the caller sees it: its own, or a base where it is hidden as what it is.
    pub seen_as: EntityId,
    /// Its key.
    pub id: Uuid,
    /// As it is in the database; nothing where it is new.
    pub before: Option<Stored>,
    /// As it will be; nothing where it goes.
    pub after: Option<Record>,
    /// The key of its aggregate root.
    pub root: Uuid,
    /// The request that touched it first.
    pub request: usize,
    /// Its place in the payload of that request.
    pub path: String,
    /// What requests ask to change of it.
    pub named: Named,
    /// A later request that changed it last, and its place in the payload of that one.
    pub(super) again: Option<(usize, String)>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is new.
    Create,
    /// It changes.
    Update,
    /// It goes.
    Delete,
    /// Nothing: it was only looked at, or changed to what it was.
    Nothing,
}

impl Object {
    /// The request that changed it last, and its place in the payload of that one: what it became
    /// is of that request.
    pub fn last(&self) -> (usize, &str) {
        let again = self.again.as_ref();
        again.map_or((self.request, &self.path), |(request, path)| {
            (*request, path)
        })
    }

    /// Notes that a request changes it.
    pub(super) fn touch(&mut self, request: usize, path: &str) {
        let (last, _) = self.last();
        if last < request {
            self.again = Some((request, path.to_owned()));
        }
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        let before = self.before.as_ref().map(|stored| &stored.record);
        let records = before.into_iter().chain(&self.after);
        let records: usize = records.map(Record::weight).sum();
        let named = self.named.weight();
        records
            .saturating_add(named)
            .saturating_add(size_of::<Self>())
    }

    /// What happens to it.
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, Some(_)) => Kind::Create,
            (Some(before), Some(after)) if before.record != *after => Kind::Update,
            (Some(_), None) => Kind::Delete,
            (Some(_), Some(_)) | (None, None) => Kind::Nothing,
        }
    }
}

impl<'m, S> ChangeSet<'m, S> {
    /// The model of the objects.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// The objects, in the order in which they were touched.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// An object by its key. An object of a base entity and one of a derived entity with the same
    /// key are the same object.
    pub fn object(&self, entity: EntityId, id: Uuid) -> Option<&Object> {
        self.objects.get(self.place(entity, id)?)
    }

    /// The number of an object.
    pub fn place(&self, entity: EntityId, id: Uuid) -> Option<usize> {
        self.places.get(&(self.model.family(entity), id)).copied()
    }

    /// The objects of an entity and of what is derived from it, in the order in which they were
    /// touched.
    pub fn objects_of(&self, entity: EntityId) -> impl Iterator<Item = &Object> {
        let places = self.families.get(&self.model.family(entity));
        let objects = places.into_iter().flatten();
        objects
            .filter_map(|place| self.objects.get(*place))
            .filter(move |object| self.model.is_a(object.entity, entity))
    }

    /// Whether anything changes at all.
    pub fn is_empty(&self) -> bool {
        self.objects.iter().all(|o| o.kind() == Kind::Nothing)
    }

    pub(super) fn object_mut(&mut self, place: usize) -> Option<&mut Object> {
        self.objects.get_mut(place)
    }

    pub(super) fn add(&mut self, object: Object) -> usize {
        let place = self.objects.len();
        let family = self.model.family(object.entity);
        self.places.insert((family, object.id), place);
        self.families.entry(family).or_default().push(place);
        self.objects.push(object);
        place
    }

    pub(super) fn into_stage<T>(self) -> ChangeSet<'m, T> {
        ChangeSet {
            model: self.model,
            objects: self.objects,
            places: self.places,
            families: self.families,
            stage: std::marker::PhantomData,
        }
    }
}

impl<'m> ChangeSet<'m, Draft> {
    /// Nothing changes yet.
    pub fn new(model: &'m Model) -> Self {
        Self::resume(model, Vec::new())
    }

    /// Goes on with the objects of an earlier set.
    pub fn resume(model: &'m Model, objects: Vec<Object>) -> Self {
        let mut set = Self {
            model,
            objects: Vec::with_capacity(objects.len()),
            places: HashMap::with_capacity(objects.len()),
            families: HashMap::new(),
            stage: std::marker::PhantomData,
        };
        for object in objects {
            set.add(object);
        }
        set
    }

    /// The objects, to go on with later: those that change, and others that `stays` wants. From
    /// then on their place is their address.
    pub fn into_objects(self, stays: impl Fn(&Object) -> bool) -> Vec<Object> {
        let Self { model, objects, .. } = self;
        let kept = |object: &Object| object.kind() != Kind::Nothing || stays(object);
        let objects = objects.into_iter().filter(kept);
        let resting = objects.map(|object| Object {
            request: 0,
            path: format!("{}({})", model.entity(object.entity).set, object.id),
            again: None,
            ..object
        });
        resting.collect()
    }
}
