//! What the service answers, of all that the model could do.

use crate::model::{Access, Entity, EntityId, Method, Model};

/// The one switch between what the model could do and what the service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// POST of an entity.
    pub insert: bool,
    /// PATCH and PUT of an entity.
    pub update: bool,
    /// DELETE of an entity.
    pub delete: bool,
    /// The bound operations that are built, by namespace and name. The model declares more: an
    /// operation appears in the documents when it is named here.
    pub operations: &'static [&'static str],
    /// `$batch`.
    pub batch: bool,
}

impl Offers {
    /// What this version of the service offers.
    pub const NOW: Self = Self {
        insert: true,
        update: true,
        delete: true,
        operations: &[
            "Ext.BeginSecondFactor",
            "Ext.ConfirmEmail",
            "Ext.ConfirmSecondFactor",
            "Ext.IssueToken",
            "Ext.RemoveSecondFactor",
            "Ext.RevokeSessions",
            "Ext.RevokeToken",
            "Ext.SetPassword",
            "Ext.SetSecret",
            "Ext.Unlock",
        ],
        batch: true,
    };

    /// Whether a set takes new entities. One of a base entity takes those that extend it.
    pub fn inserts(self, entity: &Entity) -> bool {
        self.insert && writable(entity)
    }

    /// Whether entities can be created as they are, not only as ones that extend them.
    pub fn creates(self, model: &Model, id: EntityId) -> bool {
        self.inserts(model.entity(id)) && model.derived(id).is_empty()
    }

    /// Whether entities of a set can be changed.
    pub fn updates(self, entity: &Entity) -> bool {
        self.update && writable(entity)
    }

    /// Whether entities of a set can be deleted.
    pub fn deletes(self, entity: &Entity) -> bool {
        self.delete && writable(entity)
    }

    /// Whether an operation can be called.
    pub fn calls(self, method: &Method) -> bool {
        let is_it = |name: &&str| {
            name.split_once('.')
                .is_some_and(|(space, name)| space == method.namespace && name == method.name)
        };
        self.operations.iter().any(is_it)
    }
}

fn writable(entity: &Entity) -> bool {
    match entity.access {
        Access::ReadWrite => true,
        Access::ReadOnly => false,
    }
}
