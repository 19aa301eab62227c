//! A database in memory for the tests of changes and rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde_json::Value as Body;
use uuid::Uuid;

use super::family;
use super::{
    Action, Applier, Author, ChangeSet, Checked, Criterion, Faults, Json, Kind, Lookup, Outcome,
    Read, Reading, Record, Secret, Stored,
};
use crate::diag::{Problem, Result};
use crate::model::{EntityId, Model, PropertyId};
use crate::value::{Timestamp, Value};

/// The shipped model, loaded once.
pub(crate) fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::shipped().unwrap())
}

/// The time of every change in tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T10:00:00Z").unwrap()
}

/// A key that is easy to read in failures.
pub(crate) fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Who changes things in tests.
pub(crate) fn author() -> Author {
    Author {
        now: now(),
        user: Some(key(0xA)),
        login: Some("author".to_owned()),
        application: Some("tests".to_owned()),
    }
}

/// Objects as a database would have them.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) rows: BTreeMap<Uuid, Stored>,
    pub(crate) counters: HashMap<String, i64>,
}

/// A stored object as one of a base entity.
fn seen_as(stored: &Stored, entity: EntityId) -> Stored {
    let model = model();
    let of = model.entity(entity);
    let mut record = Record::new(of, stored.id);
    for (id, _) in of.attribute_ids() {
        if let Some(own) = family::attribute(model, entity, stored.entity, id) {
            record.set(id, stored.record.value(own).clone());
        }
    }
    for (id, _) in of.reference_ids() {
        if let Some(own) = family::reference(model, entity, stored.entity, id) {
            record.point(id, stored.record.reference(own));
        }
    }
    Stored {
        entity,
        record,
        ..stored.clone()
    }
}

impl Lookup for Memory {
    fn objects(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        let model = model();
        let all = self.rows.values();
        let found = all.filter(|s| model.is_a(s.entity, entity)).filter(|s| {
            let mut all = criteria.iter();
            all.all(|c| c.holds(model, entity, (s.entity, s.id), &s.record))
        });
        let most = limit.map_or(usize::MAX, |l| usize::try_from(l).unwrap());
        Ok(found.take(most).map(|s| seen_as(s, entity)).collect())
    }

    fn present(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        let keys = [Criterion::Keys(ids.to_vec())];
        let model = model();
        if model.entity(entity).view {
            let roots = self.rows.values();
            let roots = roots.filter(|s| model.entity(s.entity).root == s.entity);
            let ids = roots.map(|s| s.id).filter(|id| ids.contains(id));
            return Ok(ids.collect());
        }
        let found = self.objects(entity, &keys, None)?;
        Ok(found.iter().map(|s| s.id).collect())
    }

    fn next_number(&mut self, counter: &str, by: i64) -> Result<i64> {
        let number = self.counters.entry(counter.to_owned()).or_default();
        *number += by;
        Ok(*number)
    }

    fn count(&mut self, entity: EntityId) -> Result<u64> {
        Ok(u64::try_from(self.objects(entity, &[], None)?.len()).unwrap())
    }
}

/// One request of a transaction.
#[derive(Clone)]
pub(crate) enum Ask {
    Post(&'static str, Body),
    Patch(&'static str, Uuid, Body),
    /// A change in which a collection that is given is the whole one (OData 4.01).
    Patch401(&'static str, Uuid, Body),
    Put(&'static str, Uuid, Body),
    Delete(&'static str, Uuid),
}

/// Short names of sets that tests use often.
pub(crate) const USERS: &str = "Systems_Security_Users";
pub(crate) const GROUPS: &str = "Systems_Security_Groups";
pub(crate) const MEMBERS: &str = "Systems_Security_UserGroups";
pub(crate) const PERSONS: &str = "General_Contacts_Persons";
pub(crate) const PARTIES: &str = "General_Contacts_Parties";
pub(crate) const PROPERTIES: &str = "Systems_Bpm_CustomProperties";
pub(crate) const ALLOWED: &str = "Systems_Bpm_CustomPropertyAllowedValues";

/// The entity of a set.
pub(crate) fn entity(set: &str) -> EntityId {
    model().set(set).unwrap_or_else(|| panic!("no set {set}"))
}

/// Reads a payload as requests do; passwords are hashed to `HASH`.
pub(crate) fn read(set: &str, body: &Body, whole: bool) -> Result<Read> {
    let names = |name: &str| (name == "$1").then(|| format!("{USERS}({})", key(1)));
    let reading = Reading {
        model: model(),
        names: &names,
        strict: false,
        replace_collections: whole,
    };
    let json = Json::parse(body.to_string().as_bytes())?;
    let mut read = reading.object(entity(set), &json)?;
    for brought in read.draft.secrets() {
        *brought.secret = Secret::Hash {
            text: "HASH".to_owned(),
            format: "AspNetCoreV3".to_owned(),
        };
    }
    Ok(read)
}

/// Faults as lines: request, word, target, message; details below.
pub(crate) fn lines(faults: &Faults) -> Vec<String> {
    let mut lines = Vec::new();
    for (request, problem) in faults {
        add_lines(*request, problem, &mut lines);
    }
    lines
}

fn add_lines(request: usize, problem: &Problem, lines: &mut Vec<String>) {
    let (word, target) = (problem.word(), problem.target().unwrap_or("-"));
    lines.push(format!("{request} {word} {target}: {}", problem.message()));
    for detail in problem.details() {
        add_lines(request, detail, lines);
    }
}

/// A database, and what a transaction needs beside it.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) memory: Memory,
    pub(crate) made: u128,
    /// What became of the objects of the last transaction's requests.
    pub(crate) outcomes: Vec<Option<Outcome>>,
}

impl World {
    /// The changes of one transaction, checked and not written.
    pub(crate) fn change(
        &mut self,
        asks: &[Ask],
    ) -> Result<ChangeSet<'static, Checked>, Vec<String>> {
        self.try_change(asks).map_err(|faults| lines(&faults))
    }

    fn try_change(&mut self, asks: &[Ask]) -> Result<ChangeSet<'static, Checked>, Faults> {
        let made = &mut self.made;
        let mut ids = || {
            *made += 1;
            key(0xF000_0000 + *made)
        };
        let mut applier = Applier::new(model(), &mut self.memory, &mut ids, now());
        self.outcomes.clear();
        let mut faults = Vec::new();
        for (number, ask) in asks.iter().enumerate() {
            applier.request = number;
            let done = apply(&mut applier, ask).and_then(|o| applier.finish().map(|()| o));
            match done {
                Ok(outcome) => self.outcomes.push(outcome),
                Err(problem) => faults.push((number, problem)),
            }
        }
        if faults.is_empty() {
            applier.check(&author())
        } else {
            Err(faults)
        }
    }

    /// Writes a set of changes.
    pub(crate) fn write<S>(&mut self, set: &ChangeSet<'_, S>) {
        for object in set.objects() {
            match (object.kind(), &object.after) {
                (Kind::Create | Kind::Update, Some(record)) => {
                    let version = object.before.as_ref().map_or(0, |b| b.version) + 1;
                    let stored = Stored {
                        entity: object.entity,
                        id: object.id,
                        record: record.clone(),
                        root: object.root,
                        version,
                    };
                    self.memory.rows.insert(object.id, stored);
                }
                (Kind::Delete, _) => drop(self.memory.rows.remove(&object.id)),
                (Kind::Create | Kind::Update | Kind::Nothing, _) => {}
            }
        }
    }

    /// Puts an object there, without rules.
    pub(crate) fn seed(&mut self, set: &'static str, id: Uuid, mut body: Body) {
        body["Id"] = Body::String(id.to_string());
        let set = self.change(&[Ask::Post(set, body)]).unwrap();
        self.write(&set);
    }

    /// Sets a stored value, also one that only the service writes.
    pub(crate) fn set(&mut self, id: Uuid, name: &str, value: Value) {
        let stored = self.memory.rows.get_mut(&id).unwrap();
        match model().entity(stored.entity).property(name) {
            Some(PropertyId::Attribute(id)) => stored.record.set(id, value),
            _ => panic!("{name}"),
        }
    }

    /// A user, a group, or a membership of one in the other.
    pub(crate) fn user(&mut self, id: u128, login: &str) -> Uuid {
        let body = serde_json::json!({
            "Login": login, "Name": {"EN": login}, "@ext.initialPassword": "secret"
        });
        self.seed(USERS, key(id), body);
        key(id)
    }

    pub(crate) fn group(&mut self, id: u128, name: &str, code: &str) -> Uuid {
        self.seed(GROUPS, key(id), serde_json::json!({"Name": {"EN": name}}));
        self.set(key(id), "GroupType", Value::Text(code.to_owned()));
        key(id)
    }

    pub(crate) fn member(&mut self, id: u128, user: Uuid, group: Uuid) -> Uuid {
        let body = serde_json::json!({
            "User@odata.bind": at(USERS, user), "Group@odata.bind": at(GROUPS, group)
        });
        self.seed(MEMBERS, key(id), body);
        key(id)
    }
}

/// The address of an object.
pub(crate) fn at(set: &str, id: Uuid) -> String {
    format!("{set}({id})")
}

fn apply(applier: &mut Applier<'_, '_>, ask: &Ask) -> Result<Option<Outcome>> {
    match ask {
        Ask::Post(set, body) => {
            let draft = read(set, body, false)?.draft;
            applier.object(&draft, Action::Create)
        }
        Ask::Patch(set, id, body) => applier
            .update(&read(set, body, false)?.draft, *id)
            .map(Some),
        Ask::Patch401(set, id, body) => {
            applier.update(&read(set, body, true)?.draft, *id).map(Some)
        }
        Ask::Put(set, id, body) => {
            let draft = read(set, body, true)?.draft;
            applier.replace(&draft, *id, draft.entity)
        }
        Ask::Delete(set, id) => applier.delete(entity(set), *id, "").map(|()| None),
    }
}

/// The value of a property of an object as it will be, as text: `-` where it is null.
pub(crate) fn value<S>(set: &ChangeSet<'_, S>, of: &str, id: Uuid, name: &str) -> String {
    let object = set.object(entity(of), id).unwrap();
    shown(object.entity, object.after.as_ref().unwrap(), name)
}

/// The value of a property of a record, as text.
pub(crate) fn shown(entity: EntityId, record: &Record, name: &str) -> String {
    match model().entity(entity).property(name).unwrap() {
        PropertyId::Attribute(id) => match record.value(id) {
            Value::Null => "-".to_owned(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Integer(whole) => whole.to_string(),
            Value::Text(text) => text.clone(),
            Value::Guid(guid) => guid.to_string(),
            Value::Timestamp(time) => time.to_string(),
            Value::Binary(bytes) => format!("{} bytes", bytes.len()),
        },
        PropertyId::Reference(id) => record
            .reference(id)
            .map_or_else(|| "-".to_owned(), |to| to.to_string()),
        PropertyId::Collection(_) => panic!("{name}"),
    }
}

/// What happens to the objects of a set: `Create Systems_Security_Users <key>`, shortened.
pub(crate) fn kinds<S>(set: &ChangeSet<'_, S>) -> Vec<String> {
    let objects = set.objects().iter();
    let line = |o: &super::Object| {
        let set = &model().entity(o.entity).set;
        format!("{:?} {set} {:x}", o.kind(), o.id.as_u128())
    };
    objects.map(line).collect()
}
