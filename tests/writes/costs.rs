//! What a change costs in statements: the same whatever the size of the aggregate.

use serde_json::{Value, json};

use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, link, merged, virtual_user};

crate::on_both!(
    a_change_costs_the_same_at_any_size,
    children_cost_no_statement_each,
    a_refusal_before_the_database_costs_nothing,
    a_set_of_creations_shares_its_statements,
);

/// The statements of a request, but those that look its caller up: when it comes, and when its body is
/// there.
fn cost(server: &Server, request: &Request, status: u16) -> u64 {
    // The first of its kind may fill caches.
    let before = server.store.statements();
    request.expect(status);
    server.store.statements() - before - 2
}

fn groups(server: &Server, number: usize) -> Value {
    let member = |_| json!({"Group": link(&server.group("G"))});
    Value::Array((0..number).map(member).collect())
}

fn a_change_costs_the_same_at_any_size(kind: Kind) {
    let server = kind.server();
    let small = server.user("small");
    let large = server.user_with("large", json!({"Groups": groups(&server, 50)}));
    for address in [&small, &large] {
        let person = server.create(
            "General_Contacts_Persons",
            &json!({"FirstName": {"EN": "P"}}),
        );
        let costs = [
            server.patch(address, &json!({"Notes": "x"})),
            server.patch(address, &json!({"Notes": "x"})),
            server.put(&format!("{address}/Notes"), &json!({"value": "y"})),
            server.patch(address, &json!({"Email": format!("{address}@x.example")})),
            server.patch(address, &json!({"Person": link(&person)})),
            server
                .patch(address, &json!({"Notes": "z"}))
                .header("If-Match", "*"),
            server.post(
                &format!("{address}/Ext.SetPassword"),
                &json!({"password": "x"}),
            ),
        ];
        let costs = costs.map(|request| cost(&server, &request, 204));
        assert_eq!(costs, CHANGES, "{address}");
        let shown = server
            .patch(address, &json!({"Notes": "shown"}))
            .prefer("return=representation");
        assert_eq!(cost(&server, &shown, 200), CHANGES[0] + 1, "{address}");
    }
}

fn children_cost_no_statement_each(kind: Kind) {
    let server = kind.server();
    let create = |login: &str, number: usize| {
        let more = json!({"Groups": groups(&server, number)});
        let body = merged(virtual_user(login), more);
        let request = server.post(USERS, &body).prefer("return=minimal");
        cost(&server, &request, 204)
    };
    let bare = server
        .post(USERS, &virtual_user("bare"))
        .prefer("return=minimal");
    let costs = [0, 1, 20, 40].map(|n| create(&format!("u{n}"), n));
    assert_eq!(cost(&server, &bare, 204), costs[0]);
    // The user's row, the number, set and object of the history; with groups, their presence, and
    // for this type of user what memberships and groups of administrators there are. SQLite takes
    // one row a statement.
    let expected = match kind {
        Kind::Sqlite => [4, 6 + 2, 6 + 2 * 20, 6 + 2 * 40],
        Kind::Postgres => [4, 7, 7, 7],
    };
    let expected = expected.map(|cost| cost + AUDIT);
    assert_eq!(costs, expected);
}

fn a_refusal_before_the_database_costs_nothing(kind: Kind) {
    let server = kind.server();
    for body in [json!({"Login": 5}), json!({"Nothing": 1}), json!([])] {
        let request = server.post(USERS, &body);
        assert_eq!(cost(&server, &request, 400), 0);
    }
    let long = server.post(USERS, &virtual_user(&"x".repeat(65)));
    assert_eq!(cost(&server, &long, 422), 0);
}

fn a_set_of_creations_shares_its_statements(kind: Kind) {
    let server = kind.server();
    let batch = |prefix: &str, number: usize| {
        let request = |n: usize| {
            json!({"id": n.to_string(), "atomicityGroup": "g", "method": "POST", "url": USERS,
                   "headers": {"Prefer": "return=minimal", "Content-Type": "application/json"},
                   "body": virtual_user(&format!("{prefix}{n}"))})
        };
        let requests: Vec<Value> = (0..number).map(request).collect();
        let batch = server.post("$batch", &json!({ "requests": requests }));
        cost(&server, &batch, 200)
    };
    let costs = (batch("a", 10), batch("b", 100));
    assert_eq!(server.count(USERS), 110);
    let expected = match kind {
        // The number of the set, the set, and for each user a row and a row of history.
        Kind::Sqlite => (2 + 2 * 10 + AUDIT, 2 + 2 * 100 + AUDIT),
        Kind::Postgres => (4 + AUDIT, 4 + AUDIT),
    };
    assert_eq!(costs, expected);
}

/// The statements of changes of one object: a read of it, its row, the number of the set, and three
/// rows of history; where a reference points is looked up; a new password ends the sessions, and when
/// the one before it was replaced is written down, and what is too old forgotten.
const CHANGES: [u64; 7] = [6, 1, 6, 6, 7, 6, 9 + AUDIT];

/// What the audit log notes, whatever it is: its entries, their numbers, their links, and the head.
const AUDIT: u64 = 4;
