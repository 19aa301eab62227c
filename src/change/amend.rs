//! What business rules change in a checked set, so that it stays checked.

use uuid::Uuid;

use super::check::{Author, complete, missing};
use super::default;
use super::lookup::Lookup;
use super::named::Named;
use super::set::{ChangeSet, Checked, Object};
use crate::diag::{Problem, Result};
use crate::model::{AttributeId, EntityId, PropertyId};
use crate::value::Value;

impl ChangeSet<'_, Checked> {
    /// Sets an attribute of an object that stays. The value is one that the model allows.
    pub fn amend(&mut self, place: usize, attribute: AttributeId, value: Value) {
        let record = self.object_mut(place).and_then(|o| o.after.as_mut());
        if let Some(record) = record {
            record.set(attribute, value);
        }
    }

    /// Adds a new object, an aggregate of its own, on behalf of another object's request.
    ///
    /// # Errors
    ///
    /// What the object lacks; faults of the database.
    pub fn add_new(
        &mut self,
        (entity, id): (EntityId, Uuid),
        values: Vec<(PropertyId, Value)>,
        because_of: usize,
        author: &Author,
        lookup: &mut dyn Lookup,
    ) -> Result<()> {
        let mut record = default::record(self.model, entity, id, author.now, lookup)?;
        for (property, value) in values {
            match (property, value) {
                (PropertyId::Attribute(attribute), value) => record.set(attribute, value),
                (PropertyId::Reference(reference), Value::Guid(target)) => {
                    record.point(reference, Some(target));
                }
                (PropertyId::Reference(_) | PropertyId::Collection(_), _) => {}
            }
        }
        let request = self.objects.get(because_of).map_or(0, |o| o.last().0);
        let mut object = Object {
            entity,
            seen_as: entity,
            id,
            before: None,
            after: Some(record),
            root: id,
            request,
            path: String::new(),
            named: Named::default(),
            again: None,
        };
        complete(self.model, &mut object, author);
        if let Some(problem) = Problem::all(missing(self.model, &object)) {
            return Err(problem);
        }
        self.add(object);
        Ok(())
    }
}
