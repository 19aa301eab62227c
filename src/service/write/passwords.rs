//! Passwords that are replaced: when, and which of the last few they were.

use uuid::Uuid;

use super::work::Work;
use super::{Service, WriteRequest};
use crate::access::{self, Format, Verdict};
use crate::change::{Kind, Secret};
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, Entity};
use crate::plan::{By, Located};
use crate::rules::Sealed;
use crate::store::{Account, PasswordReads as _, SignInReads as _, Writer};
use crate::value::{Timestamp, Value};

/// The entity whose objects have passwords.
const USERS: &str = "Systems.Security.Users";

impl Service {
    /// Sees that a password is none of the last few of its user, the one in use among them.
    pub(in crate::service) fn see_unused(&self, account: &Account, password: &str) -> Result<()> {
        let most = self.0.settings.passwords.history;
        if most == 0 || password.is_empty() {
            return Ok(());
        }
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
            if verdict != Verdict::Failed {
                let message = format!("the password is one of the last {most} of this user");
                return Err(Problem::new(Code::PasswordPolicy, message).about("password"));
            }
        }
        Ok(())
    }

    /// The same for what callers set for themselves. What they set for others is not compared:
    /// administrators would learn whether a guess was the password of somebody else.
    pub(super) fn see_own_unused(&self, request: &WriteRequest, work: &mut Work) -> Result<()> {
        if self.0.settings.passwords.history == 0 {
            return Ok(());
        }
        let Some(user) = request.caller.user() else {
            return Ok(());
        };
        let Some(object) = work.object().cloned() else {
            return Ok(());
        };
        // What stands deeper in the payload is another object's.
        let mut own = work.secrets().into_iter();
        let own = own.find(|(path, _)| !path.contains('/'));
        let Some((target, Secret::Plain(password))) = own else {
            return Ok(());
        };
        if self.located(&object)? != Some(user) {
            return Ok(());
        }
        match self.0.store.session()?.account(user)? {
            Some(account) => self
                .see_unused(&account, password)
                .map_err(|p| p.about(target)),
            None => Ok(()),
        }
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
