//! The history says who made a change, and sign-in fills the directory with no noise.

use serde_json::json;

use crate::support::server::{Kind, USERS};
use crate::wire::{basic, nobody};

crate::on_both!(changes_have_an_author, a_closed_user_gets_no_data);

fn changes_have_an_author(kind: Kind) {
    let server = kind.server();
    let more = json!({"IsAdmin": true, "BasicAuthenticationAllowed": true});
    let ann = server.user_with("ann", more);
    let target = format!("/api/domain/odata/{ann}");
    nobody(&server, "PATCH", &target)
        .header("Authorization", &basic("ann", "correct horse"))
        .header("User-Agent", "grid/1")
        .json(&json!({"Notes": "by myself"}))
        .expect(204);
    let sets = server.rows("Systems_Core_ObjectChangesets?$orderby=ChangeNumber desc&$top=1");
    assert_eq!(sets[0]["User"]["@odata.id"], *ann);
    assert_eq!(sets[0]["ApplicationName"], "grid/1");
}

fn a_closed_user_gets_no_data(kind: Kind) {
    let server = kind.server();
    server.user_with("bob", json!({"BasicAuthenticationAllowed": true}));
    let target = format!("/api/domain/odata/{USERS}");
    let ask =
        nobody(&server, "GET", &target).header("Authorization", &basic("bob", "correct horse"));
    let answer = ask.send();
    assert!(matches!(answer.status, 403 | 404), "{answer}");
}
