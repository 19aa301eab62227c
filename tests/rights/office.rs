//! A directory with people of different rights.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use userdex::access::{Identity, Scopes, Way};
use userdex::diag::{Problem, Result};
use userdex::service::{
    Caller, ContentIds, Flow, Head, ODataVersion, Output, Prepared, ReadPreferences, RequestHead,
    Verb, WriteRequest,
};
use userdex::value::{Language, Timestamp};
use uuid::Uuid;

use crate::support::world::{World, change, on_each_world};

/// A directory, and who is in it.
pub(crate) struct Office<'w> {
    pub(crate) world: &'w World,
    /// Holds the role `Directory reader`.
    pub(crate) reader: Uuid,
    /// Holds nothing.
    pub(crate) nobody: Uuid,
    /// An administrator.
    pub(crate) admin: Uuid,
    /// Not active, a member of `group`.
    pub(crate) hidden: Uuid,
    /// Has `hidden` and `reader` as members.
    pub(crate) group: Uuid,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn tree(&self) -> Json {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn rows(&self) -> Vec<Json> {
        self.tree()["value"].as_array().unwrap().clone()
    }
}

/// Runs a test in an office over each kind of database.
pub(crate) fn on_each_office(test: impl Fn(&Office<'_>)) {
    on_each_world(30, |world| test(&Office::new(world)));
}

fn user(world: &World, login: &str, more: &Json) -> Uuid {
    let mut body = json!({
        "Login": login, "Name": {"EN": login}, "UserType": "InternalUser",
        "@ext.initialPassword": "Correct horse 7!", "Notes": format!("notes of {login}"),
        "PhoneNumber": "+359 2 555", "DefaultLanguage": "bg",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    create(world, "Systems_Security_Users", &body)
}

/// Creates an object as the program itself.
pub(crate) fn create(world: &World, set: &str, body: &Json) -> Uuid {
    let request = change(Verb::Post, set, body.to_string());
    let answers = world.service.write(&[request], &mut ContentIds::default());
    let answers = answers.unwrap_or_else(|refusal| panic!("{set}: {refusal:?}"));
    let body: Json = serde_json::from_slice(&answers[0].body).unwrap();
    body["Id"].as_str().unwrap().parse().unwrap()
}

impl<'w> Office<'w> {
    /// A directory with one reader and nobody else to speak of.
    pub(crate) fn over(world: &'w World, reader: Uuid) -> Self {
        let nobody = Uuid::nil();
        Self {
            world,
            reader,
            nobody,
            admin: nobody,
            hidden: nobody,
            group: nobody,
        }
    }

    fn new(world: &'w World) -> Self {
        world.service.ship_rights(Timestamp::now()).unwrap();
        let office = Self {
            world,
            reader: user(world, "reader", &json!({})),
            nobody: user(world, "nobody", &json!({})),
            admin: user(world, "boss", &json!({"IsAdmin": true})),
            hidden: user(world, "gone", &json!({"Active": false, "Notes": "MARKER"})),
            group: create(
                world,
                "Systems_Security_Groups",
                &json!({"Name": {"EN": "Office"}}),
            ),
        };
        let role = world.all("Systems_Security_Roles?$filter=Name%20eq%20'Directory%20reader'");
        let role = role[0]["Id"].as_str().unwrap();
        office.create(
            "Systems_Security_RoleUsers",
            &json!({"User@odata.bind": address(office.reader), "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
        );
        for member in [office.reader, office.hidden] {
            let group = format!("Systems_Security_Groups({})", office.group);
            office.create(
                "Systems_Security_UserGroups",
                &json!({"User@odata.bind": address(member), "Group@odata.bind": group}),
            );
        }
        office
    }

    pub(crate) fn create(&self, set: &str, body: &Json) -> Uuid {
        create(self.world, set, body)
    }

    /// A user who has signed in with the usual scopes.
    pub(crate) fn caller(&self, user: Uuid) -> Arc<Caller> {
        self.caller_with(user, Scopes::USUAL)
    }

    pub(crate) fn caller_with(&self, user: Uuid, scopes: Scopes) -> Arc<Caller> {
        let identity = Identity {
            user,
            login: "somebody".to_owned(),
            administrator: user == self.admin,
            scopes,
            way: Way::Session,
            session: None,
            application: None,
        };
        self.world.service.caller(identity).unwrap()
    }

    /// `GET address` as a client of OData 4.0 that would like delta links.
    pub(crate) fn get(&self, caller: &Caller, address: &str) -> Answer {
        let mut whole = Whole::default();
        match self.read(caller, address, &mut whole) {
            Ok(()) => Answer {
                status: whole.status,
                body: String::from_utf8(whole.body).unwrap(),
            },
            Err(problem) => Answer {
                status: problem.code().status(),
                body: json!({"code": problem.code().word(), "message": problem.to_string()})
                    .to_string(),
            },
        }
    }

    fn read(&self, caller: &Caller, address: &str, out: &mut Whole) -> Result<(), Problem> {
        let now = Timestamp::parse("2026-11-26T12:00:00Z").unwrap();
        let prepared = self.world.service.prepare(&RequestHead {
            root: crate::support::service::ROOT,
            accept: Some("application/json;odata.metadata=minimal, */*;q=0.1"),
            odata_version: Some(ODataVersion::V4),
            preferences: ReadPreferences {
                track_changes: true,
                ..ReadPreferences::default()
            },
            ..RequestHead::at(address, &Language::default(), caller, now)
        })?;
        match prepared {
            Prepared::Document(document) => {
                (out.status, out.body) = (200, document.body.to_vec());
                Ok(())
            }
            Prepared::Read(read) => self.world.service.run(&read, out),
            Prepared::Call(call) => self.world.service.answer(&call, out),
        }
    }

    /// A change as the program itself.
    pub(crate) fn write_as_system(&self, verb: Verb, path: &str, body: &Json) -> (u16, String) {
        self.write(Caller::system(), verb, path, body)
    }

    /// A change as somebody; the status and the code.
    pub(crate) fn write(
        &self,
        caller: &Arc<Caller>,
        verb: Verb,
        path: &str,
        body: &Json,
    ) -> (u16, String) {
        let request = WriteRequest {
            caller: caller.clone(),
            ..change(verb, path, body.to_string())
        };
        match self
            .world
            .service
            .write(&[request], &mut ContentIds::default())
        {
            Ok(answers) => (
                answers[0].status,
                String::from_utf8(answers[0].body.to_vec()).unwrap(),
            ),
            Err(refusal) => {
                let problem = refusal.problem;
                (
                    problem.code().status(),
                    format!("{} {problem:?}", problem.code().word()),
                )
            }
        }
    }
}

/// The address of a user.
pub(crate) fn address(user: Uuid) -> String {
    format!("Systems_Security_Users({user})")
}

#[derive(Default)]
struct Whole {
    status: u16,
    body: Vec<u8>,
}

impl Output for Whole {
    fn head(&mut self, head: Head) -> Result<()> {
        self.status = head.status;
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        self.body.extend_from_slice(&chunk);
        Ok(Flow::More)
    }
}
