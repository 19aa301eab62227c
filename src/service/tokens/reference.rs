//! Reference tokens as a way in.

use std::sync::Arc;

use uuid::Uuid;

use super::{PERSONAL, SYSTEM, Service, earlier, is_administrator};
use crate::access::{KeyRing, Purpose, ReferenceToken, Scopes, TokenPolicy, Way};
use crate::diag::{Code, Problem, Result};
use crate::service::Caller;
use crate::service::sign_in::NOTED;
use crate::store::{Account, SignInReads as _, StoredToken, TokenReads as _, Writer};
use crate::value::Timestamp;

/// What a fingerprint of a token is one of.
pub(super) const TOKEN: &str = "reference token";
/// What the seal of a row is one of.
const ROW: &str = "row of a reference token";

/// A row, and the fingerprint that it was found by.
type Found = (StoredToken, String);

/// What the seal of a row holds together.
pub(super) struct Sealed<'a> {
    pub(super) id: Uuid,
    pub(super) key: &'a str,
    pub(super) kind: &'a str,
    pub(super) user: Uuid,
    pub(super) application: Option<Uuid>,
    pub(super) scopes: &'a str,
    pub(super) expires: Timestamp,
}

impl Sealed<'_> {
    fn bytes(&self) -> Vec<u8> {
        let Self {
            id,
            key,
            kind,
            user,
            application,
            scopes,
            expires,
        } = self;
        let application = application.unwrap_or_default();
        let millis = expires.micros().div_euclid(1000);
        format!("{id}|{key}|{kind}|{user}|{application}|{millis}|{scopes}").into_bytes()
    }

    /// The seal: whoever changes the row otherwise than by `Ext.RevokeToken` ends the token.
    pub(super) fn seal(&self, ring: &KeyRing) -> Result<String> {
        ring.fingerprint(Purpose::Fingerprints, ROW, &self.bytes())
    }

    fn is_whole(&self, ring: &KeyRing, seal: &str, now: Timestamp) -> bool {
        ring.is_fingerprint(Purpose::Fingerprints, ROW, &self.bytes(), seal, now)
    }
}

/// The one answer to a token that is not taken, whatever it lacks.
pub(super) fn refused(reason: &'static str, login: &str) -> Problem {
    tracing::info!(way = "token", reason, login, "sign-in refused");
    let message = "the token is not valid, has ended, or cannot be used now";
    Problem::new(Code::SignInFailed, message).log(reason)
}

impl Service {
    /// The caller of a reference token. Blocks on the database.
    pub(in crate::service) fn by_token(&self, text: &str, now: Timestamp) -> Result<Arc<Caller>> {
        let token = ReferenceToken::parse(text).ok_or_else(|| refused("malformed", ""))?;
        let (ring, found) = self.find_token(&token, now)?;
        let (stored, key) = found.ok_or_else(|| refused("unknown", ""))?;
        if stored.revoked.is_some() {
            return Err(refused("revoked", ""));
        }
        let (Some(user), Some(expires)) = (stored.user, stored.expires) else {
            return Err(refused("changed", ""));
        };
        if expires <= now {
            return Err(refused("expired", ""));
        }
        let sealed = Sealed {
            id: stored.id,
            key: &key,
            kind: &stored.kind,
            user,
            application: stored.made_for,
            scopes: &stored.scopes,
            expires,
        };
        if !sealed.is_whole(&ring, &stored.seal, now) {
            return Err(refused("changed", ""));
        }
        let account = self.0.store.session()?.account(user)?;
        let account = account.ok_or_else(|| refused("unknown", ""))?;
        if let Err(reason) = check_application(&stored, &account) {
            return Err(refused(reason, &account.login));
        }
        let scopes = match &stored.application {
            Some(application) => within(&stored.scopes, &application.scope),
            None => Scopes::parse(&stored.scopes),
        };
        let program = stored.application.as_ref().map(|a| a.uri.as_str());
        let caller = self.admit(&account, Way::Token, program, scopes, now)?;
        let caller = caller.ok_or_else(|| refused("user", &account.login))?;
        self.note_use(&stored, now);
        Ok(caller)
    }

    /// The row of a token and the fingerprint that it was found by. Another server may have made
    /// the key of its fingerprint since the ring was read.
    fn find_token(
        &self,
        token: &ReferenceToken,
        now: Timestamp,
    ) -> Result<(Arc<KeyRing>, Option<Found>)> {
        let ring = self.ring()?;
        let found = self.look_for(&ring, token, now)?;
        if found.is_some() {
            return Ok((ring, found));
        }
        let fresh = self.ring_anew()?;
        if Arc::ptr_eq(&ring, &fresh) {
            return Ok((ring, None));
        }
        let found = self.look_for(&fresh, token, now)?;
        Ok((fresh, found))
    }

    fn look_for(
        &self,
        ring: &KeyRing,
        token: &ReferenceToken,
        now: Timestamp,
    ) -> Result<Option<Found>> {
        let keys = ring.fingerprints(Purpose::Fingerprints, TOKEN, token.bytes(), now);
        let mut session = self.0.store.session()?;
        for key in keys {
            if let Some(stored) = session.token(&key)? {
                return Ok(Some((stored, key)));
            }
        }
        Ok(None)
    }

    /// Writes down that a token was used, at most once a minute. What goes wrong here hinders
    /// nobody.
    fn note_use(&self, stored: &StoredToken, now: Timestamp) {
        let before = earlier(now, NOTED);
        if stored.used.is_some_and(|used| used > before) {
            return;
        }
        let note = |writer: &mut Writer| writer.touch_token(stored.id, before, now);
        if let Err(problem) = self.0.store.write(note) {
            let (code, detail) = (problem.code().word(), problem.log_text());
            tracing::warn!(code, detail, "the use of a token was not noted");
        }
    }
}

/// What a list of scopes has of another; an empty other list limits nothing.
pub(super) fn within(scopes: &str, of: &str) -> Scopes {
    let scopes = Scopes::parse(scopes);
    if of.trim().is_empty() {
        scopes
    } else {
        scopes.and(Scopes::parse(of))
    }
}

/// Sees that the application of a token still has tokens, and this one.
fn check_application(stored: &StoredToken, account: &Account) -> Result<(), &'static str> {
    let Some(application) = &stored.application else {
        return if stored.kind == PERSONAL && stored.made_for.is_none() {
            Ok(())
        } else {
            Err("application")
        };
    };
    let policy = TokenPolicy::of(&application.reference_tokens);
    let allowed = match stored.kind.as_str() {
        PERSONAL => policy.allows(is_administrator(account)),
        SYSTEM => {
            policy != TokenPolicy::Nobody
                && application.system_user_allowed
                && application.system_user == Some(account.user)
        }
        _ => false,
    };
    if application.enabled && allowed {
        Ok(())
    } else {
        Err("application")
    }
}
