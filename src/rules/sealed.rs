//! A set of changes that no rule refused.

use uuid::Uuid;

use crate::change::{ChangeSet, Checked, Kind};
use crate::model::{EntityId, Model};

/// Ready to be written.
///
/// INVARIANT: only [`super::run()`] makes one.
#[derive(Debug)]
pub struct Sealed<'m>(ChangeSet<'m, Checked>);

impl<'m> Sealed<'m> {
    pub(super) fn new(set: ChangeSet<'m, Checked>) -> Self {
        Self(set)
    }

    /// What is written.
    pub fn set(&self) -> &ChangeSet<'m, Checked> {
        &self.0
    }

    /// The version of an object's aggregate once it is written; nothing for an object that is not
    /// in the set.
    pub fn version(&self, entity: EntityId, id: Uuid) -> Option<i64> {
        let (set, model) = (&self.0, self.model());
        let object = set.object(entity, id)?;
        let root_entity = model.entity(object.entity).root;
        let raised = set.objects().iter().any(|o| {
            let before = o.before.as_ref().map(|stored| stored.root);
            let mine = o.root == object.root || before == Some(object.root);
            mine && o.kind() != Kind::Nothing && model.entity(o.entity).root == root_entity
        });
        let before = match set.object(root_entity, object.root) {
            Some(root) => root.before.as_ref(),
            // Nothing in the aggregate changes.
            None => object.before.as_ref(),
        };
        Some(before.map_or(1, |stored| stored.version + i64::from(raised)))
    }

    /// The model of what is written.
    pub fn model(&self) -> &'m Model {
        self.0.model()
    }
}
