//! Two databases that differ only in what a caller may not see refuse what that caller may not
//! change with the same words, and stay as they are.

use fastrand::Rng;
use serde_json::{Value as Json, json};
use userdex::model::{Attribute, Model};
use userdex::service::{ContentIds, Verb, WriteRequest};
use userdex::value::Kind;
use uuid::Uuid;

use crate::office::{Office, address};
use crate::support::world::{World, change};

/// Changes to each pair of databases.
const CHANGES: usize = 600;
const MEMBERS: &str = "Systems_Security_UserGroups";

/// Changes at random that a reader of the directory may not make.
struct Trying<'m> {
    model: &'m Model,
    rng: Rng,
    /// Users and memberships, visible and hidden.
    users: &'m [Uuid],
    members: &'m [Uuid],
    groups: &'m [Uuid],
}

impl Trying<'_> {
    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.rng.usize(..all.len())]
    }

    /// Values, among them those that one of the databases has.
    fn value(&mut self, attribute: &Attribute) -> Json {
        if self.rng.u8(..4) == 0 {
            return Json::Null;
        }
        match attribute.kind {
            Kind::Boolean => json!(self.rng.bool()),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => json!(self.rng.u8(..6)),
            Kind::Guid => json!(self.users[self.rng.usize(..self.users.len())].to_string()),
            Kind::DateTimeOffset => json!("2026-11-01T10:00:00Z"),
            Kind::String => json!(*self.one_of(&["MARKER", "x", "shadow1", "admin"])),
            Kind::Binary => json!("AAAA"),
            Kind::Multilanguage => json!({"EN": *self.one_of(&["MARKER", "Shadow One", "Admin"])}),
            Kind::Enumeration => {
                let members = &self
                    .model
                    .enumeration(attribute.enumeration.unwrap())
                    .members;
                json!(self.one_of(members).name.clone())
            }
        }
    }

    /// Some attributes of a user, but for those that are everybody's own.
    fn payload(&mut self) -> Json {
        let entity = self.model.set("Systems_Security_Users").unwrap();
        let mut body = json!({});
        for _ in 0..self.rng.u8(1..3) {
            let all = &self.model.entity(entity).attributes;
            let attribute = &all[self.rng.usize(..all.len())];
            if !attribute.self_service && attribute.name != "Id" {
                body[&attribute.name] = self.value(attribute);
            }
        }
        if self.rng.u8(..5) == 0 {
            body["Groups"] = json!([]);
        }
        body
    }

    fn attempt(&mut self) -> (Verb, String, Json) {
        let user = *self.one_of(self.users);
        let (member, group) = (*self.one_of(self.members), *self.one_of(self.groups));
        let path = address(user);
        let group = format!("Systems_Security_Groups({group})");
        match self.rng.u8(..12) {
            0 => (Verb::Put, path, self.payload()),
            1 => {
                let entity = self.model.set("Systems_Security_Users").unwrap();
                let all = &self.model.entity(entity).attributes;
                let attribute = &all[self.rng.usize(..all.len())];
                let value = json!({ "value": self.value(attribute) });
                let verb = *self.one_of(&[Verb::Put, Verb::Delete]);
                (verb, format!("{path}/{}", attribute.name), value)
            }
            2 => {
                let one = [path, group, format!("{MEMBERS}({member})"), "Ext.Me".into()];
                (Verb::Delete, self.one_of(&one).clone(), Json::Null)
            }
            3 => {
                let action = *self.one_of(&[
                    "Ext.Unlock",
                    "Ext.ConfirmEmail",
                    "Ext.RevokeSessions",
                    "Ext.RemoveSecondFactor",
                    "Ext.IssueToken",
                ]);
                (Verb::Post, format!("{path}/{action}"), json!({}))
            }
            4 => (
                Verb::Post,
                MEMBERS.to_owned(),
                json!({ "Id": member.to_string() }),
            ),
            5 => {
                let mut inner = self.payload();
                inner["Id"] = json!(user.to_string());
                let body = json!({"User": inner, "Group@odata.bind": group});
                (Verb::Post, MEMBERS.to_owned(), body)
            }
            6 => {
                let find = json!({"@erpnet.findBy": {"Name": self.one_of(&["Shadow", "MARKER"])}});
                let body = json!({"User": find, "Group@odata.bind": group});
                (Verb::Post, MEMBERS.to_owned(), body)
            }
            7 => {
                let mut body = self.payload();
                // A change of nothing is one that everybody may make of themselves.
                body["Active"] = json!(true);
                (Verb::Patch, "Ext.Me".to_owned(), body)
            }
            8 => (Verb::Delete, format!("{path}/Person/$ref"), Json::Null),
            _ => (Verb::Patch, path, self.payload()),
        }
    }
}

fn keys(world: &World, set: &str) -> Vec<Uuid> {
    let rows = world.all(&format!("{set}?$select=Id"));
    let key = |row: &Json| row["Id"].as_str().unwrap().parse().unwrap();
    rows.iter().map(key).collect()
}

fn send(office: &Office<'_>, (verb, path, body): (Verb, &str, &Json)) -> (u16, String) {
    let request = WriteRequest {
        caller: office.caller(office.reader),
        ..change(verb, path, body.to_string())
    };
    let service = &office.world.service;
    match service.write(&[request], &mut ContentIds::default()) {
        Ok(answers) => (answers[0].status, format!("{:?}", answers[0])),
        Err(refusal) => {
            let problem = refusal.problem;
            (problem.code().status(), format!("{problem:?}"))
        }
    }
}

/// Tries the same at both.
pub(crate) fn changes_are_the_same(quiet: &World, loud: &World, reader: Uuid) {
    let (mut users, members) = (keys(loud, "Systems_Security_Users"), keys(loud, MEMBERS));
    // Of themselves they may change something.
    users.retain(|user| *user != reader);
    let groups = keys(loud, "Systems_Security_Groups");
    let mut trying = Trying {
        model: &quiet.model,
        rng: Rng::with_seed(20_261_126),
        users: &users,
        members: &members,
        groups: &groups,
    };
    let before = (quiet.dump(), loud.dump());
    let (one, two) = (Office::over(quiet, reader), Office::over(loud, reader));
    let (mut forbidden, mut missing) = (0, 0);
    for _ in 0..CHANGES {
        let (verb, path, body) = trying.attempt();
        let (a, b) = (
            send(&one, (verb, &path, &body)),
            send(&two, (verb, &path, &body)),
        );
        assert_eq!(a, b, "{}: {verb:?} {path} {body}", quiet.name);
        assert!(a.0 >= 400, "{verb:?} {path} {body}: {}", a.1);
        match a.0 {
            403 => forbidden += 1,
            404 => missing += 1,
            _ => {}
        }
    }
    assert!(
        forbidden > CHANGES / 4 && missing > CHANGES / 30,
        "{forbidden} forbidden, {missing} missing"
    );
    quiet.assert_unchanged(&before.0, "what may not be changed");
    loud.assert_unchanged(&before.1, "what may not be changed");
}
