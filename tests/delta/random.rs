//! Copies that are kept by delta links are what a new read gives, whatever has happened.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::kit::{GROUPS, MEMBERS, Mirror, Reader, removed};
use crate::support::server::{Kind, Server, USERS, key, link};

crate::on_both!(copies_stay_what_is_there);

const PERSONS: &str = "General_Contacts_Persons";
const COMPANIES: &str = "General_Contacts_Companies";
const EMPLOYEES: &str = "General_Contacts_CompanyEmployees";

/// Filters of every kind: own attributes, texts, nulls, references, through references, children that
/// there are and that there are not; `{group}` is the key of a group.
const FILTERS: &[(&str, &str)] = &[
    (USERS, "Login ne '~tester'"),
    (USERS, "Active eq true and Login ne '~tester'"),
    (USERS, "not (Active eq true) and Login ne '~tester'"),
    (USERS, "contains(Name,'a') and Login ne '~tester'"),
    (USERS, "Email eq null and Login ne '~tester'"),
    (USERS, "not startswith(Login,'m') and Login ne '~tester'"),
    (
        USERS,
        "Groups/$count($filter=Group/Id ne null) eq 1 and Login ne '~tester'",
    ),
    (
        USERS,
        "CreationTimeUtc ge 2020-01-01T00:00:00Z and Login ne '~tester'",
    ),
    (MEMBERS, "Id ne null"),
    (MEMBERS, "User/Active eq true"),
    (MEMBERS, "contains(User/Login,'a')"),
    (MEMBERS, "Id ne null&$select=DisplayText"),
    (USERS, "Login ne '~tester'&$select=Login,Person"),
    (USERS, "not Groups/any() and Login ne '~tester'"),
    (
        USERS,
        "Groups/all(g:g/Group/Id ne {group}) and Login ne '~tester'",
    ),
    (
        USERS,
        "Groups/any(g:g/Group/Id eq {group} and g/User/Active eq true)",
    ),
    (PERSONS, "not CompanyEmployees/any(e:e/IsActive eq true)"),
    (PERSONS, "CompanyEmployees/all(e:e/IsActive eq true)"),
    (EMPLOYEES, "contains(Person/PartyName,'a')"),
];

struct Play<'s> {
    server: &'s Server,
    rng: Rng,
    users: Vec<String>,
    members: Vec<String>,
    groups: Vec<String>,
    persons: Vec<String>,
    employments: Vec<String>,
    company: String,
}

impl Play<'_> {
    fn word(&mut self) -> String {
        let letters = (0..3).map(|_| self.rng.lowercase());
        let letters: String = letters.collect();
        format!("{letters}{}", self.rng.u16(..))
    }

    fn one(&mut self) -> Option<String> {
        let number = self.rng.usize(..self.users.len().max(1));
        self.users.get(number).cloned()
    }

    fn of(rng: &mut Rng, all: &[String]) -> Option<String> {
        all.get(rng.usize(..all.len().max(1))).cloned()
    }

    fn step(&mut self) {
        match self.rng.u8(..3) {
            0 => self.step_of_persons(),
            _ => self.step_of_users(),
        }
    }

    /// Persons and their employments, which are objects of their own.
    fn step_of_persons(&mut self) {
        let server = self.server;
        let (word, active) = (self.word(), self.rng.bool());
        let person = Self::of(&mut self.rng, &self.persons);
        let employment = Self::of(&mut self.rng, &self.employments);
        match (self.rng.u8(..8), person, employment) {
            (0 | 1, ..) | (_, None, _) => {
                let person = json!({"FirstName": {"EN": word}});
                self.persons.push(server.create(PERSONS, &person));
            }
            (2 | 3, Some(person), _) | (_, Some(person), None) => {
                let employment = json!({"Person": link(&person),
                    "Company": link(&self.company), "IsActive": active});
                self.employments.push(server.create(EMPLOYEES, &employment));
            }
            (4, Some(person), Some(employment)) => {
                server.change(&employment, &json!({"Person": link(&person)}));
            }
            (5, _, Some(employment)) => {
                server.delete(&employment).expect(204);
                self.employments.retain(|known| *known != employment);
            }
            (6, Some(person), _) => {
                server.change(&person, &json!({"FirstName": {"EN": word}}));
            }
            (_, _, Some(employment)) => {
                server.change(&employment, &json!({"IsActive": active}));
            }
        }
    }

    fn step_of_users(&mut self) {
        let server = self.server;
        let (word, active) = (self.word(), self.rng.bool());
        match (self.rng.u8(..13), self.one()) {
            (0 | 1, _) | (_, None) => {
                let user = server.user_with(&word, json!({"Active": active}));
                self.users.push(user);
            }
            (2, Some(user)) => {
                server.delete(&user).expect(204);
                self.users.retain(|known| *known != user);
            }
            (3, Some(user)) => {
                let group = &self.groups[self.rng.usize(..self.groups.len())];
                let member = json!({"User": link(&user), "Group": link(group)});
                // They may be a member already.
                let made = server.post(MEMBERS, &member).send();
                if made.status == 201 {
                    self.members.push(format!("{MEMBERS}({})", made.id()));
                }
            }
            (4, Some(_)) => {
                if let Some(member) = self.members.pop() {
                    // It may have gone with its user.
                    server.delete(&member).send();
                }
            }
            (5, Some(user)) => drop(server.change(&user, &json!({"Login": word}))),
            (10 | 11, Some(user)) => {
                if let Some(member) = Self::of(&mut self.rng, &self.members) {
                    // It may have gone, or they may be a member already.
                    let moved = json!({"User": link(&user)});
                    server.patch(&member, &moved).send();
                }
            }
            (12, Some(user)) => {
                let person = Self::of(&mut self.rng, &self.persons);
                let person = person.filter(|_| active);
                let person = person.map_or(Value::Null, |person| link(&person));
                server.change(&user, &json!({ "Person": person }));
            }
            (6, Some(user)) => drop(server.change(&user, &json!({"Name": {"EN": word}}))),
            (7, Some(user)) => {
                let email = match active {
                    true => json!(format!("{word}@x.example")),
                    false => Value::Null,
                };
                server.change(&user, &json!({ "Email": email }));
            }
            (_, Some(user)) => drop(server.change(&user, &json!({"Active": active}))),
        }
    }
}

/// Rows as a copy promises them: the version of a child is that of its user, who may have changed
/// alone.
fn looks(set: &str, rows: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut rows = rows.clone();
    if set.starts_with(MEMBERS) {
        for row in rows.values_mut().filter_map(Value::as_object_mut) {
            row.remove("ObjectVersion");
            row.remove("@etag");
        }
    }
    rows
}

fn copies_stay_what_is_there(kind: Kind) {
    let server = kind.server();
    let groups: Vec<String> = (0..3).map(|_| server.group("G")).collect();
    let group = key(&groups[0]).to_owned();
    let company = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": "1"});
    let company = server.create(COMPANIES, &company);
    let mut play = Play {
        server: &server,
        rng: Rng::with_seed(20_261_126),
        users: Vec::new(),
        members: Vec::new(),
        groups,
        persons: Vec::new(),
        employments: Vec::new(),
        company,
    };
    for _ in 0..24 {
        play.step();
    }
    let everything = Reader::default();
    let some = [
        (USERS, Some("Active eq true")),
        (MEMBERS, None),
        (GROUPS, None),
        (PERSONS, Some("contains(PartyName,'e')")),
        (EMPLOYEES, None),
        (COMPANIES, None),
    ];
    let some = Reader::new(&server, "0reader", &some);
    let mut copies = Vec::new();
    for (number, (set, filter)) in FILTERS.iter().enumerate() {
        for reader in [&everything, &some] {
            let order = if *set == USERS {
                "&$orderby=Login desc"
            } else {
                ""
            };
            let filter = filter.replace("{group}", &group);
            let address = format!("{set}?$filter={filter}{order}");
            // What may have been seen, from the beginning of the walk on.
            let ever: BTreeSet<String> = reader.rows(&server, &address).into_keys().collect();
            let mut walk =
                |size: usize| Mirror::walk(&server, reader, &address, size, || play.step());
            let mirror = walk(1 + number % 3);
            copies.push((address, reader.clone(), mirror, ever));
        }
    }
    for round in 0..12 {
        for (address, reader, mirror, ever) in &mut copies {
            let now: BTreeMap<String, Value> = reader.rows(&server, address);
            let delta = mirror.catch_up(&server);
            let place = format!("{round}: {address} of {reader:?}\n{delta}");
            for key in removed(&delta) {
                assert!(ever.contains(&key), "{key} was never there: {place}");
            }
            assert_eq!(
                looks(address, &mirror.rows),
                looks(address, &now),
                "{place}"
            );
            *ever = now.into_keys().collect();
        }
        for _ in 0..play.rng.usize(1..9) {
            play.step();
        }
    }
}
