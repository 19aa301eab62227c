//! The entrance: from the credential of a request to its caller.

use std::sync::Arc;

use super::callers::{Known, Memory, Proof};
use super::prove::{granted, identity};
use super::sessions::NOTED;
use super::{Attempt, Service, earlier};
use crate::access::{self, Identity, Imprint, Scopes, Way};
use crate::diag::Result;
use crate::service::Caller;
use crate::service::audit::Login;
use crate::store::{Account, SignInReads as _, Writer};
use crate::value::Timestamp;

/// What a request carries to say who it comes from.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// HTTP Basic.
    Basic {
        /// The login, perhaps with its domain.
        login: &'a str,
        /// The password.
        password: &'a str,
        /// The address of the application that the request names.
        application: Option<&'a str>,
    },
    /// `Authorization: ErpSession`.
    Session(&'a str),
    /// The cookie of the pages.
    Cookie(&'a str),
    /// A reference token.
    Token(&'a str),
    /// A signed token: one of ours, or of another issuer.
    Signed {
        /// The token.
        token: &'a str,
        /// Scheme, host and port that the request came to: what our tokens were issued for.
        site: &'a str,
    },
}

impl std::fmt::Debug for Credential<'_> {
    /// Only what kind it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.way().word())
    }
}

impl Credential<'_> {
    /// The way in.
    pub const fn way(self) -> Way {
        match self {
            Self::Basic { .. } => Way::Basic,
            Self::Session(_) => Way::Session,
            Self::Cookie(_) => Way::Cookie,
            Self::Token(_) => Way::Token,
            Self::Signed { .. } => Way::Client,
        }
    }
}

/// What this process remembers of a credential.
#[derive(Debug)]
pub enum Recalled {
    /// Its caller.
    Caller(Arc<Caller>),
    /// It was right a short time ago: [`Service::enter`] has little to do.
    Known,
    /// Nothing: [`Service::enter`] may have to check a password, which limits of sign-ins count.
    Unknown,
}

impl Service {
    /// The imprint of a credential as it stands in a request, for [`Service::recall`].
    pub fn imprint(&self, way: Way, credential: &str) -> Imprint {
        self.0.callers.imprints.of(way, credential)
    }

    /// What this process remembers of a credential. Asks no database.
    pub fn recall(&self, imprint: &Imprint, now: Timestamp) -> Recalled {
        match self.0.callers.recall(imprint, now) {
            Memory::Fresh(caller) => Recalled::Caller(caller),
            Memory::Proved(_) => Recalled::Known,
            Memory::Nothing => Recalled::Unknown,
        }
    }

    /// The caller of a credential. Blocks on the database, and on a thread that hashes.
    ///
    /// # Errors
    ///
    /// `SignInFailed` and `SignInRefused`, faults of the database.
    pub fn enter(
        &self,
        imprint: Imprint,
        credential: Credential<'_>,
        windows_user: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Caller>> {
        let epoch = self.0.callers.epoch();
        let entered = match credential {
            Credential::Basic {
                login,
                password,
                application,
            } => {
                let attempt = Attempt {
                    login,
                    password,
                    code: None,
                    way: Way::Basic,
                    application,
                    windows_user,
                    now,
                };
                self.by_password(&imprint, &attempt)
            }
            Credential::Session(text) | Credential::Cookie(text) => self
                .by_session(credential.way(), text, now)
                .map(|caller| (caller, None)),
            Credential::Token(text) => self.by_token(text, now).map(|caller| (caller, None)),
            Credential::Signed { token, site } => self
                .by_signed_token(token, site, now)
                .map(|caller| (caller, None)),
        };
        match entered {
            Ok((caller, proof)) => {
                let known = Known {
                    caller: Arc::clone(&caller),
                    proof,
                    epoch,
                    checked: now,
                };
                self.0.callers.remember(imprint, known);
                Ok(caller)
            }
            Err(problem) => {
                if credential.way() != Way::Basic {
                    self.note_rejected(credential.way(), &problem, now);
                }
                self.0.callers.forget(&imprint);
                Err(problem)
            }
        }
    }

    fn by_password(
        &self,
        imprint: &Imprint,
        attempt: &Attempt<'_>,
    ) -> Result<(Arc<Caller>, Option<Proof>)> {
        if let Memory::Proved(proof) = self.0.callers.recall(imprint, attempt.now)
            && let Some(caller) = self.still(&proof, attempt)?
        {
            return Ok((caller, Some(proof)));
        }
        let account = self.prove(attempt)?;
        self.see_age(&account, attempt)?;
        let login = Login {
            way: Way::Basic,
            application: attempt.application,
        };
        self.note(self.signed_in(&account, login), attempt.now);
        let caller = self.caller_at(by_basic(&account, attempt), account.resets)?;
        let proof = account.password.map(|stored| Proof {
            user: account.user,
            stored,
            proved: attempt.now,
        });
        Ok((caller, proof))
    }

    /// The caller of a password that was right a short time ago, if it still is and the user may
    /// still come in.
    fn still(&self, proof: &Proof, attempt: &Attempt<'_>) -> Result<Option<Arc<Caller>>> {
        let account = self.0.store.session()?.account(proof.user)?;
        let same = account.filter(|a| a.password.as_deref() == Some(&proof.stored));
        let Some(account) = same else {
            return Ok(None);
        };
        let facts = self.facts(&account, attempt)?;
        let may =
            facts.before_password(Way::Basic).is_ok() && facts.after_password(Way::Basic).is_ok();
        if !may {
            return Ok(None);
        }
        self.caller_at(by_basic(&account, attempt), account.resets)
            .map(Some)
    }

    fn by_session(&self, way: Way, text: &str, now: Timestamp) -> Result<Arc<Caller>> {
        let settings = &self.0.settings.sign_in;
        let id = self.session_of(way, text, now)?;
        let id = id.ok_or_else(access::failed)?;
        let found = self.0.store.session()?.signed_in(id)?;
        let lives = found.filter(|session| {
            session.way == way.word()
                && session.ends > now
                && session.used > earlier(now, settings.sliding)
        });
        let session = lives.ok_or_else(access::failed)?;
        let account = &session.account;
        let type_of = access::UserType::of(&account.user_type);
        let is_open = type_of.is_some_and(|t| t.standing(way) != access::Standing::Closed);
        if !account.active || !is_open {
            return Err(access::failed());
        }
        if session.used <= earlier(now, NOTED) {
            let note = |w: &mut Writer| w.touch_session(id, now);
            if let Err(problem) = self.0.store.write(note) {
                let (code, detail) = (problem.code().word(), problem.log_text());
                tracing::warn!(code, detail, "the use of a session was not noted");
            }
        }
        let scopes = Scopes::parse(&session.scopes).and(granted(account, way));
        let mut identity = identity(account, way, scopes);
        identity.session = Some(id);
        if !session.application.is_empty() {
            identity.application = Some(session.application);
        }
        self.caller_at(identity, session.account.resets)
    }
}

/// Who signs in by HTTP Basic, through the application that the request names.
fn by_basic(account: &Account, attempt: &Attempt<'_>) -> Identity {
    Identity {
        application: attempt.application.map(str::to_owned),
        ..identity(account, Way::Basic, Scopes::USUAL)
    }
}
