//! Deleting an object with everything that belongs to it.

use uuid::Uuid;

use super::apply::Applier;
use super::lookup::Criterion;
use super::set::{Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, ReferenceId};

impl Applier<'_, '_> {
    /// Deletes an object and the children of its aggregate. Whether others still point at them is
    /// seen when the request ends.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no such object, `MethodNotAllowed` where its entity is read only.
    pub fn delete(&mut self, entity: EntityId, id: Uuid, path: &str) -> Result<()> {
        let place = self.must_open(entity, id, path)?;
        self.allowed(Kind::Delete, place)
            .map_err(|p| p.inside(path))?;
        self.remove(place, path)
    }

    /// Deletes an object of the set with what belongs to it, whether the caller may see that or not:
    /// an aggregate goes whole.
    fn remove(&mut self, place: usize, path: &str) -> Result<()> {
        let model = self.model();
        let Some(object) = self.set.object_mut(place) else {
            return Ok(());
        };
        let (entity, id) = (object.entity, object.id);
        let of = model.entity(entity);
        if !of.is_open() {
            // A payload around it may name an object that has no address for changes.
            let message = format!("`{}` cannot be written", of.set);
            return Err(Problem::new(Code::MethodNotAllowed, message).inside(path));
        }
        object.after = None;
        let was_stored = object.before.is_some();
        for collection in of.collections.iter().filter(|c| c.owned) {
            let limit = was_stored.then_some(None);
            for child in self.pointing(collection.target, collection.back, id, limit)? {
                if let Some(place) = self.open_unseen(collection.target, child)? {
                    self.remove(place, path)?;
                }
            }
        }
        Ok(())
    }

    /// The objects whose reference points at an object once the change set is done: at most `limit`
    /// of those in the database, or none of them.
    pub(super) fn pointing(
        &mut self,
        entity: EntityId,
        reference: ReferenceId,
        id: Uuid,
        limit: Option<Option<u64>>,
    ) -> Result<Vec<Uuid>> {
        let criterion = Criterion::PointsAt(reference, vec![id]);
        let model = self.model();
        let mine = self.set.objects.iter();
        let mine: Vec<_> = mine.filter(|o| model.is_a(o.entity, entity)).collect();
        let holds = |o: &&Object| {
            let record = o.after.as_ref();
            record.is_some_and(|r| criterion.holds(model, entity, (o.entity, o.id), r))
        };
        let mut found: Vec<Uuid> = mine.iter().copied().filter(holds).map(|o| o.id).collect();
        let Some(limit) = limit else {
            return Ok(found);
        };
        // Those of the set are not counted: they are as the set says.
        let more = u64::try_from(mine.len()).unwrap_or(u64::MAX);
        let limit = limit.map(|limit| limit.saturating_add(more));
        for object in self.lookup.all(entity, &[criterion], limit)? {
            if self.set.place(object.entity, object.id).is_none() {
                found.push(object.id);
            }
        }
        Ok(found)
    }

    /// What still points at objects that go: each a fault, with the request that deleted the object.
    pub(super) fn left_behind(&mut self) -> Result<Vec<(usize, Problem)>> {
        let mut faults = Vec::new();
        let gone = self.set.objects.iter().filter(|o| o.kind() == Kind::Delete);
        let gone: Vec<_> = gone
            .map(|o| (o.entity, o.id, o.request, o.path.clone()))
            .collect();
        for (entity, id, request, path) in gone {
            let mut at = Some(entity);
            while let Some(target) = at {
                let found = self.referring(target, id)?;
                faults.extend(found.into_iter().map(|p| (request, p.inside(&path))));
                at = self.model().entity(target).base;
            }
        }
        Ok(faults)
    }

    /// What refers to an object that goes. What the caller may not see is not named, and counts once.
    fn referring(&mut self, target: EntityId, id: Uuid) -> Result<Vec<Problem>> {
        let model = self.model();
        let mut faults = Vec::new();
        let (set, mut unseen) = (&model.entity(target).set, false);
        for (entity, reference) in model.referrers(target) {
            let of = model.entity(*entity);
            if of.view {
                continue;
            }
            let found = self.pointing(*entity, *reference, id, Some(Some(1)))?;
            let Some(first) = found.first() else {
                continue;
            };
            if self.may_name(*entity, *first, *reference, id)? {
                let name = &of.reference(*reference).name;
                let message = format!(
                    "`{}({id})` cannot be deleted: `{name}` of `{}({first})` refers to it",
                    set, of.set
                );
                let problem = Problem::new(Code::StillReferenced, message);
                faults.push(problem.about(format!("{}/{name}", of.set)));
            } else {
                unseen = true;
            }
        }
        if unseen {
            let message = format!("`{set}({id})` cannot be deleted: something refers to it");
            faults.push(Problem::new(Code::StillReferenced, message));
        }
        Ok(faults)
    }

    /// Whether the caller may see that an object points at another.
    fn may_name(
        &mut self,
        entity: EntityId,
        id: Uuid,
        reference: ReferenceId,
        target: Uuid,
    ) -> Result<bool> {
        let model = self.model();
        let known = self.set.object(entity, id);
        if known.is_some_and(|object| model.is_a(object.seen_as, entity)) {
            return Ok(true);
        }
        let criteria = [
            Criterion::Keys(vec![id]),
            Criterion::PointsAt(reference, vec![target]),
        ];
        match self.lookup.objects(entity, &criteria, Some(1)) {
            Ok(found) => Ok(!found.is_empty()),
            // They may not read the reference.
            Err(problem) if problem.code() == Code::AttributeNotReadable => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// Sees that every reference that was set leads to an object.
    pub(super) fn check_pending(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        let model = self.model();
        pending.retain(|p| match self.set.object(p.target, p.id) {
            Some(object) => object.after.is_none() || !model.is_a(object.seen_as, p.target),
            None => !self.known.contains(&(p.target, p.id)),
        });
        while let Some(target) = pending.first().map(|p| p.target) {
            let ids: Vec<Uuid> = {
                let mut ids: Vec<_> = pending.iter().filter(|p| p.target == target).collect();
                ids.sort_unstable_by_key(|p| p.id);
                ids.dedup_by_key(|p| p.id);
                ids.iter().map(|p| p.id).collect()
            };
            let mut present = self.lookup.present(target, &ids)?;
            present.retain(|id| {
                let object = self.set.object(target, *id);
                object.is_none_or(|o| o.after.is_some())
            });
            self.known.extend(present.iter().map(|id| (target, *id)));
            for missing in pending.extract_if(.., |p| p.target == target) {
                if !present.contains(&missing.id) {
                    let set = &model.entity(target).set;
                    let message = format!("there is no `{set}({})`", missing.id);
                    let problem = Problem::new(Code::UnknownReference, message);
                    self.faults.push(problem.about(missing.path));
                }
            }
        }
        Ok(())
    }
}
