//! `Ext.GetDataObject()` of a notification: which object it is about.
//!
//! Notifications point at the line of the object in the list of all objects, which administrators
//! alone may read. Whoever reads a notification may know what it is about: the repository, the set
//! and the key, and nothing else of that line. The object itself is under the rights of its set.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Arguments, Asked, Function, Question, reference, repository};
use crate::change::{Criterion, Facts, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, PropertyId};
use crate::value::Value;

const OBJECTS: &str = "Systems.Core.ExtensibleDataObjects";
const REFERENCE: &str = "DataObject";

/// See the module.
#[derive(Debug)]
pub(super) struct GetDataObject;

/// A call, which takes no arguments.
#[derive(Debug)]
struct Prepared;

impl Function for GetDataObject {
    fn name(&self) -> &'static str {
        "Ext.GetDataObject"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared))
    }
}

impl Question for Prepared {
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        let Some((entity, id)) = asked.object else {
            return Err(Problem::new(Code::Internal, "the function needs an object"));
        };
        let model = asked.model;
        let to = reference(model.entity(entity), REFERENCE)?;
        if asked.data.is_closed(entity, PropertyId::Reference(to)) {
            let message = format!("`{REFERENCE}` is closed: you may not read it");
            return Err(Problem::new(Code::AttributeNotReadable, message).about(REFERENCE));
        }
        let notification = one(asked, entity, id)?;
        let line = match notification.and_then(|found| found.record.reference(to)) {
            Some(line) => one(asked, repository(model, OBJECTS)?, line)?,
            None => None,
        };
        // It may be gone, and so may its entity.
        let about = line.and_then(|line| {
            let facts = Facts {
                model,
                entity: model.entity(line.entity),
                record: &line.record,
            };
            let name = facts.text("EntityType")?;
            let set = &model.entity(model.repository(name)?).set;
            let id = key(facts.value("EntityItemId"))?;
            Some(json!({"repository": name, "set": set, "id": id.to_string()}))
        });
        Ok(about.unwrap_or_else(|| json!({"repository": null, "set": null, "id": null})))
    }
}

/// The object of a key, where there is one.
fn one(asked: &mut Asked<'_>, entity: EntityId, id: Uuid) -> Result<Option<Stored>> {
    let found = asked.data.look(entity, &[Criterion::Keys(vec![id])])?;
    Ok(found.into_iter().next())
}

fn key(value: &Value) -> Option<Uuid> {
    match value {
        Value::Guid(id) => Some(*id),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Text(_)
        | Value::Timestamp(_)
        | Value::Binary(_) => None,
    }
}
