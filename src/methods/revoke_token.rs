//! `Ext.RevokeToken()`: the token signs nobody in any more. Its row stays, to be looked at.

use uuid::Uuid;

use super::attribute;
use super::bare::Bare;
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
pub(super) const ACTION: Bare = Bare {
    name: "Ext.RevokeToken",
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
    let revoked = attribute(
        applier.set.model().entity(object.entity),
        "ConsumedTimestamp",
    )?;
    let was = object.after.as_ref().map(|record| record.value(revoked));
    // Revoked again, it was revoked when it first was. That is asked for all the same.
    let when = match was {
        None | Some(Value::Null) => Value::Timestamp(applier.now),
        Some(was) => was.clone(),
    };
    applier.set_made(place, revoked, when);
    Ok(())
}
