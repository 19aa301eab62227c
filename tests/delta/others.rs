//! Walks through pages while other objects change, which the rows lead to: in the end the copy is what
//! there is, and no row is met twice or left out.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::kit::{GROUPS, MEMBERS, Mirror, Reader, id, shown, target};
use crate::support::server::{Kind, Server, USERS, key, link};

crate::on_both!(
    what_is_as_it_was_again_is_told,
    what_is_as_it_was_again_in_a_walk_is_told,
    what_was_never_as_it_was_is_told_once,
    hidden_objects_are_not_betrayed,
    rows_move_with_what_they_lead_to,
    rows_that_move_with_others_are_met_once,
);

const PERSONS: &str = "General_Contacts_Persons";
const EMPLOYEES: &str = "General_Contacts_CompanyEmployees";

/// Members of a group, one for each login; their users.
fn members(server: &Server, logins: &[&str]) -> Vec<String> {
    let group = link(&server.group("G"));
    let users: Vec<String> = logins.iter().map(|login| server.user(login)).collect();
    for user in &users {
        server.create(MEMBERS, &json!({"User": link(user), "Group": group}));
    }
    users
}

/// Somebody who sees users that are active, and all groups.
fn reader_of_active(server: &Server) -> Reader {
    let active = [
        (USERS, Some("Active eq true")),
        (MEMBERS, None),
        (GROUPS, None),
    ];
    Reader::new(server, "0reader", &active)
}

/// What is read, by whom, and what changes of the users meanwhile.
fn cases(server: &Server) -> Vec<(Reader, String, Value)> {
    let tester = Reader::default();
    let hide = json!({"Active": false});
    let name = json!({"Name": {"EN": "other"}});
    vec![
        (
            tester.clone(),
            "$filter=User/Active eq true&$select=Id".into(),
            hide.clone(),
        ),
        (
            tester.clone(),
            "$filter=User/Active eq true&$select=Id&$orderby=User/Login".into(),
            hide.clone(),
        ),
        (tester, "$select=Id,DisplayText".into(), name),
        (reader_of_active(server), "$select=Id,Group".into(), hide),
    ]
}

fn change_all(server: &Server, users: &[String], to: &Value) {
    for user in users {
        server.change(user, to);
    }
}

/// As they were made.
fn restore_all(server: &Server, users: &[String], logins: &[&str]) {
    for (user, login) in users.iter().zip(logins) {
        server.change(user, &json!({"Active": true, "Name": {"EN": login}}));
    }
}

fn what_is_as_it_was_again_is_told(kind: Kind) {
    let server = kind.server();
    let logins = ["a", "b", "c", "d"];
    let users = members(&server, &logins);
    for (reader, query, change) in cases(&server) {
        let address = format!("{MEMBERS}?{query}");
        let mut pages = 0;
        let mut mirror = Mirror::walk(&server, &reader, &address, 1, || {
            pages += 1;
            if pages == 2 {
                change_all(&server, &users, &change);
            }
        });
        restore_all(&server, &users, &logins);
        mirror.catch_up(&server);
        assert_eq!(mirror.rows, reader.rows(&server, &address), "{address}");
        assert_eq!(mirror.rows.len(), users.len(), "{address}");
        assert_eq!(mirror.catch_up(&server)["value"], json!([]), "{address}");
    }
}

fn what_is_as_it_was_again_in_a_walk_is_told(kind: Kind) {
    let server = kind.server();
    let logins = ["a", "b", "c", "d", "e", "f"];
    let users = members(&server, &logins);
    for (reader, query, change) in cases(&server) {
        let address = format!("{MEMBERS}?{query}");
        // Each has changed while one page is read, and is as it was again at the next one.
        let mut pages = 0;
        let mut mirror = Mirror::walk(&server, &reader, &address, 1, || {
            pages += 1;
            restore_all(&server, &users, &logins);
            change_all(&server, &users[(pages * 2) % 6..][..2], &change);
        });
        restore_all(&server, &users, &logins);
        mirror.catch_up(&server);
        assert_eq!(mirror.rows, reader.rows(&server, &address), "{address}");
        assert_eq!(mirror.rows.len(), users.len(), "{address}");
    }
}

/// What stays as it is from its change on is left to the delta, or is in the walk: not both.
fn what_was_never_as_it_was_is_told_once(kind: Kind) {
    let server = kind.server();
    let logins = ["a", "b", "c", "d"];
    let users = members(&server, &logins);
    let address = format!("{MEMBERS}?$select=Id,DisplayText");
    let reader = Reader::default();
    let mut pages = 0;
    let mut mirror = Mirror::walk(&server, &reader, &address, 1, || {
        pages += 1;
        if pages == 1 {
            let name = json!({"Name": {"EN": "other"}});
            change_all(&server, &users, &name);
        }
    });
    let met = mirror.rows.len();
    assert_eq!(met, 1, "the others are left to the delta");
    let delta = mirror.catch_up(&server);
    assert_eq!(shown(&delta).len(), users.len());
    assert_eq!(mirror.rows, reader.rows(&server, &address));
}

/// A hidden object changes while a walk lasts: neither its pages nor its delta say so.
fn hidden_objects_are_not_betrayed(kind: Kind) {
    let server = kind.server();
    let company = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": "1"});
    let company = server.create("General_Contacts_Companies", &company);
    let persons: Vec<String> = ["hidden", "shown"]
        .iter()
        .map(|name| server.create(PERSONS, &json!({"FirstName": {"EN": name}})))
        .collect();
    for person in [&persons[0], &persons[1], &persons[0], &persons[1]] {
        let employment = json!({"Person": link(person), "Company": link(&company)});
        server.create(EMPLOYEES, &employment);
    }
    let some = [
        (EMPLOYEES, None),
        (PERSONS, Some("contains(PartyName,'shown')")),
        ("General_Contacts_Companies", None),
    ];
    let reader = Reader::new(&server, "0reader", &some);
    for order in ["", "&$orderby=Person/GLN desc"] {
        let address = format!("{EMPLOYEES}?$select=Id,Person{order}");
        let mut page = reader.ask(&server, &address).prefer("maxpagesize=1");
        let mut met = Vec::new();
        loop {
            let body = page.expect(200).json();
            assert!(body["value"].as_array().unwrap().len() <= 1, "{body}");
            met.extend(body["value"].as_array().unwrap().iter().map(id));
            let Some(next) = body.get("@nextLink") else {
                break;
            };
            let gln = format!("{:013}", met.len());
            server.change(&persons[0], &json!({ "GLN": gln }));
            page = reader
                .target(&server, &target(next))
                .prefer("maxpagesize=1");
        }
        assert_eq!(met.len(), 4, "{address}");
        let mut mirror = Mirror::walk(&server, &reader, &address, 1, || {
            let name = server.create(PERSONS, &json!({"FirstName": {"EN": "x"}}));
            server.change(&persons[0], &json!({"LastName": {"EN": key(&name)}}));
        });
        assert_eq!(mirror.rows.len(), 4, "{address}");
        assert_eq!(mirror.catch_up(&server)["value"], json!([]), "{address}");
    }
}

/// The logins of a page of members, and the target of the next one.
fn page(server: &Server, at: &str) -> (Vec<String>, Option<String>) {
    let request = match at.strip_prefix('?') {
        Some(query) => Reader::default().ask(server, &format!("{MEMBERS}?{query}")),
        None => Reader::default().target(server, at),
    };
    let page = request.prefer("maxpagesize=2").expect(200).json();
    let rows = page["value"].as_array().unwrap().iter();
    let texts = rows.map(|row| row["DisplayText"].as_str().unwrap().to_owned());
    (texts.collect(), page.get("@nextLink").map(target))
}

fn rows_move_with_what_they_lead_to(kind: Kind) {
    for descending in [false, true] {
        let server = kind.server();
        let users = members(&server, &["a", "b", "c", "d", "e", "f"]);
        let desc = if descending { " desc" } else { "" };
        let query = format!("?$select=DisplayText&$orderby=User/Login{desc}");
        let (met, next) = page(&server, &query);
        let expected = if descending { ["f", "e"] } else { ["a", "b"] };
        assert_eq!(met, expected);
        // One that was met goes behind the place, one that was not goes before it, and one moves
        // among those to come. Then all stand where they stood, and what has moved is not met again.
        let (met_one, to_come) = if descending { (5, 0) } else { (0, 5) };
        let rename = |user: usize, login: &str| {
            server.change(&users[user], &json!({"Login": login}));
        };
        rename(met_one, if descending { "aa" } else { "ee" });
        rename(to_come, if descending { "zz" } else { "aa" });
        rename(2, "dd");
        let (mut moved, next) = page(&server, &next.unwrap());
        let first = moved.split_off(2);
        moved.sort_unstable();
        let expected = if descending { ["a", "c"] } else { ["c", "f"] };
        assert_eq!(moved, expected, "{desc}");
        rename(met_one, if descending { "f" } else { "a" });
        rename(to_come, if descending { "a" } else { "f" });
        rename(2, "c");
        let mut rest = first;
        let mut at = next;
        while let Some(target) = at {
            let (texts, next) = page(&server, &target);
            rest.extend(texts);
            at = next;
        }
        let expected = if descending { ["d", "b"] } else { ["d", "e"] };
        assert_eq!(rest, expected, "{desc}");
    }
}

/// Reads everything at an address while something happens between its pages; the keys, each once.
fn walk(
    server: &Server,
    reader: &Reader,
    address: &str,
    mut between: impl FnMut(),
) -> BTreeSet<String> {
    let mut met = Vec::new();
    let mut page = reader.ask(server, address).prefer("maxpagesize=3");
    for _ in 0..60 {
        let body = page.expect(200).json();
        met.extend(body["value"].as_array().unwrap().iter().map(id));
        let Some(next) = body.get("@nextLink").map(target) else {
            let once: BTreeSet<String> = met.iter().cloned().collect();
            assert_eq!(once.len(), met.len(), "{address}: twice");
            return once;
        };
        between();
        page = reader.target(server, &next).prefer("maxpagesize=3");
    }
    panic!("{address} does not end");
}

fn rows_that_move_with_others_are_met_once(kind: Kind) {
    let server = kind.server();
    let mut rng = Rng::with_seed(20_261_128);
    let logins: Vec<String> = (0..14).map(|n| format!("u{n:02}")).collect();
    let logins: Vec<&str> = logins.iter().map(String::as_str).collect();
    let users = members(&server, &logins);
    let company = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": "1"});
    let company = server.create("General_Contacts_Companies", &company);
    let role = server.create("Systems_Security_Roles", &json!({"Name": "R"}));
    let persons: Vec<String> = (0..10)
        .map(|_| server.create(PERSONS, &json!({"FirstName": {"EN": "e"}})))
        .collect();
    let hired: Vec<String> = persons
        .iter()
        .map(|person| {
            let employment = json!({"Person": link(person), "Company": link(&company)});
            server.create(EMPLOYEES, &employment)
        })
        .collect();
    for user in &users {
        let plays = json!({"User": link(user), "Role": link(&role)});
        server.create("Systems_Security_RoleUsers", &plays);
    }
    let some = [
        (EMPLOYEES, None),
        (PERSONS, Some("contains(PartyName,'e')")),
        ("General_Contacts_Companies", None),
    ];
    let (tester, some) = (Reader::default(), Reader::new(&server, "0reader", &some));
    for (reader, address) in [
        (&tester, format!("{MEMBERS}?$orderby=User/Login")),
        (&tester, format!("{MEMBERS}?$orderby=User/Login desc")),
        (
            &tester,
            format!("{MEMBERS}?$orderby=User/Email,User/Login desc"),
        ),
        (
            &tester,
            "Systems_Security_RoleUsers?$orderby=User/Email desc".to_owned(),
        ),
        (&tester, format!("{EMPLOYEES}?$orderby=Person/GLN")),
        (&some, format!("{EMPLOYEES}?$orderby=Person/GLN desc")),
        (&some, format!("{EMPLOYEES}?$orderby=Person/GLN")),
    ] {
        let all: BTreeSet<String> = reader.rows(&server, &address).into_keys().collect();
        let met = walk(&server, reader, &address, || {
            for _ in 0..rng.usize(..5) {
                let number = rng.usize(..users.len());
                let (user, login) = (&users[number], logins[number]);
                // Often they are as they were again.
                let word = rng.choice(["a", "m", "z"]).unwrap();
                let login = rng
                    .choice([login.to_owned(), format!("{word}{login}")])
                    .unwrap();
                let email = rng.bool().then(|| format!("{login}@x.example"));
                server.change(user, &json!({"Login": login, "Email": email}));
                let person = &persons[rng.usize(..persons.len())];
                let gln = rng.bool().then(|| format!("{:013}", rng.u8(..)));
                let name = rng.choice(["e", "e", "o"]).unwrap();
                server.change(person, &json!({"GLN": gln, "FirstName": {"EN": name}}));
                let moved = json!({"Person": link(person)});
                server.change(&hired[rng.usize(..hired.len())], &moved);
            }
        });
        assert_eq!(met, all, "{address}");
    }
}
