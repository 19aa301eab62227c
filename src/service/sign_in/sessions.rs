//! Sessions: opened with a password, ended by time, sign-out or a change of the user.
//!
//! What is given out is the key of the session and its fingerprint by a key of the ring: the table of
//! sessions holds nothing that signs in.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::prove::{granted, identity};
use super::{Attempt, Service, earlier, later};
use crate::access::{self, KeyRing, Purpose, Scopes, UserType, Way};
use crate::diag::{Code, Problem, Result};
use crate::service::Caller;
use crate::service::audit::Login;
use crate::store::{Account, NewSession, SignInReads as _, Writer};
use crate::value::{Timestamp, fold};

/// The counter that lets one session be opened after the other where their number is limited.
const OPENED: &str = "sessions";
/// How long ended sessions are kept, for whoever looks at the table.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the use of a session is written down, at most.
pub(in crate::service) const NOTED: Duration = Duration::from_secs(60);
/// What a fingerprint of the ring is one of: the token of forms.
const CSRF: &str = "csrf";

/// A session that was opened, or found again.
#[derive(Clone)]
pub struct Opened {
    /// What signs in: to be given to nobody but the caller.
    pub id: String,
    /// Who has signed in.
    pub caller: Arc<Caller>,
}

impl std::fmt::Debug for Opened {
    /// Without the id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// The session that somebody wants.
struct Wish<'a> {
    way: Way,
    application: Option<&'a str>,
    scopes: Scopes,
    /// The stored form of the password that was right.
    proved: Option<&'a str>,
}

impl Service {
    /// Signs in with a password and opens a session: [`Way::Session`] or [`Way::Cookie`]. Blocks on
    /// the database.
    ///
    /// # Errors
    ///
    /// `SignInFailed`; with the right password `SignInRefused`, `SecondFactorRequired`,
    /// `PasswordChangeRequired` and `MaximumLicenseCountExceeded`; faults of the database.
    pub fn log_in(&self, attempt: &Attempt<'_>) -> Result<Opened> {
        let account = self.prove(attempt)?;
        self.see_age(&account, attempt)?;
        self.opened(&account, attempt)
    }

    /// The session of an attempt that was proved.
    pub(super) fn opened(&self, account: &Account, attempt: &Attempt<'_>) -> Result<Opened> {
        let wish = Wish {
            way: attempt.way,
            application: attempt.application,
            scopes: Scopes::USUAL,
            proved: account.password.as_deref(),
        };
        self.open(account, &wish, attempt.now)
    }

    /// Opens a session of a user who has proved in another way who they are, or finds the one that
    /// the same sign-in made before. Blocks on the database.
    ///
    /// # Errors
    ///
    /// `SignInFailed` for a user who is not there, `MaximumLicenseCountExceeded`, faults of the
    /// database.
    pub fn open_session(
        &self,
        user: Uuid,
        way: Way,
        application: Option<&str>,
        scopes: Scopes,
        now: Timestamp,
    ) -> Result<Opened> {
        let account = self.0.store.session()?.account(user)?;
        let active = account.filter(|account| account.active);
        let account = active.ok_or_else(access::failed)?;
        let wish = Wish {
            way,
            application,
            scopes,
            proved: None,
        };
        self.open(&account, &wish, now)
    }

    fn open(&self, account: &Account, wish: &Wish<'_>, now: Timestamp) -> Result<Opened> {
        let way = wish.way;
        let wish = Wish {
            scopes: wish.scopes.and(granted(account, way)),
            ..*wish
        };
        let id = self.session_for(account, &wish, now)?;
        let mut identity = identity(account, way, wish.scopes);
        identity.session = Some(id);
        identity.application = wish.application.map(str::to_owned);
        Ok(Opened {
            id: seal(&*self.ring()?, way, id)?,
            caller: self.caller_at(identity, account.resets)?,
        })
    }

    /// The session of a credential that is proved with each request: the one that is there, its use
    /// noted at most once a minute, or a new one.
    pub(in crate::service) fn keep_session(
        &self,
        account: &Account,
        way: Way,
        application: Option<&str>,
        scopes: Scopes,
        now: Timestamp,
    ) -> Result<Uuid> {
        let words = scopes.text();
        let like = NewSession {
            user: account.user,
            way: way.word(),
            application: application.unwrap_or_default(),
            scopes: &words,
        };
        let used_after = earlier(now, self.0.settings.sign_in.sliding);
        let mut session = self.0.store.session()?;
        if let Some(id) = session.same_session(like, now, used_after)?
            && let Some(found) = session.signed_in(id)?
            && found.used > earlier(now, NOTED)
        {
            return Ok(id);
        }
        drop(session);
        let wish = Wish {
            way,
            application,
            scopes,
            proved: None,
        };
        self.session_for(account, &wish, now)
    }

    /// Opens a session, or finds the one that the same sign-in made before.
    fn session_for(&self, account: &Account, wish: &Wish<'_>, now: Timestamp) -> Result<Uuid> {
        let Wish {
            way,
            application,
            scopes,
            proved,
        } = *wish;
        let settings = &self.0.settings.sign_in;
        let words = scopes.text();
        let session = NewSession {
            user: account.user,
            way: way.word(),
            application: application.unwrap_or_default(),
            scopes: &words,
        };
        let is_machine = UserType::of(&account.user_type).is_none_or(|t| !t.is_person());
        let longest = if is_machine {
            settings.absolute_service
        } else {
            settings.absolute
        };
        let used_after = earlier(now, settings.sliding);
        let fresh = self.new_id();
        let event = self.signed_in(account, Login { way, application });
        let event = event.with("scopes", &*words);
        self.0.store.write(|writer| {
            // A password that was changed since it was proved opens nothing: its change has ended
            // the sessions that there were.
            if let Some(stored) = proved
                && !writer.hold_password(account.user, stored)?
            {
                return Err(access::failed());
            }
            // Each browser has a session of its own, so that signing out in one ends no other.
            if way != Way::Cookie
                && let Some(id) = writer.same_session(session, now, used_after)?
            {
                writer.touch_session(id, now)?;
                if proved.is_some() {
                    self.append(writer, std::slice::from_ref(&event), now)?;
                }
                return Ok(id);
            }
            self.see_room(&fold(&account.login), writer, now)?;
            writer.forget_sessions(earlier(now, KEPT))?;
            writer.open_session(fresh, session, now, later(now, longest))?;
            self.append(writer, std::slice::from_ref(&event), now)?;
            Ok(fresh)
        })
    }

    /// Sees that there may be one more session.
    fn see_room(&self, login: &str, writer: &mut Writer, now: Timestamp) -> Result<()> {
        let settings = &self.0.settings.sign_in;
        if settings.slots.most == 0 {
            return Ok(());
        }
        // Others that open a session wait here, so that two do not take the last slot.
        writer.next_number(OPENED, 1)?;
        let live = writer.live_sessions(now, earlier(now, settings.sliding))?;
        if settings.slots.has_room(login, &live) {
            return Ok(());
        }
        let message = "all sessions that the service allows at once are in use";
        Err(Problem::new(Code::MaximumLicenseCountExceeded, message)
            .help("try again when another session has ended"))
    }

    /// The key of the session that a text was given out for; nothing where none was.
    pub(super) fn session_of(&self, way: Way, text: &str, now: Timestamp) -> Result<Option<Uuid>> {
        let Some((id, fingerprint)) = text.split_once('.') else {
            return Ok(None);
        };
        let Some(id) = Uuid::try_parse(id)
            .ok()
            .filter(|uuid| uuid.to_string() == id)
        else {
            return Ok(None);
        };
        let ring = self.ring_for(fingerprint)?;
        let (context, bytes) = (way.word(), id.as_bytes());
        let holds = ring.is_fingerprint(Purpose::Sessions, context, bytes, fingerprint, now);
        Ok(holds.then_some(id))
    }

    /// Ends a session, as its user wants it. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn end_session(&self, session: Uuid, now: Timestamp) -> Result<()> {
        self.0.store.write(|writer| {
            let found = writer.signed_in(session)?;
            if writer.end_session(session, now)?
                && let Some(found) = found
            {
                self.append(writer, &[self.signed_out(&found)], now)?;
            }
            Ok(())
        })?;
        self.0.callers.changed();
        Ok(())
    }

    /// The token that a change with the cookie of a session has to bring.
    ///
    /// # Errors
    ///
    /// Faults of the ring of keys.
    pub fn csrf_token(&self, session: Uuid) -> Result<String> {
        let ring = self.ring()?;
        ring.fingerprint(Purpose::Cookies, CSRF, session.as_bytes())
    }

    /// Whether a token is that of a session.
    ///
    /// # Errors
    ///
    /// Faults of the ring of keys.
    pub fn is_csrf_token(&self, session: Uuid, token: &str, now: Timestamp) -> Result<bool> {
        let (ring, bytes) = (self.ring_for(token)?, session.as_bytes());
        Ok(ring.is_fingerprint(Purpose::Cookies, CSRF, bytes, token, now))
    }
}

/// What is given out for a session.
fn seal(ring: &KeyRing, way: Way, id: Uuid) -> Result<String> {
    // The way is in the fingerprint: what stands in a cookie is worth nothing in a header, where no
    // token of a form is asked for.
    let fingerprint = ring.fingerprint(Purpose::Sessions, way.word(), id.as_bytes())?;
    Ok(format!("{id}.{fingerprint}"))
}
