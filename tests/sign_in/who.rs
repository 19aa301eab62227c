//! The history says who made a change.

use serde_json::json;

use crate::support::server::Kind;
use crate::wire::{basic, nobody};

crate::on_both!(changes_have_an_author);

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
