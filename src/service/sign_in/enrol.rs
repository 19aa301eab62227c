//! The second factor set up and taken away by its user: proofs are checked before the transaction of
//! the call, secrets are made in it.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::second_factor::{AUTHENTICATOR, PROVIDER, RECOVERY, context};
use super::{Attempt, Service};
use crate::access::{Secret, UserType, Verdict, Way, totp_check, totp_text, totp_uri};
use crate::diag::{Code, Problem, Result};
use crate::methods::{Made, MadeFactor, MadeSecret, Order, Proof};
use crate::service::WriteRequest;
use crate::service::tokens::Minted;
use crate::store::{Account, Factor, SignInReads as _, Writer};
use crate::value::Timestamp;

/// The name of a sealed secret that no code has confirmed yet.
const BEGUN: &str = "NewAuthenticator";

fn forbidden(message: &str) -> Problem {
    Problem::new(Code::Forbidden, message)
}

/// The one answer to a proof that is not taken: wrong, used, or of a user who is locked.
fn unproved(about: &str) -> Problem {
    forbidden("the proof is wrong, or cannot be checked now").about(about)
}

impl Service {
    /// Checks what the caller of a call about the second factor proves. A wrong proof is counted as
    /// a wrong password is; a right one forgets nothing that was counted, so that whoever has found
    /// an open session cannot guess passwords without end.
    pub(in crate::service) fn check_proof(
        &self,
        request: &WriteRequest,
        order: Order<'_>,
    ) -> Result<()> {
        let (wanted, about) = match order {
            Order::Token(_)
            | Order::ClientSecret(_)
            | Order::BeginFactor
            | Order::RemoveFactor(None) => return Ok(()),
            Order::ConfirmFactor(code) => (Wanted::Begun(code), "code"),
            Order::RemoveFactor(Some(Proof::Code(code))) => (Wanted::Code(code), "code"),
            Order::RemoveFactor(Some(Proof::Password(password))) => {
                (Wanted::Password(password), "password")
            }
        };
        let user = by_hand(request)?;
        let now = request.now;
        let account = self.0.store.session()?.account(user)?;
        let account = account.ok_or_else(|| unproved(about))?;
        let is_locked = |account: &Account| account.locked_until.is_some_and(|until| until > now);
        let attempt = |password| Attempt {
            login: &account.login,
            password,
            code: None,
            way: Way::Session,
            application: None,
            windows_user: None,
            now,
        };
        let holds = match wanted {
            Wanted::Begun(code) => !is_locked(&account) && self.is_begun(user, code, now)?,
            Wanted::Code(code) => !is_locked(&account) && self.is_code(&account, code, now)?,
            Wanted::Password(password) => {
                let verdict = self.check_password(Some(&account), &attempt(password))?;
                // Others may have used the time that hashing takes to guess.
                let fresh = self.0.store.session()?.account(user)?;
                let same =
                    |fresh: &Account| fresh.password == account.password && !is_locked(fresh);
                verdict != Verdict::Failed && fresh.is_some_and(|fresh| same(&fresh))
            }
        };
        if holds {
            return Ok(());
        }
        self.count_failure(Some(&account), now)?;
        let login = &account.login;
        tracing::info!(about, login, "proof of the second factor refused");
        self.note_failed("proof of the second factor", &attempt(""), Some(&account));
        Err(unproved(about))
    }

    /// Whether a code is one of the secret that was begun; it works neither here nor at a sign-in
    /// again.
    fn is_begun(&self, user: Uuid, code: &str, now: Timestamp) -> Result<bool> {
        let factors = self.0.store.session()?.factors(user, PROVIDER)?;
        let Some((_, step)) = self.begun(user, &factors, code, now)? else {
            return Ok(false);
        };
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        self.0.store.write(|w| w.use_step(user, step))
    }

    /// The secret that was begun and the step of time, where a code is one of it.
    fn begun<'f>(
        &self,
        user: Uuid,
        factors: &'f [Factor],
        code: &str,
        now: Timestamp,
    ) -> Result<Option<(&'f Factor, u64)>> {
        let Some(begun) = factors.iter().find(|factor| factor.name == BEGUN) else {
            return Ok(None);
        };
        let secret = self.ring()?.open(&context(user), &begun.value);
        let step = secret.and_then(|secret: Secret| totp_check(&secret, code, now, None));
        Ok(step.map(|step| (begun, step)))
    }

    /// What a call about the second factor of a user comes to.
    pub(in crate::service) fn mint_factor(
        &self,
        request: &WriteRequest,
        order: Order<'_>,
        user: Uuid,
        writer: &mut Writer,
    ) -> Result<Minted> {
        let account = writer.account(user)?;
        let account =
            account.ok_or_else(|| Problem::new(Code::NotFound, "there is no such user"))?;
        let factors = writer.factors(user, PROVIDER)?;
        let keys = |wanted: &dyn Fn(&str) -> bool| -> Vec<Uuid> {
            let found = factors.iter().filter(|factor| wanted(&factor.name));
            found.map(|factor| factor.id).collect()
        };
        let mut factor = MadeFactor {
            user,
            provider: PROVIDER,
            gone: keys(&|_| true),
            made: Vec::new(),
            on: None,
        };
        let mut answer = Map::new();
        let mut tell = |name: &str, value: Json| answer.insert(name.to_owned(), value);
        match order {
            Order::Token(_) | Order::ClientSecret(_) => {
                return Err(Problem::new(Code::Internal, "another call was meant"));
            }
            Order::BeginFactor => {
                see_own(request, &account)?;
                let (secret, sealed) = self.new_secret(user)?;
                factor.gone = keys(&|name| name == BEGUN);
                factor.made.push(self.made(BEGUN, sealed));
                let uri = totp_uri(&secret, PROVIDER, &account.login);
                tell("secret", json!(totp_text(&secret).as_text()));
                tell("uri", json!(uri.as_text()));
            }
            Order::ConfirmFactor(code) => {
                see_own(request, &account)?;
                // Begun again since the code was checked, it is another secret.
                let found = self.begun(user, &factors, code, request.now)?;
                let (begun, _) = found.ok_or_else(|| unproved("code"))?;
                let (recovery, prints) = self.new_recovery(user)?;
                factor
                    .made
                    .push(self.made(AUTHENTICATOR, begun.value.clone()));
                factor.made.push(self.made(RECOVERY, prints));
                factor.on = Some(true);
                let codes: Vec<_> = recovery.iter().map(Secret::as_text).collect();
                tell("recoveryCodes", json!(codes));
            }
            Order::RemoveFactor(proof) => {
                let caller = &request.caller;
                if caller.user() == Some(user) {
                    by_hand(request)?;
                    if proof.is_none() {
                        let message = "your own second factor goes with a proof";
                        return Err(forbidden(message)
                            .about("code")
                            .help("send `code`, a code of it, or `password`"));
                    }
                } else if !caller.is_administrator() {
                    return Err(forbidden("only administrators take factors of others away"));
                }
                factor.on = Some(false);
            }
        }
        Ok(Minted {
            made: Made::Factor(factor),
            answer,
        })
    }

    fn made(&self, name: &'static str, value: String) -> MadeSecret {
        let id = self.new_id();
        MadeSecret { id, name, value }
    }
}

/// What a proof has to be right for.
enum Wanted<'a> {
    /// A code of the secret that was begun.
    Begun(&'a str),
    /// A code of the factor.
    Code(&'a str),
    /// The password.
    Password(&'a str),
}

/// The user who calls, signed in by hand: a token that somebody found must not decide how its user
/// signs in.
fn by_hand(request: &WriteRequest) -> Result<Uuid> {
    let identity = request.caller.identity();
    let by_hand = identity.filter(|identity| match identity.way {
        Way::Basic | Way::Session | Way::Cookie => true,
        Way::Token | Way::Client | Way::Issuer | Way::Nobody => false,
    });
    by_hand.map(|identity| identity.user).ok_or_else(|| {
        forbidden("users change their second factor themselves, signed in with their password")
    })
}

/// Sees that a user who has none yet sets up a second factor for themselves.
fn see_own(request: &WriteRequest, account: &Account) -> Result<()> {
    if by_hand(request)? != account.user {
        return Err(forbidden(
            "nobody sets up the second factor of another user",
        ));
    }
    if !UserType::of(&account.user_type).is_some_and(UserType::is_person) {
        return Err(forbidden("only people have a second factor"));
    }
    if account.two_factor {
        return Err(forbidden("the second factor is on: remove it first")
            .help("`Ext.RemoveSecondFactor` does, with a code of it or the password"));
    }
    Ok(())
}
