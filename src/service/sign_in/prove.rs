//! Whether somebody is who they say: the checks of a password, in their order.

use serde_json::json;

use super::{Attempt, Service};
use crate::access::{
    self, Facts, Format, Identity, Reason, Scopes, Secret, Standing, UserType, Verdict, Way,
};
use crate::audit::What;
use crate::diag::{Code, Problem, Result};
use crate::service::write::Along;
use crate::service::{ContentIds, Verb};
use crate::store::{Account, Failure, SignInReads as _, TokenReads as _, Writer};
use crate::value::Timestamp;

/// The counter of failures that are those of no user.
const MISSES: &str = "sign-in misses";
/// What stands for "never" where failures do not lock: the column takes no more.
const NEVER: i64 = 2_147_483_646;

impl Service {
    /// Checks a password and what else is needed; answers the account as it is now.
    ///
    /// Whatever is wrong, the same work is done: a password is hashed, and a failure is written
    /// down. Only whoever knows the password is told more than that it has failed.
    pub(super) fn prove(&self, attempt: &Attempt<'_>) -> Result<Account> {
        let found = self.find_account(attempt.login)?;
        let verdict = self.check_password(found.as_ref(), attempt)?;
        let Some(account) = found else {
            self.count_failure(None, attempt.now)?;
            return Err(self.refused(Reason::Unknown, false, attempt, None));
        };
        if verdict == Verdict::Failed {
            self.count_failure(Some(&account), attempt.now)?;
            return Err(self.refused(Reason::Password, false, attempt, Some(&account)));
        }
        // Hashing takes long. What decides is how things are after it: others may have used the time
        // to guess, and to lock the user.
        let fresh = self.0.store.session()?.account(account.user)?;
        let unchanged = fresh.filter(|fresh| fresh.password == account.password);
        let Some(mut account) = unchanged else {
            return Err(self.refused(Reason::Password, false, attempt, Some(&account)));
        };
        let facts = self.facts(&account, attempt)?;
        let user = account.clone();
        let told = |reason| self.refused(reason, true, attempt, Some(&user));
        facts.before_password(attempt.way).map_err(told)?;
        if account.two_factor {
            self.check_second_factor(&account, attempt)?;
        }
        facts.after_password(attempt.way).map_err(told)?;
        if account.failed > 0 || account.locked_until.is_some() {
            let clear = |w: &mut Writer| w.clear_failures(account.user, attempt.now);
            if !self.0.store.write(clear)? {
                return Err(told(Reason::Locked));
            }
        }
        if verdict == Verdict::RightButOld && self.0.settings.passwords.rehash {
            self.rehash(&mut account, attempt);
        }
        Ok(account)
    }

    pub(super) fn check_password(
        &self,
        account: Option<&Account>,
        attempt: &Attempt<'_>,
    ) -> Result<Verdict> {
        let checking = self.checking();
        let hasher = &self.0.hasher;
        let password = Secret::text(attempt.password.to_owned());
        let stored = account.and_then(|account| {
            let format = Format::named(&account.format)?;
            Some((account.password.clone()?, format))
        });
        match stored {
            Some((stored, format)) => {
                hasher.verify_blocking(password, Secret::text(stored), format, checking)
            }
            None => {
                hasher.dummy_blocking(password, checking.hashing)?;
                Ok(Verdict::Failed)
            }
        }
    }

    /// Counts a failure: of the user, or of nobody where there is none or the user is locked, so
    /// that both take the same time.
    pub(super) fn count_failure(&self, account: Option<&Account>, now: Timestamp) -> Result<()> {
        let settings = &self.0.settings.sign_in;
        let most = match settings.max_failed {
            0 => NEVER,
            most => i64::from(most),
        };
        let until = super::later(now, settings.locked_for);
        self.0.store.write(|writer| {
            let counted = match account {
                Some(account) => writer.count_failure(account.user, most, until, now)?,
                None => None,
            };
            if counted.is_none() {
                writer.next_number(MISSES, 1)?;
            }
            if let (Some(Failure::Locked), Some(account)) = (counted, account) {
                let event = self.about(What::LockedOut, account);
                self.append(writer, &[event.with("until", until.to_string())], now)?;
            }
            Ok(())
        })
    }

    /// What decides about an account at a moment.
    pub(super) fn facts(&self, account: &Account, attempt: &Attempt<'_>) -> Result<Facts> {
        let wanted = account.windows_name.as_deref().unwrap_or_default();
        let named = attempt
            .windows_user
            .is_some_and(|user| user.eq_ignore_ascii_case(wanted));
        let need_role = self.0.settings.sign_in.require_group_or_role;
        let application = attempt.application.filter(|_| attempt.way == Way::Basic);
        let application_allows = match application {
            Some(uri) => self.0.store.session()?.lets_basic(uri)?,
            None => true,
        };
        Ok(Facts {
            user_type: UserType::of(&account.user_type),
            active: account.active,
            locked: account
                .locked_until
                .is_some_and(|until| until > attempt.now),
            basic_allowed: account.basic_allowed,
            application_allows,
            local_allowed: account.local_allowed,
            windows_met: wanted.is_empty() || named,
            two_factor: account.two_factor,
            has_role: account.has_group_or_role || is_administrator(account) || !need_role,
        })
    }

    /// Makes an old hash anew. Whoever is faster wins: the hash is changed only where it still is
    /// the one that the password was right for. What goes wrong here hinders nobody from signing in.
    fn rehash(&self, account: &mut Account, attempt: &Attempt<'_>) {
        match self.rehashed(account, attempt) {
            Ok(text) => account.password = Some(text),
            Err(problem) => {
                let (code, detail) = (problem.code().word(), problem.log_text());
                tracing::warn!(code, detail, "an old password hash was left as it is");
            }
        }
    }

    fn rehashed(&self, account: &Account, attempt: &Attempt<'_>) -> Result<String> {
        let hashing = self.checking().hashing;
        let password = Secret::text(attempt.password.to_owned());
        let text = self
            .0
            .hasher
            .hash_blocking(password, self.random()?, hashing)?;
        let path = format!("Systems_Security_Users({})", account.user);
        let body = json!({"@ext.passwordHash": {"hash": text, "format": "AspNetCoreV3"}});
        let request = super::own_request(Verb::Patch, path, &body, attempt.now);
        let old = account.password.as_deref().unwrap_or_default();
        let is_still = |writer: &mut Writer| {
            if writer.hold_password(account.user, old)? {
                return Ok(());
            }
            let message = "the password was changed meanwhile";
            Err(Problem::new(Code::PreconditionFailed, message))
        };
        let along = Along {
            before: Some(&is_still),
            author: Some((account.user, account.login.clone())),
            keeps_sessions: true,
        };
        let done = self.write_along(&[request], &mut ContentIds::default(), &along);
        done.map_err(|refusal| refusal.problem)?;
        Ok(text)
    }
}

/// Whether a user is an administrator: by the own mark, or as a member of a group of administrators
/// (S0-07); never one of a type that may not be (R34956).
pub(in crate::service) fn is_administrator(account: &Account) -> bool {
    let may = UserType::of(&account.user_type).is_some_and(UserType::may_administer);
    may && (account.is_admin || account.in_admin_group)
}

/// Who signs in by an account, some way.
pub(in crate::service) fn identity(account: &Account, way: Way, scopes: Scopes) -> Identity {
    Identity {
        user: account.user,
        login: account.login.clone(),
        administrator: is_administrator(account),
        scopes: scopes.and(granted(account, way)),
        way,
        session: None,
        application: None,
    }
}

/// The scopes that a way in may give the user of an account at most.
pub(in crate::service) fn granted(account: &Account, way: Way) -> Scopes {
    let user_type = UserType::of(&account.user_type);
    match user_type.map(|user_type| user_type.standing(way)) {
        Some(Standing::Data) => Scopes::ALL,
        Some(Standing::Identity | Standing::Closed) | None => Scopes::NONE,
    }
}

impl Service {
    /// What the caller is told, and a line for the log. The log never holds what was typed for a
    /// password; and not the login of nobody, which often is one.
    pub(super) fn refused(
        &self,
        reason: Reason,
        password_was_right: bool,
        attempt: &Attempt<'_>,
        account: Option<&Account>,
    ) -> Problem {
        let (way, reason_word) = (attempt.way.word(), reason.word());
        let login = if reason == Reason::Unknown {
            ""
        } else {
            attempt.login
        };
        tracing::info!(way, reason = reason_word, login, "sign-in refused");
        self.note_failed(reason_word, attempt, account);
        access::Reason::problem(reason, password_was_right)
    }
}
