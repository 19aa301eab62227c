//! `Ext.Unlock()`: the user may sign in again, and wrong passwords are counted from nought.

use uuid::Uuid;

use super::attribute;
use super::bare::Bare;
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
pub(super) const ACTION: Bare = Bare {
    name: "Ext.Unlock",
    ends_sessions: false,
    apply,
};

fn apply(applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
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
