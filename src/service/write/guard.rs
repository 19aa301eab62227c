//! What no right allows: to give an application more than one's own sign-in has, to switch a second
//! factor on or off without it, to turn a token that somebody has found into a password, and to
//! bring a token back that was ended.

use uuid::Uuid;

use crate::access::{Scopes, Way};
use crate::change::{ChangeSet, Faults, Kind, Object, Record};
use crate::diag::{Code, Problem, Result};
use crate::model::{Entity, PropertyId};
use crate::service::Caller;
use crate::value::Value;

const USERS: &str = "Systems.Security.Users";
const TOKENS: &str = "Systems.Security.AccessTokens";
const APPLICATIONS: &str = "Systems.Security.TrustedApplications";

/// What decides who acts with the scopes of an application: how it proves itself, and as whom it
/// acts. So does enabling it; to disable it takes only away.
const POWERS: &[&str] = &[
    "ApplicationSecretHash",
    "ClientType",
    "Scope",
    "SystemUser",
    "SystemUserAllowed",
];

/// Sees that a change takes no proof away and gives no scope that its caller lacks. `vouched` are
/// objects that a call changes, which has asked for the proof.
pub(super) fn check<S>(
    caller: &Caller,
    set: &ChangeSet<'_, S>,
    vouched: &[Uuid],
) -> Result<(), Faults> {
    let mut faults = Faults::new();
    for object in set.objects() {
        let changed = Changed {
            of: set.model().entity(object.entity),
            object,
        };
        let refused = match changed.of.name.as_str() {
            APPLICATIONS => changed.application(caller),
            USERS => changed.user(caller, vouched),
            TOKENS => changed.token(),
            _ => None,
        };
        let inside = |problem: Problem| (object.request, problem.inside(&object.path));
        faults.extend(refused.map(inside));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// One object that changes.
struct Changed<'a> {
    of: &'a Entity,
    object: &'a Object,
}

impl Changed<'_> {
    fn application(&self, caller: &Caller) -> Option<Problem> {
        let is_about_scopes = match self.object.kind() {
            Kind::Create => true,
            Kind::Update => self.is_enabled() || POWERS.iter().any(|name| self.differs(name)),
            Kind::Delete | Kind::Nothing => false,
        };
        let held = caller.scopes();
        let covers = |record: Option<&Record>| {
            let Value::Text(scope) = self.value(record, "Scope") else {
                return true;
            };
            held.cover(Scopes::parse(&scope))
        };
        let covered = covers(self.before()) && covers(self.after());
        if !is_about_scopes || covered {
            return None;
        }
        let message = "an application that may have scopes which your own sign-in lacks is set up by those who have them";
        let problem = Problem::new(Code::Forbidden, message).about("Scope");
        Some(problem.help("sign in with a token that has all scopes of its `Scope`"))
    }

    fn is_enabled(&self) -> bool {
        let name = "IsEnabled";
        self.differs(name) && self.value(self.after(), name) == Value::Boolean(true)
    }

    fn user(&self, caller: &Caller, vouched: &[Uuid]) -> Option<Problem> {
        let identity = caller.identity()?;
        let is_update = self.object.kind() == Kind::Update;
        if is_update && self.differs("TwoFactorEnabled") && !vouched.contains(&self.object.id) {
            let message = "the second factor is not switched by a change of the user";
            let problem = Problem::new(Code::Forbidden, message).about("TwoFactorEnabled");
            return Some(problem.help(
                "call `Ext.BeginSecondFactor` and `Ext.ConfirmSecondFactor`, or `Ext.RemoveSecondFactor`",
            ));
        }
        let is_own = identity.user == self.object.id;
        if is_update && is_own && self.differs("Password") {
            return check_own_password(caller).err();
        }
        None
    }

    fn token(&self) -> Option<Problem> {
        let was = self.value(self.before(), "ConsumedTimestamp");
        let comes_back = self.object.kind() == Kind::Update
            && was != Value::Null
            && self.differs("ConsumedTimestamp");
        if !comes_back {
            return None;
        }
        let message = "a token that was ended stays so";
        let problem = Problem::new(Code::Forbidden, message).about("ConsumedTimestamp");
        Some(problem.help("make a new one with `Ext.IssueToken`"))
    }

    fn before(&self) -> Option<&Record> {
        self.object.before.as_ref().map(|stored| &stored.record)
    }

    fn after(&self) -> Option<&Record> {
        self.object.after.as_ref()
    }

    fn differs(&self, name: &str) -> bool {
        self.value(self.before(), name) != self.value(self.after(), name)
    }

    fn value(&self, record: Option<&Record>, name: &str) -> Value {
        let Some(record) = record else {
            return Value::Null;
        };
        let attribute = self.of.attribute_named(name).map(PropertyId::Attribute);
        let reference = || self.of.reference_named(name).map(PropertyId::Reference);
        match attribute.or_else(reference) {
            Some(PropertyId::Attribute(id)) => record.value(id).clone(),
            Some(PropertyId::Reference(id)) => {
                record.reference(id).map_or(Value::Null, Value::Guid)
            }
            Some(PropertyId::Collection(_)) | None => Value::Null,
        }
    }
}

/// Sees that a caller did not come by a token, to change their own password.
pub(super) fn check_own_password(caller: &Caller) -> Result<()> {
    if !caller.identity().is_some_and(|who| is_token(who.way)) {
        return Ok(());
    }
    let message = "a token does not change the password of its own user";
    let problem = Problem::new(Code::Forbidden, message).about("password");
    Err(problem.help("sign in with the password"))
}

/// Whether a way in is one by a token: what signs in with it makes nothing else to sign in with, or
/// whoever finds a token keeps what it opens for ever.
pub(in crate::service) const fn is_token(way: Way) -> bool {
    match way {
        Way::Token | Way::Client | Way::Issuer => true,
        Way::Basic | Way::Session | Way::Cookie | Way::Nobody => false,
    }
}
