//! Actions: what is called with `POST`.

use uuid::Uuid;

use super::{Arguments, Made, Order};
use crate::change::{Applier, Secret};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;

/// An action: it changes the object that it is called on.
pub trait Action: Sync + std::fmt::Debug {
    /// Its name, with the namespace.
    fn name(&self) -> &'static str;

    /// Reads the arguments, which are of the types that the metadata declares.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>>;
}

/// What only the story around a call can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Copies the object, and answers the copy.
    Copy,
    /// Begins an API transaction.
    Begin {
        /// Whether it can tell what changed.
        tracks: bool,
    },
    /// Ends the API transaction of the request.
    End {
        /// Whether what it holds is saved.
        commit: bool,
    },
}

/// A call whose arguments were read.
pub trait Call: Send + Sync + std::fmt::Debug {
    /// A password in its arguments, to be hashed before the call is made.
    fn secret(&mut self) -> Option<&mut Secret> {
        None
    }

    /// Whether it ends the sessions of the object, a user.
    fn ends_sessions(&self) -> bool {
        false
    }

    /// Whether it is made in a transaction of its own, right after that of its request and whatever
    /// becomes of that. Nobody's rights are asked for what it changes: it sees to them itself.
    fn stands_alone(&self) -> bool {
        false
    }

    /// Whether it changes its object under the rights of its caller, who is refused then before
    /// anything is told of the object.
    fn changes_object(&self) -> bool {
        !self.ends_sessions() && !self.stands_alone() && self.order().is_none()
    }

    /// What the service does in place of the call; nothing for one that changes objects.
    fn task(&self) -> Option<Task> {
        None
    }

    /// What only the service can make for the call: something new to sign in with. The service sees
    /// whether its caller may have it, and answers it; then [`Call::apply_made`] takes the place of
    /// [`Call::apply`].
    fn order(&self) -> Option<Order<'_>> {
        None
    }

    /// Makes the call on an object.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply(&self, applier: &mut Applier<'_, '_>, object: (EntityId, Uuid)) -> Result<()>;

    /// Makes the call of a method that is not bound. `caller` is the user who calls, if any.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply_unbound(&self, applier: &mut Applier<'_, '_>, caller: Option<Uuid>) -> Result<()> {
        let _ = (applier, caller);
        Err(Problem::new(
            Code::Internal,
            "a bound method was called without an object",
        ))
    }

    /// Makes the call on an object with what was ordered.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply_made(
        &self,
        applier: &mut Applier<'_, '_>,
        object: (EntityId, Uuid),
        made: &Made,
    ) -> Result<()> {
        let _ = made;
        self.apply(applier, object)
    }
}
