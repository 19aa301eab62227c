//! A server that is killed while it imports: no half-imported object, and the same import again
//! brings the rest.

use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::support::server::{Kind, USERS, merged, virtual_user};
use crate::support::world::send;

crate::on_both!(objects_are_whole_or_not_there, all_of_them_or_none);

/// Objects of one import: more than are written in one transaction.
const OBJECTS: u64 = 1_000;
/// How often an import may be through before the server is killed.
const TRIES: usize = 5;
const MEMBERS: &str = "Systems_Security_UserGroups";

/// A place with two groups, and an import of users who are in both.
struct Scene {
    place: Place,
    groups: [String; 2],
    /// Changes of users before the import.
    changes: u64,
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let program = place.start();
        let groups = ["One", "Two"]
            .map(|name| program.create("Systems_Security_Groups", &json!({"Name": {"EN": name}})));
        let (_, changes) = numbers(&program);
        program.kill();
        Self {
            place,
            groups,
            changes,
        }
    }

    fn document(&self, transaction: &str, start: &str) -> Value {
        let objects = (0..OBJECTS).map(|number| {
            let groups = self.groups.iter();
            let groups: Vec<_> = groups
                .map(|group| json!({"Group": {"@odata.id": group}}))
                .collect();
            let head = json!({"@odata.type": "Erp.Systems_Security_User",
                              "@erpnet.action": "merge", "Groups": groups});
            merged(head, virtual_user(&format!("{start}{number}")))
        });
        json!({"transaction": transaction, "objects": objects.collect::<Vec<_>>()})
    }

    /// Sends the import and kills the server once `is_time`; the number of users that are there for
    /// a server started afterwards, and whether an answer came.
    ///
    /// The one that ran beside does not know yet: `SQLite` tells other connections of a commit after
    /// it has written it, and a writer that is killed in between leaves it to the next recovery.
    fn killed(
        &self,
        document: &Value,
        start: &str,
        is_time: impl Fn(&Program) -> bool,
    ) -> (u64, bool) {
        let program = self.place.start();
        let beside = self.place.start();
        let (address, body) = (program.address, document.to_string());
        let answered = std::thread::scope(|scope| {
            let importing = scope.spawn(move || {
                let headers = [("Content-Type", "application/json")];
                let answer = send(address, "POST", "Import", &headers, body.as_bytes());
                answer.is_ok_and(|answer| answer.status == 200 && answer.body.ends_with('}'))
            });
            while !is_time(&beside) && !importing.is_finished() {
                std::thread::yield_now();
            }
            program.kill();
            importing.join().unwrap()
        });
        beside.kill();
        (users(&self.place.start(), start), answered)
    }

    /// Sees that users have both groups, and their history.
    fn check(&self, users: u64) {
        let program = self.place.start();
        let (members, changes) = numbers(&program);
        assert_eq!(members, users * 2);
        assert_eq!(changes - self.changes, users);
    }

    /// Imports to the end; the states of the objects.
    fn finish(&self, document: &Value) -> Vec<String> {
        let program = self.place.start();
        let answer = program.send("POST", "Import", document).json();
        assert_eq!(answer["@erpnet.result"], "success", "{answer}");
        let objects = answer["objects"].as_array().unwrap().iter();
        let states = objects.map(|object| object["@erpnet.state"].as_str().unwrap().to_owned());
        states.collect()
    }
}

fn users(program: &Program, start: &str) -> u64 {
    program.count(USERS, &format!("startswith(Login,'{start}')"))
}

/// All memberships, and all changes of users.
fn numbers(program: &Program) -> (u64, u64) {
    let members = program.ask("GET", &format!("{MEMBERS}/$count")).expect(200);
    let of_users = "RepositoryName eq 'Systems.Security.Users'";
    let changes = program.count("Systems_Core_ObjectChanges", of_users);
    (members.text().parse().unwrap(), changes)
}

fn number_of(states: &[String], state: &str) -> u64 {
    let found = states.iter().filter(|found| *found == state).count();
    u64::try_from(found).unwrap()
}

fn objects_are_whole_or_not_there(kind: Kind) {
    for _ in 0..TRIES {
        let scene = Scene::new(kind);
        let document = scene.document("per-object", "each");
        let is_time = |beside: &Program| users(beside, "each") > 0;
        let (there, answered) = scene.killed(&document, "each", is_time);
        scene.check(there);
        if answered || there == OBJECTS {
            // The machine was faster than the kill.
            continue;
        }
        assert!(there > 0, "nothing was written in time");
        let states = scene.finish(&document);
        assert_eq!(number_of(&states, "Unchanged"), there);
        assert_eq!(number_of(&states, "Added"), OBJECTS - there);
        scene.check(OBJECTS);
        return;
    }
    panic!("no kill came in time");
}

fn all_of_them_or_none(kind: Kind) {
    let scene = Scene::new(kind);
    let document = scene.document("all-objects", "all");
    for spins in [0, 20, 200] {
        let spun = std::cell::Cell::new(0);
        // Each look takes its time, on another connection.
        let is_time = |beside: &Program| {
            spun.set(spun.get() + 1);
            users(beside, "all");
            spun.get() > spins
        };
        let (there, answered) = scene.killed(&document, "all", is_time);
        assert!(there == 0 || there == OBJECTS, "{there} of {OBJECTS}");
        assert!(!answered || there == OBJECTS, "an answer for nothing");
        scene.check(there);
    }
    let states = scene.finish(&document);
    assert_eq!(states.len(), 1_000);
    scene.check(OBJECTS);
}
