//! Which changes the audit log notes, and what it says of them.
//!
//! Everything of the security area is noted, whatever it is: what is new there is noted without
//! anybody thinking of it. Of users only what decides who may do what; the rest is in their history.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::audit::{Event, What, Who, line};
use crate::change::{ChangeSet, Kind, Object, Record};
use crate::model::{Attribute, AttributeRole, Entity, Model, PropertyId};
use crate::service::write::SECURITY;
use crate::value::Value;

const USERS: &str = "Systems.Security.Users";
const TOKENS: &str = "Systems.Security.AccessTokens";
const FACTORS: &str = "Systems.Security.UserProviderTokens";
const APPLICATIONS: &str = "Systems.Security.TrustedApplications";

/// What is noted of users beside their password.
const WATCHED: &[&str] = &[
    "Active",
    "IsAdmin",
    "UserType",
    "BasicAuthenticationAllowed",
    "TwoFactorEnabled",
    "AccessFailedCount",
    "LockoutEndUtc",
    "Login",
    "Domain",
    "WindowsUserName",
];
/// Texts whose values are said: names of what rights are about. Of all others only that they changed.
const SAID: &[&str] = &[
    "Login",
    "EntitySet",
    "RecordFilter",
    "TableName",
    "ColumnName",
    "EntityName",
    "ProviderName",
    "ApplicationUri",
    "Scope",
    "Scopes",
];

/// Characters of such a text at most.
const TEXT: usize = 254;

/// What else is known about a change.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Cause<'a> {
    /// Who makes it.
    pub(in crate::service) who: &'a Who,
    /// Whether a new hash of a password is one of the same password.
    pub(in crate::service) same_password: bool,
    /// The users whose sessions a call ends.
    pub(in crate::service) revoked: &'a [Uuid],
}

/// What the audit log says of a change.
pub(in crate::service) fn of_changes<S>(set: &ChangeSet<'_, S>, cause: Cause<'_>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for object in set.objects() {
        let of = set.model().entity(object.entity);
        if object.kind() == Kind::Nothing || !SECURITY.iter().any(|s| of.name.starts_with(s)) {
            continue;
        }
        let seen = Seen {
            model: set.model(),
            of,
            object,
            who: cause.who,
        };
        match of.name.as_str() {
            USERS => events.extend(seen.user(cause.same_password)),
            TOKENS => events.push(seen.token()),
            FACTORS => events.push(seen.second_factor()),
            _ => events.extend(seen.anything()),
        }
    }
    // Several rows make one factor.
    let mut factors = HashSet::new();
    events.retain(|event| {
        let object = event.object.as_ref().and_then(|object| object.id);
        event.what != What::SecondFactorChanged || factors.insert(object)
    });
    events.extend(cause.revoked.iter().map(|user| {
        let event = Event::new(What::SessionsRevoked, cause.who.clone());
        event.on(super::USERS, Some(*user))
    }));
    events
}

/// One object that changes.
#[derive(Clone, Copy)]
struct Seen<'a> {
    model: &'a Model,
    of: &'a Entity,
    object: &'a Object,
    who: &'a Who,
}

impl<'a> Seen<'a> {
    fn event(self, what: What) -> Event {
        let table = &self.model.table(self.object.entity).name;
        Event::new(what, self.who.clone()).on(table, Some(self.object.id))
    }

    fn before(self) -> Option<&'a Record> {
        self.object.before.as_ref().map(|stored| &stored.record)
    }

    fn user(self, same_password: bool) -> Vec<Event> {
        let values = self.values(|name, _| WATCHED.contains(&name));
        let with = |what| self.event(what).with("values", values.clone());
        match self.object.kind() {
            Kind::Nothing => Vec::new(),
            Kind::Create => vec![with(What::UserCreated)],
            Kind::Delete => vec![with(What::UserDeleted)],
            Kind::Update => {
                let mut events = Vec::new();
                if self.differs("Password") {
                    events.push(self.event(if same_password {
                        What::PasswordRehashed
                    } else {
                        What::PasswordChanged
                    }));
                }
                let is_active = self.value(self.object.after.as_ref(), "Active");
                if self.differs("Active") {
                    events.push(with(if is_active == Some(&Value::Boolean(true)) {
                        What::UserActivated
                    } else {
                        What::UserDeactivated
                    }));
                }
                if values.keys().any(|name| name != "Active") {
                    events.push(with(What::RightsChanged));
                }
                if self.differs("TwoFactorEnabled") {
                    events.push(self.second_factor());
                }
                events
            }
        }
    }

    fn second_factor(self) -> Event {
        let event = Event::new(What::SecondFactorChanged, self.who.clone());
        event.on(super::USERS, Some(self.object.root))
    }

    fn token(self) -> Event {
        let ended = "ConsumedTimestamp";
        let is_ended = self.value(self.object.after.as_ref(), ended) != Some(&Value::Null);
        let what = match self.object.kind() {
            Kind::Create => What::TokenIssued,
            Kind::Delete => What::TokenRevoked,
            Kind::Update if self.differs(ended) && is_ended => What::TokenRevoked,
            Kind::Update | Kind::Nothing => What::RightsChanged,
        };
        self.event(what).with("values", self.values(|_, _| true))
    }

    fn anything(self) -> Vec<Event> {
        let values = self.values(|_, _| true);
        let what = match self.object.kind() {
            Kind::Create => What::RightsCreated,
            Kind::Delete => What::RightsDeleted,
            Kind::Update | Kind::Nothing => What::RightsChanged,
        };
        let is_secret = |about: Option<&Attribute>| about.is_some_and(|a| a.secret);
        let new_secret = self.of.name == APPLICATIONS
            && self.differs("ApplicationSecretHash")
            && self.object.kind() != Kind::Delete;
        let only_secret = new_secret
            && self.object.kind() == Kind::Update
            && self.values(|_, about| !is_secret(about)).is_empty();
        let mut events = Vec::new();
        if new_secret {
            events.push(self.event(What::ClientSecretSet));
        }
        let is_nothing = self.object.kind() == Kind::Update && values.is_empty();
        if !only_secret && !is_nothing {
            events.push(self.event(what).with("values", values));
        }
        events
    }

    /// The properties that differ: each with what it was and is where that may be said, else with
    /// nothing. Of a new object and one that goes, those that are not null.
    fn values(self, wanted: impl Fn(&str, Option<&Attribute>) -> bool) -> Map<String, Json> {
        let (before, after) = (self.before(), self.object.after.as_ref());
        let attributes = self.of.attribute_ids().filter(|(_, a)| {
            // What the service notes by itself is nobody's change.
            a.role == AttributeRole::Stored && a.stamp.is_none() && a.compose.is_empty()
        });
        let attributes = attributes.map(|(id, a)| (PropertyId::Attribute(id), &a.name, Some(a)));
        let references = self.of.reference_ids();
        let references = references.map(|(id, r)| (PropertyId::Reference(id), &r.name, None));
        let mut all = Map::new();
        for (id, name, about) in attributes.chain(references) {
            let (was, is) = (before.map(|r| get(r, id)), after.map(|r| get(r, id)));
            let is_null = |value: &Option<Value>| value.as_ref().is_none_or(|v| *v == Value::Null);
            if was == is || (is_null(&was) && is_null(&is)) || !wanted(name, about) {
                continue;
            }
            let say = |value: Option<Value>| self.say(name, about, value);
            all.insert(
                name.clone(),
                match (was, is) {
                    (None, is) => say(is),
                    (was, None) => say(was),
                    (was, is) => json!([say(was), say(is)]),
                },
            );
        }
        all
    }

    /// A value as an entry says it; a secret and a free text are not said.
    fn say(self, name: &str, about: Option<&Attribute>, value: Option<Value>) -> Json {
        let value = value.unwrap_or(Value::Null);
        if value == Value::Null {
            return Json::Null;
        }
        if about.is_some_and(|about| about.secret) {
            return json!("(secret)");
        }
        let enumeration = about.and_then(|about| about.enumeration);
        match value {
            Value::Null => Json::Null,
            Value::Boolean(truth) => json!(truth),
            Value::Integer(number) => json!(number),
            Value::Guid(guid) => json!(guid.to_string()),
            Value::Timestamp(time) => json!(time.to_string()),
            Value::Text(code) if enumeration.is_some() => {
                let member = enumeration.and_then(|e| self.model.enumeration(e).by_code(&code));
                json!(member.map_or(code.as_str(), |member| &member.name))
            }
            Value::Text(text) if SAID.contains(&name) => json!(line(&text, TEXT)),
            Value::Text(_) | Value::Binary(_) => json!("(text)"),
        }
    }

    fn value(self, record: Option<&'a Record>, name: &str) -> Option<&'a Value> {
        Some(record?.value(self.of.attribute_named(name)?))
    }

    fn differs(self, name: &str) -> bool {
        let of = |record| self.value(record, name).unwrap_or(&Value::Null);
        of(self.before()) != of(self.object.after.as_ref())
    }
}

fn get(record: &Record, id: PropertyId) -> Value {
    match id {
        PropertyId::Attribute(id) => record.value(id).clone(),
        PropertyId::Reference(id) => record.reference(id).map_or(Value::Null, Value::Guid),
        PropertyId::Collection(_) => Value::Null,
    }
}
