//! `Ext.RevokeSessions()`: the user has to sign in anew, everywhere.

use uuid::Uuid;

use super::{Action, Arguments, Call};
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;

/// See the module.
#[derive(Debug)]
pub(super) struct RevokeSessions;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Action for RevokeSessions {
    fn name(&self) -> &'static str {
        "Ext.RevokeSessions"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared))
    }
}

impl Call for Prepared {
    fn ends_sessions(&self) -> bool {
        true
    }

    fn apply(&self, applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
        // Nothing of the object changes; that it is there is seen here.
        applier.open(entity, id).map(drop)
    }
}
