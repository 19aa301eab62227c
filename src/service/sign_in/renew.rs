//! Passwords that are too old, and signing in with a new one.

use serde_json::json;

use super::{Attempt, Opened, Service, earlier, own_request};
use crate::access::{self, Secret, UserType};
use crate::diag::{Code, Problem, Result};
use crate::service::write::Along;
use crate::service::{ContentIds, Verb};
use crate::store::{Account, PasswordReads as _, Writer};

impl Service {
    /// Sees that the password of an account, which was right, is not too old. Machines change none.
    pub(super) fn see_age(&self, account: &Account, attempt: &Attempt<'_>) -> Result<()> {
        let most = self.0.settings.sign_in.max_age;
        let is_person = UserType::of(&account.user_type).is_some_and(UserType::is_person);
        if most.is_zero() || !is_person {
            return Ok(());
        }
        let set = self.0.store.session()?.password_time(account.user)?;
        if set.is_some_and(|set| set > earlier(attempt.now, most)) {
            return Ok(());
        }
        let (way, login) = (attempt.way.word(), &account.login);
        tracing::info!(way, reason = "age", login, "sign-in refused");
        self.note_failed("age", attempt, Some(account));
        let message = "the password is right, but too old: it has to be changed";
        Err(Problem::new(Code::PasswordChangeRequired, message)
            .about("newPassword")
            .help("sign in with it, and with the new one as `newPassword` beside it"))
    }

    /// Signs in as [`Service::log_in`] does, and changes the password. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Those of [`Service::log_in`]; `PasswordPolicy` for a new password that is not good enough,
    /// or was in use before.
    pub fn log_in_renewed(&self, attempt: &Attempt<'_>, new: &str) -> Result<Opened> {
        // What the policy asks for is no secret, and a code of a second factor works only once.
        self.0
            .settings
            .writes
            .policy
            .check(new)
            .map_err(|p| p.about("newPassword"))?;
        let mut account = self.prove(attempt)?;
        self.see_unused(&account, new)
            .map_err(|p| p.about("newPassword"))?;
        let password = Secret::text(new.to_owned());
        let (salt, hashing) = (self.random()?, self.checking().hashing);
        let text = self.0.hasher.hash_blocking(password, salt, hashing)?;
        let path = format!("Systems_Security_Users({})", account.user);
        let body = json!({"@ext.passwordHash": {"hash": text, "format": "AspNetCoreV3"}});
        let request = own_request(Verb::Patch, path, &body, attempt.now);
        let old = account.password.as_deref().unwrap_or_default();
        let is_still = |writer: &mut Writer| {
            if writer.hold_password(account.user, old)? {
                return Ok(());
            }
            Err(access::failed())
        };
        let along = Along {
            before: Some(&is_still),
            author: Some((account.user, account.login.clone())),
            keeps_sessions: false,
        };
        let done = self.write_along(&[request], &mut ContentIds::default(), &along);
        done.map_err(|refusal| refusal.problem)?;
        account.password = Some(text);
        self.opened(&account, attempt)
    }
}
