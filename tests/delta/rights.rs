//! What delta links tell callers who do not see everything.

use serde_json::json;

use crate::kit::{MEMBERS, Mirror, Reader, removed, shown};
use crate::support::server::{Kind, USERS, key, link};

crate::on_both!(
    rows_that_are_hidden_are_gone,
    rows_that_were_never_seen_are_not_told_of,
    children_go_with_their_owner,
    others_that_decide_are_not_betrayed,
);

const ACTIVE: &[(&str, Option<&str>)] = &[
    (USERS, Some("Active eq true")),
    (MEMBERS, None),
    ("Systems_Security_Groups", None),
];

fn rows_that_are_hidden_are_gone(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let reader = Reader::new(&server, "reader", ACTIVE);
    let address = format!("{USERS}?$select=Login");
    let mut mirror = Mirror::walk(&server, &reader, &address, 1, || {});
    assert!(mirror.rows.contains_key(key(&ann)));
    server.change(&ann, &json!({"Active": false}));
    let delta = mirror.catch_up(&server);
    assert_eq!(removed(&delta), [key(&ann)]);
    // What becomes of it then is not told.
    server.change(&ann, &json!({"Login": "anne"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.delete(&ann).expect(204);
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    // Whether a row is hidden or deleted is one answer for who does not see everything.
    server.delete(&bob).expect(204);
    let delta = mirror.catch_up(&server);
    assert_eq!(removed(&delta), [key(&bob)]);
    assert_eq!(delta["value"][0]["@removed"], json!({"reason": "changed"}));
}

fn rows_that_were_never_seen_are_not_told_of(kind: Kind) {
    let server = kind.server();
    let hidden = server.user_with("hidden", json!({"Active": false}));
    let reader = Reader::new(&server, "reader", ACTIVE);
    let mut mirror = Mirror::walk(&server, &reader, USERS, 100, || {});
    server.change(&hidden, &json!({"Login": "shadow"}));
    let other = server.user_with("other", json!({"Active": false}));
    server.delete(&hidden).expect(204);
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    // Hidden, shown and hidden again between two looks: never seen.
    server.change(&other, &json!({"Active": true}));
    server.change(&other, &json!({"Active": false}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&other, &json!({"Active": true}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&other)]);
}

fn children_go_with_their_owner(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create(MEMBERS, &member);
    let reader = Reader::new(&server, "reader", ACTIVE);
    let mut mirror = Mirror::walk(&server, &reader, MEMBERS, 100, || {});
    assert!(mirror.rows.contains_key(key(&member)));
    // The membership itself does not change.
    server.change(&ann, &json!({"Active": false}));
    assert_eq!(removed(&mirror.catch_up(&server)), [key(&member)]);
    server.change(&ann, &json!({"Active": true}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&member)]);
    assert_eq!(mirror.rows, reader.rows(&server, MEMBERS));
}

fn others_that_decide_are_not_betrayed(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    server.create(MEMBERS, &member);
    let reader = Reader::new(&server, "reader", ACTIVE);
    let mut mirror = Mirror::walk(&server, &reader, MEMBERS, 100, || {});
    // The owner changes and stays visible: the membership is what it was.
    server.change(&ann, &json!({"Notes": "something"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
}
