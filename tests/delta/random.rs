//! Copies that are kept by delta links are what a new read gives, whatever has happened.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::kit::{GROUPS, MEMBERS, Mirror, Reader, removed};
use crate::support::server::{Kind, Server, USERS, link};

crate::on_both!(copies_stay_what_is_there);

/// Filters of every kind: own attributes, texts, nulls, references, through references.
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
    (MEMBERS, "Id ne null"),
    (MEMBERS, "User/Active eq true"),
    (MEMBERS, "contains(User/Login,'a')"),
];

struct Play<'s> {
    server: &'s Server,
    rng: Rng,
    users: Vec<String>,
    members: Vec<String>,
    groups: Vec<String>,
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

    fn step(&mut self) {
        let server = self.server;
        let (word, active) = (self.word(), self.rng.bool());
        match (self.rng.u8(..10), self.one()) {
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

fn copies_stay_what_is_there(kind: Kind) {
    let server = kind.server();
    let groups = (0..3).map(|_| server.group("G")).collect();
    let mut play = Play {
        server: &server,
        rng: Rng::with_seed(20_261_126),
        users: Vec::new(),
        members: Vec::new(),
        groups,
    };
    for _ in 0..12 {
        play.step();
    }
    let everything = Reader::default();
    let some = [
        (USERS, Some("Active eq true")),
        (MEMBERS, None),
        (GROUPS, None),
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
            if address.starts_with(USERS) {
                assert_eq!(mirror.rows, now, "{place}");
            } else {
                // The version of a child is that of its user, who may have changed alone.
                assert!(mirror.rows.keys().eq(now.keys()), "{place}\n{now:?}");
            }
            *ever = now.into_keys().collect();
        }
        for _ in 0..play.rng.usize(1..9) {
            play.step();
        }
    }
}
