//! `Ext.Unlock()`: the user may sign in again, and wrong passwords are counted from nought.

use uuid::Uuid;

use super::{Action, Arguments, Call, attribute};
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct Unlock;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Action for Unlock {
    fn name(&self) -> &'static str {
        "Ext.Unlock"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared))
    }
}

impl Call for Prepared {
    fn apply(&self, applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
        let Some(place) = applier.open(entity, id)? else {
            return Ok(());
        };
        let Some(object) = applier.set.objects().get(place) else {
            return Ok(());
        };
        let of = applier.set.model().entity(object.entity);
        let (until, failed) = (
            attribute(of, "LockoutEndUtc")?,
            attribute(of, "AccessFailedCount")?,
        );
        applier.set_made(place, until, Value::Null);
        applier.set_made(place, failed, Value::Integer(0));
        Ok(())
    }
}
