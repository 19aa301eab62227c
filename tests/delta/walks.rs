//! Walks through pages while rows change: no row twice, and none left out that was there all the
//! time.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::kit::{Mirror, Reader, id, target};
use crate::support::server::{Kind, Server, USERS, link};

crate::on_both!(
    a_row_that_moves_is_met_once,
    a_row_that_is_made_anew_is_met_once,
    rows_that_move_all_the_time_are_met_once,
    rows_that_only_lead_to_a_change_stay_in_the_walk,
    the_total_that_is_wanted_stays,
    more_rows_than_a_page_may_move,
    tokens_of_walks_tell_nothing,
    other_orders_have_the_tokens_that_they_had,
);

/// Users with these logins.
fn users(server: &Server, logins: &[&str]) -> Vec<String> {
    logins.iter().map(|login| server.user(login)).collect()
}

/// The logins of a page, and the target of the next one.
fn page(server: &Server, at: &str, size: usize) -> (Vec<String>, Option<String>) {
    let page = Reader::default().target(server, at);
    let page = page
        .prefer(&format!("maxpagesize={size}"))
        .expect(200)
        .json();
    let rows = page["value"].as_array().unwrap().iter();
    let logins = rows.map(|row| row["Login"].as_str().unwrap().to_owned());
    (logins.collect(), page.get("@nextLink").map(target))
}

fn first(server: &Server, query: &str, size: usize) -> (Vec<String>, Option<String>) {
    let request = Reader::default().ask(server, &format!("{USERS}?{query}"));
    let page = request
        .prefer(&format!("maxpagesize={size}"))
        .expect(200)
        .json();
    let rows = page["value"].as_array().unwrap().iter();
    let logins = rows.map(|row| row["Login"].as_str().unwrap().to_owned());
    (logins.collect(), page.get("@nextLink").map(target))
}

/// What a membership's user does changes nothing of the membership: the delta is silent about it, so
/// the walk must not be.
fn rows_that_only_lead_to_a_change_stay_in_the_walk(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let users = users(&server, &["a", "b", "c", "d"]);
    for user in &users {
        let member = json!({"User": link(user), "Group": link(&group)});
        server.create("Systems_Security_UserGroups", &member);
    }
    let address = "Systems_Security_UserGroups?$filter=User/Active eq true&$select=Id,User";
    let reader = Reader::default();
    let mut mirror = Mirror::walk(&server, &reader, address, 1, || {
        for user in &users {
            server.patch(user, &json!({"Notes": "x"})).expect(204);
        }
    });
    mirror.catch_up(&server);
    assert_eq!(mirror.rows.len(), users.len());
    assert_eq!(mirror.rows, reader.rows(&server, address));
}

fn a_row_that_moves_is_met_once(kind: Kind) {
    // A condition whose changes the history does not tell apart: it has no delta link, and its walks
    // are as sound as others.
    let around = "$filter=ProviderLogins/all(p:p/User/Active)&";
    for (order, descending, filter) in [
        ("Login", false, ""),
        ("Login desc", true, ""),
        ("Login", false, around),
        ("Login desc", true, around),
    ] {
        let server = kind.server();
        let users = users(&server, &["a", "b", "c", "d", "e", "f"]);
        let (met, next) = first(&server, &format!("{filter}$orderby={order}"), 2);
        let expected = if descending {
            ["~tester", "f"]
        } else {
            ["a", "b"]
        };
        assert_eq!(met, expected);
        // One that was met goes behind the place, one that was not goes before it, and one moves
        // among those to come.
        let (met_one, to_come) = if descending { (5, 0) } else { (0, 5) };
        let rename = |user: usize, login: &str| {
            server.change(&users[user], &json!({"Login": login}));
        };
        rename(met_one, if descending { "aa" } else { "ee" });
        rename(to_come, if descending { "zz" } else { "aa" });
        rename(2, "dd");
        let mut rest = Vec::new();
        let mut at = next;
        while let Some(target) = at {
            let (logins, next) = page(&server, &target, 2);
            rest.extend(logins);
            at = next;
        }
        let mut expected = if descending {
            vec!["zz", "dd", "e", "d", "b"]
        } else {
            vec!["aa", "dd", "c", "d", "e", "~tester"]
        };
        expected.retain(|login| *login != "c");
        // Those that moved come first, in their new order.
        rest[..2].sort_unstable();
        expected[..2].sort_unstable();
        assert_eq!(rest, expected, "{filter}{order}");
    }
}

fn a_row_that_is_made_anew_is_met_once(kind: Kind) {
    let server = kind.server();
    let users = users(&server, &["a", "b", "c", "d", "e"]);
    let anew = |user: &str, login: &str| {
        server.delete(user).expect(204);
        let body = crate::support::server::user(login);
        server.put(user, &body).expect(201);
    };
    let (met, next) = first(&server, "$orderby=Login&$filter=Login ne '~tester'", 2);
    assert_eq!(met, ["a", "b"]);
    // One that was met, and one that was not; another one goes between two pages and comes later.
    anew(&users[0], "y");
    anew(&users[2], "z");
    server.delete(&users[1]).expect(204);
    let (met, next) = page(&server, &next.unwrap(), 2);
    assert_eq!(met, ["z", "d"]);
    server
        .put(&users[1], &crate::support::server::user("x"))
        .expect(201);
    let (met, next) = page(&server, &next.unwrap(), 2);
    assert_eq!((met, next), (vec!["e".to_owned()], None));
}

fn rows_that_move_all_the_time_are_met_once(kind: Kind) {
    let mut rng = Rng::with_seed(20_261_127);
    for order in ["Login", "Login desc", "Email,Login desc", "Email desc"] {
        let server = kind.server();
        let logins: Vec<String> = (0..14).map(|n| format!("u{n:02}")).collect();
        let all: Vec<String> = logins.iter().map(|login| server.user(login)).collect();
        let mut met = Vec::new();
        let query = format!("$orderby={order}&$filter=Login ne '~tester'");
        let request = Reader::default().ask(&server, &format!("{USERS}?{query}"));
        let mut page = request.prefer("maxpagesize=3").expect(200).json();
        let mut pages = 0;
        loop {
            met.extend(page["value"].as_array().unwrap().iter().map(id));
            let Some(next) = page.get("@nextLink").map(target) else {
                break;
            };
            for _ in 0..rng.usize(..5) {
                let user = &all[rng.usize(..all.len())];
                let word = format!("{}{}", rng.lowercase(), rng.u32(..));
                let change = match rng.u8(..4) {
                    0 => json!({"Email": Value::Null}),
                    1 => json!({"Email": format!("{word}@x.example")}),
                    2 => json!({"Name": {"EN": word}}),
                    _ => json!({"Login": word}),
                };
                server.change(user, &change);
            }
            // Somebody comes, who need not be met, and goes.
            if pages == 1 {
                let new = server.user("new");
                server.change(&new, &json!({"Login": "zz"}));
            }
            let request = Reader::default().target(&server, &next);
            page = request.prefer("maxpagesize=3").expect(200).json();
            pages += 1;
            assert!(pages < 50, "{order} does not end");
        }
        let once: BTreeSet<&String> = met.iter().collect();
        assert_eq!(once.len(), met.len(), "{order}: twice");
        for user in &all {
            let key = crate::support::server::key(user).to_owned();
            assert!(once.contains(&key), "{order}: {user} was left out");
        }
    }
}

fn the_total_that_is_wanted_stays(kind: Kind) {
    let server = kind.server();
    let users = users(&server, &["a", "b", "c", "d", "e"]);
    let (mut met, mut at) = first(&server, "$orderby=Login&$top=4", 2);
    server.change(&users[4], &json!({"Login": "A0"}));
    while let Some(target) = at {
        let (logins, next) = page(&server, &target, 2);
        met.extend(logins);
        at = next;
    }
    assert_eq!(met, ["a", "b", "A0", "c"]);
}

fn more_rows_than_a_page_may_move(kind: Kind) {
    let server = kind.server();
    let users = users(&server, &["a", "b", "c", "d", "e", "f"]);
    let (met, next) = first(&server, "$orderby=Login&$filter=Login ne '~tester'", 1);
    assert_eq!(met, ["a"]);
    for (user, login) in users.iter().zip(["z", "A1", "A2", "A3", "e", "f"]) {
        server.change(user, &json!({ "Login": login }));
    }
    let (moved, next) = page(&server, &next.unwrap(), 1);
    assert_eq!(moved, ["A1", "A2", "A3"]);
    let (met, next) = page(&server, &next.unwrap(), 1);
    assert_eq!(met, ["e"]);
    let (met, next) = page(&server, &next.unwrap(), 1);
    assert_eq!((met, next), (vec!["f".to_owned()], None));
}

fn tokens_of_walks_tell_nothing(kind: Kind) {
    let server = kind.server();
    users(&server, &["a", "b", "c"]);
    let token = || first(&server, "$orderby=Login", 1).1.unwrap();
    let (one, two) = (token(), token());
    assert_ne!(one, two, "equal tokens would say that nothing has happened");
    server.user("d");
    assert_eq!(token().len(), one.len());
}

fn other_orders_have_the_tokens_that_they_had(kind: Kind) {
    let server = kind.server();
    users(&server, &["a", "b", "c"]);
    for query in ["", "$orderby=Id desc"] {
        let token = || first(&server, query, 1).1.unwrap();
        assert_eq!(token(), token(), "{query}");
    }
}
