//! Who asks, and what they may see.

use std::sync::{Arc, LazyLock};

use uuid::Uuid;

use crate::access::{Identity, Scopes, Way};
use crate::bind::Rights;

/// Who asks, and what they may see and change.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is; nothing for the program itself: the command line, and tests.
    pub(super) identity: Option<Identity>,
    /// What they may see.
    pub(super) rights: Rights,
    /// What they may see of themselves, through `Ext.Me`.
    pub(super) own: Rights,
}

impl Caller {
    /// The program itself: whoever holds the database may do everything.
    pub fn system() -> &'static Arc<Self> {
        static SYSTEM: LazyLock<Arc<Caller>> = LazyLock::new(|| {
            Arc::new(Caller {
                identity: None,
                rights: Rights::unrestricted(),
                own: Rights::none(),
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
                rights: Rights::none(),
                own: Rights::none(),
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

impl super::Service {
    /// A caller that has signed in, with what they may see. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn caller(&self, identity: Identity) -> crate::diag::Result<Arc<Caller>> {
        let rights = if identity.administrator && identity.scopes.read {
            Rights::unrestricted()
        } else {
            Rights::none()
        };
        let own = rights.clone();
        Ok(Arc::new(Caller {
            identity: Some(identity),
            rights,
            own,
        }))
    }
}
