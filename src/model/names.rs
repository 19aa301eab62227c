//! Names of properties: one name space per entity.

use super::{AttributeId, CollectionId, ReferenceId};

/// What a property name of an entity stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PropertyId {
    /// A value.
    Attribute(AttributeId),
    /// A to-one link.
    Reference(ReferenceId),
    /// A child collection.
    Collection(CollectionId),
}
