//! `Ext.RevokeSessions()`: the user has to sign in anew, everywhere.

use uuid::Uuid;

use super::bare::Bare;
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;

/// See the module.
pub(super) const ACTION: Bare = Bare {
    name: "Ext.RevokeSessions",
    ends_sessions: true,
    apply,
};

fn apply(applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
    // Nothing of the object changes; that it is there is seen here.
    applier.open(entity, id).map(drop)
}
