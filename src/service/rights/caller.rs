//! Who asks, and what they may see and change.

use std::sync::{Arc, LazyLock};

use uuid::Uuid;

use crate::access::{Identity, Scopes, Way};
use crate::bind::Rights;
use crate::model::Model;

/// Who asks, and what they may see and change.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is; nothing for the program itself: the command line, and tests.
    pub(super) identity: Option<Identity>,
    /// The model that their rights are of, and that their requests see; nothing where the rights fit
    /// every model.
    pub(in crate::service) model: Option<Arc<Model>>,
    /// What they may do with the data.
    pub(in crate::service) rights: AllRights,
}

/// What a caller may do with the data. Each says which objects, and which properties are closed.
#[derive(Debug, Clone)]
pub(in crate::service) struct AllRights {
    pub(in crate::service) read: Rights,
    pub(in crate::service) create: Rights,
    pub(in crate::service) update: Rights,
    pub(in crate::service) delete: Rights,
}

impl AllRights {
    /// The same for everything.
    pub(in crate::service) fn all(rights: &Rights) -> Self {
        Self {
            read: rights.clone(),
            create: rights.clone(),
            update: rights.clone(),
            delete: rights.clone(),
        }
    }
}

impl Caller {
    /// The program itself: whoever holds the database may do everything.
    pub fn system() -> &'static Arc<Self> {
        static SYSTEM: LazyLock<Arc<Caller>> = LazyLock::new(|| {
            Arc::new(Caller {
                identity: None,
                model: None,
                rights: AllRights::all(&Rights::unrestricted()),
            })
        });
        &SYSTEM
    }

    /// Nobody: whoever has not signed in. Sees nothing but what describes the service.
    pub fn nobody() -> &'static Arc<Self> {
        static NOBODY: LazyLock<Arc<Caller>> = LazyLock::new(|| {
            let identity = Identity {
                user: Uuid::nil(),
                login: String::new(),
                administrator: false,
                scopes: Scopes::NONE,
                way: Way::Nobody,
                session: None,
                application: None,
            };
            Arc::new(Caller {
                identity: Some(identity),
                model: None,
                rights: AllRights::all(&Rights::none()),
            })
        });
        &NOBODY
    }

    /// Who it is; nothing for the program itself.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The key of the user.
    pub fn user(&self) -> Option<Uuid> {
        self.identity.as_ref().map(|identity| identity.user)
    }

    /// An imprint of what they may see: another one where that has changed.
    pub fn sight(&self) -> Uuid {
        let user = self.user().unwrap_or_default();
        Uuid::new_v5(&user, self.rights.read.outline().as_bytes())
    }

    /// What the sign-in allows.
    pub fn scopes(&self) -> Scopes {
        let identity = self.identity.as_ref();
        identity.map_or(Scopes::ALL, |identity| identity.scopes)
    }

    /// Whether it is an administrator.
    pub fn is_administrator(&self) -> bool {
        let identity = self.identity.as_ref();
        identity.is_none_or(|identity| identity.administrator)
    }
}
