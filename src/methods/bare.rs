//! Actions without arguments: a name, and what they do.

use uuid::Uuid;

use super::{Action, Arguments, Call};
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;

/// What an action does to its object.
type Apply = fn(&mut Applier<'_, '_>, (EntityId, Uuid)) -> Result<()>;

/// An action that takes no arguments; it is its own call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare {
    /// The name, with the namespace.
    pub(super) name: &'static str,
    /// Whether it ends the sessions of the object, a user.
    pub(super) ends_sessions: bool,
    /// What it does.
    pub(super) apply: Apply,
}

impl Action for Bare {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(*self))
    }
}

impl Call for Bare {
    fn ends_sessions(&self) -> bool {
        self.ends_sessions
    }

    fn apply(&self, applier: &mut Applier<'_, '_>, object: (EntityId, Uuid)) -> Result<()> {
        (self.apply)(applier, object)
    }
}
