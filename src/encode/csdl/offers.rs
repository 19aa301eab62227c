//! What the service answers, of all that the model could do.

use crate::model::{Access, Entity, EntityId, Method, Model};

/// Levels of `$expand` and of lambdas, where no setting says more or less.
const LEVELS: u16 = 3;

/// The level of the history from which on it has values.
pub const VALUES: u8 = 3;

/// The one switch between what the model could do and what the service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// POST of an entity.
    pub insert: bool,
    /// PATCH and PUT of an entity.
    pub update: bool,
    /// DELETE of an entity.
    pub delete: bool,
    /// The methods that are built, by namespace and name. The model may declare more: a method
    /// appears in the documents when it is named here.
    pub operations: &'static [&'static str],
    /// `$batch`.
    pub batch: bool,
    /// Levels of `$expand`, and of `any` and `all`, at most.
    pub levels: u16,
}

impl Offers {
    /// Everything but methods, and these methods, which are built.
    pub const fn with(operations: &'static [&'static str]) -> Self {
        Self {
            insert: true,
            update: true,
            delete: true,
            operations,
            batch: true,
            levels: LEVELS,
        }
    }

    /// The same with so many levels.
    #[must_use]
    pub const fn levels(self, levels: u16) -> Self {
        Self { levels, ..self }
    }

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

    /// Whether the rows of a set are told as they change: the history has their values.
    pub fn tracks(self, entity: &Entity) -> bool {
        entity.track.is_some_and(|range| range.min >= VALUES)
    }

    /// Whether an operation can be called.
    pub fn calls(self, method: &Method) -> bool {
        let name = method.qualified();
        self.operations.iter().any(|built| *built == name)
    }
}

fn writable(entity: &Entity) -> bool {
    match entity.access {
        Access::ReadWrite => true,
        Access::ReadOnly => false,
    }
}
