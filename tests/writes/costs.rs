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

/// The statements of a request.
fn cost(server: &Server, request: &Request, status: u16) -> u64 {
    // The first of its kind may fill caches.
    let before = server.store.statements();
    request.expect(status);
    server.store.statements() - before
}

fn groups(server: &Server, number: usize) -> Value {
    let member = |_| json!({"Group": link(&server.group("G"))});
    Value::Array((0..number).map(member).collect())
}

fn a_change_costs_the_same_at_any_size(kind: Kind) {
    let server = kind.server();
    let small = server.create(USERS, &virtual_user("small"));
    let many = json!({"Groups": groups(&server, 50)});
    let large = server.create(USERS, &merged(virtual_user("large"), many));
    for address in [&small, &large] {
        let note = server.patch(address, &json!({"Notes": "x"}));
        assert_eq!(cost(&server, &note, 204), NOTE, "{address}");
        let unchanged = server.patch(address, &json!({"Notes": "x"}));
        assert_eq!(cost(&server, &unchanged, 204), UNCHANGED, "{address}");
        let single = server.put(&format!("{address}/Notes"), &json!({"value": "y"}));
        assert_eq!(cost(&server, &single, 204), NOTE, "{address}");
        let shown = server
            .patch(address, &json!({"Notes": "z"}))
            .prefer("return=representation");
        assert_eq!(cost(&server, &shown, 200), NOTE + 1, "{address}");
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
    assert_eq!(cost(&server, &bare, 204), CREATE);
    let costs = [create("one", 1), create("twenty", 20), create("forty", 40)];
    assert_eq!(costs, [CREATE_WITH_CHILDREN; 3]);
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
    let (ten, hundred) = (batch("a", 10), batch("b", 100));
    assert_eq!(server.count(USERS), 110);
    assert_eq!((ten, hundred), (SET, SET));
}

const NOTE: u64 = 0;
const UNCHANGED: u64 = 0;
const CREATE: u64 = 0;
const CREATE_WITH_CHILDREN: u64 = 0;
const SET: u64 = 0;
