//! Operations at random, over few keys and values, so that they get in each other's way.

use std::ops::Range;

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};
use userdex::service::Verb;

use super::memory::Memory;
use super::{DOMAINS, GROUPS, USER_GROUPS, USERS, id};

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    PostUser(Map<String, Json>),
    ChangeUser {
        id: String,
        body: Map<String, Json>,
        replace: bool,
    },
    DeleteUser(String),
    PostMember {
        id: String,
        user: String,
        group: String,
    },
    DeleteMember(String),
    Link {
        user: String,
        domain: Option<String>,
    },
    ChangeDomain {
        id: String,
        name: String,
        create: bool,
    },
    DeleteDomain(String),
}

impl Operation {
    /// The request that asks for it.
    pub(super) fn request(&self) -> (Verb, String, String) {
        let none = String::new();
        match self {
            Self::PostUser(body) => (
                Verb::Post,
                USERS.to_owned(),
                Json::Object(body.clone()).to_string(),
            ),
            Self::ChangeUser { id, body, replace } => {
                let verb = if *replace { Verb::Put } else { Verb::Patch };
                let body = Json::Object(body.clone()).to_string();
                (verb, format!("{USERS}({id})"), body)
            }
            Self::DeleteUser(id) => (Verb::Delete, format!("{USERS}({id})"), none),
            Self::PostMember { id, user, group } => {
                let body = json!({
                    "Id": id,
                    "User@odata.bind": format!("{USERS}({user})"),
                    "Group": {"@odata.id": format!("{GROUPS}({group})")},
                });
                (Verb::Post, USER_GROUPS.to_owned(), body.to_string())
            }
            Self::DeleteMember(id) => (Verb::Delete, format!("{USER_GROUPS}({id})"), none),
            Self::Link { user, domain } => {
                let path = format!("{USERS}({user})/Domain/$ref");
                match domain {
                    Some(domain) => {
                        let body = json!({"@odata.id": format!("{DOMAINS}({domain})")});
                        (Verb::Put, path, body.to_string())
                    }
                    None => (Verb::Delete, path, none),
                }
            }
            Self::ChangeDomain { id, name, create } => {
                let body = json!({"Id": id, "Name": name, "IsDefault": false}).to_string();
                match create {
                    true => (Verb::Post, DOMAINS.to_owned(), body),
                    false => (Verb::Patch, format!("{DOMAINS}({id})"), body),
                }
            }
            Self::DeleteDomain(id) => (Verb::Delete, format!("{DOMAINS}({id})"), none),
        }
    }
}

/// A key, most often one that is there; or, for a new object, one that is not.
fn pick(rng: &mut Rng, known: &[String], all: Range<u128>, fresh: bool) -> String {
    if fresh && rng.u8(0..8) > 0 {
        let free = all.clone().map(id).find(|id| !known.contains(id));
        return free.unwrap_or_else(|| id(all.start));
    }
    match known {
        known if !fresh && !known.is_empty() && rng.u8(0..8) > 0 => {
            known[rng.usize(..known.len())].clone()
        }
        _ => id(rng.u128(all)),
    }
}

fn user_id(rng: &mut Rng, memory: &Memory, fresh: bool) -> String {
    pick(rng, &memory.keys()[0], 0x1000..0x1010, fresh)
}

fn member_id(rng: &mut Rng, memory: &Memory, fresh: bool) -> String {
    pick(rng, &memory.keys()[1], 0x2000..0x2040, fresh)
}

fn domain_id(rng: &mut Rng, memory: &Memory, fresh: bool) -> String {
    pick(rng, &memory.keys()[2], 0x3000..0x3004, fresh)
}

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// Some members of a user; all that are needed for a new one.
fn members(rng: &mut Rng, memory: &Memory, fresh: bool) -> Map<String, Json> {
    let mut body = Map::new();
    let mut give = |name: &str, value: Json| {
        body.insert(name.to_owned(), value);
    };
    let often = |rng: &mut Rng| rng.u8(0..10) < if fresh { 9 } else { 3 };
    if often(rng) {
        let login = one(
            rng,
            &[
                "ann", "ANN", "ben", "Ben", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy", "joe",
                "kim", "leo", "mia", "ned",
            ],
        );
        give("Login", json!(login));
    }
    if often(rng) {
        let names = [
            json!({"EN": "Ann"}),
            json!({"EN": "Ann", "BG": "Ан"}),
            json!({"BG": "Бен"}),
            json!({"BG": null}),
            json!({"EN": null}),
            json!({"EN": null, "DE": "Jörg"}),
        ];
        let most = if fresh { 3 } else { 6 };
        give("Name", names[rng.usize(..most)].clone());
    }
    if rng.u8(0..3) == 0 {
        give(
            "Notes",
            [json!("note"), json!("ПЖ 🦀"), Json::Null][rng.usize(..3)].clone(),
        );
    }
    if rng.u8(0..3) == 0 {
        let email = one(rng, &["a@x.org", "A@X.org", "b@x.org", "c@x.org"]);
        give(
            "Email",
            if rng.u8(0..4) == 0 {
                Json::Null
            } else {
                json!(email)
            },
        );
    }
    if rng.u8(0..10) < if fresh { 9 } else { 2 } {
        let kinds = [
            "VirtualUserNoLogin",
            "VirtualUserNoLogin",
            "ApplicationUserNoLogin",
            "InternalUser",
            "SystemUserNoLogin",
        ];
        give("UserType", json!(one(rng, &kinds)));
    }
    if rng.u8(0..8) == 0 {
        give("IsAdmin", json!(rng.bool()));
    }
    if rng.u8(0..6) == 0 {
        let language = one(rng, &["en", "bg", "zz"]);
        give(
            "DefaultLanguage",
            if rng.u8(0..4) == 0 {
                Json::Null
            } else {
                json!(language)
            },
        );
    }
    if rng.u8(0..4) == 0 {
        let domain = format!("{DOMAINS}({})", domain_id(rng, memory, false));
        give(
            "Domain@odata.bind",
            if rng.u8(0..4) == 0 {
                Json::Null
            } else {
                json!(domain)
            },
        );
    }
    if fresh && rng.u8(0..3) > 0 {
        give("@ext.initialPassword", json!("correct horse battery"));
    }
    body
}

fn operation(rng: &mut Rng, memory: &Memory, groups: &[String]) -> Operation {
    let group = |rng: &mut Rng| groups[rng.usize(..groups.len())].clone();
    match rng.u8(0..20) {
        0..=4 => {
            let mut body = members(rng, memory, true);
            body.insert("Id".to_owned(), json!(user_id(rng, memory, true)));
            let children = (0..rng.u8(0..3)).map(|_| {
                json!({
                    "@erpnet.action": "create",
                    "Id": member_id(rng, memory, true),
                    "Group@odata.bind": format!("{GROUPS}({})", group(rng)),
                })
            });
            let children: Vec<Json> = children.collect();
            body.insert("Groups".to_owned(), json!(children));
            Operation::PostUser(body)
        }
        5..=9 => {
            let id = user_id(rng, memory, false);
            let mut body = members(rng, memory, false);
            if rng.u8(0..5) == 0 {
                let version = memory.version(&id).unwrap_or(1) - i64::from(rng.u8(0..2));
                body.insert("ObjectVersion".to_owned(), json!(version));
            }
            Operation::ChangeUser {
                id,
                body,
                replace: false,
            }
        }
        10 => Operation::ChangeUser {
            id: user_id(rng, memory, false),
            body: members(rng, memory, true),
            replace: true,
        },
        11 => Operation::DeleteUser(user_id(rng, memory, false)),
        12 | 13 => Operation::PostMember {
            id: member_id(rng, memory, true),
            user: user_id(rng, memory, false),
            group: group(rng),
        },
        14 => Operation::DeleteMember(member_id(rng, memory, false)),
        15 => Operation::Link {
            user: user_id(rng, memory, false),
            domain: rng.bool().then(|| domain_id(rng, memory, false)),
        },
        kind @ 16..=18 => Operation::ChangeDomain {
            id: domain_id(rng, memory, kind < 18),
            name: one(rng, &["north", "South", "NORTH", "east", "west"]).to_owned(),
            create: kind < 18,
        },
        _ => Operation::DeleteDomain(domain_id(rng, memory, false)),
    }
}

/// What one transaction does.
pub(super) fn operations(rng: &mut Rng, memory: &Memory, groups: &[String]) -> Vec<Operation> {
    let count = if rng.u8(0..4) == 0 {
        rng.usize(2..5)
    } else {
        1
    };
    (0..count).map(|_| operation(rng, memory, groups)).collect()
}
