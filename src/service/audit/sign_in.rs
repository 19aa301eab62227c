//! Signing in and out, as entries say it.

use serde_json::Value as Json;

use super::{Service, USERS};
use crate::access::{Purpose, Way};
use crate::audit::{Event, Outcome, What, Who, short};
use crate::diag::{Code, Problem};
use crate::service::sign_in::Attempt;
use crate::store::{Account, StoredSession};
use crate::value::{Timestamp, fold};

/// What a fingerprint of the ring is one of: a login that nobody has.
const TYPED: &str = "typed login";
/// Characters of such a fingerprint: enough to see whether it is the same.
const PRINT: usize = 16;

/// How somebody signs in.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Login<'a> {
    /// The way in.
    pub(in crate::service) way: Way,
    /// The program, where it says its name.
    pub(in crate::service) application: Option<&'a str>,
}

impl Service {
    /// A user who has proved who they are.
    pub(in crate::service) fn signed_in(&self, account: &Account, login: Login<'_>) -> Event {
        let who = Who {
            user: Some(account.user),
            caller: account.login.clone(),
            way: Some(login.way.word()),
            ..self.somebody(login.application)
        };
        Event::new(What::SignedIn, who)
    }

    /// Notes a sign-in with a password that failed, and why. The login is said of a user who is
    /// there; of anything else that was typed only a keyed fingerprint: it may be a password.
    pub(in crate::service) fn note_failed(
        &self,
        reason: &'static str,
        attempt: &Attempt<'_>,
        account: Option<&Account>,
    ) {
        let mut who = self.somebody(attempt.application);
        who.way = Some(attempt.way.word());
        let event = |who| {
            let event = Event::new(What::SignInFailed, who).ended(Outcome::Refused);
            event.with("reason", reason)
        };
        let event = match account {
            Some(account) => {
                // Not as the user who took part: that is what is not proved.
                who.caller.clone_from(&account.login);
                event(who).on(USERS, Some(account.user))
            }
            None => {
                "unknown".clone_into(&mut who.caller);
                event(who).with("login", self.print(attempt.login))
            }
        };
        self.note(event, attempt.now);
    }

    /// Notes a credential without a password that was not taken: a session, a token. The reason is
    /// what the log was told.
    pub(in crate::service) fn note_rejected(&self, way: Way, problem: &Problem, now: Timestamp) {
        if !matches!(problem.code(), Code::SignInFailed | Code::SignInRefused) {
            return;
        }
        let mut who = self.somebody(None);
        who.way = Some(way.word());
        "unknown".clone_into(&mut who.caller);
        let reason = problem.log_text().unwrap_or("credential");
        let event = Event::new(What::SignInFailed, who).ended(Outcome::Refused);
        self.note(event.with("reason", reason), now);
    }

    /// Notes a request for an access token that was refused: `client` where the application is
    /// there.
    pub(in crate::service) fn note_client_failed(
        &self,
        client: Option<&str>,
        reason: &'static str,
        now: Timestamp,
    ) {
        let mut who = self.somebody(client);
        who.way = Some(Way::Client.word());
        client.unwrap_or("unknown").clone_into(&mut who.caller);
        let event = Event::new(What::SignInFailed, who).ended(Outcome::Refused);
        self.note(event.with("reason", reason), now);
    }

    /// An entry about a user, by nobody who has proved anything more than the user's login.
    pub(in crate::service) fn about(&self, what: What, account: &Account) -> Event {
        let who = Who {
            caller: account.login.clone(),
            ..self.somebody(None)
        };
        Event::new(what, who).on(USERS, Some(account.user))
    }

    /// A user who has ended a session.
    pub(in crate::service) fn signed_out(&self, session: &StoredSession) -> Event {
        let application = Some(&*session.application).filter(|name| !name.is_empty());
        let login = Login {
            way: Way::named(&session.way).unwrap_or(Way::Session),
            application,
        };
        let mut event = self.signed_in(&session.account, login);
        event.what = What::SignedOut;
        event
    }

    /// The keyed fingerprint of a login that nobody has.
    fn print(&self, typed: &str) -> Json {
        let made = self.ring().and_then(|ring| {
            let typed = fold(short(typed, 1000));
            ring.fingerprint(Purpose::Fingerprints, TYPED, typed.as_bytes())
        });
        // Without a key there is none; the failure is noted all the same.
        let made = made.unwrap_or_default();
        let print = made.split('.').nth(1).unwrap_or_default();
        Json::String(format!("#{}", short(print, PRINT)))
    }
}
