//! From a token that is right to its caller.

use std::sync::Arc;

use super::{Service, granted, identity};
use crate::access::{Scopes, Standing, UserType, Way};
use crate::diag::Result;
use crate::service::Caller;
use crate::service::audit::Login;
use crate::store::Account;
use crate::value::Timestamp;

impl Service {
    /// The caller of a user whose token is right; nothing where the user may not come this way.
    ///
    /// Whoever gets data has a session, opened by the first request with the token: it takes a slot
    /// as others do, and a token that outlives its session opens another.
    pub(super) fn admit(
        &self,
        account: &Account,
        way: Way,
        application: Option<&str>,
        scopes: Scopes,
        now: Timestamp,
    ) -> Result<Option<Arc<Caller>>> {
        let standing = UserType::of(&account.user_type).map(|t| t.standing(way));
        let has_data = match standing {
            Some(Standing::Data) => true,
            Some(Standing::Identity) => false,
            Some(Standing::Closed) | None => return Ok(None),
        };
        if !account.active {
            return Ok(None);
        }
        let scopes = scopes.and(granted(account, way));
        let mut identity = identity(account, way, scopes);
        identity.application = application.map(str::to_owned);
        if has_data {
            let session = self.keep_session(account, way, application, scopes, now)?;
            identity.session = Some(session);
        } else {
            let event = self.signed_in(account, Login { way, application });
            self.note(event, now);
        }
        self.caller_at(identity, account.resets).map(Some)
    }
}
