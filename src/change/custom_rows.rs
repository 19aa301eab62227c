//! The values of custom properties as objects of the entity that they are stored as.
//!
//! In memory they are values of their object; in the database each is a row of its own, whose key
//! follows from those of the object and of the property.

use uuid::Uuid;

use super::json::join;
use super::named::Named;
use super::record::{Record, Stored};
use super::set::Object;
use crate::model::{AttributeId, EntityId, Model, ReferenceId, custom_row};
use crate::value::{CustomValue, Value};

/// The properties of a value.
struct Values {
    entity: EntityId,
    item: AttributeId,
    table: AttributeId,
    value: AttributeId,
    value_id: AttributeId,
    description: AttributeId,
    property: ReferenceId,
}

impl Values {
    fn of(model: &Model) -> Option<Self> {
        let entity = model.custom_columns()?.table;
        let of = model.entity(entity);
        Some(Self {
            entity,
            item: of.attribute_named("EntityItemId")?,
            table: of.attribute_named("EntityName")?,
            value: of.attribute_named("Value")?,
            value_id: of.attribute_named("ValueId")?,
            description: of.attribute_named("Description")?,
            property: of.reference_named("Property")?,
        })
    }

    fn record(
        &self,
        model: &Model,
        (key, property): (Uuid, Uuid),
        object: &Object,
        value: CustomValue,
    ) -> Record {
        let mut record = Record::new(model.entity(self.entity), key);
        let table = model.entity(object.entity).table.clone();
        record.set(self.item, Value::Guid(object.id));
        record.set(self.table, Value::Text(table));
        record.point(self.property, Some(property));
        let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
        let described = (!value.description.is_empty()).then(|| value.description.to_json());
        record.set(self.description, text(described));
        record.set(self.value, text(value.value));
        record.set(self.value_id, value.id.map_or(Value::Null, Value::Guid));
        record
    }
}

/// The rows of custom properties that come, change or go with an object. Their versions are those of
/// its aggregate.
pub fn value_objects(model: &Model, object: &Object) -> Vec<Object> {
    let of = model.entity(object.entity);
    let mut customs = of.custom_ids().peekable();
    if customs.peek().is_none() {
        return Vec::new();
    }
    let Some(values) = Values::of(model) else {
        return Vec::new();
    };
    let version = object.before.as_ref().map_or(1, |stored| stored.version);
    let held = |record: &Record, id| match record.value(id) {
        Value::Text(text) => CustomValue::from_json(text),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Guid(_)
        | Value::Timestamp(_)
        | Value::Binary(_) => None,
    };
    let changed = customs.filter_map(|(id, custom)| {
        let before = object.before.as_ref();
        let before = before.and_then(|stored| held(&stored.record, id));
        let after = object.after.as_ref().and_then(|record| held(record, id));
        if before == after {
            return None;
        }
        let key = custom_row(custom.property, object.id);
        let record = |value| values.record(model, (key, custom.property), object, value);
        Some(Object {
            entity: values.entity,
            seen_as: values.entity,
            id: key,
            before: before.map(|value| Stored {
                entity: values.entity,
                id: key,
                record: record(value),
                root: key,
                version,
            }),
            after: after.map(record),
            root: key,
            request: object.last().0,
            path: join(object.last().1, &of.attribute(id).name),
            named: Named::default(),
            again: None,
        })
    });
    changed.collect()
}
