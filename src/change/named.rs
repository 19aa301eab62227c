//! What requests name of an object: whether they may is judged by it, and not by what differs from
//! what is stored, which would tell what is stored.

use std::collections::HashSet;

use crate::model::PropertyId;

/// What requests ask to change of an object, whether or not it is so already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    asked: bool,
    properties: HashSet<PropertyId>,
}

impl Named {
    /// Notes that a change of the object is asked for.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// Notes that a change of a property is asked for.
    pub(super) fn note(&mut self, property: PropertyId) {
        self.asked = true;
        self.properties.insert(property);
    }

    /// Whether a change of the object is asked for, though it may be one of nothing.
    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// Whether a change of a property is asked for.
    pub fn has(&self, property: PropertyId) -> bool {
        self.properties.contains(&property)
    }

    /// About how many bytes of memory it takes beside itself.
    pub(super) fn weight(&self) -> usize {
        let each = size_of::<PropertyId>();
        self.properties.capacity().saturating_mul(each)
    }
}
