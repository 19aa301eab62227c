//! The stored properties of one object.

use uuid::Uuid;

use crate::model::{AttributeId, Entity, EntityId, ReferenceId};
use crate::value::Value;

/// The values of one object: attributes and references by their numbers.
///
/// Attributes without a column (`DisplayText`) are null; those of the aggregate root's row are
/// there in the root only.
#[derive(Clone, PartialEq)]
pub struct Record {
    attributes: Vec<Value>,
    references: Vec<Option<Uuid>>,
}

impl std::fmt::Debug for Record {
    /// Says that there is one, and nothing else: it may hold the hash of a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}

impl Record {
    /// An object of which only the key is known.
    pub fn new(entity: &Entity, id: Uuid) -> Self {
        let mut record = Self {
            attributes: vec![Value::Null; entity.attributes.len()],
            references: vec![None; entity.references.len()],
        };
        record.set(entity.key(), Value::Guid(id));
        record
    }

    /// The value of an attribute.
    pub fn value(&self, id: AttributeId) -> &Value {
        self.attributes.get(id.index()).unwrap_or(&Value::Null)
    }

    /// What a reference points at.
    pub fn reference(&self, id: ReferenceId) -> Option<Uuid> {
        self.references.get(id.index()).copied().flatten()
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        let texts: usize = self.attributes.iter().map(Value::weight).sum();
        let values = size_of_val(self.attributes.as_slice());
        let references = size_of_val(self.references.as_slice());
        texts.saturating_add(values).saturating_add(references)
    }

    /// Sets the value of an attribute.
    pub fn set(&mut self, id: AttributeId, value: Value) {
        if let Some(slot) = self.attributes.get_mut(id.index()) {
            *slot = value;
        }
    }

    /// Sets what a reference points at.
    pub fn point(&mut self, id: ReferenceId, target: Option<Uuid>) {
        if let Some(slot) = self.references.get_mut(id.index()) {
            *slot = target;
        }
    }
}

/// An object as the database has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its entity.
    pub entity: EntityId,
    /// Its key.
    pub id: Uuid,
    /// Its values.
    pub record: Record,
    /// The key of its aggregate root: its own where it is one.
    pub root: Uuid,
    /// The version of its aggregate.
    pub version: i64,
}
