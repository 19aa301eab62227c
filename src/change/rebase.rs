//! Changes that rest on an earlier state, put onto the state of now.

use super::record::Stored;
use super::set::{ChangeSet, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use uuid::Uuid;

impl ChangeSet<'_> {
    /// The stored objects that the changes rest on: entity and key, in the order of keys.
    pub fn grounds(&self) -> Vec<(EntityId, Uuid)> {
        let rests = self.objects.iter().filter(|o| o.before.is_some());
        let mut all: Vec<_> = rests.map(|o| (o.entity, o.id)).collect();
        all.sort_unstable();
        all
    }

    /// Puts the changes of an object onto how the database has it now. The version of its aggregate
    /// must still be the same; values that rise without one, such as a count of failed sign-ins,
    /// are taken as they are now.
    ///
    /// # Errors
    ///
    /// `PreconditionFailed` where somebody else has changed or deleted it since it was read.
    pub fn rebase(&mut self, entity: EntityId, id: Uuid, now: Option<Stored>) -> Result<()> {
        let model = self.model;
        let Some(object) = self.place(entity, id).and_then(|p| self.object_mut(p)) else {
            return Ok(());
        };
        let Some(before) = &object.before else {
            return Ok(());
        };
        let what = match &now {
            None => "is not there any more",
            Some(now) if now.version != before.version || now.root != before.root => {
                "was changed by somebody else"
            }
            Some(_) => {
                merge(model, object, now);
                return Ok(());
            }
        };
        let set = &model.entity(entity).set;
        let message = format!("`{set}({id})` {what} since the transaction has read it");
        Err(Problem::new(Code::PreconditionFailed, message)
            .about(format!("{set}({id})"))
            .help("end the transaction with `commit` false, and begin another one"))
    }
}

/// Takes what the changes leave alone from the state of now.
fn merge(model: &Model, object: &mut Object, now: Option<Stored>) {
    let of = model.entity(object.entity);
    if let (Some(before), Some(now), Some(after)) = (&object.before, &now, &mut object.after) {
        for (id, _) in of.attribute_ids() {
            if before.record.value(id) == after.value(id) {
                after.set(id, now.record.value(id).clone());
            }
        }
        for (id, _) in of.reference_ids() {
            if before.record.reference(id) == after.reference(id) {
                after.point(id, now.record.reference(id));
            }
        }
    }
    object.before = now;
}
