//! `CreateCopy()`: a copy of an object and of the children of its aggregate, stored by nobody
//! (S1-68).

use uuid::Uuid;

use super::{Action, Arguments, Call, Task};
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;

/// See the module.
#[derive(Debug)]
pub(super) struct CreateCopy;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Action for CreateCopy {
    fn name(&self) -> &'static str {
        "Erp.CreateCopy"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared))
    }
}

impl Call for Prepared {
    fn task(&self) -> Option<Task> {
        Some(Task::Copy)
    }

    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(super::unmade())
    }
}
