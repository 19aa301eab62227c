//! Passwords that are replaced: when, and which of the last few they were.

use uuid::Uuid;

use super::work::Work;
use super::{Service, WriteRequest, guard, permit};
use crate::access::{self, Format, Verdict};
use crate::change::{BroughtSecret, Kind, Secret};
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, Entity};
use crate::plan::{By, Located};
use crate::rules::Sealed;
use crate::store::{Account, PasswordReads as _, SignInReads as _, Writer};
use crate::value::{Timestamp, Value};

/// The entity whose objects have passwords.
const USERS: &str = "Systems.Security.Users";
/// How new passwords are kept.
const FORMAT: &str = "AspNetCoreV3";

impl Service {
    /// Sees that a password is none of the last few of its user, the one in use among them.
    pub(in crate::service) fn see_unused(&self, account: &Account, password: &str) -> Result<()> {
        match self.reused(account, password)? {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    /// What is wrong with a password that is one of the last few of its user. All of them are tried
    /// in any case: the time does not tell which.
    fn reused(&self, account: &Account, password: &str) -> Result<Option<Problem>> {
        let most = self.0.settings.passwords.history;
        if most == 0 || password.is_empty() {
            return Ok(None);
        }
        let mut is_reused = false;
        let old = self.0.store.session()?.old_passwords(account.user)?;
        let now = [(account.password.as_deref(), account.format.as_str())];
        let old = old
            .iter()
            .map(|o| (o.password.as_deref(), o.format.as_str()));
        let checking = self.checking();
        for (stored, format) in now.into_iter().chain(old).take(most) {
            let (Some(stored), Some(format)) = (stored, Format::named(format)) else {
                continue;
            };
            let candidate = access::Secret::text(password.to_owned());
            let stored = access::Secret::text(stored.to_owned());
            let verdict = self
                .0
                .hasher
                .verify_blocking(candidate, stored, format, checking)?;
            is_reused |= verdict != Verdict::Failed;
        }
        Ok(is_reused.then(|| {
            let message = format!("the password is one of the last {most} of this user");
            Problem::new(Code::PasswordPolicy, message).about("password")
        }))
    }

    /// Puts the hashes of the passwords of a request in their places: of those that the caller may
    /// set. What is refused in any case gets one that fits no password, so that it is refused where
    /// it always is, and nothing is hashed for it.
    ///
    /// Answers what is wrong with a password that was in use before. Who hears that learns what the
    /// old one is, so it is told last of all: only where a new one would have been set.
    pub(super) fn ready_secrets(
        &self,
        request: &WriteRequest,
        work: &mut Work,
    ) -> Result<Option<Problem>> {
        let caller = &request.caller;
        let shown = self.model_of(caller);
        let model = &*shown;
        let addressed = self.is_own(request, work)?;
        let reused = match own(work).filter(|_| addressed) {
            Some(own) if permit::may_bring(caller, model, own.entity, true) => {
                self.own_reused(request, &own)?
            }
            Some(_) | None => None,
        };
        for brought in work.secrets() {
            let inner = brought.path.contains('/');
            let by_key = brought.id.is_some() && brought.id == caller.user();
            let is_own = by_key || (addressed && !inner);
            if permit::may_bring(caller, model, brought.entity, is_own) {
                self.hash(brought.secret)
                    .map_err(|p| p.about(brought.path))?;
            } else {
                let hashing = self.0.settings.writes.hashing;
                *brought.secret = Secret::Hash {
                    text: access::unusable(&self.random()?, hashing),
                    format: FORMAT.to_owned(),
                };
            }
        }
        Ok(reused)
    }

    /// Puts the hash of a password in its place.
    fn hash(&self, secret: &mut Secret) -> Result<()> {
        match secret {
            Secret::Plain(text) => {
                let settings = &self.0.settings.writes;
                if !text.is_empty() {
                    settings.policy.check(text)?;
                }
                let password = access::Secret::text(std::mem::take(text));
                let (salt, hashing) = (self.random()?, settings.hashing);
                let hash = self.0.hasher.hash_blocking(password, salt, hashing)?;
                *secret = Secret::Hash {
                    text: hash,
                    format: FORMAT.to_owned(),
                };
                Ok(())
            }
            Secret::Hash { text, format } => access::check_hash(text, format),
        }
    }

    /// Whether a request brings a password for the object of its address, and that is the caller.
    fn is_own(&self, request: &WriteRequest, work: &mut Work) -> Result<bool> {
        let (Some(user), Some(object)) = (request.caller.user(), work.object().cloned()) else {
            return Ok(false);
        };
        Ok(own(work).is_some() && self.located(&object)? == Some(user))
    }

    /// [`Self::reused`] for what callers set for themselves. What they set for others is not compared:
    /// administrators would learn whether a guess was the password of somebody else.
    fn own_reused(
        &self,
        request: &WriteRequest,
        own: &BroughtSecret<'_>,
    ) -> Result<Option<Problem>> {
        guard::check_own_password(&request.caller)?;
        let (Some(user), Secret::Plain(password)) = (request.caller.user(), &*own.secret) else {
            return Ok(None);
        };
        if self.0.settings.passwords.history == 0 {
            return Ok(None);
        }
        if request.transaction.is_some() {
            // It would be told before anything is set.
            let message =
                "with `password.history`, one's own password is set outside of API transactions";
            let problem = Problem::new(Code::NotSupported, message);
            return Err(problem.help("send the request without `TransactionId`"));
        }
        let reused = match self.0.store.session()?.account(user)? {
            Some(account) => self.reused(&account, password)?,
            None => None,
        };
        Ok(reused.map(|problem| problem.about(own.path.as_str())))
    }

    /// The user at an address.
    fn located(&self, object: &Located) -> Result<Option<Uuid>> {
        if self.0.standard.entity(object.entity).name != USERS {
            return Ok(None);
        }
        match &object.by {
            By::Key(id) => Ok(Some(*id)),
            By::Rows(_) => {
                let mut session = self.0.store.session()?;
                super::apply::locate(&self.0.standard, &mut session, object)
            }
        }
    }

    /// Notes the passwords that changes replace, in the same transaction.
    pub(super) fn note_passwords(
        &self,
        sealed: &Sealed<'_>,
        writer: &mut Writer,
        now: Timestamp,
    ) -> Result<()> {
        let most = self.0.settings.passwords.history;
        let model = sealed.model();
        for object in sealed.set().objects() {
            let of = model.entity(object.entity);
            let (Some(before), Some(after)) = (&object.before, &object.after) else {
                continue;
            };
            let is_user = of.name == USERS && object.kind() == Kind::Update;
            let text = |name: &str| text_of(of, name, |id| before.record.value(id));
            let old = text("Password");
            if !is_user || old == text_of(of, "Password", |id| after.value(id)) {
                continue;
            }
            // The one in use is compared as well.
            let others = most.saturating_sub(1);
            let kept = old.filter(|_| others > 0);
            let format = text("PasswordFormat").unwrap_or_default();
            let ids = (self.new_id(), object.id);
            writer.replace_password(ids, (kept, format), others.max(1), now)?;
        }
        Ok(())
    }
}

/// The password in plain text of the object of the address: what stands deeper in the payload is
/// another object's.
fn own(work: &mut Work) -> Option<BroughtSecret<'_>> {
    let mut all = work.secrets().into_iter();
    let own = all.find(|brought| !brought.path.contains('/'))?;
    matches!(own.secret, Secret::Plain(_)).then_some(own)
}

fn text_of<'v>(
    of: &Entity,
    name: &str,
    value: impl Fn(AttributeId) -> &'v Value,
) -> Option<&'v str> {
    if let Value::Text(text) = value(of.attribute_named(name)?) {
        Some(text)
    } else {
        None
    }
}
