//! Notifications that were stored, told to whoever carries them on to their users.

use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

use super::Service;
use crate::change::{ChangeSet, Kind};

/// Where notifications are kept, and the reference to the user who receives one.
pub(super) const NOTIFICATIONS: (&str, &str) = ("Systems.Core.Notifications", "User");

/// A notification that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Its key.
    pub id: Uuid,
    /// The user who receives it.
    pub user: Uuid,
}

/// What is told of notifications. It is called on the thread that stored them, after their
/// transaction, and must not wait for anything.
pub type Listener = Arc<dyn Fn(&[Notice]) + Send + Sync>;

/// Everybody who is told.
#[derive(Default)]
pub(super) struct Listeners(RwLock<Vec<Listener>>);

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}

impl Notice {
    /// The notifications that a set of changes creates.
    pub(super) fn of<S>(set: &ChangeSet<'_, S>) -> Vec<Self> {
        let (repository, user) = NOTIFICATIONS;
        let model = set.model();
        let Some(entity) = model.repository(repository) else {
            return Vec::new();
        };
        let Some(user) = model.entity(entity).reference_named(user) else {
            return Vec::new();
        };
        let objects = set.objects().iter();
        let new = objects.filter(|o| o.entity == entity && o.kind() == Kind::Create);
        let notices = new.filter_map(|object| {
            let user = object.after.as_ref()?.reference(user)?;
            Some(Self {
                id: object.id,
                user,
            })
        });
        notices.collect()
    }
}

impl Service {
    /// Tells `listener` of every notification that this process stores from now on.
    pub fn listen(&self, listener: Listener) {
        let listeners = &self.0.listeners.0;
        let mut listeners = listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.push(listener);
    }

    /// Tells of notifications that were stored.
    pub(super) fn tell(&self, notices: &[Notice]) {
        if notices.is_empty() {
            return;
        }
        let listeners = &self.0.listeners.0;
        let listeners = listeners.read().unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter() {
            listener(notices);
        }
    }
}
