//! What a caller may see and change (`docs/SECURITY.md`, *Rights*).
//!
//! Administrators may do what the scopes of their sign-in allow; anybody else what the roles and
//! groups that they hold allow. The outcome is data for the binder, which puts it underneath every
//! read, and for the story of changes, which holds every changed object against it.

mod caller;
mod closed;
mod compile;
mod held;
mod private;
mod shipped;

pub(in crate::service) use caller::AllRights;
pub use caller::Caller;

use std::sync::Arc;

use super::Service;
use crate::access::Identity;
use crate::diag::Result;
use held::Held;

impl Service {
    /// A caller that has signed in, with what they may do now. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn caller(&self, identity: Identity) -> Result<Arc<Caller>> {
        let resets = self.resets()?;
        self.caller_at(identity, resets)
    }

    /// The same where the number of the last reset of the model was read with the account.
    pub(super) fn caller_at(&self, identity: Identity, resets: i64) -> Result<Arc<Caller>> {
        let current = self.newest_model(resets)?;
        let model = &*current;
        let rights = if identity.administrator {
            compile::of_administrator(model, identity.user, identity.scopes)
        } else {
            let held = Held::of(model, &mut self.0.store.session()?, identity.user)?;
            compile::of_user(model, identity.user, identity.scopes, &held)
        };
        Ok(Arc::new(Caller {
            identity: Some(identity),
            model: Some(current),
            rights,
        }))
    }
}
